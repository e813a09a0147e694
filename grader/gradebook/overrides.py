"""Overrides: a person's own points in the place of an exercise's score. A row is never changed; a newer one takes its place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from grader.errors import UsageError
from grader.gradebook import names, tables
from grader.gradebook.chain import Chain, as_number, row_digest
from grader.gradebook.model import Override
from grader.gradebook.reading import check_known
from grader.gradebook.store import Store, storable
from grader.values import bounded

MAX_WHY = 2000
MAX_POINTS = 1e6


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks for; `points` None is a revocation."""

    assignment: str
    student: str
    exercise: str
    points: float | None
    why: str
    who: str
    allow_extra: bool


def override(store: Store, asked: Asked, at: str) -> None:
    """Writes an override, or its revocation, and its entry in the ledger."""
    if not asked.why.strip():
        raise UsageError("an override needs a reason", remedy="--why TEXT")
    if len(asked.why) > MAX_WHY:
        raise UsageError(f"the reason is longer than {MAX_WHY:,} characters")
    with store.writing() as connection:
        chain = Chain(connection)
        _check(connection, asked)
        row = {
            "student": storable(asked.student),
            "assignment": storable(asked.assignment),
            "exercise": storable(asked.exercise),
            "points": as_number(asked.points),
            "why": storable(asked.why.strip()),
            "who": storable(asked.who),
            "at": at,
        }
        made = connection.scalar(insert(tables.overrides).values(**row).returning(tables.overrides.c.id))
        kind = "override_revoked" if asked.points is None else "override"
        chain.append({**row, "kind": kind, "override": made, "override_sha256": row_digest(row)})
        chain.close()


def _check(connection: Connection, asked: Asked) -> None:
    check_known(connection, "assignment", asked.assignment)
    check_known(connection, "student", asked.student)
    row = connection.execute(select(tables.assignments).where(tables.assignments.c.id == storable(asked.assignment))).one()
    handed_in = select(tables.submissions.c.id).where(tables.submissions.c.student == storable(asked.student)).limit(1)
    shown = bounded(asked.student, 60, newlines=False)
    if connection.scalar(handed_in.where(tables.submissions.c.assignment == row.id)) is None:
        raise UsageError(f"{shown} has handed in nothing for {row.id}")
    exercises: dict[str, float] = json.loads(row.exercises)
    name = storable(asked.exercise)
    in_force = name in {one.exercise for one in _in_force(connection, row.id, [storable(asked.student)])}
    if asked.points is None:
        if not in_force:
            raise UsageError(f"there is no override of {bounded(asked.exercise, 60, newlines=False)} of {shown} to be revoked")
        return
    if name not in exercises:
        raise names.unknown("exercise", asked.exercise, list(exercises))
    if not 0 <= asked.points <= (MAX_POINTS if asked.allow_extra else exercises[name]):
        remedy = "--allow-extra gives more than an exercise is worth" if asked.points > 0 and not asked.allow_extra else ""
        raise UsageError(f"{name} is worth {exercises[name]:g} points: {asked.points:g} cannot be given", remedy=remedy)


def in_force(store: Store, assignment: str, students: Sequence[str]) -> Mapping[str, tuple[Override, ...]]:
    """The overrides in force of these students, by exercise's name."""
    given = {storable(student): student for student in students}
    asked = list(given)
    found: dict[str, list[Override]] = {}
    with store.reading() as connection:
        for start in range(0, len(asked), 500):
            for row in _in_force(connection, storable(assignment), asked[start : start + 500]):
                one = Override(row.exercise, row.points, row.why, row.who, row.at)
                found.setdefault(given[row.student], []).append(one)
    return {student: tuple(sorted(ones, key=lambda one: one.exercise)) for student, ones in found.items()}


def _in_force(connection: Connection, assignment: str, students: Sequence[str]) -> Sequence[Row[Any]]:
    table = tables.overrides
    newest = select(func.max(table.c.id)).where(table.c.assignment == assignment, table.c.student.in_(students))
    newest = newest.group_by(table.c.student, table.c.exercise)
    return connection.execute(select(table).where(table.c.id.in_(newest), table.c.points.is_not(None))).all()
