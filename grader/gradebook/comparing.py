"""Two runs compared: who moved, and what differs beneath."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, Subquery, func, select

from grader.gradebook.model import CaseChange, Diff, Move, VersionChange, WorthChange
from grader.gradebook.reading import Extract, as_adjustments, extract, run
from grader.gradebook.store import Store, streamed
from grader.gradebook.tables import ledger, results, run_results
from grader.model import Outcome, Status

_VERSIONS = ("grader", "answer_key_sha256", "python", "numpy", "engine", "walls")


def diff(store: Store, before: int, after: int) -> Diff:
    """Who moved between two runs; of a student with several attempts in a run the last one is compared."""
    first, second = run(store, before), run(store, after)
    changes = [(name, getattr(first.provenance, name), getattr(second.provenance, name)) for name in _VERSIONS]
    changes.append(("assignment", f"{first.assignment} {first.version}", f"{second.assignment} {second.version}"))
    left, right = _side(before, "left"), _side(after, "right")
    with store.reading() as connection:
        both = connection.scalar(select(func.count()).select_from(left.join(right, left.c.student == right.c.student))) or 0
        with streamed(connection, _changed(left, right)) as rows:
            moves = tuple(move for row in rows if (move := _move(row)) is not None)
        only = [_only(connection, left, right), _only(connection, right, left)]
    return Diff(first, second, _versions(changes), moves, both - len(moves), *only)


def _side(run: int, name: str) -> Subquery:
    """A run's last attempt of each student, with the grade that it got in that run."""
    last = select(run_results.c.student, func.max(run_results.c.attempt).label("attempt")).where(run_results.c.run == run)
    last_of = last.group_by(run_results.c.student).subquery()
    taken = ("status", "score", "grade", "adjustments", *_VERSIONS)
    query = select(
        run_results.c.student, run_results.c.attempt, run_results.c.result, run_results.c.entry, *(ledger.c[one] for one in taken)
    )
    query = query.join(last_of, (last_of.c.student == run_results.c.student) & (last_of.c.attempt == run_results.c.attempt))
    return query.join(ledger, ledger.c.number == run_results.c.entry).where(run_results.c.run == run).subquery(name)


def _changed(left: Subquery, right: Subquery) -> Select[Any]:
    """The students in both, both sides' columns, where the two runs name different entries of the ledger."""
    before, after = results.alias(), results.alias()
    columns = [column.label(f"{side.name}_{column.name}") for side in (left, right) for column in side.columns]
    query = select(*columns, before.c.data.label("left_data"), after.c.data.label("right_data"))
    query = query.select_from(left.join(right, left.c.student == right.c.student))
    query = query.join(before, before.c.id == left.c.result).join(after, after.c.id == right.c.result)
    return query.where(left.c.entry != right.c.entry).order_by(left.c.student)


def _only(connection: Connection, left: Subquery, right: Subquery) -> tuple[str, ...]:
    missing = select(left.c.student).where(left.c.student.not_in(select(right.c.student))).order_by(left.c.student)
    return tuple(connection.scalars(missing))


def _move(row: Row[Any]) -> Move | None:
    left, right = ({name: row._mapping[f"{side}_{name}"] for name in _NEEDED} for side in ("left", "right"))
    if all(left[name] == right[name] for name in ("status", "score", "grade")):
        return None
    before, after = extract(left["data"]), extract(right["data"])
    changes = [(name, left[name], right[name]) for name in _VERSIONS]
    changes.append(("assignment", before.assignment.version, after.assignment.version))
    was, is_ = as_adjustments(left["adjustments"]), as_adjustments(right["adjustments"])
    return Move(
        student=left["student"],
        attempts=(left["attempt"], right["attempt"]),
        statuses=(Status(left["status"]), Status(right["status"])),
        scores=(left["score"], right["score"]),
        grades=(left["grade"], right["grade"]),
        cases=_cases(before, after),
        versions=_versions(changes),
        gone=tuple(one for one in was if one not in is_),
        new=tuple(one for one in is_ if one not in was),
        worth=_worth(before, after),
    )


_NEEDED = ("student", "attempt", "status", "score", "grade", "adjustments", "data", *_VERSIONS)


def _versions(changes: list[tuple[str, str, str]]) -> tuple[VersionChange, ...]:
    """
    >>> _versions([("numpy", "2.0", "2.1"), ("python", "3.11", "3.11")])
    (VersionChange(name='numpy', before='2.0', after='2.1'),)
    """
    return tuple(VersionChange(name.removesuffix("_sha256"), was, is_) for name, was, is_ in changes if was != is_)


def _cases(before: Extract, after: Extract) -> tuple[CaseChange, ...]:
    was, is_ = _outcomes(before), _outcomes(after)
    keys = dict.fromkeys([*was, *is_])
    return tuple(_case(key, was.get(key), is_.get(key)) for key in keys if was.get(key) != is_.get(key))


_Seen = tuple[Outcome, float]  # with what weight


def _case(key: tuple[str, str], was: _Seen | None, is_: _Seen | None) -> CaseChange:
    weights = (was[1], is_[1]) if was and is_ and was[1] != is_[1] else None
    return CaseChange(*key, was and was[0], is_ and is_[0], weights)


def _outcomes(result: Extract) -> dict[tuple[str, str], _Seen]:
    return {(exercise.name, case.id): (case.outcome, case.weight) for exercise in result.exercises for case in exercise.cases}


def _worth(before: Extract, after: Extract) -> tuple[WorthChange, ...]:
    was = {exercise.name: exercise.points for exercise in before.exercises}
    changed = [one for one in after.exercises if was.get(one.name, one.points) != one.points]
    return tuple(WorthChange(one.name, was[one.name], one.points) for one in changed)
