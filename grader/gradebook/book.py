"""The gradebook as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import grader.gradebook.comparing as comparing
import grader.gradebook.ledger as ledger
import grader.gradebook.notes as notes
import grader.gradebook.overrides as overrides
import grader.gradebook.reading as reading
import grader.gradebook.recording as recording
from grader.gradebook.model import (
    Counting,
    Diff,
    Entry,
    Known,
    Override,
    Recorded,
    Row,
    Run,
    RunStart,
    Standing,
    StoredNote,
    StoredResult,
    Verification,
)
from grader.gradebook.store import Store


def _now() -> datetime:
    return datetime.now(UTC)


def open_gradebook(url_or_path: str | Path, *, create: bool = True, clock: Callable[[], datetime] = _now) -> Gradebook:
    """The gradebook at a path (SQLite), a `sqlite:///` or a `postgresql://` URL; made, or brought to this version, where needed.

    create: whether to make one where there is none. clock: what time it is, with a time zone.
    Raises UsageError for an URL that names none, GradebookError where it cannot be opened or is of a newer version.
    """
    return Gradebook(Store(url_or_path, create=create), clock)


class Gradebook:
    """A context manager. Every method but `verify` raises GradebookError where the database fails; none leaves half of its work.

    What returns an iterator streams: it holds a connection until it is exhausted or closed.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections."""
        self._store.close()

    def start_run(self, start: RunStart) -> int:
        """The id of a new run: 1, 2, 3 … It stays open until it is finished."""
        return recording.start_run(self._store, start, self._time())

    def finish_run(self, run: int, ended: Literal["done", "interrupted"], seconds: float) -> None:
        """Notes how a run ended, and how long it took. Raises UsageError where there is no such run."""
        recording.finish_run(self._store, run, ended, seconds, self._time())

    def record(self, run: int, items: Sequence[Recorded]) -> None:
        """Keeps results, all or none, in one transaction; when it returns they are on the disk.

        A result of status not_graded makes no attempt. A kept one makes no entry in the ledger unless its grade or its adjustments
        changed. Raises GradebookError for a student's attempt that this run has already, or that is another file's.
        """
        recording.record(self._store, run, items, self._time())

    def known(self, assignment: str, students: Sequence[str]) -> Mapping[str, tuple[Known, ...]]:
        """The attempts of these students and the result that each stands on, newest last; who has none is left out."""
        return reading.known(self._store, assignment, students)

    def result(self, result_id: int) -> StoredResult:
        """A result before adjustments. Raises UsageError where there is none of that id."""
        return reading.result(self._store, result_id)

    def find(self, assignment: str, content_sha256: str) -> int | None:
        """The id of the newest result of the same content, whoever's it is; never of one that could not be graded."""
        return reading.find(self._store, assignment, content_sha256)

    def overrides(self, assignment: str, students: Sequence[str]) -> Mapping[str, tuple[Override, ...]]:
        """The overrides in force of these students, by exercise's name; who has none is left out."""
        return overrides.in_force(self._store, assignment, students)

    def override(
        self, assignment: str, student: str, exercise: str, points: float | None, why: str, who: str, *, allow_extra: bool = False
    ) -> None:
        """Puts a person's own points in the place of an exercise's score; None revokes what is in force.

        Raises UsageError, with the nearest name, for a student or an exercise that is not known, for points that are negative, or
        more than the exercise is worth without allow_extra, for a missing reason, and where nothing is in force to be revoked.
        """
        overrides.override(self._store, overrides.Asked(assignment, student, exercise, points, why, who, allow_extra), self._time())

    def notes(self, assignment: str) -> tuple[StoredNote, ...]:
        """The notes in force, by kind and name."""
        return notes.in_force(self._store, assignment)

    def note(self, assignment: str, kind: str, name: str, text: str | None, who: str) -> None:
        """Puts a note in the place of the one in force on the same; None takes it back.

        No grade changes, so the ledger knows nothing of it.

        Raises UsageError, with the nearest name, for an assignment, an exercise or a student that is not known, for a text that is empty
        or too long, and where nothing is in force to be taken back.
        Whether there is such a misconception or cluster is the caller's to know.
        """
        notes.note(self._store, notes.Asked(assignment, kind, name, text, who), self._time())

    def history(self, assignment: str | None = None, student: str | None = None) -> Iterator[Entry]:
        """The ledger's entries in order. Raises UsageError, with the nearest name, for a student or an assignment not known."""
        return reading.history(self._store, assignment, student)

    def verify(self) -> Verification:
        """Walks the whole ledger, and compares every row that it vouches for, in constant memory."""
        return ledger.verify(self._store)

    def assignments(self) -> tuple[str, ...]:
        """The ids of the assignments, sorted."""
        return reading.assignments(self._store)

    def runs(self) -> tuple[Run, ...]:
        """All runs, oldest first."""
        return reading.runs(self._store)

    def run(self, run: int) -> Run:
        """One run. Raises UsageError, with the runs there are, where there is none of that id."""
        return reading.run(self._store, run)

    def rows(self, run: int) -> Iterator[Row]:
        """What a run gave, in the order of its input. Raises UsageError where there is no such run."""
        return reading.rows(self._store, run)

    def standings(self, assignment: str, keep: Literal["best", "last"]) -> Iterator[Standing]:
        """The attempt that counts for each student, by student's name: of equal grades the earliest attempt."""
        return reading.standings(self._store, assignment, keep)

    def counting(self, assignment: str, keep: Literal["best", "last"]) -> Iterator[Counting]:
        """The attempt that counts for each student, as `standings`, with its result; then those whom no run could grade yet."""
        return reading.counting(self._store, assignment, keep)

    def diff(self, before: int, after: int) -> Diff:
        """Who moved between two runs, by how much, and what differs beneath. Raises UsageError where there is no such run."""
        return comparing.diff(self._store, before, after)

    def _time(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
