"""A class as its page needs it: a seat a student, read from a gradebook one by one, in as little memory as the page takes.

Where there is a folder of results, the class is whoever has one in it; a result there that the gradebook does not know counts, too.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from grader.dashboard.code import Code
from grader.errors import GradebookError
from grader.feedback import Material
from grader.feedback.material import Traces
from grader.gradebook import Counting, Gradebook
from grader.model import Adjustment, Outcome, Status, SubmissionResult, Visibility

OUTCOMES = tuple(Outcome)
_CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_T = TypeVar("_T")
ABSENT = 255  # in the place of an outcome: the result has no such case
_LIMITS = frozenset({"TimeoutError", "Killed"})  # what the sandbox says of a cell that it ended
_ENDED = frozenset({Outcome.TIMED_OUT, Outcome.KILLED})


class _Text(msgspec.Struct):
    text: str


class _Diagnosis(msgspec.Struct):
    id: str
    title: str


class _Case(msgspec.Struct):
    id: str
    visibility: Visibility
    weight: float
    outcome: Outcome
    title: str


class _Found(msgspec.Struct):
    how: str


class _Exercise(msgspec.Struct):
    name: str
    points: float
    score: float
    outcome: Outcome
    found: _Found | None
    cases: list[_Case]
    diagnoses: list[_Diagnosis]
    observations: list[_Text]


class _Report(msgspec.Struct):
    function: str
    diagnoses: list[_Diagnosis]


class _Cell(msgspec.Struct):
    type: str


class _Notebook(msgspec.Struct):
    errors: list[_Cell]


class _Submission(msgspec.Struct):
    student: str
    attempt: int
    late: bool


class _Assignment(msgspec.Struct):
    id: str


class _Result(msgspec.Struct):
    """What a seat needs of a result: decoding this alone skips its texts."""

    assignment: _Assignment
    submission: _Submission
    status: Status
    points: float
    score: float | None
    notebook: _Notebook | None
    exercises: list[_Exercise]
    reports: list[_Report]
    notes: list[str]
    adjustments: list[Adjustment]
    grade: float | None


class _Material(msgspec.Struct):
    traces: Traces = Traces()


class _Kept(msgspec.Struct):
    """The traces in what is kept beside a result (`grader.attempts.Kept`)."""

    material: _Material


_RESULT = msgspec.json.Decoder(_Result)
_KEPT = msgspec.msgpack.Decoder(_Kept)


class Item(msgspec.Struct, frozen=True):
    """A case of an exercise."""

    exercise: str
    id: str
    is_hidden: bool
    weight: float
    title: str


class Part(msgspec.Struct, frozen=True):
    """An exercise of one student: its outcome, score, how the function was found ("" where it was not)."""

    outcome: Outcome
    score: float
    how: str


class Seat(msgspec.Struct, frozen=True, gc=False):
    """One student; what others have, too, is the same object.

    parts: by exercise. mistakes: (function, id) of what was recognised. behaviours: (exercise, name of what it does).
    cases: a byte an item, the outcome's place in OUTCOMES or ABSENT; items that came later are not in it. ended: a limit or a crash
    ended a cell or a call. failed: the newest run could not grade it. why: of what is not graded or unreadable. folder: of the
    student in the folder of results, or "".
    """

    student: str
    attempt: int
    attempts: int
    status: Status
    score: float | None
    grade: float | None
    is_late: bool
    parts: Mapping[str, Part]
    mistakes: tuple[tuple[str, str], ...]
    behaviours: tuple[tuple[str, str], ...]
    cases: bytes
    ended: bool
    failed: bool
    why: str
    folder: str


class Census:
    """The seats of a class in the order of names, and what they have in common. code: of each seat, the fingerprints.

    exercises: name -> points, in order. titles: of recognised mistakes, by id. seen: by behaviour, what was observed of it.
    """

    def __init__(self) -> None:
        self.seats: list[Seat] = []
        self.code = Code()
        self.points = 0.0
        self.exercises: dict[str, float] = {}
        self.items: list[Item] = []
        self.titles: dict[str, str] = {}
        self.seen: dict[str, str] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._common: dict[Any, Any] = {}  # what many seats have alike, by itself: it is kept once
        self._parts_of: dict[tuple[tuple[str, Part], ...], Mapping[str, Part]] = {}

    def take(self, result: _Result, traces: Traces, place: Counting | None, student: str, folder: str) -> None:
        """Seats a student. `place`: in the gradebook, where it is known there."""
        standing = place.standing if place is not None else None
        self.points = max(self.points, result.points)
        for exercise in result.exercises:
            self.exercises.setdefault(exercise.name, exercise.points)
            behaviour = traces.behaviours.get(exercise.name)
            if behaviour is not None and exercise.observations:
                self.seen.setdefault(behaviour, exercise.observations[0].text)
        told = [*((one.name, one.diagnoses) for one in result.exercises), *((one.function, one.diagnoses) for one in result.reports)]
        mistakes = self._one(tuple((function, diagnosis.id) for function, diagnoses in told for diagnosis in diagnoses))
        self.titles.update((diagnosis.id, diagnosis.title) for _, diagnoses in told for diagnosis in diagnoses)
        is_late = place.is_late if place is not None else any(one.kind == "late" for one in result.adjustments)
        self.code.append(traces.fingerprints)
        self.seats.append(
            Seat(
                student=student,
                attempt=result.submission.attempt,
                attempts=standing.attempts if standing is not None else 1,
                status=result.status,
                score=self._number(result.score),
                grade=self._number(standing.grade if standing is not None else result.grade),
                is_late=result.submission.late or is_late,
                parts=self._parts(result.exercises),
                mistakes=mistakes,
                behaviours=self._one(tuple(traces.behaviours.items())),
                cases=self._one(self._outcomes(result.exercises)),
                ended=_is_ended(result),
                failed=result.status is Status.NOT_GRADED or (place is not None and place.failed),
                why=self._one(result.notes[0]) if result.notes and result.status is not Status.GRADED else "",
                folder=folder,
            )
        )

    def shuffled(self, draw: random.Random) -> Census:
        """The class in an order that `draw` gives, and without what could tell who is who: names of the students' own functions."""
        return self.ordered(draw.sample(range(len(self.seats)), len(self.seats)), seen={})

    def ordered(self, places: Sequence[int], **changes: object) -> Census:
        """The class in another order, given by the position that each seat had."""
        census = Census()
        seats = [self.seats[place] for place in places]
        census.__dict__.update(self.__dict__, seats=seats, code=self.code.ordered(places), **changes)
        return census

    def _one(self, value: _T) -> _T:
        """The first one of equal ones."""
        one: _T = self._common.setdefault(value, value)
        return one

    def _number(self, value: float | None) -> float | None:
        return self._one(value) if value else value  # equal zeros may differ in their sign

    def _parts(self, exercises: list[_Exercise]) -> Mapping[str, Part]:
        parts = {one.name: Part(one.outcome, one.score, one.found.how if one.found is not None else "") for one in exercises}
        return self._parts_of.setdefault(tuple(parts.items()), parts)

    def _outcomes(self, exercises: list[_Exercise]) -> bytes:
        codes = bytearray([ABSENT]) * len(self.items)
        for exercise in exercises:
            for case in exercise.cases:
                place = self._places.get((exercise.name, case.id))
                if place is None:
                    place = self._places[exercise.name, case.id] = len(self.items)
                    self.items.append(Item(exercise.name, case.id, case.visibility is Visibility.HIDDEN, case.weight, case.title))
                    codes.append(ABSENT)
                codes[place] = _CODES[case.outcome]
        return bytes(codes)


