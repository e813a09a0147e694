"""Opening: databases that are empty, older, newer, something else's, or not there."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text

from grader.errors import GradebookError, UsageError
from grader.gradebook import HandedIn, migrations, open_gradebook, store, tables
from grader.gradebook.store import version_table
from tests.gradebooks import item, open_test, result, start
from tests.postgresql import Server

NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{down}"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("room", sa.Text()))
"""


def engine_of(database: str) -> Engine:
    return create_engine(database.replace("postgresql:", "postgresql+psycopg:"))


def migrated(database: str) -> None:
    """A database made by all migrations from nothing, as one of before the first version would be."""
    engine = engine_of(database)
    with engine.begin() as connection:
        version_table.create(connection)
    engine.dispose()
    open_gradebook(database).close()


def test_the_newest_migration_is_the_version() -> None:
    assert max(migrations.known()) == tables.VERSION


def test_migrations_make_what_the_tables_say(database: str) -> None:
    migrated(database)
    engine = engine_of(database)
    with engine.connect() as connection:
        options = {"version_table": version_table.name, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == tables.VERSION
    engine.dispose()
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result())])
        assert gradebook.verify().entries == 1


def test_checks_and_triggers_are_the_same_either_way_on_sqlite(tmp_path: Path) -> None:
    """alembic compares neither."""
    made, grown = f"sqlite:///{tmp_path / 'made.db'}", f"sqlite:///{tmp_path / 'grown.db'}"
    open_gradebook(made).close()
    migrated(grown)
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    assert catalogue(made, query) == catalogue(grown, query) != {}


def test_checks_and_triggers_are_the_same_either_way_on_postgresql(postgresql: Server) -> None:
    made, grown = postgresql.make_database(), postgresql.make_database()
    open_gradebook(made).close()
    migrated(grown)
    for query in (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, collation_name, is_nullable, column_default) "
        "FROM information_schema.columns WHERE table_schema = 'public'",
    ):
        assert catalogue(made, query) == catalogue(grown, query) != {}


def catalogue(database: str, query: str) -> dict[str, list[str]]:
    """What the database says of itself by name; the parts of a definition in any order."""
    engine = engine_of(database)
    with engine.connect() as connection:
        found = {name: sorted(re.sub(r"\s+", " ", definition).split(", ")) for name, definition in connection.execute(text(query)).all()}
    engine.dispose()
    return {name: sorted(part.strip(" ,()") for part in parts) for name, parts in found.items()}


@pytest.fixture
def tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that has one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "schema_9999.py").write_text(NEWER.format(down=tables.VERSION))
    monkeypatch.setattr(migrations, "FOLDER", folder)
    monkeypatch.setattr(store, "VERSION", "9999")


def test_an_older_gradebook_is_brought_to_today_and_its_chain_holds(database: str, request: pytest.FixtureRequest) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result())])
        before = gradebook.verify()
    request.getfixturevalue("tomorrow")
    with open_test(database) as gradebook:
        assert gradebook.verify() == before
        gradebook.record(start(gradebook), [item(result("bob"))])
        assert gradebook.verify().broken is None
    engine = engine_of(database)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger WHERE room IS NULL")) == 2
    engine.dispose()


def test_a_gradebook_of_before_knows_no_times_until_it_is_told(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result())])
    for column in ("submitted_at", "flagged_late", "due"):
        execute(database, f"ALTER TABLE attempts DROP COLUMN {column}")
    execute(database, "UPDATE gradebook_version SET version_num = '0002'")
    at = datetime(2026, 12, 6, 12, tzinfo=timezone(timedelta(hours=1)))
    told = HandedIn(at, True, at + timedelta(hours=1))
    with open_test(database) as gradebook:
        (before,) = gradebook.known("checks", ["ada"])["ada"]
        assert before.handed_in is None
        for handed_in in (told, None, HandedIn()):
            gradebook.record(start(gradebook), [msgspec.structs.replace(item(result(), kept=before.result_id), handed_in=handed_in)])
            (now,) = gradebook.known("checks", ["ada"])["ada"]
            assert now.handed_in == (told if handed_in is None else handed_in)
            assert handed_in is not told or str(now.handed_in and now.handed_in.due) == "2026-12-06 13:00:00+01:00"
        assert gradebook.verify().broken is None


