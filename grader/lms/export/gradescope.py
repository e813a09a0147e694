"""Gradescope's results.json. Source: gradescope/autograder_samples, docs/specs.md.

One test an exercise. The top `score` overrides their sum, so that penalties and overrides count. What is not graded through our fault
has no score at all: Gradescope then says that the autograder failed, and records no zero.
"""

from __future__ import annotations

from grader.feedback.views import ExerciseView
from grader.lms.export import told
from grader.model import SubmissionResult

SUFFIX = ".json"


def convert(result: SubmissionResult) -> bytes:
    """The results.json of a submission."""
    story = told.story_of(result)
    payload: dict[str, object] = {
        "output": told.overview(story),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",  # what our own harness prints is the instructor's
    }
    if told.is_graded(result):
        payload["score"] = told.finite(result.grade)
        scores = [(told.finite(one.score), told.finite(one.points)) for one in result.exercises]
        payload["tests"] = [_test(n, view, *score) for n, (view, score) in enumerate(zip(story.exercises, scores, strict=False), 1)]
    return told.encode(payload)


def _test(number: int, view: ExerciseView, score: float, points: float) -> dict[str, object]:
    return {
        "name": view.name,
        "number": str(number),
        "score": score,
        "max_score": points,
        "status": "passed" if view.is_complete else "failed",
        "output": told.details(view),
    }
