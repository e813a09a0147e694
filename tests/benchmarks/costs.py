"""What a command costs with all the processes that it starts: seconds by the clock and of processor."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_EVERY = 0.25  # seconds between looks at a process
GRADER = (sys.executable, "-m", "grader")

# perf_event_open(2): a software event that counts the nanoseconds on a processor of this thread and of all that descends from it.
_SYSCALL = {"x86_64": 298, "aarch64": 241}
_SOFTWARE, _TASK_CLOCK = 1, 1
_INHERIT, _EXCLUDE_KERNEL, _EXCLUDE_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6  # without the latter two only for root; a clock heeds neither
_ATTRIBUTES = struct.pack("=IIQQQQQ16x", _SOFTWARE, 64, _TASK_CLOCK, 0, 0, 0, _INHERIT | _EXCLUDE_KERNEL | _EXCLUDE_HYPERVISOR)


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of processor, user and system, of a command's whole process tree."""

    wall: float
    cpu: float


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    watch: Callable[[int], None] | None = None,
) -> Cost:
    """Runs a command to its end. `watch` is called with its process id while it runs, some times a second.

    As on a user's machine, Python may keep what it has compiled; containers often forbid it, and then each start compiles it all again.
    Raises SystemExit with the last of what the command said where its exit code is not 0.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        start, before, own = time.perf_counter(), processor(), time.thread_time()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=cwd, env={**environment, **(env or {})})
        status = None if watch else process.wait()
        while status is None:
            assert watch is not None
            watch(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(_EVERY)
        cost = Cost(time.perf_counter() - start, processor() - before - (time.thread_time() - own))
        if status != 0:
            said.seek(0)
            text = said.read().decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"exit code {status}: {' '.join(map(str, command))}\n{text}")
    return cost


def processor() -> float:
    """Seconds of processor so far of this thread and all processes that descend from it, or NaN where the system does not tell.

    getrusage(2) would leave out processes that nobody waited for, and so all submissions in their sandboxes.
    """
    counter = _counter()
    return math.nan if counter < 0 else int.from_bytes(os.read(counter, 8), sys.byteorder) / 1e9


@functools.cache
def _counter() -> int:
    number = _SYSCALL.get(platform.machine())
    return -1 if number is None else int(ctypes.CDLL(None).syscall(number, _ATTRIBUTES, 0, -1, -1, 0))


def machine() -> str:
    """The cores, and how busy they are: on a busy machine seconds by the clock say little."""
    return f"{len(os.sched_getaffinity(0))} cores, load average {', '.join(f'{load:.2f}' for load in os.getloadavg())}"


def bar(name: str, value: float, bound: float, *, at_least: bool = True) -> str:
    """A line that says whether a bar is met."""
    met = value >= bound if at_least else value <= bound
    return f"{name:<42}{value:9.2f}   bar: {'at least' if at_least else 'at most'} {bound:g}   {'met' if met else 'NOT met'}"
