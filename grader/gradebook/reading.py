"""What is read of a gradebook. A grade is always that of the ledger's newest entry of an attempt."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select
from sqlalchemy import Row as SqlRow

from grader.errors import GradebookError, UsageError
from grader.gradebook import names, tables
from grader.gradebook.model import Counting, Entry, HandedIn, Known, Row, RowExercise, Run, Standing, StoredResult
from grader.gradebook.store import Store, storable, streamed
from grader.gradebook.tables import attempts, ledger, penalties, results, run_results
from grader.model import Adjustment, Outcome, Provenance, Status, SubmissionResult

_CHUNK = 500  # students in one question
_WINDOW = 100  # results that are read together
_GRADES = ("graded", "regraded")


class _DiagnosisId(msgspec.Struct):
    id: str


class _Case(msgspec.Struct):
    id: str
    weight: float
    outcome: Outcome


class _Exercise(msgspec.Struct):
    name: str
    points: float
    score: float
    outcome: Outcome
    cases: list[_Case]
    diagnoses: list[_DiagnosisId]


class _Submission(msgspec.Struct):
    source: str
    late: bool


class _Assignment(msgspec.Struct):
    version: str


class Extract(msgspec.Struct):
    """What rows and comparisons need of a stored result: decoding this alone skips its texts."""

    assignment: _Assignment
    submission: _Submission
    points: float
    exercises: list[_Exercise]


_EXTRACT = msgspec.json.Decoder(Extract)


def extract(data: bytes) -> Extract:
    """The extract of a stored result. Raises GradebookError where it is damaged."""
    try:
        return _EXTRACT.decode(_unpacked(data))
    except msgspec.MsgspecError as error:
        raise GradebookError(f"a stored result is damaged: {error}", remedy="grader history --verify says which") from error


def latest_entries(assignment: str, students: Sequence[str] | None = None) -> Select[tuple[int]]:
    """The numbers of the newest entry of each attempt."""
    query = select(func.max(ledger.c.number)).where(ledger.c.assignment == assignment, ledger.c.kind.in_(_GRADES))
    query = query.group_by(ledger.c.student, ledger.c.attempt)
    return query if students is None else query.where(ledger.c.student.in_(students))


def known(store: Store, assignment: str, students: Sequence[str]) -> Mapping[str, tuple[Known, ...]]:
    """The attempts of these students, and the result that each stands on."""
    given = {storable(student): student for student in students}
    asked = list(given)
    found: dict[str, list[Known]] = {}
    with store.reading() as connection:
        for start in range(0, len(asked), _CHUNK):
            numbers = latest_entries(storable(assignment), asked[start : start + _CHUNK])
            query = select(ledger, results.c.inputs_sha256, *(attempts.c[name] for name in HandedIn.__struct_fields__))
            query = query.join(results, results.c.id == ledger.c.result).join(attempts, attempts.c.id == results.c.attempt)
            for row in connection.execute(query.where(ledger.c.number.in_(numbers)).order_by(ledger.c.attempt)):
                place = (row.attempt, row.submission_sha256, row.inputs_sha256, row.result)
                one = Known(*place, Status(row.status), row.score, as_handed_in(row.submitted_at, row.flagged_late, row.due))
                found.setdefault(given[row.student], []).append(one)
    return {student: tuple(attempts) for student, attempts in found.items()}


def as_handed_in(submitted_at: str | None, flagged_late: bool | None, due: str | None) -> HandedIn | None:
    """What an attempt's row says of when it was handed in; None where nobody noted it."""
    if flagged_late is None:
        return None
    try:
        submitted, own = (None if text is None else datetime.fromisoformat(text) for text in (submitted_at, due))
    except ValueError as error:
        raise GradebookError(f"the time of an attempt is damaged: {error}", remedy="grade again, with the times that hold") from error
    return HandedIn(submitted, flagged_late, own)


def result(store: Store, result_id: int) -> StoredResult:
    """A result before adjustments, with its material."""
    with store.reading() as connection:
        row = connection.execute(select(results.c.data, results.c.material).where(results.c.id == result_id)).one_or_none()
    if row is None:
        raise UsageError(f"there is no result {result_id} in the gradebook")
    try:
        return StoredResult(SubmissionResult.from_json(zlib.decompress(row.data)), zlib.decompress(row.material))
    except (zlib.error, msgspec.MsgspecError, TypeError) as error:  # TypeError: on SQLite a column takes anything
        raise GradebookError(f"result {result_id} is damaged: {error}", remedy="grader history --verify says more") from error


