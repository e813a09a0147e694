"""What the walls cost: the same notebook through the prefork engine with each kind of walls, in one run.

python tests/benchmarks/walls.py [--notebook FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from grader import assignments, notebook
from grader.errors import WallsError
from grader.plan import Plan
from grader.sandbox.engines import choose_walls, open_sandbox
from grader.sandbox.protocol import Request
from tests.benchmarks.engines import EXAMPLE, measure, void

KINDS = ("none", "landlock", "full")


@contextlib.contextmanager
def contestants(request: Request) -> Iterator[dict[str, Callable[[], None]]]:
    """One submission with each kind of walls that this machine can raise."""
    runs: dict[str, Callable[[], None]] = {}
    with contextlib.ExitStack() as stack:
        for kind in KINDS:
            try:
                sandbox = open_sandbox("prefork", choose_walls(kind)[0])
            except WallsError as error:
                print(f"{kind:<9} left out: {error}")
                continue
            stack.callback(sandbox.close)
            runs[kind] = lambda sandbox=sandbox: void(sandbox.run(request))  # type: ignore[misc]
        yield runs


def main() -> None:
    """Prints the medians and what they are to that without walls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebook", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=40, help="of each kind of walls")
    options = parser.parse_args()
    assignment = assignments.load("gradient_checking")
    reference = assignments.load_reference(assignment)
    plan = Plan(reference.assignment if reference else assignment)
    parsed = notebook.parse(options.notebook.read_bytes())
    with contestants(plan.request(parsed)) as runs:
        medians = measure(runs, dict.fromkeys(runs, options.rounds))
    print(f"{options.notebook.name}: {parsed.code_cells} code cells, {len(plan.calls)} calls; median of {options.rounds} rounds")
    for kind, seconds in medians.items():
        print(f"{kind:<9}{seconds * 1e3:9.1f} ms")
    for kind in [kind for kind in medians if kind != "none"]:
        print(f"{kind + ' / none':<16}{medians[kind] / medians['none']:5.2f}")


if __name__ == "__main__":
    main()
