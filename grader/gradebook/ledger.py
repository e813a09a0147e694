"""Whether the ledger, and every row that it vouches for, is what was written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, Table, exists, func, or_, select

from grader.gradebook.chain import entry_hash, row_digest, taken_off
from grader.gradebook.model import Break, Verification
from grader.gradebook.reading import as_adjustments
from grader.gradebook.store import GENESIS, Store, streamed
from grader.gradebook.tables import attempts, ledger, ledger_head, metadata, overrides, penalties, results, run_results, submissions


class _BrokenError(Exception):
    """The first break; never leaves this module."""

    def __init__(self, number: int | None, why: str) -> None:
        super().__init__(why)
        self.found = Break(number, why)


class _Walk:
    """A walk along the ledger, in one transaction and constant memory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.entries, self.hash = 0, GENESIS

    def run(self) -> None:
        """Raises _BrokenError at the first break."""
        taken = select(penalties).order_by(penalties.c.entry, penalties.c.position)
        with streamed(self._connection, taken) as self._penalties, streamed(self._connection, self._query()) as rows:
            self._penalty = next(self._penalties, None)
            for row in rows:
                self._entry(row)
            self._end()

    def _query(self) -> Select[Any]:
        query = select(ledger, results, submissions, attempts, overrides)
        query = query.outerjoin(results, results.c.id == ledger.c.result).outerjoin(submissions, submissions.c.id == results.c.submission)
        query = query.outerjoin(attempts, attempts.c.id == results.c.attempt).outerjoin(overrides, overrides.c.id == ledger.c.override)
        return query.order_by(ledger.c.number)

    def _entry(self, row: Row[Any]) -> None:
        entry = _part(row, ledger)
        number = self.entries + 1
        if entry["number"] != number:
            raise _BrokenError(number, f"entry {number} is missing")
        if entry["hash"] != entry_hash(self.hash, entry):
            raise _BrokenError(number, "its hash is not that of its content and of the entry before it")
        self.entries, self.hash = number, entry["hash"]
        if entry["result"] is not None:
            self._result(entry, row)
        else:
            self._override(entry, _part(row, overrides))
        self._check_penalties(entry)

    def _result(self, entry: dict[str, Any], row: Row[Any]) -> None:
        stored, submission, attempt = _part(row, results), _part(row, submissions), _part(row, attempts)
        number = entry["number"]
        if stored["id"] is None or row_digest(stored) != entry["result_sha256"]:
            raise _BrokenError(number, f"result {entry['result']} is not the one that was recorded")
        if (stored["status"], stored["score"]) != (entry["status"], entry["score"]):
            raise _BrokenError(number, f"result {entry['result']} has another status or score")
        owner = (submission["student"], submission["assignment"], submission["sha256"])
        if owner != (entry["student"], entry["assignment"], entry["submission_sha256"]):
            raise _BrokenError(number, f"result {entry['result']} is of another submission")
        place = (attempt["student"], attempt["assignment"], attempt["number"], attempt["submission"])
        if stored["attempt"] is not None and place != (entry["student"], entry["assignment"], entry["attempt"], stored["submission"]):
            raise _BrokenError(number, f"result {entry['result']} is of another attempt")

    def _override(self, entry: dict[str, Any], stored: dict[str, Any]) -> None:
        same = all(stored[name] == entry[name] for name in ("student", "assignment", "exercise", "points", "why", "who", "at"))
        if stored["id"] is None or not same or row_digest(stored) != entry["override_sha256"]:
            raise _BrokenError(entry["number"], f"override {entry['override']} is not the one that was recorded")

    def _check_penalties(self, entry: dict[str, Any]) -> None:
        wanted = [{"entry": entry["number"], **penalty} for penalty in taken_off(as_adjustments(entry["adjustments"]))]
        found = []
        while self._penalty is not None and self._penalty.entry <= entry["number"]:
            found.append(dict(self._penalty._mapping))
            self._penalty = next(self._penalties, None)
        if found != wanted:
            raise _BrokenError(entry["number"], "its penalties are not those that were recorded")

    def _end(self) -> None:
        head = self._connection.execute(select(ledger_head)).one_or_none()
        if head is None or head.entries != self.entries:
            said = "is gone" if head is None else f"says {head.entries:,}"
            raise _BrokenError(None, f"the ledger has {self.entries:,} entries, and its head {said}: entries were removed or added")
        if head.hash != self.hash:
            raise _BrokenError(None, "the ledger's head has another hash than the last entry")
        if self._penalty is not None:
            raise _BrokenError(None, f"there is a penalty of entry {self._penalty.entry}, which is not there")
        for table, column in ((results, ledger.c.result), (overrides, ledger.c.override)):
            stray = self._connection.scalar(select(func.min(table.c.id)).where(~exists().where(column == table.c.id)))
            if stray is not None:
                raise _BrokenError(None, f"row {stray} of {table.name} is in no entry")
        self._check_runs()
        self._check_names()

    def _check_names(self) -> None:
        """What a row names is there. A database sees to that where it changes itself, and not for who has turned that off."""
        for table in metadata.sorted_tables:
            for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
                lost = select(key.parent).where(key.parent.is_not(None), ~exists().where(key.column == key.parent)).limit(1)
                if self._connection.execute(lost).first() is not None:
                    raise _BrokenError(None, f"a row of {table.name} names a row of {key.column.table.name} that is not there")

    def _check_runs(self) -> None:
        """Each row of a run names an entry of the same student, attempt and result."""
        query = select(run_results).outerjoin(ledger, ledger.c.number == run_results.c.entry)
        other = [ledger.c[name].is_distinct_from(run_results.c[name]) for name in ("student", "attempt", "result")]
        row = self._connection.execute(query.where(or_(*other)).limit(1)).one_or_none()
        if row is not None:
            raise _BrokenError(row.entry, f"run {row.run} names it for another student, attempt or result")


def _part(row: Row[Any], table: Table) -> dict[str, Any]:
    return {column.name: row._mapping[column] for column in table.columns}


def verify(store: Store) -> Verification:
    """Looks at the file, then walks the ledger and what hangs on it up to the first break."""
    damage = store.damage()
    if damage is not None:
        return Verification(0, GENESIS, Break(None, f"the file is damaged, says SQLite: {damage}"))
    with store.reading() as connection:
        walk = _Walk(connection)
        try:
            walk.run()
        except _BrokenError as found:
            return Verification(walk.entries, walk.hash, found.found)
        except (TypeError, ValueError) as error:  # a value of a kind that its column never has
            return Verification(walk.entries, walk.hash, Break(walk.entries + 1, f"it cannot be read: {type(error).__name__}"))
    return Verification(walk.entries, walk.hash, None)
