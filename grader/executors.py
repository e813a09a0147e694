"""Where chunks of a batch are worked on: processes of this machine, with a warm sandbox each.

An executor is handed chunks and gives back what became of each, in any order; `grader.cluster` has the one for many machines. Only
bytes travel: a chunk is tasks, its answer what they became.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from grader.api import TRIES
from grader.errors import SandboxError
from grader.feedback.page import PAGE, environment
from grader.kit import Kit
from grader.sandbox.worker import disk
from grader.serving import ANSWERED, decode, serve
from grader.work import Graded, Task

if TYPE_CHECKING:
    from grader.sandbox.prefork import PreforkSandbox

_IN_FLIGHT = 2  # chunks a worker holds: one that it works on, and one that it need not wait for
_FAILED_STARTS = 3
_END_SECONDS = 5
_START_SECONDS = 60  # that a sandbox may take to start


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
        self.process = context.Process(target=serve, args=(theirs, os.getpid(), kit, root, sandbox, folder, core, not_its), daemon=False)  # type: ignore[attr-defined]
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ANSWERED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def usable_cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))