def test_a_newer_gradebook_is_refused_and_left_alone(database: str) -> None:
    open_gradebook(database).close()
    execute(database, "UPDATE gradebook_version SET version_num = '9999'")
    with pytest.raises(GradebookError, match=r"is of a newer version \(9999; this grader knows 0003\)") as caught:
        open_gradebook(database)
    assert caught.value.remedy == "install a newer grader"
    engine = engine_of(database)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM gradebook_version")) == "9999"
    engine.dispose()


def execute(database: str, statement: str) -> None:
    engine = engine_of(database)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_database_of_something_else_is_refused(database: str) -> None:
    execute(database, "CREATE TABLE students (name TEXT)")
    with pytest.raises(GradebookError, match="holds the tables of something else"):
        open_gradebook(database)


def test_nothing_is_made_where_that_is_not_asked(database: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no gradebook"):
        open_gradebook(database, create=False)
    with pytest.raises(UsageError, match="there is no gradebook"):
        open_gradebook(tmp_path / "none.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "",
        ":memory:",
        "mysql://user@host/books",
        "postgresql://host",
        "http://example.org/x",
        "://",
        "postgresql://h:port/d",
    ],
)
def test_urls_that_name_no_gradebook(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_gradebook(url)
    assert "sqlite:///path" in caught.value.remedy


def test_a_password_is_never_shown() -> None:
    with pytest.raises(GradebookError) as caught:
        open_gradebook("postgresql://teacher:secret@127.0.0.1:1/books")
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)
    with pytest.raises(UsageError) as refused:
        open_gradebook("mysql://teacher:secret@host/books")
    assert "secret" not in str(refused.value)


def test_files_that_are_no_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("these are grades, too, and there are enough of them to be looked at as a header\n" * 20)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(GradebookError, match="not a database"):
        open_gradebook(tmp_path / "text.db")
    for path in (tmp_path / "folder.db", tmp_path / "nowhere" / "gradebook.db"):
        with pytest.raises(GradebookError, match="unable to open"):
            open_gradebook(path)


def test_a_description_of_tables_that_is_no_text(tmp_path: Path) -> None:
    """SQLite's message repeats it."""
    with open_test(f"sqlite:///{tmp_path / 'gradebook.db'}"):
        pass
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as plain, plain:
        plain.execute("PRAGMA writable_schema=ON")
        plain.execute("UPDATE sqlite_master SET name = CAST(x'8b' AS TEXT), sql = 'CREATE TABLE' WHERE name = 'students'")
    with pytest.raises(GradebookError, match="malformed") as caught:
        open_gradebook(tmp_path / "gradebook.db")
    assert "copy" in caught.value.remedy


def test_a_result_that_is_no_bytes(tmp_path: Path) -> None:
    """On SQLite a column takes anything."""
    path = tmp_path / "gradebook.db"
    with open_test(f"sqlite:///{path}") as gradebook:
        gradebook.record(start(gradebook), [item(result())])
        with contextlib.closing(sqlite3.connect(path)) as plain, plain:
            plain.execute("UPDATE results SET data = 7")
        with pytest.raises(GradebookError, match="damaged"):
            gradebook.result(1)
        with pytest.raises(GradebookError, match="damaged"):
            list(gradebook.counting("checks", "last"))
        with pytest.raises(GradebookError, match="damaged"):
            list(gradebook.rows(1))


def test_a_gradebook_is_one_file_when_it_is_closed(tmp_path: Path) -> None:
    with open_test(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.record(start(gradebook), [item(result())])
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.db"]


def test_commits_are_on_the_disk_before_they_return(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with open_gradebook(path) as gradebook, gradebook._store.writing() as connection:
        assert pragmas(connection) == ("wal", 2, 1)  # synchronous=FULL
    with contextlib.closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def pragmas(connection: Connection) -> tuple[object, ...]:
    return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys"))


def test_foreign_keys_hold(database: str) -> None:
    with open_test(database) as gradebook:
        with pytest.raises(GradebookError, match=r"(?i)foreign key"), gradebook._store.writing() as connection:
            connection.execute(tables.attempts.insert().values(submission=9, student="x", assignment="y", number=1))


def test_alembic_is_imported_only_for_a_step(tmp_path: Path) -> None:
    code = f"import sys; from grader.gradebook import open_gradebook; open_gradebook({str(tmp_path / 'g.db')!r}).close(); "
    done = subprocess.run([sys.executable, "-c", code + "print('alembic' in sys.modules)"], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
