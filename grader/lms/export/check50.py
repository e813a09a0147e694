"""check50's JSON: one check a case. Source: check50, docs/json_specification and its renderers.

check50 knows no points. A grader that failed is its top `error`, and no check at all.
"""

from __future__ import annotations

from grader.feedback.views import CaseView, ExerciseView
from grader.lms.export import told
from grader.model import Outcome, Status, SubmissionResult

SUFFIX = ".json"
VERSION = "3.3.0"  # of check50, whose form this is


def convert(result: SubmissionResult) -> bytes:
    """The JSON that `check50 --output json` would print of a submission."""
    story = told.story_of(result)
    slug = story.meta[0].replace(" ", "/")
    if result.status is not Status.GRADED:
        kind = "NotGraded" if result.status is Status.NOT_GRADED else "Unreadable"
        error = {"type": kind, "value": told.overview(story), "traceback": [], "data": {}}
        return told.encode({"slug": slug, "error": error, "version": VERSION})
    results = [check for exercise in story.exercises for check in _checks(exercise)]
    return told.encode({"slug": slug, "results": results, "version": VERSION})


def _checks(exercise: ExerciseView) -> list[dict[str, object]]:
    cases = (*exercise.open_cases, *exercise.closed_cases)
    if not cases:
        passed = exercise.is_complete
        cause: dict[str, object] | None = None if passed else {"rationale": told.details(exercise)}
        return [_check(exercise.name, exercise.name, passed, cause)]
    hints = [diagnosis.hint for diagnosis in exercise.diagnoses if diagnosis.hint]
    return [
        _check(f"{exercise.name}.{case.id}", f"{exercise.name}: {told.case_heading(case)}", _passed(case), _cause(case, hints))
        for case in cases
    ]


def _passed(case: CaseView) -> bool:
    return case.outcome is Outcome.PASSED


def _cause(case: CaseView, hints: list[str]) -> dict[str, object] | None:
    if _passed(case):
        return None
    cause: dict[str, object] = {"rationale": "\n".join(told.case_lines(case)) or told.case_heading(case)}
    if hints:
        cause["help"] = hints[0]
    if case.expected and case.actual:
        cause |= {"expected": case.expected, "actual": case.actual}
    return cause


def _check(name: str, description: str, passed: bool, cause: dict[str, object] | None) -> dict[str, object]:
    return {
        "name": name,
        "description": description,
        "passed": passed,
        "log": [],
        "cause": cause,
        "data": {},
        "dependency": None,
    }