def find(store: Store, assignment: str, content_sha256: str) -> int | None:
    """The newest result of the same content."""
    query = select(func.max(results.c.id)).join(tables.submissions, tables.submissions.c.id == results.c.submission)
    query = query.where(results.c.content_sha256 == content_sha256, tables.submissions.c.assignment == storable(assignment))
    with store.reading() as connection:
        found: int | None = connection.scalar(query.where(results.c.attempt.is_not(None)))
    return found


def assignments(store: Store) -> tuple[str, ...]:
    """The ids of the assignments, sorted."""
    with store.reading() as connection:
        return tuple(connection.scalars(select(tables.assignments.c.id).order_by(tables.assignments.c.id)))


def runs(store: Store) -> tuple[Run, ...]:
    """All runs, oldest first."""
    with store.reading() as connection:
        return tuple(_as_run(row) for row in connection.execute(_runs().order_by(tables.runs.c.id)))


def run(store: Store, run: int) -> Run:
    """One run."""
    with store.reading() as connection:
        find_run(connection, run)
        return _as_run(connection.execute(_runs().where(tables.runs.c.id == run)).one())


def find_run(connection: Connection, run: int) -> SqlRow[Any]:
    """A run's row. Raises UsageError, with the runs there are, where there is none of that id."""
    row = connection.execute(select(tables.runs).where(tables.runs.c.id == run)).one_or_none() if run < 2**31 else None
    if row is None:
        raise names.unknown("run", str(run), [str(id_) for id_ in connection.scalars(select(tables.runs.c.id).order_by(tables.runs.c.id))])
    return row


def _runs() -> Select[Any]:
    counted = select(func.count()).where(run_results.c.run == tables.runs.c.id).scalar_subquery()
    return select(tables.runs, counted.label("results"))


def _as_run(row: SqlRow[Any]) -> Run:
    values = dict(row._mapping)
    provenance = Provenance(**{name: values.pop(name) for name in Provenance.__struct_fields__})
    return Run(**values | {"provenance": provenance, "settings": json.loads(row.settings)})


def as_adjustments(text: str | None) -> tuple[Adjustment, ...]:
    """The adjustments of an entry, as the ledger has them."""
    try:
        return msgspec.json.decode(text or "[]", type=tuple[Adjustment, ...])
    except msgspec.MsgspecError as error:
        raise GradebookError("an entry of the ledger is damaged", remedy="grader history --verify says which") from error


def history(store: Store, assignment: str | None, student: str | None) -> Iterator[Entry]:
    """The entries of the ledger, in order."""
    query = select(ledger).order_by(ledger.c.number)
    with store.reading() as connection:
        if assignment is not None:
            check_known(connection, "assignment", assignment)
            query = query.where(ledger.c.assignment == storable(assignment))
        if student is not None:
            check_known(connection, "student", student)
            query = query.where(ledger.c.student == storable(student))
    return _entries(store, query)


def _entries(store: Store, query: Select[Any]) -> Iterator[Entry]:
    with store.reading() as connection, streamed(connection, query) as found:
        for row in found:
            values = dict(row._mapping)
            if values["adjustments"] is not None:
                values["adjustments"] = as_adjustments(values["adjustments"])
            yield Entry(**values)


def check_known(connection: Connection, what: Literal["student", "assignment"], name: str) -> None:
    """Raises UsageError with the nearest name where there is no such student or assignment."""
    column = tables.students.c.name if what == "student" else tables.assignments.c.id
    if connection.scalar(select(column).where(column == storable(name))) is None:
        raise names.unknown(what, name, list(connection.scalars(select(column).order_by(column))))


def rows(store: Store, run: int) -> Iterator[Row]:
    """What a run gave, in the order of its input."""
    with store.reading() as connection:
        find_run(connection, run)
    return _rows(store, run)


def _rows(store: Store, run: int) -> Iterator[Row]:
    query = select(run_results, ledger.c.status, ledger.c.score, ledger.c.grade, ledger.c.adjustments, results.c.data)
    query = query.join(ledger, ledger.c.number == run_results.c.entry).join(results, results.c.id == run_results.c.result)
    ordered = query.where(run_results.c.run == run).order_by(run_results.c.position)
    with store.reading() as connection, streamed(connection, ordered) as found:
        for row in found:
            yield _as_row(row)


def _as_row(row: SqlRow[Any]) -> Row:
    known = extract(row.data)
    return Row(
        student=row.student,
        attempt=row.attempt,
        source=known.submission.source,
        status=Status(row.status),
        score=row.score,
        grade=row.grade,
        points=known.points,
        late=known.submission.late,
        adjustments=as_adjustments(row.adjustments),
        exercises=tuple(
            RowExercise(one.name, one.score, one.points, one.outcome, tuple(diagnosis.id for diagnosis in one.diagnoses))
            for one in known.exercises
        ),
        result_id=row.result,
        kept=row.kept,
        seconds=row.seconds,
    )


