"""The database itself: opened, made or brought to this version, read and written in transactions, its errors translated.

A commit is on the disk before it returns: on SQLite the log is written ahead (WAL), which lets others read meanwhile, with
synchronous=FULL. NORMAL would survive a kill of this process, too, but may lose the last commits when the power fails.

Reading takes locks, which SQLite keeps in files beside the database. Who may not write them reads without: then whatever was written
meanwhile is told.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Row,
    Select,
    String,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grader.errors import GradebookError, UsageError
from grader.gradebook.tables import VERSION, ledger_head, metadata
from grader.values import bounded

GENESIS = "0" * 64
WAIT_SECONDS = 60
_LOCK = 0x67726164  # of PostgreSQL, while tables are made
_FORMS = "a path, sqlite:///path/to/gradebook.db or postgresql://user@host/database"

_DAMAGED = "restore it from a copy; without one move it away and grade again, which loses attempts and overrides"
_REMEDIES = {  # what can be done about what SQLite says
    "database is locked": "another program has been writing to it for a minute: end that, or wait, and run this again",
    "is full": "make room and run this again; it goes on from there",
    "readonly database": "it may only be read here: both the file and its folder have to be ones that may be written to",
    "unable to open database file": "is it a file, and its folder there? Who changes it writes to both; a reader needs -wal and -shm",
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
}

# Not among the other tables: it is alembic's own, which does not compare it.
version_table = Table("gradebook_version", MetaData(), Column("version_num", String(32), primary_key=True))


def storable(text: str) -> str:
    r"""A text that both databases take: what is no Unicode, and NUL, is spelled out.

    >>> storable("a\0b\ud800")
    'a\\x00b\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


class Store:
    """One database, opened. Safe to use from several threads; not across a fork."""

    def __init__(self, url_or_path: str | Path, *, create: bool) -> None:
        url = _parse(url_or_path)
        self.name = url.render_as_string(hide_password=True) if url.host or url.get_backend_name() != "sqlite" else str(url.database)
        if url.get_backend_name() == "sqlite" and not create and not Path(str(url.database)).is_file():
            raise UsageError(f"there is no gradebook at {self.name}")
        self._read_only = not create and url.get_backend_name() == "sqlite" and not _may_be_written(Path(str(url.database)))
        unlocked = self._read_only and not _has_log(str(url.database))
        self._opened = (Path(str(url.database)), _state(Path(str(url.database)))) if unlocked else None
        with self._translated():
            self._engine = _make_engine(_as_read_only(url, unlocked) if self._read_only else url)
        # One transaction sees one state, whatever is written meanwhile.
        self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ") if self.is_postgresql else self._engine
        self._writers = self._engine.execution_options(writes=True)
        try:
            self._prepare(create)
        except BaseException:
            self.close()
            raise

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL; else it is SQLite."""
        return self._engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Ends all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and ends with nothing written."""
        with self._translated(), self._readers.connect() as connection, self._unchanged():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is alone in writing from its beginning on (SQLite), or from the lock of the ledger's head on."""
        with self._translated(), self._writers.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            said = bounded(str(cause).strip().partition("\n")[0], 200)
            remedy = next((remedy for words, remedy in _REMEDIES.items() if words in said), "")
            raise GradebookError(f"the gradebook {self.name}: {said}", remedy=remedy) from error
        except UnicodeDecodeError as error:  # SQLite names what is malformed, which may be no text any more
            raise GradebookError(f"the gradebook {self.name}: database is malformed", remedy=_DAMAGED) from error
        except ModuleNotFoundError as error:
            raise GradebookError(f"the gradebook {self.name} needs {error.name}", remedy="pip install 'grader[postgresql]'") from error

    @contextlib.contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Raises GradebookError where nothing locks what is read, and it has changed since it was opened, whatever came of reading it."""
        try:
            yield
        finally:
            if self._opened is not None and _state(self._opened[0]) != self._opened[1]:
                raise GradebookError(f"the gradebook {self.name} was written to while it was read", remedy="run this again")

    def damage(self) -> str | None:
        """What is wrong with SQLite's own file, or None: pages, indexes, and rows that constraints forbid. A server looks after its own."""
        if self.is_postgresql:
            return None
        try:
            with self.reading() as connection:
                said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        except GradebookError as error:  # its look ended at the damage
            said = str(error)
        return None if said == "ok" else f"{bounded(said, 200, newlines=False)}; {_DAMAGED}"

    def _prepare(self, create: bool) -> None:
        with self.reading() as connection:
            version = _version(connection)
        if version == VERSION:
            return
        if self._read_only and version is not None:
            self._upgrade(None, version)
        with self.writing() as connection:
            if self.is_postgresql:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            version = _version(connection)  # another process may have been first
            if version is None:
                self._make(connection, create)
            elif version != VERSION:
                self._upgrade(connection, version)

    def _make(self, connection: Connection, create: bool) -> None:
        found = set(inspect(connection).get_table_names())
        if found & set(metadata.tables) or (found and not self.is_postgresql):
            raise GradebookError(f"{self.name} holds the tables of something else", remedy="name another database")
        if not create:
            raise UsageError(f"there is no gradebook in {self.name}")
        metadata.create_all(connection)
        version_table.create(connection)
        connection.execute(version_table.insert().values(version_num=VERSION))
        connection.execute(ledger_head.insert().values(id=1, entries=0, hash=GENESIS))

    def _upgrade(self, connection: Connection | None, version: str) -> None:
        """Brings it to this version; without a connection that writes, tells why it is not of it."""
        from grader.gradebook import migrations

        if version not in migrations.known():
            raise GradebookError(
                f"the gradebook {self.name} is of a newer version ({bounded(version, 32)}; this grader knows {VERSION})",
                remedy="install a newer grader",
            )
        if connection is None:
            remedy = "have somebody who may write to it and its folder open it once, with grader history, which brings it to this one"
            raise GradebookError(f"the gradebook {self.name} is of an older version, and may only be read", remedy=remedy)
        migrations.upgrade(connection, version_table.name)


