"""The ledger's chain: each entry's hash is over the hash before it and all of its own columns.

hash = SHA-256 of the previous hash (64 hexadecimal digits; of the first entry, zeros), a newline, and the entry as JSON in UTF-8:
its columns but `hash`, nulls left out, keys sorted, no blanks, nothing escaped but what JSON asks for. Python's own json writes it,
since its form of a number is the language's and does not change with a package.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from grader.errors import GradebookError
from grader.gradebook.store import storable
from grader.gradebook.tables import ledger, ledger_head, penalties
from grader.model import Adjustment

Values = Mapping[str, Any]
_EMPTY = dict.fromkeys(column.name for column in ledger.columns)  # an entry's columns


def canonical(values: Values) -> bytes:
    """The values as JSON with one form only. Raises ValueError for a number that JSON does not have.

    >>> canonical({"b": 1.5, "a": "é", "c": None})
    b'{"a":"\\xc3\\xa9","b":1.5}'
    """
    given = {key: value for key, value in values.items() if value is not None}
    text = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def entry_hash(previous: str, values: Values) -> str:
    """The hash of an entry after the entry whose hash is `previous`."""
    content = canonical({key: value for key, value in values.items() if key != "hash"})
    return hashlib.sha256(previous.encode("ascii") + b"\n" + content).hexdigest()


def row_digest(values: Values) -> str:
    """The SHA-256 of a row without its id: as an entry's JSON, with the SHA-256 of bytes in their place."""
    shown = {key: hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value for key, value in values.items() if key != "id"}
    return hashlib.sha256(canonical(shown)).hexdigest()


def as_number(value: float | None) -> float | None:
    """A number as both databases give it back: a float, and no negative zero. Raises GradebookError where it is not finite."""
    if value is None:
        return None
    if not math.isfinite(value):
        raise GradebookError(f"{value} is no grade, score or penalty")
    return float(value) + 0.0


def as_text(adjustments: Sequence[Adjustment]) -> str:
    """Adjustments as the ledger keeps and hashes them."""
    return json.dumps([{"kind": one.kind, "points": as_number(one.points), "why": one.why} for one in adjustments])


def taken_off(adjustments: Sequence[Adjustment]) -> list[dict[str, Any]]:
    """The penalties among adjustments, that is all but overrides, as rows."""
    return [
        {"position": position, "kind": storable(one.kind), "points": as_number(one.points), "why": storable(one.why)}
        for position, one in enumerate(adjustments)
        if one.kind != "override"
    ]


class Chain:
    """The end of the ledger, held by one transaction: nobody else appends before it is over."""

    def __init__(self, connection: Connection) -> None:
        # SQLite has no such lock, and needs none: a writing transaction is alone there.
        head = connection.execute(select(ledger_head).with_for_update()).one_or_none()
        if head is None:
            raise GradebookError("the gradebook has lost the head of its ledger", remedy="restore it from a copy")
        self._connection = connection
        self._entries: int = head.entries
        self._hash: str = head.hash
        self._new: dict[Table, list[dict[str, Any]]] = {ledger: [], penalties: []}

    def append(self, values: Values, taken: list[dict[str, Any]] | None = None) -> int:
        """The number of a new entry; `taken` are its penalties. Both are written by `close`."""
        self._entries += 1
        row = {**_EMPTY, **values, "number": self._entries}
        self._hash = row["hash"] = entry_hash(self._hash, row)
        self._new[ledger].append(row)
        self._new[penalties] += [{"entry": self._entries, **penalty} for penalty in taken or ()]
        return self._entries

    def close(self) -> None:
        """Writes the new entries and the new head."""
        for table, rows in self._new.items():
            if rows:
                self._connection.execute(table.insert(), rows)
        if self._new[ledger]:
            self._connection.execute(ledger_head.update().values(entries=self._entries, hash=self._hash))