def standings(store: Store, assignment: str, keep: Literal["best", "last"]) -> Iterator[Standing]:
    """The attempt that counts for each student."""
    with store.reading() as connection:
        check_known(connection, "assignment", assignment)
    return _standings(store, storable(assignment), keep)


def _standings(store: Store, assignment: str, keep: Literal["best", "last"]) -> Iterator[Standing]:
    ranked = _ranked(assignment, keep)
    query = _standing(ranked.c.attempts).join(ranked, ranked.c.number == ledger.c.number)
    with store.reading() as connection, streamed(connection, query.where(ranked.c.place == 1).order_by(ranked.c.student)) as found:
        for row in found:
            yield _as_standing(row, row.attempts)


def _standing(*more: ColumnElement[Any]) -> Select[Any]:
    """Entries of the ledger as standings need them."""
    taken = select(func.coalesce(func.sum(penalties.c.points), 0.0)).where(penalties.c.entry == ledger.c.number).scalar_subquery()
    own = (ledger.c[name] for name in ("number", "student", "attempt", "status", "score", "grade", "adjustments", "result"))
    return select(*own, taken.label("penalties"), *more)


def _as_standing(row: SqlRow[Any], attempts: int) -> Standing:
    place = (row.student, row.attempt, attempts, Status(row.status))
    return Standing(*place, row.score, row.grade, float(row.penalties), row.result)


def counting(store: Store, assignment: str, keep: Literal["best", "last"]) -> Iterator[Counting]:
    """Every student's place in the class."""
    with store.reading() as connection:
        check_known(connection, "assignment", assignment)
    return _counting(store, storable(assignment), keep)


def _counting(store: Store, assignment: str, keep: Literal["best", "last"]) -> Iterator[Counting]:
    """In windows: what is sorted is narrow, so that the database need not hold what it is to give."""
    ranked = _ranked(assignment, keep)
    ordered = select(ranked.c.number, ranked.c.attempts).where(ranked.c.place == 1).order_by(ranked.c.student)
    with store.reading() as connection:
        failed = set(connection.scalars(_failed(assignment, run_results.c.student)))
        with streamed(connection, ordered) as found:
            while window := {row.number: row.attempts for row in itertools.islice(found, _WINDOW)}:
                query = _standing(results.c.data, results.c.material).join(results, results.c.id == ledger.c.result)
                rows = {row.number: row for row in connection.execute(query.where(ledger.c.number.in_(window)))}
                for number in filter(rows.__contains__, window):  # a result that is gone is for the ledger's verification to tell
                    yield _as_counting(rows.pop(number), window[number], failed)
        if failed:
            with streamed(connection, _failed(assignment, run_results.c.student, results.c.data)) as found:
                for row in found:
                    if row.student in failed:
                        yield Counting(row.student, None, _unpacked(row.data), b"", False, True)


def _as_counting(row: SqlRow[Any], attempts: int, failed: set[str]) -> Counting:
    """A student's place; who is among those who failed has it, and is no longer there."""
    is_late = any(one.kind == "late" for one in as_adjustments(row.adjustments))
    is_failed = row.student in failed
    failed.discard(row.student)
    return Counting(row.student, _as_standing(row, attempts), _unpacked(row.data), _unpacked(row.material), is_late, is_failed)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except (zlib.error, TypeError) as error:  # TypeError: on SQLite a column takes anything
        raise GradebookError(f"a stored result is damaged: {error}", remedy="grader history --verify says which") from error


def _failed(assignment: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """Columns of the results of students whom the newest run that they are in could not grade, by name."""
    newest = select(run_results.c.student, func.max(run_results.c.run).label("run")).join(
        tables.runs, tables.runs.c.id == run_results.c.run
    )
    last = newest.where(tables.runs.c.assignment == assignment).group_by(run_results.c.student).subquery()
    query = select(*columns).select_from(run_results).join(results, results.c.id == run_results.c.result)
    query = query.join(last, (last.c.student == run_results.c.student) & (last.c.run == run_results.c.run))
    return query.where(results.c.status == Status.NOT_GRADED.value).order_by(run_results.c.student)


def _ranked(assignment: str, keep: Literal["best", "last"]) -> Subquery:
    """The newest entries of all attempts, with their place among the student's."""
    first = [ledger.c.grade.desc(), ledger.c.attempt] if keep == "best" else [ledger.c.attempt.desc()]
    ranked = select(
        ledger.c.number,
        ledger.c.student,
        func.row_number().over(partition_by=ledger.c.student, order_by=first).label("place"),
        func.count().over(partition_by=ledger.c.student).label("attempts"),
    )
    return ranked.where(ledger.c.number.in_(latest_entries(assignment))).subquery()
