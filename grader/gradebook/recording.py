"""Runs and their results on their way in: one transaction a batch."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import IntegrityError

from grader.errors import GradebookError
from grader.gradebook.chain import Chain, as_number, as_text, row_digest, taken_off
from grader.gradebook.model import HandedIn, Recorded, RunStart
from grader.gradebook.reading import find_run, latest_entries
from grader.gradebook.store import Store, storable
from grader.gradebook.tables import assignments, attempts, ledger, results, run_results, runs, students, submissions
from grader.model import Status

_LEVEL = 3  # of zlib: a result of 7 KB becomes 1.6 KB in three quarters of the time that level 6 takes for 1.5 KB
_Key = tuple[str, int]  # student, attempt
_Ids = dict[tuple[str, object], int]


def start_run(store: Store, start: RunStart, at: str) -> int:
    """The id of a new run, one more than the newest's."""
    assignment = {
        "version": storable(start.version),
        "title": storable(start.title),
        "points": float(start.points),
        "exercises": json.dumps({storable(name): float(points) for name, points in start.exercises.items()}),
    }
    provenance = {name: storable(getattr(start.provenance, name)) for name in start.provenance.__struct_fields__}
    with store.writing() as connection:
        Chain(connection)
        name = storable(start.assignment)
        if connection.execute(assignments.update().where(assignments.c.id == name).values(assignment)).rowcount == 0:
            connection.execute(assignments.insert().values(id=name, **assignment))
        run = int(connection.scalar(select(func.coalesce(func.max(runs.c.id), 0))) or 0) + 1
        row = {"id": run, "assignment": name, "version": storable(start.version), "started": at, "who": storable(start.who)}
        connection.execute(runs.insert().values(**row, **provenance, settings=json.dumps(start.settings, sort_keys=True)))
    return run


def finish_run(store: Store, run: int, ended: str, seconds: float, at: str) -> None:
    """Notes how a run ended."""
    with store.writing() as connection:
        find_run(connection, run)
        connection.execute(runs.update().where(runs.c.id == run).values(finished=at, ended=ended, seconds=float(seconds)))


def record(store: Store, run: int, items: Sequence[Recorded], at: str) -> None:
    """Keeps a batch, all or none."""
    if not items:
        return
    with store.writing() as connection:
        chain = Chain(connection)
        batch = _Batch(connection, find_run(connection, run), items)
        placed = [(batch.result_ids[index], batch.entry(index, chain, at)) for index in range(len(items))]
        chain.close()
        rows = [batch.place(index, result, entry) for index, (result, entry) in enumerate(placed)]
        try:
            connection.execute(run_results.insert(), rows)
        except IntegrityError as error:
            raise GradebookError(f"run {run} has a result of one of these attempts, or in its place, already") from error


