"""Where output goes: whole or not at all, and never in the place of what is no file."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli import write_output
from grader.files import cache_folder, write_atomically, write_pieces

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX has pipes among its files, links and a umask")


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """A named pipe, and what somebody reads from it."""
    path, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    yield path, read
    if not read:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    reader.join()


def test_a_pipe_or_device_is_written_to_and_stays(pipe: tuple[Path, list[bytes]]) -> None:
    """Root could rename a file over /dev/null."""
    path, read = pipe
    write_atomically(path, b"page")
    assert stat.S_ISFIFO(path.stat().st_mode)
    while not read:
        pass
    assert read == [b"page"]
    assert os.listdir(path.parent) == ["pipe"]


def test_a_name_that_a_person_gave_may_be_a_link(tmp_path: Path) -> None:
    """As /dev/stdout is one; it stays one."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/page.html")
    for text in ("made", "made anew"):
        write_output(text, tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "page.html").read_text(encoding="utf-8") == text
    write_output("nothing", Path(os.devnull))
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_who_may_read_it_is_the_umasks_to_say(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "grades", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "grades").stat().st_mode & 0o777 == mode


def test_what_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"before")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_pieces(tmp_path / "page", pieces())
    assert os.listdir(tmp_path) == ["page"]
    assert (tmp_path / "page").read_bytes() == b"before"


def test_who_has_no_home_keeps_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as a user of whom it knows the number alone."""

    def unknown(_: int) -> None:
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME", "GRADER_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(NotADirectoryError):
        cache_folder().mkdir(parents=True)
