"""The ledger: append-only, one chain, and nothing that it vouches for can be changed unseen."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, create_engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from grader.errors import GradebookError, UsageError
from grader.gradebook import Gradebook, Verification, open_gradebook
from grader.gradebook.tables import (
    assignments,
    attempts,
    ledger,
    ledger_head,
    overrides,
    penalties,
    results,
    run_results,
    runs,
    students,
    submissions,
)
from grader.model import Status
from tests.gradebooks import LATE, item, open_test, result, start

VOUCHED = {table.name: table for table in (ledger, results, overrides, penalties, ledger_head, run_results)}
BYTES = [(table.name, column.name) for table in (ledger, results) for column in table.columns if not column.primary_key]
PAGE = 4096  # of SQLite's file
PARTS = {"attempts": (attempts, ("number", "student", "submission")), "submissions": (submissions, ("student", "sha256"))}


def fill(gradebook: Gradebook) -> None:
    """Two runs of three students, with each kind of entry."""
    first = start(gradebook)
    ours = result("cy", status=Status.NOT_GRADED)
    gradebook.record(first, [item(result("ada"), 0, LATE), item(result("bob"), 1), item(ours, 2)])
    gradebook.override("checks", "ada", "first", 4.0, "by hand", "tim")
    gradebook.override("checks", "bob", "first", 5.0, "by hand", "tim")
    gradebook.override("checks", "bob", "first", None, "no", "tim")
    second = start(gradebook)
    kept = gradebook.known("checks", ["bob"])["bob"][0].result_id
    gradebook.record(second, [item(result("ada", 2, right={"first": False}), 0), item(result("bob"), 1, LATE, kept=kept)])


@contextmanager
def tampering(database: str) -> Iterator[Connection]:
    """A connection of somebody who may do what they like: no triggers, no foreign keys, no checks."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("PRAGMA ignore_check_constraints=ON"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
            named = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'u')"
            for table, name in connection.execute(text(f"{named} AND connamespace = 'public'::regnamespace")).all():
                connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        yield connection
        connection.commit()
    engine.dispose()


def verify(database: str) -> Verification:
    with open_gradebook(database) as gradebook:
        return gradebook.verify()


def test_all_kinds_of_entries_make_one_chain(database: str) -> None:
    with open_test(database) as gradebook:
        fill(gradebook)
        entries = list(gradebook.history())
        found = gradebook.verify()
    assert [entry.number for entry in entries] == list(range(1, 9))
    words = ["graded", "graded", "not_graded", "override", "override", "override_revoked", "graded", "regraded"]
    assert [entry.kind for entry in entries] == words
    assert found == Verification(8, entries[-1].hash, None)


def test_the_hashes_are_those_that_the_documentation_gives(database: str) -> None:
    """Anybody can check the chain with nothing but SQL, JSON and SHA-256."""
    with open_test(database) as gradebook:
        fill(gradebook)
    previous = "0" * 64
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for row in connection.execute(text("SELECT * FROM ledger ORDER BY number")).mappings():
            content = {key: value for key, value in row.items() if value is not None and key != "hash"}
            line = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            previous = hashlib.sha256(f"{previous}\n{line}".encode()).hexdigest()
            assert row["hash"] == previous
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE ledger SET grade = 50", "DELETE FROM ledger", "DELETE FROM ledger WHERE number = 8"])
def test_entries_are_neither_changed_nor_deleted(database: str, statement: str) -> None:
    with open_test(database) as gradebook:
        fill(gradebook)
    refused(database, statement)


def test_entries_are_not_replaced_or_emptied_in_bulk(database: str) -> None:
    with open_test(database) as gradebook:
        fill(gradebook)
    sqlite = database.startswith("sqlite")
    refused(database, "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE number = 8" if sqlite else "TRUNCATE ledger CASCADE")


def refused(database: str, statement: str) -> None:
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    engine.dispose()
    assert verify(database).broken is None


def changed(value: Any, place: int) -> Any:
    """The value with one byte changed, or another number in its place."""
    match value:
        case None:
            return None
        case bool():
            return not value
        case int():
            return value + 1000 + place
        case float():
            return value + 2.0 ** (place % 8)
        case bytes():
            position = place % len(value)
            return value[:position] + bytes([value[position] ^ 1]) + value[position + 1 :]
    position = place % max(1, len(value))
    return value[:position] + ("x" if value[position : position + 1] != "x" else "y") + value[position + 1 :]


