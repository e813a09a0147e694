"""Several processes on one gradebook, and processes that are killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.gradebook import open_gradebook
from tests.gradebooks import item, open_test, result, start

ROOT = Path(__file__).parents[2]
BATCH, BATCHES = 16, 6
RECORDS = """
import sys
from grader.gradebook import open_gradebook
from tests.gradebooks import item, result, start

database, name, batches, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("started", flush=True)
sys.stdin.readline()
with open_gradebook(database) as gradebook:
    run = start(gradebook)
    for batch in range(batches):
        places = range(batch * size, (batch + 1) * size)
        gradebook.record(run, [item(result(f"{name} {place}"), place) for place in places])
        print(batch, flush=True)
"""


def recorder(database: str, name: str, batches: int, size: int = BATCH) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", RECORDS, database, name, str(batches), str(size)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_several_coordinators_at_once_make_one_chain_and_lose_nothing(database: str) -> None:
    """They even open a gradebook that is not there yet at the same time."""
    processes = [recorder(database, f"process {number}", BATCHES) for number in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
    with open_gradebook(database) as gradebook:
        found = gradebook.verify()
        assert (found.entries, found.broken) == (3 * BATCH * BATCHES, None)
        assert [(run.id, run.results) for run in gradebook.runs()] == [(number, BATCH * BATCHES) for number in (1, 2, 3)]
        assert len(list(gradebook.standings("checks", "last"))) == 3 * BATCH * BATCHES


def test_a_process_that_is_killed_leaves_whole_batches_and_all_that_it_told_of(database: str) -> None:
    chosen = random.Random(database)
    expected = 0
    with open_test(database) as gradebook:
        start(gradebook)
    for number in range(4):
        process = recorder(database, f"process {number}", 1000)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        first = process.stdout.readline()
        time.sleep(chosen.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        with process:
            rest = process.stdout.read()  # communicate would leave out what readline has read already
        told = len([line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")])
        with open_gradebook(database) as gradebook:
            run = gradebook.runs()[-1]
            found = gradebook.verify()
            assert found.broken is None
            assert (run.ended, run.results % BATCH) == (None, 0)
            assert told <= run.results // BATCH <= told + 1
            expected += run.results
            assert found.entries == expected


def test_a_reader_sees_one_state_while_others_write(database: str) -> None:
    with open_test(database) as gradebook, open_test(database) as other:
        run = start(gradebook)
        gradebook.record(run, [item(result(f"student {place:03}"), place) for place in range(150)])
        rows = gradebook.rows(run)
        assert next(rows).student == "student 000"
        other.record(run, [item(result(f"student {place:03}"), place) for place in range(150, 160)])
        assert len(list(rows)) == 149
        assert len(list(gradebook.rows(run))) == 160


@pytest.mark.parametrize("closed", [True, False])
def test_a_stream_that_is_left_holds_nothing_up(database: str, closed: bool) -> None:
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [item(result(f"student {place}"), place) for place in range(300)])
        for _ in range(20):  # more than there are connections
            rows = gradebook.rows(run)
            next(rows)
            if closed:
                rows.close()  # type: ignore[attr-defined]
            del rows
        gradebook.record(run, [item(result("late"), 300)])
        assert gradebook.verify().broken is None
