"""The place of a submission behind the full walls, seen from outside: its processes in namespaces of their own."""

from __future__ import annotations

import array
import os
import select
import socket
import struct
import time
from pathlib import Path
from typing import Protocol

from grader.errors import SandboxError
from grader.sandbox.worker import lost, processes
from grader.sandbox.worker.init import NUMBER
from grader.sandbox.worker.place import Process

_SECONDS = 30  # that the first process may take to answer
DESCRIPTORS = 4  # that a submission's processes are followed by
_CREDENTIALS = struct.Struct("iII")


class Host(Protocol):
    """Who makes the namespaces, one submission at a time."""

    def open(self) -> list[int]:
        """Four descriptors: the notebook process's events, commands and bell, and the socket of the first process. Raises SandboxError."""
        ...

    def end(self) -> None:
        """Begins to end all that was opened; it has ended when `open` returns the next. Raises SandboxError."""
        ...


class Enclosure:
    """The processes of one submission; the first of them does what only a process in there can do. Raises SandboxError where it is gone.

    disk_mb: what each of its places may hold.
    """

    home = "/work"
    unbounded: Path | None = None

    def __init__(self, host: Host, disk_mb: int) -> None:
        self._host, self._disk_mb = host, disk_mb
        self._open()

    def _open(self) -> None:
        events, commands, bell, talk = self._host.open()
        self._talk, self._pipes = socket.socket(fileno=talk), [events, commands, bell]
        self._talk.setblocking(False)
        for descriptor in self._pipes:  # what student code takes back, nobody may wait for
            os.set_blocking(descriptor, False)
        self.process = Process(0, events, commands, bell)
        self._ended: int | None = None
        try:
            self._init = self._await_up()
            self._order(b"M" + NUMBER.pack(self._disk_mb))
            self._await(b"m")
            self._below = processes.way_to_see(self._init)
            if self._ended is None and not self._below(self._init):
                raise SandboxError("the processes of a submission cannot be seen, and so not be watched")
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):  # whatever was asked of a process that is gone
                raise SandboxError(f"a submission's first process is gone: {error}") from error
            raise

    def _await_up(self) -> int:
        """The first process's pid, as it is called here."""
        self._wait_readable()
        message, ancillary, _, _ = self._talk.recvmsg(64, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, data in ancillary:
            if message == b"U" and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                pid: int = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
                return pid
        raise SandboxError(f"a submission's first process did not start: {message[1:].decode('utf-8', 'replace')}")

    def _wait_readable(self) -> None:
        if not select.select([self._talk], [], [], _SECONDS)[0]:
            raise SandboxError("a submission's first process fell silent")

    def _await(self, answer: bytes) -> None:
        """Until the first process has answered so."""
        deadline = time.monotonic() + _SECONDS
        while self._take() != answer:
            self._wait_readable()
            if time.monotonic() > deadline:
                raise SandboxError("a submission's first process did not answer")

    def _take(self) -> bytes:
        """The kind of the next message that is there, or nothing."""
        try:
            message = self._talk.recv(1024)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise SandboxError(f"a submission's first process is gone: {error}") from error
        if message[:1] == b"W":
            (self._ended,) = NUMBER.unpack(message[1:])
        elif message[:1] in (b"", b"!"):
            raise SandboxError(f"a submission's first process is gone: {message[1:].decode('utf-8', 'replace')}")
        return message[:1]

    def is_alive(self) -> bool:
        """Whether the notebook process has not ended yet."""
        while self._ended is None and self._take():
            pass
        return self._ended is None

    def how_it_ended(self) -> str:
        """How the notebook process ended, in words."""
        self.is_alive()
        return lost.ENDED if self._ended is None else lost.describe_status(self._ended)

    def _order(self, order: bytes) -> None:
        try:
            self._talk.send(order)
        except OSError as error:
            raise SandboxError(f"a submission's first process is gone: {error}") from error

    def interrupt(self) -> None:
        """Has the first process send SIGINT."""
        self._order(b"I")

    def pids(self) -> list[int]:
        """Those below the first process."""
        return self._below(self._init)

    def reaped_seconds(self) -> float:
        """Of the orphans that the first process reaped."""
        return processes.taken_over_seconds(self._init)

    def end_others(self) -> None:
        """Has the first process end them."""
        self._order(b"O")
        self._await(b"o")

    def restart(self) -> None:
        """Other namespaces, with nothing in them of what was before."""
        self.close()
        self._open()

    def _close(self) -> None:
        self._talk.close()
        for descriptor in self._pipes:
            os.close(descriptor)
        self._pipes = []  # a second time their numbers may be another's

    def close(self) -> None:
        """Has all of it ended."""
        self._close()
        self._host.end()


def descriptors_in(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    """The descriptors of a submission's processes, which came with a message. Raises SandboxError where this process can hold no more."""
    found = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    if len(found) != DESCRIPTORS:
        for descriptor in found:
            os.close(descriptor)
        raise SandboxError("this process has no descriptors left for a submission's processes")
    return list(found)
