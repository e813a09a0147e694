"""PrairieLearn's results.json. Source: PrairieLearn, docs/externalGrading.md.

`points` and `max_points` on every test keep its table of tests; with `gradable: false` no attempt is charged.
"""

from __future__ import annotations

from grader.feedback.views import ExerciseView
from grader.lms.export import told
from grader.model import SubmissionResult

SUFFIX = ".json"
MAX_BYTES = 1_000_000


def convert(result: SubmissionResult) -> bytes:
    """The results.json of a submission, of at most `MAX_BYTES` bytes."""
    story = told.story_of(result)
    if not told.is_graded(result):
        return told.encode({"gradable": False, "format_errors": [told.overview(story)]})
    scores = [(told.finite(one.score), told.finite(one.points)) for one in result.exercises]
    payload: dict[str, object] = {
        "gradable": True,
        "score": told.share(result),
        "output": told.overview(story),
        "tests": [_test(view, *score) for view, score in zip(story.exercises, scores, strict=False)],
    }
    data = told.encode(payload)
    if len(data) > MAX_BYTES:
        bare = [_test(view, *score, is_bare=True) for view, score in zip(story.exercises, scores, strict=False)]
        data = told.encode({**payload, "tests": bare})
    return data


def _test(view: ExerciseView, score: float, points: float, *, is_bare: bool = False) -> dict[str, object]:
    output = "" if is_bare else told.details(view)
    return {"name": view.name, "points": score, "max_points": points, "message": told.heading(view), "output": output}
