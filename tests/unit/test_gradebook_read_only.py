"""Who may read a gradebook and not write to it reads it: nothing is made beside it, and what was changed meanwhile is told."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import alembic.command  # here, as the other user may not reach it  # noqa: F401
import pytest

from grader.errors import GradebookError
from grader.gradebook import Gradebook, open_gradebook
from tests import parts
from tests.gradebooks import item, open_test, result, start

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a gradebook in it, which others may enter; pytest's own are for one user alone."""
    parts.need_linux()
    with tempfile.TemporaryDirectory(prefix="read-only-") as name:
        place = Path(name)
        with open_test(f"sqlite:///{place / 'gradebook.db'}") as gradebook:
            gradebook.record(start(gradebook), [item(result("ada"))])
        yield place
        place.chmod(0o755)


def close(folder: Path) -> None:
    """Takes the right to write from everybody but root."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def as_another(action: Callable[[], object]) -> str:
    """What comes of it where another user does it who is not root; in words."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            try:
                said = repr(action())
            except GradebookError as error:
                said = f"{error} | {error.remedy}"
            except Exception as error:
                said = repr(error)
            os.write(writing, said.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def students(folder: Path) -> list[str]:
    with open_gradebook(folder / "gradebook.db", create=False) as gradebook:
        assert gradebook.verify().broken is None
        return [entry.student for entry in gradebook.history()]


def test_a_gradebook_that_may_only_be_read_is_read(folder: Path) -> None:
    close(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert as_another(lambda: students(folder)) == "['ada']"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_file_that_may_only_be_read_in_a_folder_that_may_be_written_to(folder: Path) -> None:
    (folder / "gradebook.db").chmod(0o444)
    folder.chmod(0o777)
    assert as_another(lambda: students(folder)) == "['ada']"
    assert [path.name for path in folder.iterdir()] == ["gradebook.db"]


def test_while_another_writes_the_reader_sees_what_is_committed(folder: Path) -> None:
    with open_test(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.record(start(gradebook), [item(result("ben"))])
        assert (folder / "gradebook.db-wal").stat().st_size > 0
        close(folder)
        assert as_another(lambda: students(folder)) == "['ada', 'ben']"


def test_what_a_killed_run_left_in_its_log_is_read(folder: Path) -> None:
    """Never passed over, which would lose what was told."""
    with sqlite3.connect(folder / "gradebook.db") as holder:  # the last one to close would clear the log up
        assert holder.execute("SELECT count(*) FROM ledger").fetchone() == (1,)
        with open_test(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
            gradebook.record(start(gradebook), [item(result("ben"))])
        copies = {path.name: path.read_bytes() for path in folder.iterdir()}
    holder.close()
    for name, content in copies.items():
        (folder / name).write_bytes(content)
    assert (folder / "gradebook.db-wal").stat().st_size > 0
    close(folder)
    assert as_another(lambda: students(folder)) == "['ada', 'ben']"
    folder.chmod(0o755)
    (folder / "gradebook.db-shm").unlink()
    close(folder)
    said = as_another(lambda: students(folder))
    assert "unable to open" in said or said == "['ada', 'ben']"


def test_what_is_changed_while_it_is_read_is_told(folder: Path) -> None:
    ready, done = (tempfile.mktemp(dir="/tmp") for _ in range(2))
    os.mkfifo(ready, 0o666)
    os.mkfifo(done, 0o666)
    os.chmod(ready, 0o666)
    os.chmod(done, 0o666)

    def read_slowly() -> list[str]:
        with open_gradebook(folder / "gradebook.db", create=False) as gradebook:
            entries = gradebook.history()
            found = [next(entries).student]
            Path(ready).write_text("reading")
            Path(done).read_text()
            return found + [entry.student for entry in entries]

    def write() -> None:
        Path(ready).read_text()
        folder.chmod(0o755)
        (folder / "gradebook.db").chmod(0o644)
        with open_test(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
            gradebook.record(start(gradebook), [item(result("ben"))])
        Path(done).write_text("written")

    close(folder)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        said = as_another(read_slowly)
    finally:
        writer.join()
        os.unlink(ready)
        os.unlink(done)
    assert "was written to while it was read" in said


@pytest.mark.parametrize("write", [lambda book: start(book), lambda book: book.override("checks", "ada", "first", 1.0, "why", "me")])
def test_what_may_only_be_read_is_not_written_to(folder: Path, write: Callable[[Gradebook], object]) -> None:
    close(folder)

    def change() -> None:
        with open_gradebook(folder / "gradebook.db", create=False) as gradebook:
            write(gradebook)

    said = as_another(change)
    assert "readonly database" in said
    assert "may be written to" in said


def test_an_older_gradebook_that_may_only_be_read(folder: Path) -> None:
    with sqlite3.connect(folder / "gradebook.db") as plain:
        plain.execute("UPDATE gradebook_version SET version_num = '0001'")
    plain.close()
    close(folder)
    said = as_another(lambda: students(folder))
    assert "of an older version" in said
    assert "may write" in said
