"""Whether many submissions cost more each than few: seconds a submission and peak memory of a small and a large class, in one run.

The small class is the beginning of the large one. It is graded before and after it, so that a drift of the machine shows. Memory is
the peak resident set (VmHWM) of each process, read while it lives: the coordinator is the command's own process, workers are those
that it starts, and what lies below a sandbox's server is told apart.

    python tests/benchmarks/scale.py [--small N] [--large N] [--jobs N]
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]

from tests.benchmarks.classes import make_class
from tests.benchmarks.costs import GRADER, Cost, machine, run

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_SANDBOX = ("/bwrap", "/setpriv", "/worker/boot")  # what a sandbox's first process is started with
_PYTHONS_OWN = ("multiprocessing.forkserver", "multiprocessing.resource_tracker")  # helpers of the standard library


class Peaks:
    """The peak memory in MB of the processes of one run, by role; call it with the coordinator's id while that runs."""

    def __init__(self) -> None:
        self.peaks: dict[str, dict[int, float]] = {"coordinator": {}, "worker": {}, "library": {}, "sandbox": {}}

    def __call__(self, pid: int) -> None:
        for kind, one in _roles(pid):
            with contextlib.suppress(OSError):
                if found := _PEAK.search(Path(f"/proc/{one}/status").read_text(encoding="ascii", errors="replace")):
                    self.peaks[kind][one] = int(found[1]) / 1024

    def largest(self, kind: str) -> float:
        """The largest peak of a role, 0 where it had no process."""
        return max(self.peaks[kind].values(), default=0.0)


def _roles(pid: int) -> Iterator[tuple[str, int]]:
    """The processes of a run with their roles."""
    yield "coordinator", pid
    with contextlib.suppress(psutil.Error):
        yield from _roles_below(psutil.Process(pid), is_inside=False)


def _roles_below(parent: psutil.Process, *, is_inside: bool) -> Iterator[tuple[str, int]]:
    for child in parent.children():
        with contextlib.suppress(psutil.Error):
            found = "sandbox" if is_inside else role(child.cmdline(), parent.cmdline())
            yield found, child.pid
            yield from _roles_below(child, is_inside=found == "sandbox")


def role(command: list[str], parent: list[str]) -> str:
    """The role of a process outside of sandboxes, by its command line and its parent's."""
    if any(part in word for word in command[:12] for part in _SANDBOX):
        return "sandbox"
    # A worker that a fork server made has that server's command line.
    return "library" if command != parent and any(name in word for name in _PYTHONS_OWN for word in command) else "worker"


class Run(NamedTuple):
    """One class graded: a submission's share of its cost, and the peaks."""

    size: int
    each: Cost
    peaks: Peaks


def grade(class_folder: Path, size: int, folder: Path, jobs: int) -> Run:
    """Grades a class into a new folder, with a cache of the benchmark's own. Raises SystemExit where a result is missing."""
    peaks, out = Peaks(), folder / "out"
    command: list[str | Path] = [*GRADER, "grade", class_folder, "-a", "gradient_checking", "-o", out, "-j", str(jobs)]
    cost = run(command, env={"GRADER_CACHE": str(folder / "cache")}, watch=peaks)
    results = len(list(out.glob("*/result.json")))
    if results != size:
        raise SystemExit(f"{results} results for {size} submissions")
    shutil.rmtree(out)
    return Run(size, Cost(cost.wall / size, cost.cpu / size), peaks)


def print_run(run: Run) -> None:
    """The figures of one class."""
    peaks = run.peaks
    print(f"{run.size:>6} submissions {run.each.wall * 1e3:9.1f} ms each {run.each.cpu * 1e3:9.1f} ms of processor each")
    for kind in ("coordinator", "worker"):
        print(f"{kind:>20}: {', '.join(f'{peak:.1f}' for peak in peaks.peaks[kind].values()) or 'none'} MB")
    print(f"{'largest in sandboxes':>20}: {peaks.largest('sandbox'):.1f} MB")


def change(name: str, small: float, large: float, bound: float) -> str:
    """A line with the ratio of two figures and whether it keeps within the bound."""
    if small == 0:
        return f"{name:<28}      -   bar: within {bound:.0%}   nothing to compare"
    ratio = large / small
    return f"{name:<28}{ratio:7.3f}   bar: within {bound:.0%}   {'met' if abs(ratio - 1) <= bound else 'NOT met'}"


def main() -> None:
    """Prints the figures of either class and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        for size in (options.small, options.large):
            make_class(folder / str(size), size)
        print("the answer key and what is added to it are made first:")
        print_run(grade(folder / str(options.large), options.large, folder, options.jobs))
        runs = []
        for size in (options.small, options.large, options.small):
            runs.append(grade(folder / str(size), size, folder, options.jobs))
            print_run(runs[-1])
    before, large, after = runs
    print(f"drift: the small class after the large one took {after.each.wall / before.each.wall:.3f} of what it took before")
    print(change("seconds a submission", (before.each.wall + after.each.wall) / 2, large.each.wall, 0.15))
    print(change("seconds of processor", (before.each.cpu + after.each.cpu) / 2, large.each.cpu, 0.15))
    for kind in ("coordinator", "worker"):
        small = (before.peaks.largest(kind) + after.peaks.largest(kind)) / 2
        print(change(f"peak memory, {kind}", small, large.peaks.largest(kind), 0.10))
    print(machine())


if __name__ == "__main__":
    main()