def columns() -> list[tuple[str, str]]:
    """The columns in which a change must be found; of a run's row neither its place, time nor mark says anything of a grade."""
    of_tables = [(name, column.name) for name, table in VOUCHED.items() for column in table.columns]
    rest = {("ledger_head", "id"), *(("run_results", name) for name in ("run", "position", "kept", "seconds"))}
    return [one for one in of_tables if one not in rest] + [(name, column) for name, (_, taken) in PARTS.items() for column in taken]


@pytest.fixture
def filled(database: str) -> str:
    with open_test(database) as gradebook:
        fill(gradebook)
    with tampering(database):
        pass
    return database


def test_a_change_of_any_value_is_found(filled: str) -> None:
    """One byte of each column of each row; the value is put back afterwards."""
    tables: dict[str, Table] = VOUCHED | {name: table for name, (table, _) in PARTS.items()}
    tried: set[tuple[str, str]] = set()
    with open_gradebook(filled) as gradebook, tampering(filled) as connection:
        assert gradebook.verify().broken is None
        for name, column in columns():
            table = tables[name]
            for row in connection.execute(select(table)).mappings().all():
                new = changed(row[column], len(tried) * 7)
                if new is None:
                    continue
                key = [one == row[one.name] for one in table.primary_key.columns]
                assert connection.execute(update(table).where(*key).values({column: new})).rowcount == 1
                connection.commit()
                assert gradebook.verify().broken is not None, (name, column, row[column], new)
                back = [one == (new if one.name == column else row[one.name]) for one in table.primary_key.columns]
                connection.execute(update(table).where(*back).values({column: row[column]}))
                connection.commit()
                tried.add((name, column))
        assert gradebook.verify().broken is None
    assert tried == set(columns())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_of_an_entry_or_a_result(filled_sqlite: Path, data: st.DataObject) -> None:
    """As bytes, whatever they then mean: on SQLite a column takes anything."""
    table, column = data.draw(st.sampled_from(BYTES))
    connection = sqlite3.connect(filled_sqlite)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    key = "number" if table == "ledger" else "id"
    rows = connection.execute(f"SELECT {key} FROM {table} WHERE length(CAST({column} AS BLOB)) > 0").fetchall()
    row = data.draw(st.sampled_from(rows))[0]
    kind, value = connection.execute(f"SELECT typeof({column}), CAST({column} AS BLOB) FROM {table} WHERE {key} = ?", (row,)).fetchone()
    position, byte = data.draw(st.integers(0, len(value) - 1)), data.draw(st.integers(0, 255))
    new = value[:position] + bytes([byte]) + value[position + 1 :]
    cast = "BLOB" if kind == "blob" else "TEXT"
    try:
        with connection:
            connection.execute(f"UPDATE {table} SET {column} = CAST(? AS {cast}) WHERE {key} = ?", (new, row))
    except sqlite3.IntegrityError:
        connection.close()
        assert column == "override"  # two entries about one override: refused before it can be found
        return
    same = connection.execute(f"SELECT count(*) FROM {table} WHERE {key} = ? AND CAST({column} AS BLOB) = ?", (row, value)).fetchone()[0]
    try:
        assert (verify(f"sqlite:///{filled_sqlite}").broken is None) == bool(same)
    finally:
        with connection:
            restored = "CAST(? AS BLOB)" if kind == "blob" else f"CAST(CAST(? AS TEXT) AS {kind})"
            connection.execute(f"UPDATE {table} SET {column} = {restored} WHERE {key} = ?", (value, row))
        connection.close()


@pytest.fixture
def filled_sqlite(tmp_path: Path) -> Path:
    database = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with open_test(database) as gradebook:
        fill(gradebook)
    with tampering(database):
        pass
    return tmp_path / "gradebook.db"


def test_what_was_removed_or_added_is_found(filled: str) -> None:
    with open_gradebook(filled) as gradebook, tampering(filled) as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF") if filled.startswith("sqlite") else text("SELECT 1"))
        tail = connection.execute(select(ledger).where(ledger.c.number == 8)).mappings().one()
        for table, key, said in (
            (ledger, ledger.c.number == 8, "removed"),
            (ledger, ledger.c.number == 3, "entry 3 is missing"),
            (results, results.c.id == 1, "result 1 is not the one"),
            (overrides, overrides.c.id == 2, "override 2 is not the one"),
            (penalties, penalties.c.entry == 1, "penalties"),
            (ledger_head, ledger_head.c.id == 1, "its head is gone"),
        ):
            rows = [dict(row) for row in connection.execute(select(table).where(key)).mappings()]
            connection.execute(delete(table).where(key))
            connection.commit()
            broken = gradebook.verify().broken
            assert broken is not None
            assert said in broken.why
            connection.execute(table.insert(), rows)
            connection.commit()
        connection.execute(ledger.insert().values({**tail, "number": 9}))
        connection.commit()
        assert gradebook.verify().broken is not None
        connection.execute(delete(ledger).where(ledger.c.number == 9))
        extra = connection.execute(select(results).where(results.c.id == 1)).mappings().one()
        connection.execute(results.insert().values({**extra, "id": 99}))
        connection.commit()
        broken = gradebook.verify().broken
    assert broken is not None
    assert broken.why == "row 99 of results is in no entry"


