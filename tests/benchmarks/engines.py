"""What an engine costs a submission, from one run on one notebook, as ratios.

floor     the same cells and calls, exec in a forked warm process: no shell, no walls, nothing recorded
prefork   the default engine with all walls
kernel    the kernel engine with all walls
nbclient  plain nbclient with a fresh kernel: the cells alone, no calls, no grading

    python tests/benchmarks/engines.py [--notebook FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "seeds" / "seed_003.ipynb"  # a real notebook, where there is one; the examples run more tests of their own
EXAMPLE = SEED if SEED.exists() else ROOT / "assignments" / "gradient_checking" / "examples" / "ben" / "notebook.ipynb"

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as inside the sandbox; before NumPy loads

import nbclient  # noqa: E402
import nbformat  # noqa: E402
import numpy  # noqa: E402, F401

from grader import assignments, notebook  # noqa: E402
from grader.plan import Plan  # noqa: E402
from grader.sandbox.engines import choose_walls, open_sandbox  # noqa: E402
from grader.sandbox.worker.calls import writable  # noqa: E402

ROWS = 4


def floor(assignment: assignments.Assignment, parsed: notebook.Notebook) -> Callable[[], None]:
    """The bare work: fork, exec the cells without their magics, make the calls with their injections, exit."""
    sources = {key: _executed(text) for key, text in assignment.sources.items()}
    cells = [_without_magics(cell.source) for cell in parsed.cells if cell.kind == "code"]

    def run() -> None:
        pid = os.fork()
        if pid == 0:
            try:
                _floor_child(assignment, cells, sources)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)

    return run


def _floor_child(assignment: assignments.Assignment, cells: list[str], sources: dict[str, dict[str, Any]]) -> None:
    import sys

    folder = tempfile.mkdtemp()
    for name, text in assignment.files.items():
        Path(folder, name).write_text(text)
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        for cell in cells:
            with contextlib.suppress(Exception):
                exec(compile(cell, "<cell>", "exec"), namespace)
        for case in assignment.cases:
            own = {name: namespace.get(name) for name in case.inject}
            namespace.update({name: sources[case.visibility.value][attribute] for name, attribute in case.inject.items()})
            with contextlib.suppress(Exception):
                namespace[case.function](*(writable(argument) for argument in case.arguments))
            namespace.update(own)
    shutil.rmtree(folder)


def _executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return namespace


def _without_magics(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))


def engine(name: str, plan: Plan, parsed: notebook.Notebook) -> tuple[Callable[[], None], Callable[[], None]]:
    """One submission through an engine with the best walls of this machine, and what closes it."""
    sandbox = open_sandbox(name, choose_walls("auto")[0])
    request = plan.request(parsed)
    print(f"{name}: walls {sandbox.walls}")
    return lambda: void(sandbox.run(request)), sandbox.close


def void(_: object) -> None:
    """Drops a value."""


def plain_nbclient(path: Path, assignment: assignments.Assignment) -> Callable[[], None]:
    """The notebook's cells in a fresh kernel, as `jupyter execute` runs them."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in assignment.files.items():
                Path(folder, name).write_text(text)
            document = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
            nbclient.NotebookClient(document, timeout=60, allow_errors=True, resources={"metadata": {"path": folder}}).execute()

    return run


def measure(contestants: dict[str, Callable[[], None]], rounds: dict[str, int]) -> dict[str, float]:
    """Median seconds of each, some rounds in a row, as a class is graded; the rows take turns, so that a drift of the machine
    meets all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROWS):
        for name, run in contestants.items():
            run()  # warm
            for _ in range(max(1, rounds[name] // ROWS)):
                start = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Prints the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebook", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=40, help="of the fast ones; the slow ones get a tenth")
    options = parser.parse_args()
    assignment = assignments.load("gradient_checking")
    reference = assignments.load_reference(assignment)
    assignment = reference.assignment if reference else assignment
    parsed = notebook.parse(options.notebook.read_bytes())
    plan = Plan(assignment)
    prefork, close_prefork = engine("prefork", plan, parsed)
    kernel, close_kernel = engine("kernel", plan, parsed)
    few = max(ROWS, options.rounds // 10)
    try:
        medians = measure(
            {
                "floor": floor(assignment, parsed),
                "prefork": prefork,
                "kernel": kernel,
                "nbclient": plain_nbclient(options.notebook, assignment),
            },
            {"floor": options.rounds, "prefork": options.rounds, "kernel": few, "nbclient": few},
        )
    finally:
        close_prefork()
        close_kernel()
    print(f"{options.notebook.name}: {parsed.code_cells} code cells, {len(plan.calls)} calls; median of {options.rounds} ({few}) rounds")
    for name, value in medians.items():
        print(f"{name:<9}{value * 1e3:9.1f} ms")
    print(f"prefork / floor     {medians['prefork'] / medians['floor']:6.2f}   (bar: at most 2.5)")
    print(f"nbclient / prefork  {medians['nbclient'] / medians['prefork']:6.1f}   (bar: at least 20)")
    print(f"kernel / nbclient   {medians['kernel'] / medians['nbclient']:6.2f}")


if __name__ == "__main__":
    main()