def _is_ended(result: _Result) -> bool:
    cells = result.notebook.errors if result.notebook is not None else ()
    return any(cell.type in _LIMITS for cell in cells) or any(case.outcome in _ENDED for one in result.exercises for case in one.cases)


def take_census(book: Gradebook, assignment: str, keep: Literal["best", "last"], folder: Path | None = None) -> Census:
    """The class of an assignment: of the folder of results, or all of the gradebook. Raises UsageError for an assignment not known."""
    census = Census()
    left = None if folder is None else dict(_folders(folder))
    for place in book.counting(assignment, keep):
        name = "" if left is None else left.pop(place.student, None)
        if name is None:
            continue
        try:
            result = _RESULT.decode(place.result)
            traces = _KEPT.decode(place.material).material.traces if place.standing is not None else Traces()
        except msgspec.MsgspecError as error:
            raise GradebookError(f"a stored result is damaged: {error}", remedy="grader history --verify says which") from error
        census.take(result, traces, place, name if name == place.student else place.student, name)
    for student, name in (left or {}).items():
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            result = _RESULT.decode((folder or Path()).joinpath(name, "result.json").read_bytes())
            if result.assignment.id == assignment and result.submission.student == name:
                census.take(result, Traces(), None, student, name)
    names = [seat.student for seat in census.seats]
    return census.ordered(sorted(range(len(names)), key=lambda place: (names[place].casefold(), names[place])))


def census_of(graded: Iterable[tuple[SubmissionResult, Material]]) -> Census:
    """The class of results at hand, in the order given; the folder of each is named as the student."""
    census = Census()
    for result, material in graded:
        census.take(_RESULT.decode(result.to_json()), material.traces, None, result.submission.student, result.submission.student)
    return census


def _folders(folder: Path) -> Iterator[tuple[str, str]]:
    """The students who have a folder in the folder of results: as the gradebook names them, and the folder's name."""
    from grader.gradebook.store import storable

    with contextlib.suppress(OSError):
        for name in sorted(entry.name for entry in os.scandir(folder) if entry.is_dir()):
            if os.path.isfile(os.path.join(folder, name, "result.json")):
                student = storable(name)
                yield (name if student == name else student), name  # the same text, where it is the same, is kept once
