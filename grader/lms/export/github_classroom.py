"""GitHub Classroom's result of an autograding step: this JSON, in base64, is the step's output `result`.

Source: classroom-resources, autograding-grading-reporter. It prints messages into the log of the run, where a line that begins with
`::` and any `##[` are commands to the runner: neither leaves here whole.
"""

from __future__ import annotations

import re

from grader.lms.export import told
from grader.model import SubmissionResult

SUFFIX = ".json"
_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)", re.MULTILINE)


def convert(result: SubmissionResult) -> bytes:
    """The result of a submission: one test an exercise, each with its own score."""
    story = told.story_of(result)
    payload: dict[str, object] = {
        "version": 1,
        "status": "error",
        "max_score": told.finite(result.points),
        "message": harmless(told.overview(story)),
        "tests": [],
    }
    if told.is_graded(result):
        views = list(zip(story.exercises, result.exercises, strict=False))
        tests = [_test(view.name, view.is_complete, told.finite(one.score), told.details(view)) for view, one in views]
        payload["status"] = "pass" if views and all(view.is_complete for view, _ in views) else "fail"
        payload["tests"] = [*tests, *_adjustments(result)]
    return told.encode(payload)


def _adjustments(result: SubmissionResult) -> list[dict[str, object]]:
    """What is between score and grade as a test of its own, so that the scores sum to the grade."""
    change = told.finite(told.finite(result.grade) - sum(told.finite(exercise.score) for exercise in result.exercises))
    return [_test("adjustments", change > 0, change, "")] if change else []


def _test(name: str, passed: bool, score: float, message: str) -> dict[str, object]:
    return {
        "name": harmless(name),
        "status": "pass" if passed else "fail",
        "score": score,
        "message": harmless(message),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": 0,
    }


def harmless(text: str) -> str:
    r"""`text` without commands to the runner.

    >>> harmless("a\n  ::add-mask::x ##[group]")
    'a\n  : :add-mask::x # #[group]'
    """
    return _COMMAND.sub(lambda match: "# #" if match[0] == "##" else f"{match[1]}: ", text)
