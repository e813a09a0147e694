"""How many submissions a second `grader grade` does, against plain nbclient and nbgrader on the same notebooks, in one run.

-j 1, -j 2   the whole command, from the shell's point of view: hidden cases, walls, diagnosis, HTML and gradebook
nbclient     the cells alone in a fresh kernel each: no cases, no grading
nbgrader     autograde and generate_feedback, where nbgrader is importable or --nbgrader names the Python of an environment with it;
             what either takes to start is shared by as many submissions as our own start is

The answer key is made before, in a cache of the benchmark's own, with one notebook; what the class's first run adds to it (pairs of
mistakes) is that run's. Seconds of processor (c) hold on a busy machine, seconds by the clock do not.

    python tests/benchmarks/throughput.py [--size N] [--rounds N] [--nbclient N] [--nbgrader PYTHON] [--sample N]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from grader import assignments
from tests.benchmarks import nbgrader_course
from tests.benchmarks.classes import make_class
from tests.benchmarks.costs import GRADER, Cost, bar, machine, processor, run
from tests.benchmarks.engines import plain_nbclient

ID = "gradient_checking"


def grade(paths: Sequence[Path], size: int, out: Path, jobs: int, environment: dict[str, str]) -> Cost:
    """A submission's share of grading them all into a new folder. Raises SystemExit where some got no result."""
    cost = run([*GRADER, "grade", *paths, "-a", ID, "-o", out, "-j", str(jobs)], env=environment)
    results = len(list(out.glob("*/result.json")))
    if results != size:
        raise SystemExit(f"{results} results for {size} submissions")
    return Cost(cost.wall / size, cost.cpu / size)


def execute(notebooks: Sequence[Path]) -> Cost:
    """A notebook's share of executing them with plain nbclient."""
    assignment = assignments.load(ID)
    start, before = time.perf_counter(), processor()
    for path in notebooks:
        plain_nbclient(path, assignment)()
    return Cost((time.perf_counter() - start) / len(notebooks), (processor() - before) / len(notebooks))


def measure(folder: Path, size: int, rounds: int) -> dict[str, Cost]:
    """Medians of some rounds of -j 1 and -j 2, which take turns, each into a folder of its own.

    They are removed in the end: ext4 takes a millisecond to make a file where many were just removed.
    """
    class_folder, environment = folder / "class", {"GRADER_CACHE": str(folder / "cache")}
    made = make_class(class_folder, size)
    grade([made[0].path], 1, folder / "key", 1, environment)  # makes the answer key
    costs: dict[str, list[Cost]] = {"-j 2, first": [], "-j 1": [], "-j 2": []}
    for number, name in enumerate((*costs, *("-j 1", "-j 2") * (rounds - 1))):
        costs[name].append(grade([class_folder], size, folder / f"out{number}", int(name[3]), environment))
    return {name: Cost(*(statistics.median(values) for values in zip(*measured, strict=True))) for name, measured in costs.items()}


def find_nbgrader(given: str | None) -> str | None:
    """The Python that has nbgrader, or None."""
    return given or (sys.executable if importlib.util.find_spec("nbgrader") else None)


def print_figures(costs: dict[str, Cost]) -> None:
    """The table, the ratios and the bars."""
    print(f"{'':<14}{'a second':>10}{'seconds each':>14}{'processor each':>16}")
    for name, cost in costs.items():
        print(f"{name:<14}{1 / cost.wall:>10.2f}{cost.wall:>14.4f}{cost.cpu:>14.4f} c")
    two = costs["-j 2"]
    print(bar("submissions a second with -j 2", 1 / two.wall, 25))
    print(bar("-j 1 / -j 2", costs["-j 1"].wall / two.wall, 1.7))
    for name in ("nbclient", "nbgrader"):
        if name in costs:
            ratio = costs[name].wall / two.wall
            print(bar(f"{name} / -j 2", ratio, 60) if name == "nbgrader" else f"{name + ' / -j 2':<42}{ratio:9.2f}")
            print(f"{name + ' / -j 2, processor':<42}{costs[name].cpu / two.cpu:9.2f}")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nbclient", type=int, default=12, metavar="N", help="notebooks for plain nbclient; 0 for none")
    parser.add_argument("--nbgrader", metavar="PYTHON", help="of an environment with nbgrader and numpy")
    parser.add_argument("--sample", type=int, default=10, help="submissions for nbgrader")
    options = parser.parse_args()
    print(machine())
    python = find_nbgrader(options.nbgrader)
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        folder = Path(name)
        costs = measure(folder, options.size, options.rounds)
        if options.nbclient:
            costs["nbclient"] = execute(nbgrader_course.choose(folder / "class", options.nbclient))
        if python is None:
            print("nbgrader: not installed here; pass --nbgrader PYTHON")
        else:
            nbgrader_course.make_course(folder / "course", nbgrader_course.choose(folder / "class", options.sample))
            costs["nbgrader"] = nbgrader_course.time_course(folder / "course", python).each(options.size)
    print(f"{options.size} submissions; median of {options.rounds} rounds; {os.cpu_count()} cores")
    print_figures(costs)
    print(machine())


if __name__ == "__main__":
    main()
