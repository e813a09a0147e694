"""Where chunks of a batch are worked on: the workers of a Dask cluster (the extra `grader[cluster]`).

The kit, answer key included, travels once to each worker, as a plugin that keeps a warm sandbox there; it never goes into one.
Workers answer with results and pages; the coordinator alone writes.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.api import Grader
from grader.errors import SandboxError, UsageError
from grader.executors import Arrived
from grader.kit import Kit
from grader.serving import decode, work_chunk
from grader.work import Task

try:
    import distributed as _distributed
except ImportError as missing:
    raise UsageError("--cluster needs Dask", remedy="pip install 'grader[cluster]'") from missing

distributed: Any = _distributed  # it is annotated in part only

_NAME = "grader"
_START_SECONDS = 60
_FAILURES = 3
_STARTS = 6
_IN_FLIGHT = 2
_REFUSED_SECONDS = 1.0
_MOST_LOCAL = 256
_FORMS = "--cluster takes local:N, or an address like tcp://host:8786"
_COUNT_SECONDS = 1.0  # workers come and go


class _Warm(_distributed.WorkerPlugin):
    """Keeps a grader on a worker; a sandbox does one submission at a time, so a lock keeps a worker's threads apart."""

    name = _NAME

    def __init__(self, kit: bytes) -> None:
        self.kit = kit

    def setup(self, worker: Any) -> None:
        """Opens the sandbox."""
        import threading

        self.lock = threading.Lock()
        self.grader: Grader | None = None

    def work(self, chunk: bytes) -> bytes:
        """Does the tasks of a chunk."""
        with self.lock:
            if self.grader is None:
                self.grader = Grader.of(Kit.from_bytes(self.kit))
            return work_chunk(self.grader, chunk)

    def teardown(self, worker: Any) -> None:
        """Ends the sandbox."""
        if self.grader is not None:
            self.grader.close()


def _work(chunk: bytes) -> bytes:
    plugin: Any = distributed.get_worker().plugins[_NAME]
    return bytes(plugin.work(chunk))


class ClusterExecutor:
    """The workers of a cluster; Dask hands what a lost worker held to another one."""

    size = 8

    def __init__(self, kit: Kit, address: str) -> None:
        check_address(address)
        self._cluster = _local_cluster(address)
        try:
            self._client = distributed.Client(self._cluster or address, timeout=_START_SECONDS, set_as_default=False)
            self._wait_for_a_worker(address)
            self._register(_Warm(kit.to_bytes()))
        except (OSError, TimeoutError, ValueError) as error:
            self.close()
            raise _unreachable(address, error) from error
        except BaseException:
            self.close()
            raise
        self._arrived: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._held: dict[int, Any] = {}
        self._failures = self._workers = 0
        self._counted = -_COUNT_SECONDS

    def _wait_for_a_worker(self, address: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_START_SECONDS)
        except TimeoutError as error:
            why = f"the cluster {address} has had no worker for {_START_SECONDS} seconds"
            raise SandboxError(why, remedy=f"start one: dask worker {address}") from error

    def _register(self, plugin: _Warm) -> None:
        """Sends the kit to all workers; again where one of them is lost just then. Later ones get it from the scheduler."""
        for attempt in range(_STARTS):
            try:
                self._client.register_plugin(plugin)
                return
            except OSError:
                if attempt == _STARTS - 1:
                    raise
                self._client.wait_for_workers(1, timeout=_START_SECONDS)

    @property
    def capacity(self) -> int:
        """Two chunks a worker: one that it works on, and one that it need not wait for."""
        if time.monotonic() - self._counted > _COUNT_SECONDS:
            self._workers, self._counted = len(self._client.nthreads()), time.monotonic()
        return _IN_FLIGHT * max(1, self._workers)

    @property
    def room(self) -> int:
        """How many more chunks the workers take now."""
        return self.capacity - len(self._held)

    def send(self, number: int, tasks: Sequence[Task]) -> None:
        """Hands a chunk to the scheduler."""
        future = self._client.submit(_work, msgspec.msgpack.encode(tasks), pure=False)
        self._held[number] = future
        future.add_done_callback(lambda done: self._arrived.put((number, done)))

    def receive(self, seconds: float) -> Sequence[Arrived]:
        """What has arrived since; waits until something has, but no longer than that."""
        try:
            number, future = self._arrived.get(timeout=seconds)
        except queue.Empty:
            return []
        del self._held[number]
        try:
            graded = decode(future.result())
        except (Exception, asyncio.CancelledError) as error:  # whatever went wrong there: the scheduler's errors and the worker's own
            return [self._failed(number, error)]
        finally:
            future.release()
        self._failures = 0
        return [Arrived(number, graded)]

    def _failed(self, number: int, error: BaseException) -> Arrived:
        """A chunk that ended its worker several times, or one that could not be worked on; too many of these end the run."""
        is_cause = isinstance(error, distributed.KilledWorker)
        self._failures += not is_cause
        if self._failures > _FAILURES * self.capacity:
            raise SandboxError(f"the cluster's workers cannot work: {error}", remedy="run grader doctor on them")
        return Arrived(number, None, begun=is_cause)

    def close(self) -> None:
        """Ends the client, and the cluster where it is our own."""
        for future in getattr(self, "_held", {}).values():
            future.cancel()
        if hasattr(self, "_client"):
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def check_address(address: str) -> None:
    """Raises UsageError, in a second or two, for an address that cannot be one, or where nobody listens.

    Dask itself would try for as long as a scheduler may take. One that is there and slow is left to it; so is what speaks another
    protocol than TCP.
    """
    if address.startswith("local:"):
        _count_of(address)
        return
    protocol, _, place = address.rpartition("://")
    if (protocol or "tcp") not in ("tcp", "tls"):
        return
    try:
        host, port = distributed.comm.addressing.parse_host_port(place)
    except ValueError as error:
        raise UsageError(f"{address} is no address of a cluster: {error}", remedy=_FORMS) from error
    deadline = time.monotonic() + _REFUSED_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=_REFUSED_SECONDS).close()
            return
        except TimeoutError:  # it may be slow: Dask has more patience
            return
        except ConnectionRefusedError as error:  # it may be on its way up
            if time.monotonic() > deadline:
                raise _unreachable(address, error) from error
            time.sleep(0.1)
        except (OSError, UnicodeError, OverflowError) as error:
            raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> UsageError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UsageError(f"the cluster {address} cannot be reached: {why}", remedy=f"is its scheduler running, and there? {_FORMS}")


def _count_of(address: str) -> int:
    """N of local:N."""
    count = address.removeprefix("local:")
    if not (count.isascii() and count.isdecimal() and 1 <= int(count[:9]) <= _MOST_LOCAL):
        raise UsageError(f"{address} is no cluster", remedy=_FORMS)
    return int(count)


def _local_cluster(address: str) -> Any:
    """A cluster of our own processes on this machine for `local:N`, else None."""
    if not address.startswith("local:"):
        return None
    workers = _count_of(address)
    for attempt in range(_STARTS):
        try:
            return distributed.LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)
        except RuntimeError as error:  # a process of its own ended while it started
            if attempt == _STARTS - 1:
                raise SandboxError(f"a cluster of this machine's processes does not start: {error}") from error
    return None