@contextlib.contextmanager
def streamed(connection: Connection, query: Select[Any]) -> Iterator[Iterator[Row[Any]]]:
    """The rows of a question, a hundred at once in memory."""
    with connection.execute(query, execution_options={"yield_per": 100}) as rows:
        yield iter(rows)


def _version(connection: Connection) -> str | None:
    """The schema's revision; "" where it was taken back to nothing, None where there is no gradebook."""
    if not inspect(connection).has_table(version_table.name):
        return None
    return str(connection.scalar(select(version_table.c.version_num)) or "")


def _parse(url_or_path: str | Path) -> URL:
    if str(url_or_path) in ("", ":memory:"):  # which SQLite would keep nowhere
        raise UsageError(f"'{url_or_path}' names no gradebook", remedy=f"a gradebook is {_FORMS}")
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return URL.create("sqlite", database=str(url_or_path))
    try:
        url = make_url(url_or_path)
    except (ArgumentError, ValueError) as error:
        raise UsageError("the gradebook's URL cannot be read", remedy=f"a gradebook is {_FORMS}") from error
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite" and url.database and url.database != ":memory:" and not url.host:
        return URL.create("sqlite", database=url.database)
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(f"{bounded(url.render_as_string(hide_password=True), 200)} names no gradebook", remedy=f"a gradebook is {_FORMS}")


def _may_be_written(database: Path) -> bool:
    """Whether SQLite may write to a file and beside it, as it does also to read."""
    return os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)


def _has_log(database: str) -> bool:
    """Whether somebody writes, or has left what is committed beside the database."""
    log = Path(f"{database}-wal")
    return Path(f"{database}-shm").exists() or (log.exists() and log.stat().st_size > 0)


def _state(database: Path) -> tuple[int, int, int]:
    try:
        found = database.stat()
    except OSError:  # moved away
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns


def _as_read_only(url: URL, alone: bool) -> URL:
    """alone: whether nobody is taken to write meanwhile, so that nothing is locked."""
    place = quote(str(Path(str(url.database)).absolute()), errors="surrogateescape")
    return URL.create("sqlite", database=f"file:{place}", query={"uri": "true", **({"immutable": "1"} if alone else {"mode": "ro"})})


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _set_up_read_only if "uri" in url.query else _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_read_only(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by us, not by the driver's guess
    connection.text_factory = _decode


def _set_up_sqlite(connection: Any, _: object) -> None:
    _set_up_read_only(connection, _)
    cursor = connection.cursor()
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except Exception as error:  # the one statement that does not wait for others, who open the file at the same time
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _decode(raw: bytes) -> str:
    """A text that somebody has damaged is a text that verification finds, not an exception."""
    return raw.decode("utf-8", "backslashreplace")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
