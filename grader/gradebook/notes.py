"""What instructors have to say to everyone whom something is about. A row is never changed; a newer one takes its place.

Notes change no grade, so they are not in the ledger; their own rows say who said what, and when.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from grader.errors import UsageError
from grader.gradebook import names, tables
from grader.gradebook.model import StoredNote
from grader.gradebook.reading import check_known
from grader.gradebook.store import Store, storable
from grader.values import bounded

KINDS = ("misconception", "cluster", "exercise", "student")
MAX_TEXT = 4_000


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks for; `text` None takes a note back."""

    assignment: str
    kind: str
    name: str
    text: str | None
    who: str


def note(store: Store, asked: Asked, at: str) -> None:
    """Writes a note, or that it is taken back."""
    if asked.text is not None and not asked.text.strip():
        raise UsageError("a note needs a text", remedy="--remove takes one back")
    if asked.text is not None and len(asked.text) > MAX_TEXT:
        raise UsageError(f"the note is longer than {MAX_TEXT:,} characters")
    with store.writing() as connection:
        _check(connection, asked)
        row = {"assignment": storable(asked.assignment), "kind": asked.kind, "name": storable(asked.name)}
        text = None if asked.text is None else storable(asked.text.strip())
        connection.execute(tables.notes.insert().values(**row, text=text, who=storable(asked.who), at=at))


def _check(connection: Connection, asked: Asked) -> None:
    check_known(connection, "assignment", asked.assignment)
    assignment = storable(asked.assignment)
    if asked.text is None:
        there = {(row.kind, row.name) for row in _in_force(connection, assignment)}
        if (asked.kind, storable(asked.name)) not in there:
            raise UsageError(f"there is no note on {asked.kind} {bounded(asked.name, 60, newlines=False)} to be taken back")
        return
    if asked.kind == "student":
        check_known(connection, "student", asked.name)
    if asked.kind == "exercise":
        known: dict[str, float] = json.loads(
            connection.scalar(select(tables.assignments.c.exercises).where(tables.assignments.c.id == assignment)) or "{}"
        )
        if storable(asked.name) not in known:
            raise names.unknown("exercise", asked.name, list(known))


def in_force(store: Store, assignment: str) -> tuple[StoredNote, ...]:
    """The notes in force, by kind and name."""
    with store.reading() as connection:
        found = [StoredNote(row.kind, row.name, row.text, row.who, row.at) for row in _in_force(connection, storable(assignment))]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.name)))


def _in_force(connection: Connection, assignment: str) -> list[Row[Any]]:
    table = tables.notes
    newest = select(func.max(table.c.id)).where(table.c.assignment == assignment).group_by(table.c.kind, table.c.name)
    return list(connection.execute(select(table).where(table.c.id.in_(newest), table.c.text.is_not(None))))
