"""What naming a mistake costs a submission, as a share of its grading time, from one run over known mistakes.

python tests/benchmarks/diagnosis.py [--submissions N]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

from grader import matching
from grader.api import Grader
from grader.implementations import implementation


def notebook(*sources: str) -> bytes:
    """A notebook of code cells."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None} for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()


class Clock:
    """Adds up the time that `matching.diagnose` takes."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.diagnose = matching.diagnose

    def __call__(self, *arguments: object) -> object:
        start = time.perf_counter()
        try:
            return self.diagnose(*arguments)  # type: ignore[arg-type]
        finally:
            self.seconds += time.perf_counter() - start


def main() -> None:
    """Prints the share of all, the median and the largest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=60)
    options = parser.parse_args()
    pairs = []  # seconds of diagnosis, seconds in all
    clock = Clock()
    matching.diagnose = clock  # type: ignore[assignment]
    with Grader("gradient_checking") as grader:
        assert grader.reference is not None
        known = list(grader.reference.misconceptions)
        for item in random.Random(0).sample(known, min(options.submissions, len(known))):
            data = notebook(grader.reference.solution, implementation(grader.reference.solution, (item,)))
            clock.seconds, start = 0.0, time.perf_counter()
            grader.grade(data)
            pairs.append((clock.seconds, time.perf_counter() - start))
    shares = [diagnosis / whole for diagnosis, whole in pairs]
    overall = sum(diagnosis for diagnosis, _ in pairs) / sum(whole for _, whole in pairs)
    print(f"{len(pairs)} submissions with one known mistake each")
    print(f"diagnosis took {overall:.1%} of the grading time   (bar: at most 15%)")
    print(f"of one submission's: median {statistics.median(shares):.1%}, largest {max(shares):.1%}")


if __name__ == "__main__":
    main()
