"""The parts of a story: what its reader may see, as clean text of bounded length. Also what page and console share."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.messages import message
from grader.messages.language import Language
from grader.model import Outcome, Status

WORDS = {
    Outcome.PASSED: message("passed"),
    Outcome.FAILED: message("wrong value"),
    Outcome.ERRORED: message("raised an error"),
    Outcome.TIMED_OUT: message("out of time"),
    Outcome.KILLED: message("stopped"),
    Outcome.MISSING: message("not found"),
}
SYMBOLS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.ERRORED: "!",
    Outcome.TIMED_OUT: "◔",
    Outcome.KILLED: "■",
    Outcome.MISSING: "○",
}


class Detail(msgspec.Struct, frozen=True):
    """How much is told: characters of a text, characters of an exercise's code, entries of a list, exercises."""

    text: int
    code: int
    entries: int
    exercises: int


FULL_DETAIL = Detail(text=600, code=12_000, entries=100, exercises=100)


class CaseView(msgspec.Struct, frozen=True):
    """A case as its reader may see it; of a closed one only the id, the outcome, `error`, `place` and `source`."""

    id: str
    outcome: Outcome
    is_closed: bool
    is_hidden: bool
    title: str = ""
    message: str = ""
    expected: str = ""
    actual: str = ""
    error: str = ""
    place: str = ""
    source: str = ""


class DiagnosisView(msgspec.Struct, frozen=True):
    """A mistake that was recognised; `credit` says what it alone is given, where it is one of several."""

    title: str
    hint: str
    credit: str = ""


class ExerciseView(msgspec.Struct, frozen=True):
    """An exercise as its reader may see it. `key` is its name in the result; `marked` are (cell, line) where it raised, as there.

    `evidence` is of the diagnoses together, each sentence once; `credit` says how they make the score.
    """

    key: str
    name: str
    points: str
    score: str
    worth: float
    share: float
    outcome: Outcome
    is_found: bool
    found: str
    open_cases: tuple[CaseView, ...]
    closed_cases: tuple[CaseView, ...]
    diagnoses: tuple[DiagnosisView, ...]
    evidence: tuple[str, ...]
    credit: str
    observations: tuple[str, ...]
    notes: tuple[str, ...]
    marked: tuple[tuple[int, int], ...]

    @property
    def is_complete(self) -> bool:
        """Whether all of it passed, for full points."""
        return self.outcome is Outcome.PASSED and self.share >= 1

    @property
    def failing_open(self) -> tuple[CaseView, ...]:
        """The cases to show in full that did not pass."""
        return tuple(case for case in self.open_cases if case.outcome is not Outcome.PASSED)

    @property
    def failing_closed(self) -> tuple[CaseView, ...]:
        """The closed cases that did not pass."""
        return tuple(case for case in self.closed_cases if case.outcome is not Outcome.PASSED)


def grouped(cases: Sequence[CaseView]) -> list[CaseView]:
    """Cases that differ in nothing but their ids as one, with all of the ids."""
    ids: dict[CaseView, list[str]] = {}
    for case in cases:
        ids.setdefault(msgspec.structs.replace(case, id=""), []).append(case.id)
    return [msgspec.structs.replace(case, id=", ".join(group)) for case, group in ids.items()]


class NextStep(msgspec.Struct, frozen=True):
    """The one thing to do next; `exercise` is the number of its view from 1, or 0. `recognised` is in an author's words."""

    text: str
    exercise: int = 0
    name: str = ""
    expected: str = ""
    actual: str = ""
    place: str = ""
    source: str = ""
    recognised: str = ""


class AdjustmentView(msgspec.Struct, frozen=True):
    """A change between score and grade."""

    kind: str
    points: str
    why: str


class ReportView(msgspec.Struct, frozen=True):
    """The state of an ungraded function. `key` is its name in the result."""

    key: str
    function: str
    is_wrong: bool
    state: str
    text: str
    diagnoses: tuple[DiagnosisView, ...] = ()
    evidence: tuple[str, ...] = ()


class Story(msgspec.Struct, frozen=True):
    """A submission as its reader may see it. `banner` is set where nothing was graded, `caveat` where the score is no official one,
    `grade` where it is not the score.
    """

    student: str
    meta: tuple[str, ...]
    status: Status
    banner: str
    score: str
    points: str
    caveat: str
    grade: str
    adjustments: tuple[AdjustmentView, ...]
    next_step: NextStep
    exercises: tuple[ExerciseView, ...]
    reports: tuple[ReportView, ...]
    cells: str
    cell_errors: tuple[tuple[str, str], ...]
    cell_errors_mattered: str
    notes: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    left_out: int


def number(value: float | None) -> str:
    """A score, in as few digits as it needs.

    >>> number(40.0), number(13.333), number(None)
    ('40', '13.33', '–')
    """
    if value is None:
        return "–"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else f"{value:g}"


def cell_name(cell: int, language: Language) -> str:
    """What people call a cell: they count from 1.

    >>> cell_name(0, Language("en"))
    'cell 1'
    """
    return language.say("cell {cell}", cell=cell + 1)
