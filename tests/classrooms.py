"""Classes made without a sandbox, for tests of the class page: results with mistakes, outcomes, behaviours and code, as many as wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from grader.feedback.material import Material, Traces
from grader.likeness import Common, fingerprints
from grader.model import (
    RESULT_SCHEMA,
    AssignmentRef,
    CaseResult,
    CellError,
    Diagnosis,
    ExerciseResult,
    Found,
    NotebookResult,
    Observation,
    Outcome,
    Provenance,
    Report,
    Status,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)

Text = Callable[[str], str]
EXERCISES = {"area": 10.0, "volume": 20.0}
CASES = ("public-1", "hidden-1", "hidden-2")
SHARED = "\n".join(
    f"def helper_{place}(radius):\n    return radius ** {place} + {place} * radius / ({place} - radius)" for place in range(2, 9)
)
_HOW = ("executed", "executed", "executed", "recovered")


def _plain(text: str) -> str:
    return text


def graded(student: str, draw: random.Random, text: Text = _plain) -> tuple[SubmissionResult, Material]:
    """One student's result, drawn; `text` makes each text that a student or an author may write."""
    status = draw.choices((Status.GRADED, Status.UNREADABLE, Status.NOT_GRADED), (96, 2, 2))[0]
    exercises = tuple(_exercise(name, points, draw, text) for name, points in EXERCISES.items()) if status is Status.GRADED else ()
    score = sum(exercise.score for exercise in exercises) if status is not Status.NOT_GRADED else None
    errors = (CellError(4, "TimeoutError", text("stopped")),) if draw.random() < 0.02 else ()
    result = SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef("circles", "1"),
        submission=SubmissionRef(text(student), draw.choice((1, 1, 1, 2)), text("source"), "", draw.random() < 0.05),
        status=status,
        points=30.0,
        score=score,
        notebook=NotebookResult(9, errors) if status is Status.GRADED else None,
        exercises=exercises,
        reports=(Report("report", "wrong", {}, text("report"), (_diagnosis("as_given", text),)),) if draw.random() < 0.3 else (),
        notes=(text("the file is empty"),) if status is not Status.GRADED else (),
        adjustments=(),
        grade=score,
        provenance=Provenance("0.1.0", "k" * 64, "prefork", "full", "3.11.7", "2.1.0"),
    )
    return result, Material(traces=_traces(exercises, draw) if status is Status.GRADED else Traces())


def _exercise(name: str, points: float, draw: random.Random, text: Text) -> ExerciseResult:
    lot = draw.choices(("right", "known", "unknown", "missing", "slow"), (60, 20, 12, 5, 3))[0]
    outcome = {"right": Outcome.PASSED, "missing": Outcome.MISSING, "slow": Outcome.TIMED_OUT}.get(lot, Outcome.FAILED)
    failing = {"right": 0, "known": 2, "unknown": draw.choice((1, 3))}.get(lot, 3)
    cases = tuple(
        CaseResult(
            text(id_),
            Visibility.PUBLIC if place == 0 else Visibility.HIDDEN,
            1.0 + place,
            outcome if place >= len(CASES) - failing else Outcome.PASSED,
            title=text("title"),
        )
        for place, id_ in enumerate(CASES)
    )
    known = (_diagnosis(draw.choice(("forgets_pi", "squares_twice", "halves")), text),) if lot == "known" else ()
    found = None if lot == "missing" else Found(3, draw.choice(_HOW), "")
    seen = (Observation("factor", text("every wrong value is 2 times the expected one")),) if lot != "right" else ()
    return ExerciseResult(text(name), points, points * (3 - failing) / 3, outcome, found, cases, known, seen)


def _diagnosis(id_: str, text: Text) -> Diagnosis:
    return Diagnosis(text(id_), text(f"it {id_.replace('_', ' ')}"), text("evidence"), text("hint"), 0.5)


def _traces(exercises: tuple[ExerciseResult, ...], draw: random.Random) -> Traces:
    behaviours = {one.name: f"{draw.randrange(5):08x}" for one in exercises if one.outcome is not Outcome.PASSED}
    own = "\n".join(
        f"value_{place} = radius * {draw.random()} + helper({draw.randrange(9)}, [radius, {draw.random()}])" for place in range(6)
    )
    cells = [(5, SHARED), (6, own)] if draw.random() < 0.003 else [(6, own)]
    return Traces(fingerprints(cells, Common()), behaviours)


def classroom(size: int, text: Text = _plain, seed: int = 0) -> Iterator[tuple[SubmissionResult, Material]]:
    """A class of that size; a small one is the beginning of a large one."""
    for number in range(size):
        yield graded(f"student-{number:05d}", random.Random(f"{seed}/{number}"), text)