class _Batch:
    """The items of one call with the ids of their rows, which are made where they are missing."""

    def __init__(self, connection: Connection, run: SqlRow[Any], items: Sequence[Recorded]) -> None:
        self._run, self._items = run, items
        self._keys = [(storable(item.result.submission.student), item.result.submission.attempt) for item in items]
        for item in items:
            if storable(item.result.assignment.id) != run.assignment:
                raise GradebookError(f"run {run.id} is of {run.assignment}, a result of {item.result.assignment.id}")
        names = sorted({student for student, _ in self._keys})
        _add_missing(connection, students, ("name",), [{"name": name} for name in names], students.c.name.in_(names))
        self._submissions = self._find_submissions(connection, names)
        self._attempts = self._find_attempts(connection, names)
        latest = select(ledger).where(ledger.c.number.in_(latest_entries(run.assignment, names)))
        self._latest: dict[_Key, SqlRow[Any]] = {(row.student, row.attempt): row for row in connection.execute(latest)}
        self._digests: dict[int, str] = {}
        self.result_ids = self._find_results(connection)

    def _find_submissions(self, connection: Connection, names: list[str]) -> _Ids:
        rows = [
            {
                "student": student,
                "assignment": self._run.assignment,
                "sha256": item.result.submission.sha256,
                "source": storable(item.result.submission.source),
            }
            for (student, _), item in zip(self._keys, self._items, strict=True)
        ]
        wanted = submissions.c.student.in_(names) & (submissions.c.assignment == self._run.assignment)
        return _add_missing(connection, submissions, ("student", "sha256"), rows, wanted)

    def _find_attempts(self, connection: Connection, names: list[str]) -> _Ids:
        """The ids of attempts, of which a failure of ours makes none; what is known of when they were handed in is brought to today."""
        counting = [index for index, item in enumerate(self._items) if item.result.status is not Status.NOT_GRADED]
        rows = [
            {"submission": self._submission(index), "student": self._keys[index][0], "assignment": self._run.assignment}
            | {"number": self._keys[index][1], **_as_columns(self._items[index].handed_in)}
            for index in counting
        ]
        wanted = attempts.c.student.in_(names) & (attempts.c.assignment == self._run.assignment)
        ids = _add_missing(connection, attempts, ("student", "number"), rows, wanted)
        there = {row.id: row for row in connection.execute(select(attempts).where(wanted))}
        changed = []
        for index, row in zip(counting, rows, strict=True):
            before = there[ids[row["student"], row["number"]]]
            if before.submission != row["submission"]:
                raise GradebookError(f"attempt {row['number']} of {row['student']} is of another file")
            now = _as_columns(self._items[index].handed_in)
            if self._items[index].handed_in is not None and any(getattr(before, name) != value for name, value in now.items()):
                changed.append({"changed": before.id, **now})
        if changed:
            connection.execute(attempts.update().where(attempts.c.id == bindparam("changed")), changed)
        return ids

    def _submission(self, index: int) -> int:
        return self._submissions[self._keys[index][0], self._items[index].result.submission.sha256]

    def _find_results(self, connection: Connection) -> list[int]:
        """The ids of the results: of kept ones as they were given, of the others new."""
        rows = [self._result(index) for index, item in enumerate(self._items) if item.kept is None]
        made: list[int] = []
        if rows:
            made += connection.scalars(insert(results).returning(results.c.id, sort_by_parameter_order=True), rows)
        self._digests.update((id_, row_digest(row)) for id_, row in zip(made, rows, strict=True))
        new = iter(made)
        ids = [next(new) if item.kept is None else item.kept for item in self._items]
        self._check_kept(connection)
        return ids

    def _result(self, index: int) -> dict[str, Any]:
        item = self._items[index]
        return {
            "submission": self._submission(index),
            "attempt": None if item.result.status is Status.NOT_GRADED else self._attempts[self._keys[index]],
            "inputs_sha256": item.inputs_sha256,
            "content_sha256": item.content_sha256,
            "status": item.result.status.value,
            "score": as_number(item.result.score),
            "data": zlib.compress(item.result.to_json().encode("utf-8"), _LEVEL),
            "material": zlib.compress(item.material, _LEVEL),
        }

    def _check_kept(self, connection: Connection) -> None:
        """Raises GradebookError where a kept result is not the one of its student and attempt."""
        kept = [(item.kept, *key) for key, item in zip(self._keys, self._items, strict=True) if item.kept is not None]
        if not kept:
            return
        query = select(ledger.c.result, ledger.c.result_sha256, ledger.c.student, ledger.c.attempt).distinct()
        wanted = query.where(ledger.c.result.in_([result for result, *_ in kept]))
        known = {row.result: row for row in connection.execute(wanted)}
        for result, student, attempt in kept:
            if result not in known or (known[result].student, known[result].attempt) != (student, attempt):
                raise GradebookError(f"result {result} is not of {student}, attempt {attempt}")
            self._digests[result] = known[result].result_sha256

    def entry(self, index: int, chain: Chain, at: str) -> int:
        """The number of the ledger's entry that has this item's grade: a new one, or the last where nothing changed."""
        item, key, result = self._items[index], self._keys[index], self.result_ids[index]
        adjusted, before = item.adjusted, self._latest.get(self._keys[index])
        grade, adjustments = as_number(adjusted.grade), as_text(adjusted.adjustments)
        if before is not None and (before.result, before.grade, before.adjustments) == (result, grade, adjustments):
            return int(before.number)
        kind = "not_graded" if adjusted.status is Status.NOT_GRADED else "graded" if before is None else "regraded"
        provenance = item.result.provenance
        values: dict[str, Any] = {name: storable(getattr(provenance, name)) for name in provenance.__struct_fields__}
        values |= {"kind": kind, "at": at, "who": self._run.who, "why": storable(item.why)}
        values |= {"student": key[0], "assignment": self._run.assignment, "attempt": key[1], "run": self._run.id}
        values |= {"result": result, "result_sha256": self._digests[result], "submission_sha256": item.result.submission.sha256}
        values |= {"status": adjusted.status.value, "score": as_number(item.result.score), "grade": grade, "adjustments": adjustments}
        return chain.append(values, taken_off(adjusted.adjustments))

    def place(self, index: int, result: int, entry: int) -> dict[str, Any]:
        """The item's row of its run."""
        item, (student, attempt) = self._items[index], self._keys[index]
        place = {"run": self._run.id, "student": student, "attempt": attempt, "position": item.position}
        return {**place, "result": result, "entry": entry, "kept": item.kept is not None, "seconds": float(item.seconds)}


def _as_columns(known: HandedIn | None) -> dict[str, Any]:
    if known is None:
        return dict.fromkeys(HandedIn.__struct_fields__)
    submitted_at, due = (None if moment is None else moment.isoformat() for moment in (known.submitted_at, known.due))
    return {"submitted_at": submitted_at, "flagged_late": known.flagged_late, "due": due}


def _add_missing(connection: Connection, table: Table, key: tuple[str, ...], rows: Iterable[dict[str, Any]], wanted: Any) -> _Ids:
    """The ids by key of the rows that are wanted, and of `rows`, which are added where there are none of their key."""
    columns = [table.c[name] for name in key]
    id_ = table.primary_key.columns[0]
    query = select(*columns, id_.label("id_")).where(wanted)
    found: Any = {tuple(row[:-1]): row[-1] for row in connection.execute(query)}
    missing = {place: row for row in rows if (place := tuple(row[name] for name in key)) not in found}
    if missing:
        connection.execute(table.insert(), list(missing.values()))
        found = {tuple(row[:-1]): row[-1] for row in connection.execute(query)}
    ids: _Ids = found
    return ids
