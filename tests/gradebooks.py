"""Results and runs for tests of the gradebook, made without a sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from grader.gradebook import Gradebook, Recorded, RunStart, open_gradebook
from grader.model import (
    RESULT_SCHEMA,
    Adjustment,
    AssignmentRef,
    CaseResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Status,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)

EXERCISES = {"first": 10.0, "second": 20.0}
PROVENANCE = Provenance("0.1.0", "k" * 64, "prefork", "full", "3.11.7", "2.1.0")
LATE = Adjustment("late", -2.0, "a day late")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Clock:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def open_test(database: str) -> Gradebook:
    return open_gradebook(database, clock=Clock())


def start(gradebook: Gradebook, assignment: str = "checks", **changes: Any) -> int:
    whole = RunStart(assignment, "1", "Checks", 30.0, EXERCISES, "teacher", PROVENANCE, {"jobs": 1})
    return gradebook.start_run(msgspec.structs.replace(whole, **changes))


def result(
    student: str = "ada",
    attempt: int = 1,
    *,
    file: str | None = None,
    right: Mapping[str, bool] | None = None,
    status: Status = Status.GRADED,
    assignment: str = "checks",
    provenance: Provenance = PROVENANCE,
) -> SubmissionResult:
    """A result in which each exercise has one case, passed where `right` says so or nothing; `file` tells notebooks apart."""
    exercises = tuple(_exercise(name, points, (right or {}).get(name, True)) for name, points in EXERCISES.items())
    score: float | None = sum(exercise.score for exercise in exercises)
    if status is not Status.GRADED:
        exercises, score = (), None if status is Status.NOT_GRADED else 0.0
    return SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef(assignment, "1"),
        submission=SubmissionRef(student, attempt, f"{student}/nb.ipynb", sha(file if file is not None else f"{student} {attempt}")),
        status=status,
        points=30.0,
        score=score,
        notebook=None,
        exercises=exercises,
        reports=(),
        notes=(),
        adjustments=(),
        grade=score,
        provenance=provenance,
    )


def _exercise(name: str, points: float, right: bool) -> ExerciseResult:
    outcome = Outcome.PASSED if right else Outcome.FAILED
    case = CaseResult("h01", Visibility.HIDDEN, 1.0, outcome)
    return ExerciseResult(name, points, points if right else 0.0, outcome, None, (case,))


def adjusted(given: SubmissionResult, *adjustments: Adjustment) -> SubmissionResult:
    if given.score is None:
        return given
    grade = max(0.0, given.score + sum(one.points for one in adjustments))
    return msgspec.structs.replace(given, adjustments=adjustments, grade=grade)


def item(
    given: SubmissionResult, position: int = 0, *adjustments: Adjustment, kept: int | None = None, inputs: str | None = None
) -> Recorded:
    content = inputs or given.submission.sha256 + given.provenance.answer_key_sha256
    return Recorded(
        result=given,
        adjusted=adjusted(given, *adjustments),
        inputs_sha256=sha(content + given.submission.student),
        content_sha256=sha(content),
        material=f"code of {given.submission.source}".encode(),
        position=position,
        seconds=0.25,
        kept=kept,
    )
