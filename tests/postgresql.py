"""A real PostgreSQL for tests, started from Debian's own binaries on a loopback port, and gone when the tests are over."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import parts

_numbers = itertools.count(1)
_START_SECONDS = 60
_STARTS = 3


def _binaries() -> Path | None:
    """The folder of the newest server's programs, or None."""
    on_path = shutil.which("initdb")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(on_path).resolve().parent] if on_path else [])]
    whole = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(whole, key=lambda folder: folder.parent.name.zfill(3), default=None)


def _user() -> tuple[int, int] | None:
    """Whom the server runs as, since it refuses root: user and group."""
    import pwd

    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    chosen = known.get("postgres") or known["nobody"]
    return chosen.pw_uid, chosen.pw_gid


def _end_with_the_tests() -> None:
    """In the server's process: however the tests end, it is told to stop at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


class Server:
    """The server's process, its folder and its port."""

    def __init__(self, binaries: Path) -> None:
        user = _user()
        self._folder = Path(tempfile.mkdtemp(prefix="tests-postgresql-"))
        drop: dict[str, Any] = {}
        if user is not None:
            os.chown(self._folder, *user)
            drop = {"user": user[0], "group": user[1], "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            data, log = self._folder / "data", self._folder / "log"
            made: list[str | Path] = [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "grader",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ]
            subprocess.run(made, cwd=self._folder, check=True, capture_output=True, **drop)
            for _ in range(_STARTS):
                with socket.create_server(("127.0.0.1", 0)) as free:
                    self.port: int = free.getsockname()[1]
                settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off"}
                settings |= {"shared_buffers": "16MB", "max_connections": 40, "autovacuum": "off", "full_page_writes": "off"}
                asked = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
                with log.open("wb") as output:
                    self._process = subprocess.Popen(
                        [binaries / "postgres", "-D", data, *asked],
                        cwd=self._folder, stdout=output, stderr=output, preexec_fn=_end_with_the_tests, **drop,
                    )  # fmt: skip
                if self._has_started():
                    return
            raise RuntimeError(self._said())
        except BaseException:
            self.close()
            raise

    def _said(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def _has_started(self) -> bool:
        """Whether it answers, as soon as it does; not where another has taken its port, which was free a moment before."""
        import psycopg

        deadline = time.monotonic() + _START_SECONDS
        while True:
            assert self._process is not None
            if self._process.poll() is not None and "Address already in use" in self._said():
                return False
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._said())
            try:
                psycopg.connect(self.url("postgres")).close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.05)

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://grader@127.0.0.1:{self.port}/{database}"

    def make_database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"gradebook_{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def close(self) -> None:
        """Ends the server and removes its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The server; one a process of tests."""
    binaries = _binaries()
    if binaries is None or sys.platform == "win32":
        parts.lack("there is no PostgreSQL: apt-get install postgresql")
        raise AssertionError
    server = Server(binaries)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once on each of the two systems."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gradebook.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.make_database()
