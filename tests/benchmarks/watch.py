"""`grader check --watch`: from a save to the verdict on stdout, by the ways in which editors save. The median of many.

python tests/benchmarks/watch.py [ROUNDS]
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.saves import in_pieces, in_place, renamed

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"


WAYS: tuple[Callable[[Path, bytes], None], ...] = (in_place, renamed, in_pieces)


def main(rounds: int = 20) -> None:
    """Prints milliseconds from the end of a save to its line."""
    notebook = json.loads(EXAMPLE.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notebook.ipynb")
        path.write_bytes(EXAMPLE.read_bytes())
        command = [sys.executable, "-m", "grader", "check", str(path), "-a", "gradient_checking", "--watch", "--format", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            for save in WAYS:
                seconds = []
                for number in range(rounds):
                    notebook["metadata"]["saved"] = f"{save.__name__} {number}"
                    save(path, json.dumps(notebook).encode())
                    start = time.perf_counter()
                    process.stdout.readline()
                    seconds.append(time.perf_counter() - start)
                print(f"{save.__name__:14} median {1e3 * statistics.median(seconds):4.0f} ms, slowest {1e3 * max(seconds):4.0f} ms")
            process.send_signal(signal.SIGINT)
        print(f"exit code {process.returncode}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
