"""Where chunks of a batch are worked on: processes of this machine, with a warm sandbox each.

An executor is handed chunks and gives back what became of each, in any order; `grader.cluster` has the one for many machines. Only
bytes travel: a chunk is tasks, its answer what they became.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from grader.api import TRIES, Grader
from grader.errors import SandboxError
from grader.feedback.page import PAGE, environment
from grader.kit import Kit
from grader.sandbox.worker import disk
from grader.work import Graded, Task, work

if TYPE_CHECKING:
    from grader.sandbox.prefork import PreforkSandbox

_IN_FLIGHT = 2  # chunks a worker holds: one that it works on, and one that it need not wait for
_FAILED_STARTS = 3
_END_SECONDS = 5
_GONE_SECONDS = 10  # from the end of a coordinator's connection to its own; one that lives ends a worker as it closes that
_START_SECONDS = 60  # that a sandbox may take to start
_ANSWERED = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # by coordinator and worker, each in its way


class Arrived(msgspec.Struct, frozen=True):
    """What became of a chunk: its finished tasks, or None where its worker was lost. `begun`: whether it may have been the cause."""

    number: int
    graded: tuple[Graded, ...] | None
    begun: bool = False


class Executor(Protocol):
    """Works on chunks of up to `size` tasks."""

    size: int

    @property
    def capacity(self) -> int:
        """How many chunks it holds at most."""
        ...

    @property
    def room(self) -> int:
        """How many more chunks it takes now."""
        ...

    def send(self, number: int, tasks: Sequence[Task]) -> None:
        """Takes a chunk."""
        ...

    def receive(self, seconds: float) -> Sequence[Arrived]:
        """What has arrived since; waits until something has, but no longer than that. Raises SandboxError where no worker can start."""
        ...

    def close(self) -> None:
        """Ends the workers, whatever they do."""
        ...


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


class Worker:
    """A process of ours with a warm sandbox, and the chunks that it holds, oldest first. core: where it stays with all that it starts.

    On Linux it is a fork of this process, so that what has been imported here it need not import again; it must hold open nothing by
    which others see an end: root, and the connections of the others.
    """

    def __init__(
        self, kit: Kit, root: PreforkSandbox | None, sandbox: PreforkSandbox | None, folder: str, core: int | None, others: Sequence[Worker]
    ) -> None:
        is_fork = sys.platform == "linux"
        context = multiprocessing.get_context("fork" if is_fork else "spawn")
        self.connection, theirs = context.Pipe()
        not_its = (self.connection, *(worker.connection for worker in others)) if is_fork else ()
        self.process = context.Process(target=_serve, args=(theirs, os.getpid(), kit, root, sandbox, folder, core, not_its), daemon=False)  # type: ignore[attr-defined]
        self.process.start()
        theirs.close()
        self.held: deque[int] = deque()
        self.since = time.monotonic()  # of the chunk that it works on
        self.is_ready = False
        self.core = core

    def send(self, number: int, data: bytes) -> None:
        """Hands it a chunk; one that has ended takes it, too, and is found out at the next wait."""
        if not self.held:
            self.since = time.monotonic()
        self.held.append(number)
        with contextlib.suppress(OSError):
            self.connection.send_bytes(data)

    def end(self) -> None:
        """Ends it: in peace, so that it clears up, or at once where it does not."""
        self.connection.close()
        self.process.terminate()


class LocalExecutor:
    """`jobs` processes; one that is lost, or answers nothing for longer than a submission may take, is replaced.

    root: a sandbox that has begun to start, of which those of the workers are forks; without it, each worker starts its own. Where there
    are as many workers as cores, each stays on one: of a submission's processes, which are forks of each other, one works while the
    others wait, and elsewhere it would not find in its caches what it shares with them.
    """

    size = 1

    def __init__(self, kit: Kit, jobs: int, root: PreforkSandbox | None = None) -> None:
        self._kit, self._jobs, self._root = kit, jobs, root
        limits = kit.limits or kit.assignment.limits
        self._patience = TRIES * (limits.submission_seconds + _START_SECONDS)
        cores = usable_cores()
        self._cores: list[int] = cores if len(cores) <= jobs else []
        self._workers: list[Worker] = []
        self._failed_starts = 0
        environment().get_template(PAGE)  # of all that a worker does, this alone would be loaded late
        self._folder = tempfile.mkdtemp(prefix="grader-batch-")
        Path(self._folder).chmod(0o711)  # behind Landlock another user enters a folder in it

    @property
    def capacity(self) -> int:
        """How many chunks the workers hold at most."""
        return self._jobs * _IN_FLIGHT

    @property
    def room(self) -> int:
        """How many more chunks the workers take now."""
        return self.capacity - sum(len(worker.held) for worker in self._workers)

    def send(self, number: int, tasks: Sequence[Task]) -> None:
        """Hands a chunk to a worker that holds none, to a new one, or to the one that holds least."""
        least = min(self._workers, key=lambda worker: len(worker.held), default=None)
        if least is None or (least.held and len(self._workers) < self._jobs):
            least = self._hire()
        least.send(number, msgspec.msgpack.encode(tasks))

    def hire(self) -> None:
        """Has all workers begin, before there is anything for them to do."""
        while len(self._workers) < self._jobs:
            self._hire()

    def _hire(self) -> Worker:
        busy = Counter(worker.core for worker in self._workers)
        core = min(self._cores, key=busy.__getitem__, default=None)
        sandbox = None if self._root is None else self._root.fork(core)
        try:
            with _blocked_signals():  # one that is not among the workers yet, `close` would not end
                worker = Worker(self._kit, self._root, sandbox, self._folder, core, self._workers)
                self._workers.append(worker)
        finally:
            if sandbox is not None:
                sandbox.close()  # the worker has it open
        return worker

    def receive(self, seconds: float) -> Sequence[Arrived]:
        """What has arrived since; waits until something has, but no longer than that."""
        arrived: list[Arrived] = []
        ready = wait([worker.connection for worker in self._workers], timeout=seconds)
        for worker in list(self._workers):
            if worker.connection in ready:
                arrived += self._answer(worker)
            elif worker.held and time.monotonic() - worker.since > self._patience:
                worker.process.kill()
        return arrived

    def _answer(self, worker: Worker) -> list[Arrived]:
        try:
            data = worker.connection.recv_bytes()
            if not worker.is_ready:  # its first word
                worker.is_ready, worker.since, self._failed_starts = True, time.monotonic(), 0
                return []
            graded = decode(data)
        except (OSError, EOFError, msgspec.MsgspecError):
            return self._lost(worker)
        worker.since = time.monotonic()
        return [Arrived(worker.held.popleft(), graded)]

    def _lost(self, worker: Worker) -> list[Arrived]:
        """What a worker held that has ended; the first may be the cause, if it was ready to work on it."""
        self._workers.remove(worker)
        worker.end()
        worker.process.join(_END_SECONDS)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS * self._jobs:
                raise SandboxError("no worker could open a sandbox", remedy="grader doctor says what is missing")
        return [Arrived(number, None, worker.is_ready and place == 0) for place, number in enumerate(worker.held)]

    def close(self) -> None:
        """Ends the workers, whatever they do, and removes what they left."""
        for worker in self._workers:
            worker.end()
        deadline = time.monotonic() + _END_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
        self._workers.clear()
        if self._root is not None:
            self._root.close()
        disk.remove(Path(self._folder))


@contextlib.contextmanager
def _blocked_signals() -> Iterator[None]:
    """What is started meanwhile gets no signal before it has said what to do with it; this process gets it afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ANSWERED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def usable_cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))


def _serve(
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
    for number in _ANSWERED:
        signal.signal(number, signal.SIG_IGN)  # the coordinator's to answer
    leaving = Leaving()
    if sys.platform != "win32":  # blocked until here, so that none came before the lines above
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ANSWERED)
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
