"""The processes of one submission as /proc tells of them: which there are, what they take, and their end.

Used by the supervisor inside, and by the kernel engine's watch outside: it imports nothing that only Linux has.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# Of no file, be it in memory, swapped out or in large pages; and tables of pages, which may be there for pages that take nothing.
_UNBACKED = re.compile(rb"^(?:Rss(?:Anon|Shmem)|VmSwap|VmPTE|HugetlbPages):\s+(\d+) kB", re.MULTILINE)

_MOST_DESCRIPTORS = 256  # that a process may have: see inner.set_rlimits
_FREE_SOCKETS = 64  # that count for nothing: a Jupyter kernel has some, and leaves them empty


def is_alive(pid: int) -> bool:
    """Whether a child of ours has not ended yet; does not reap it."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def own_processes() -> list[int]:
    """The pids of this process's descendants: all but the init of a PID namespace, or the tree below us without one."""
    if os.getpid() == 1:
        return [pid for pid in _all_pids() if pid != 1]
    return descendants(os.getpid())


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(pid: int) -> list[int]:
    """The descendants of a process, by every process's parent."""
    parents = {other: parent_of(other) for other in _all_pids()}
    found, grown = {pid}, True
    while grown:
        below = {other for other, parent in parents.items() if parent in found} - found
        found |= below
        grown = bool(below)
    return sorted(found - {pid})


def children(pid: int) -> list[int]:
    """The descendants that the kernel lists: fast where a machine has many processes, but one that forks meanwhile may be left out."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    except OSError:
        return found
    return found + [below for child in found for below in children(child)]


def way_to_see(pid: int) -> Callable[[int], list[int]]:
    """How to find the descendants of a process that has some: `children`, or `descendants` where the kernel makes no such list."""
    return children if children(pid) else descendants


def stat_of(pid: int) -> list[bytes]:
    """The fields of /proc/<pid>/stat behind the name, from the state on; none where the process is gone. Source: proc_pid_stat(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except OSError:
        return []


def parent_of(pid: int) -> int:
    """The parent's pid, or -1 where the process is gone."""
    fields = stat_of(pid)
    return int(fields[1]) if fields else -1


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and waits to be reaped, or is gone; not where its first thread alone has ended."""
    fields = stat_of(pid)
    return not fields or (fields[0] in b"ZX" and int(fields[17]) <= 1)


def end_others(kept: tuple[int, ...]) -> None:
    """Ends every process below this one but `kept`, again and again until none is new."""
    for _ in range(200):
        doomed = [pid for pid in own_processes() if pid not in kept and not is_zombie(pid)]
        if not doomed:
            return
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.001)


def end_all() -> None:
    """Ends and reaps every process below this one, which adopts orphans: until it has no child left, and so no descendant.

    That none is found is not enough: one that was born during the look, of a parent that ended before its turn, is in no look.
    """
    for _ in range(200):
        end_others(())
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def resident_mb(pids: Iterable[int]) -> int:
    """Memory of these processes that no file backs, in MB; what several share counts for each."""
    return sum(map(_resident_kb, pids)) // 1024


def _resident_kb(pid: int) -> int:
    for path in (f"/proc/{pid}/status", *_statuses_of_threads(pid)):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            if amounts := _UNBACKED.findall(file.read()):
                return sum(map(int, amounts))
    return 0


def _statuses_of_threads(pid: int) -> Iterator[str]:
    """Of each thread: where the first one has ended, the process's own status tells of no memory."""
    with contextlib.suppress(OSError):
        yield from (f"/proc/{pid}/task/{thread}/status" for thread in os.listdir(f"/proc/{pid}/task"))


def sockets_mb(pids: Iterable[int]) -> int:
    """Memory that may wait in the sockets of these processes, in MB: it is the system's, and no process's size tells of it."""
    sockets: set[str] = set()
    unseen = 0
    for pid in pids:
        try:
            with os.scandir(f"/proc/{pid}/fd") as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        if (target := os.readlink(entry.path)).startswith("socket:"):
                            sockets.add(target)
        except PermissionError:
            unseen += _MOST_DESCRIPTORS
        except OSError:
            continue
    return max(0, len(sockets) + unseen - _FREE_SOCKETS) * _socket_kb() // 1024


@functools.cache
def _socket_kb() -> int:
    """What a socket may hold: twice the bound that a process may set. Source: socket(7)."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_max").read_bytes()) // 1024
    except (OSError, ValueError):
        return 2 * 208


class Meter:
    """The processor time of a submission, from looks at its processes. Each of two sums misses some, and neither counts any twice:

    what those that run have used and what they took over from children that they waited for, which misses children that nobody
    waits for; and what each process was ever seen to have used, which misses those that end between two looks.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[int, bytes], int] = {}

    def seconds(self, pids: Iterable[int], reaped: float = 0.0) -> float:
        """The larger sum. reaped: what this process took over from children of its own."""
        per_second, standing = os.sysconf("SC_CLK_TCK"), 0
        for pid in pids:
            fields = stat_of(pid)
            if not fields:
                continue
            used, taken_over = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
            standing += used + taken_over
            if used:  # so there are no more of them than the budget has ticks
                self._seen[pid, fields[19]] = used
        return max(standing / per_second + reaped, sum(self._seen.values()) / per_second)


def taken_over_seconds(pid: int) -> float:
    """The processor time that a process took over from children that it waited for; 0 where it is gone."""
    fields = stat_of(pid)
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def reaped_seconds() -> float:
    """The processor time that this process took over from children that it waited for."""
    times = os.times()
    return times.children_user + times.children_system
