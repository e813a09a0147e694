"""Results and folders of them to export: made here, without grading anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from grader.lms.manifest import Entry, Manifest, write_manifest
from grader.model import (
    RESULT_SCHEMA,
    Adjustment,
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
    StudentError,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
PROVENANCE = Provenance("0.1.0", "5e884898da28047151d0e56f8dc62927", "prefork", "bubblewrap+inner", "3.11.7", "2.4.6")
# What a student must not hear of a hidden case, each in the field that it is named after.
SECRETS = ("secret-title", "secret-message", "secret-expected", "secret-actual", "secret-error", "SecretType", "secret-observation")
NAMES = (
    "Lovelace, Ada", 'Hopper, "Amazing" Grace', "O'Hara, Zoë", "李, 小龙", "محمد, علي", "Ångström; Åsa", "Ω=1+1, Formula",
    "=HYPERLINK(1), Eve", "🎓 Emoji, 👩‍💻", "Tab\tbed, Bob", "van der Berg, J.", "-Minus, @At", "Müller, Jürgen",
    "שלום, דוד", "Nguyễn, Văn", "Smith, John",
)  # fmt: skip


def result(student: str = "ada", grade: float | None = 38.0, **fields: object) -> SubmissionResult:
    """A graded submission worth 50 points, whose one exercise says nothing."""
    exercise = ExerciseResult(
        "my_function", 50.0, grade or 0.0, Outcome.PASSED if grade == 50 else Outcome.FAILED, Found(1, "executed"), ()
    )
    base = SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef("my_assignment", "3"),
        submission=SubmissionRef(student, 1, f"{student}/nb.ipynb", "9f86d081884c7d659a2feaa0c55ad015"),
        status=Status.GRADED,
        points=50.0,
        score=grade,
        notebook=NotebookResult(2),
        exercises=(exercise,),
        reports=(),
        notes=(),
        adjustments=(),
        grade=grade,
        provenance=PROVENANCE,
    )
    return msgspec.structs.replace(base, **fields)


def full() -> SubmissionResult:
    """A result with something in every field, hidden cases that hold secrets, and a penalty."""
    own = StudentError("ZeroDivisionError", "secret-error", 3, 2, "x = 1 / 0  # own-line")
    strange = StudentError("SecretType", "secret-error", 3, 4, "raise it  # mine")
    cases = (
        CaseResult("p1", PUBLIC, 1.0, Outcome.FAILED, "two numbers", "off by a factor of 2", "1.5", "3.0"),
        CaseResult("p2", PUBLIC, 1.0, Outcome.PASSED, "one number"),
        CaseResult("h1", HIDDEN, 3.0, Outcome.FAILED, "secret-title", "secret-message", "secret-expected", "secret-actual"),
        CaseResult("h2", HIDDEN, 3.0, Outcome.ERRORED, "secret-title", "secret-message", error=own),
        CaseResult("h3", HIDDEN, 3.0, Outcome.ERRORED, "secret-title", error=strange),
        CaseResult("h4", HIDDEN, 3.0, Outcome.PASSED, "secret-title"),
    )
    diagnosis = Diagnosis("not_copied", "The argument is changed", "x[0] was 1, then 2", "Copy `x` first.", 0.5)
    exercises = (
        ExerciseResult(
            "first_function", 10.0, 10.0, Outcome.PASSED, Found(1, "executed"), (CaseResult("p1", PUBLIC, 1.0, Outcome.PASSED),)
        ),
        ExerciseResult(
            "second_function",
            30.0,
            15.0,
            Outcome.ERRORED,
            Found(3, "recovered", "second"),
            cases,
            (diagnosis,),
            (Observation("seen", "it is called twice"), Observation("hidden", "secret-observation", HIDDEN)),
            ("a note",),
        ),
        ExerciseResult("third_function", 10.0, 0.0, Outcome.MISSING, None, ()),
    )
    return result(
        score=25.0,
        grade=23.0,
        submission=SubmissionRef("ada", 2, "ada/nb.ipynb", "9f86d081884c7d659a2feaa0c55ad015", True),
        notebook=NotebookResult(7, (CellError(3, "ZeroDivisionError", "division by zero"),)),
        exercises=exercises,
        reports=(Report("fourth_function", "wrong", {"dW": 2.0}, "dW is twice what it should be"),),
        notes=("several notebooks were handed in",),
        adjustments=(Adjustment("late", -2.0, "one day late"),),
    )


def unreadable() -> SubmissionResult:
    """A file that is no notebook: zero points, and why."""
    return result(
        grade=0.0, status=Status.UNREADABLE, notebook=None, exercises=(), notes=("it is no JSON: line 1",), submission=_reference("bob")
    )


def not_graded() -> SubmissionResult:
    """What our own fault left."""
    return result(
        score=None,
        grade=None,
        status=Status.NOT_GRADED,
        notebook=None,
        exercises=(),
        notes=("the sandbox broke",),
        submission=_reference("eve"),
    )


def _reference(student: str) -> SubmissionRef:
    return SubmissionRef(student, 1, f"{student}/nb.ipynb", "")


def hostile(text: str) -> SubmissionResult:
    """A result in which every text that a student can choose is `text`."""
    error = StudentError(text, text, 3, 2, text)
    cases = (
        CaseResult("p1", PUBLIC, 1.0, Outcome.FAILED, text, text, text, text),
        CaseResult("p2", PUBLIC, 1.0, Outcome.ERRORED, text, text, error=error),
        CaseResult("h1", HIDDEN, 1.0, Outcome.ERRORED, text, text, text, text, error=error),
    )
    exercise = ExerciseResult("my_function", 50.0, 0.0, Outcome.ERRORED, Found(1, "executed", text), cases, (), (Observation("o", text),))
    return result(
        grade=0.0,
        submission=SubmissionRef(text, 1, text, ""),
        notebook=NotebookResult(1, (CellError(0, text, text),)),
        exercises=(exercise,),
        notes=(text,),
        adjustments=(Adjustment("override", 0.0, text),),
    )


def people(count: int) -> list[str]:
    """Full names as sheets sort them: all of NAMES, and then more, each of them once."""
    return [*NAMES, *(f"Student{number}, {NAMES[number % len(NAMES)].partition(', ')[2]}" for number in range(len(NAMES), count))][:count]


def grade_of(number: int) -> float:
    """The grade of the nth student: with and without decimals."""
    return float(number % 51) if number % 3 else number % 50 + 0.25


def write_out(folder: Path, results: Iterable[SubmissionResult], entries: Sequence[Entry] = ()) -> Path:
    """A folder as `grader grade` leaves it."""
    for one in results:
        place = folder / one.submission.student
        place.mkdir(parents=True)
        (place / "result.json").write_text(one.to_json() + "\n", encoding="utf-8")
        (place / "feedback.html").write_text(f"<!doctype html><p>{place.name}", encoding="utf-8")
    if entries:
        write_manifest(folder, Manifest(submissions=tuple(entries)))
    return folder
