"""A worker's life: a process is handed chunks of tasks, grades them with a sandbox of its own, and answers with what they became.

Only bytes travel, on one connection; its end ends the worker, whatever it does.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.api import Grader
from grader.errors import SandboxError
from grader.kit import Kit
from grader.sandbox.worker import disk
from grader.work import Graded, Task, work

if TYPE_CHECKING:
    from grader.sandbox.prefork import PreforkSandbox

# What coordinator and worker answer, each in its way; Windows has no SIGHUP.
ANSWERED = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_GONE_SECONDS = 10  # from the end of a coordinator's connection to its own; one that lives ends a worker as it closes that


def encode(graded: Sequence[Graded]) -> bytes:
    """Finished tasks as they travel."""
    return msgspec.msgpack.encode(graded)


_decode_tasks = msgspec.msgpack.Decoder(tuple[Task, ...]).decode
_decode_graded = msgspec.msgpack.Decoder(tuple[Graded, ...]).decode


def decode(data: bytes) -> tuple[Graded, ...]:
    """The finished tasks of `encode`."""
    return _decode_graded(data)


def work_chunk(grader: Grader, data: bytes) -> bytes:
    """Does the tasks of a chunk."""
    return encode([work(grader, task) for task in _decode_tasks(data)])


def serve(
    connection: Connection,
    coordinator: int,
    kit: Kit,
    root: PreforkSandbox | None,
    sandbox: PreforkSandbox | None,
    folder: str,
    core: int | None,
    not_its: Sequence[Connection],
) -> None:
    """A worker's life: chunks, until the other end, which the process `coordinator` holds, is closed.

    root, not_its: what it got by being a fork, and closes.
    """
    for number in ANSWERED:
        if number != signal.SIGTERM:  # the coordinator's to answer; to ignore it would lose one that waits
            signal.signal(number, signal.SIG_IGN)
    leaving = Leaving()
    if sys.platform != "win32":  # blocked until here, so that none came before the lines above
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ANSWERED)
    if root is not None:
        root.leave()
    for other in not_its:
        other.close()
    if core is not None and sys.platform == "linux":
        with contextlib.suppress(OSError):  # it may have been taken away meanwhile
            os.sched_setaffinity(0, {core})
    gc.freeze()  # a collection would copy what is shared with the coordinator
    gc.enable()  # it collects nothing while it starts
    tempfile.tempdir = folder
    try:
        with contextlib.suppress(EOFError, OSError):
            _work(connection, kit, sandbox)
    finally:
        connection.close()  # a coordinator that lives ends this process then
        _clear_up(folder, coordinator, leaving)


class Leaving:
    """Ends the main thread on a signal, once: SIGTERM is the coordinator's, SIGUSR1 this process's own where the other end is closed."""

    def __init__(self) -> None:
        self.has_begun = self.is_told = False
        for number in (signal.SIGTERM,) if sys.platform == "win32" else (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, self._begin)

    def _begin(self, number: int, frame: object) -> None:
        self.is_told |= number == signal.SIGTERM
        if not self.has_begun:
            self.has_begun = True
            sys.exit()


def _clear_up(folder: str, coordinator: int, leaving: Leaving) -> None:
    """Removes what a killed coordinator leaves. That it is gone shows later than the end of its connection, on a busy machine a while."""
    deadline = time.monotonic() + _GONE_SECONDS
    while not leaving.is_told and time.monotonic() < deadline:
        if os.getppid() != coordinator:
            disk.remove(Path(folder))
            return
        time.sleep(0.002)


def _work(connection: Connection, kit: Kit, sandbox: PreforkSandbox | None) -> None:
    try:
        grader = Grader.of(kit, sandbox)
    except SandboxError as error:
        print(f"a worker could not open a sandbox: {error}", file=sys.stderr)
        return
    with grader:
        connection.send_bytes(b"ready")
        chunks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=_take_in, args=(connection, chunks, grader), daemon=True).start()
        while (chunk := chunks.get()) is not None:
            connection.send_bytes(work_chunk(grader, chunk))


def _take_in(connection: Connection, chunks: queue.SimpleQueue[bytes | None], grader: Grader) -> None:
    """Reads what comes while the other thread works, so that neither end waits for the other to read; at the end ends that, too."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            chunks.put(connection.recv_bytes())
    chunks.put(None)
    if sys.platform == "win32":
        grader.close()
    else:
        os.kill(os.getpid(), signal.SIGUSR1)  # whatever it does: its sandbox may be gone, and it about to start another
