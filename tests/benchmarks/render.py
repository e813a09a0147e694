"""How long a feedback page takes, after warm-up: the median of many, by the clock and of the processor's time alone.

python tests/benchmarks/render.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from grader import notebook
from grader.api import Grader
from grader.feedback import render, texts_of
from grader.model import SubmissionRef

EXAMPLES = Path(__file__).parents[2] / "assignments" / "gradient_checking" / "examples"
BAR = 6.0  # milliseconds
STUDENTS = {"ada": "right", "chloe": "one mistake", "grace": "a mistake in 1-D"}


def main(rounds: int = 200) -> None:
    """Prints milliseconds and kilobytes a page."""
    with Grader("gradient_checking", public_only=True, allow_none=True) as grader:
        texts = texts_of(grader.assignment)
        for student, kind in STUDENTS.items():
            parsed = notebook.parse((EXAMPLES / student / "notebook.ipynb").read_bytes())
            result, material = grader.examine(parsed, SubmissionRef(student, 1, f"{student}.ipynb", parsed.sha256))
            for language in ("en", "zh"):
                html, clock, processor = "", list[float](), list[float]()
                for _ in range(rounds + 10):
                    start, begin = time.perf_counter(), time.process_time()
                    html = render(result, material, texts, language=language)
                    clock.append(1e3 * (time.perf_counter() - start))
                    processor.append(1e3 * (time.process_time() - begin))
                median, of_processor = statistics.median(clock[10:]), statistics.median(processor[10:])
                medians = f"median {median:5.2f} ms, of the processor {of_processor:5.2f} ms"
                met = "within" if median <= BAR else "above"
                print(f"{kind:18} {language}  {medians} ({met} {BAR:g} ms), {len(html.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
