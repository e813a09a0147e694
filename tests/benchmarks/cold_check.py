"""A student's first `grader check`: a cold process on a warm disk, against the import of what every notebook needs, in one run.

python tests/benchmarks/cold_check.py [--notebook FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from tests.benchmarks.costs import GRADER, Cost, bar, machine, run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"
BAR = 1.3 / 0.5  # seconds that it may take where the import takes half a second


def main() -> None:
    """Prints the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebook", type=Path, default=EXAMPLE, help="one that passes all public cases")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(machine())
    commands: dict[str, tuple[str | Path, ...]] = {
        "import numpy, IPython": (sys.executable, "-c", "import numpy, IPython"),
        "grader --help": (*GRADER, "--help"),
        "grader check": (*GRADER, "check", options.notebook, "-a", "gradient_checking"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(options.rounds + 1):  # the first warms the disk
        for name, command in commands.items():
            cost = run(command)
            if number:
                costs[name].append(cost)
    for name, measured in costs.items():
        wall, cpu = (statistics.median(values) for values in zip(*measured, strict=True))
        print(f"{name:<24}{wall * 1e3:9.0f} ms{cpu * 1e3:9.0f} ms of processor   (fastest {min(measured).wall * 1e3:.0f} ms)")
    # Each check against the import just before it: a slow moment of the machine meets both.
    ratios = [check.wall / base.wall for check, base in zip(costs["grader check"], costs["import numpy, IPython"], strict=True)]
    print(bar("check / import, median", statistics.median(ratios), BAR, at_least=False))


if __name__ == "__main__":
    main()