def test_a_page_that_is_lost_is_found(filled_sqlite: Path, tmp_path: Path) -> None:
    """Whichever page of the file: of a table that the walk reads, of another, or of an index; and so is an end that is gone."""
    whole = filled_sqlite.read_bytes()
    spoiled = [whole[:at] + bytes(PAGE) + whole[at + PAGE :] for at in range(PAGE, len(whole), PAGE)]
    for number, content in enumerate([*spoiled, whole[:-PAGE], whole[: len(whole) // 2]]):
        copy = tmp_path / "copy.db"
        copy.write_bytes(content)
        assert any(said in broken_or_refused(copy) for said in ("the file is damaged, says SQLite: ", "malformed")), number


def broken_or_refused(database: Path) -> str:
    try:
        broken = verify(f"sqlite:///{database}").broken
    except GradebookError as error:  # where it cannot even be opened
        return str(error)
    return "" if broken is None else broken.why


def test_a_name_that_stands_for_nothing_is_found(filled: str) -> None:
    """Of a student, an assignment and a run the ledger has the name alone."""
    with open_gradebook(filled) as gradebook, tampering(filled) as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF") if filled.startswith("sqlite") else text("SELECT 1"))
        for table in (students, assignments, runs):
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            connection.execute(delete(table))
            connection.commit()
            broken = gradebook.verify().broken
            assert broken is not None, table.name
            assert broken.why.endswith(f"names a row of {table.name} that is not there")
            connection.execute(table.insert(), rows)
            connection.commit()
        assert gradebook.verify().broken is None


def test_the_first_break_is_named(filled: str) -> None:
    with tampering(filled) as connection:
        connection.execute(update(ledger).where(ledger.c.number.in_([3, 5])).values(why="another"))
    broken = verify(filled).broken
    assert broken is not None
    assert (broken.number, broken.why) == (3, "its hash is not that of its content and of the entry before it")


def test_a_score_changed_in_its_row_is_found(filled: str) -> None:
    with tampering(filled) as connection:
        connection.execute(update(results).where(results.c.id == 2).values(score=1.0))
    broken = verify(filled).broken
    assert broken is not None
    assert (broken.number, broken.why) == (2, "result 2 is not the one that was recorded")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(0, 3), st.integers(1, 3), st.booleans(), st.sampled_from(Status)),
        st.tuples(st.just("keep"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("override"), st.integers(0, 3), st.sampled_from(["first", "second"]), st.none() | st.floats(0, 20)),
    ),
    max_size=8,
)


@pytest.fixture
def book(database: str) -> Iterator[Gradebook]:
    with open_test(database) as gradebook:
        yield gradebook


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_recorded_overridden_and_revoked_the_chain_holds(book: Gradebook, steps: list[tuple[Any, ...]]) -> None:
    for step in steps:
        before = book.verify()
        student = f"student {step[1]}"
        match step:
            case ("record", _, attempt, late, status):
                book.record(start(book), [item(result(student, attempt, status=status), 0, *([LATE] if late else []))])
            case ("keep", _, late):
                for known in book.known("checks", [student]).get(student, ())[:1]:
                    stored = book.result(known.result_id).result
                    book.record(start(book), [item(stored, 0, *([LATE] if late else []), kept=known.result_id)])
            case ("override", _, exercise, points):
                try:
                    book.override("checks", student, exercise, points, "a reason", "tim", allow_extra=True)
                except UsageError:
                    assert book.verify() == before
        found = book.verify()
        assert found.broken is None
        assert found.entries >= before.entries
    for standing in book.standings("checks", "last") if book.assignments() else ():
        newest = [entry for entry in book.history("checks", standing.student) if entry.kind in ("graded", "regraded")]
        assert standing.grade == [entry.grade for entry in newest if entry.attempt == standing.attempt][-1]
