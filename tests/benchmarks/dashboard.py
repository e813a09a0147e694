"""What a class page costs: made of a gradebook of many students, and what each submission leaves for it while it is graded.

    python tests/benchmarks/dashboard.py [STUDENTS]

The class is a real one of a hundred, graded behind the walls that this machine has, as often as is needed under other names; each copy has
fingerprints of its own for four fifths of its code, since a class of nothing but copies would be no class.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]

from grader import assignments, notebook
from grader.api import Grader
from grader.attempts import Kept, run_start
from grader.behaviour import behaviour
from grader.dashboard import render, take_census, write_index
from grader.feedback import Material, texts_of
from grader.gradebook import Recorded, open_gradebook
from grader.kit import Settings, prepare
from grader.likeness import Fingerprints, fingerprints
from grader.model import SubmissionRef, SubmissionResult
from grader.output import Output
from tests.benchmarks.classes import make_class

ASSIGNMENT = "gradient_checking"
REAL, WINDOW = 100, 64


def main(students: int = 10_000) -> None:
    """Prints seconds, megabytes and milliseconds."""
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assignment = assignments.load(ASSIGNMENT)
        kit, sandbox = prepare(assignment, Settings(allow_none=True))
        sandbox.close()
        kit = kit.for_class()
        with Grader.of(kit) as grader:
            graded = [_grade(grader, made.path, made.student) for made in make_class(folder / "in", REAL)]
            _print_costs(grader, folder / "in")
        with open_gradebook(folder / "out" / "gradebook.db" if Output(folder / "out") else "") as book:
            run = book.start_run(run_start(kit, {}))
            _record(book.record, run, _copies(graded, students))
            book.finish_run(run, "done", 0.0)
            before = process.memory_info().rss
            start = time.perf_counter()
            census = take_census(book, ASSIGNMENT, "last")
            read = time.perf_counter() - start
            pieces = "".join(render(census, texts_of(assignment)))
            whole = time.perf_counter() - start
            grown = (process.memory_info().rss - before) / 1e6
            print(
                f"{students:,} students: {whole:.2f} s ({read:.2f} s of them reading), {len(pieces) / 1e6:.1f} MB, memory +{grown:.0f} MB"
            )
            for result, _ in _copies(graded, students):
                (folder / "out" / result.submission.student).mkdir()
                (folder / "out" / result.submission.student / "result.json").touch()
            start = time.perf_counter()
            write_index(Output(folder / "out"), book, assignment)
            print(f"index.html at the end of a run: {time.perf_counter() - start:.2f} s")


def _grade(grader: Grader, path: Path, student: str) -> tuple[SubmissionResult, Material]:
    parsed = notebook.parse(path.read_bytes())
    return grader.examine(parsed, SubmissionRef(student, 1, path.name, parsed.sha256))


def _copies(graded: list[tuple[SubmissionResult, Material]], students: int) -> Iterator[tuple[SubmissionResult, Material]]:
    for number in range(students):
        result, material = graded[number % len(graded)]
        draw = random.Random(number)
        hashes = bytearray(material.traces.fingerprints.hashes)
        for place in range(0, len(hashes), 4):
            if draw.random() < 0.8:
                hashes[place : place + 4] = draw.randbytes(4)
        traces = msgspec.structs.replace(material.traces, fingerprints=Fingerprints(bytes(hashes), material.traces.fingerprints.cells))
        submission = msgspec.structs.replace(result.submission, student=f"student-{number:05d}")
        yield msgspec.structs.replace(result, submission=submission), msgspec.structs.replace(material, traces=traces)


def _record(record: object, run: int, copies: Iterator[tuple[SubmissionResult, Material]]) -> None:
    assert callable(record)
    window: list[Recorded] = []
    for position, (result, material) in enumerate(copies):
        kept = msgspec.msgpack.encode(Kept(material, None, False))
        window.append(Recorded(result, result, os.urandom(32).hex(), os.urandom(32).hex(), kept, position, 0.0))
        if len(window) == WINDOW:
            record(run, window)
            window = []
    record(run, window)


def _print_costs(grader: Grader, folder: Path) -> None:
    """What a submission's fingerprints and behaviours take in a worker."""
    assert grader.kit.common is not None
    code, acts = list[float](), list[float]()
    rule = grader.rule
    for path in sorted(folder.rglob("*.ipynb")):
        parsed = notebook.parse(path.read_bytes())
        reply = rule.sandbox.run(rule.plan.request(parsed))
        result = rule.grade(parsed, SubmissionRef("x", 1, "x", ""))
        start = time.perf_counter()
        fingerprints([(cell.index, cell.source) for cell in parsed.cells if cell.kind == "code"], grader.kit.common)
        middle = time.perf_counter()
        for exercise, one in zip(rule.assignment.graded, result.exercises, strict=True):
            replies = rule._replies(exercise, reply)
            behaviour(exercise.name, [(case, call, told) for (case, call, _), told in zip(replies, one.cases, strict=True)])
        code.append(1e3 * (middle - start))
        acts.append(1e3 * (time.perf_counter() - middle))
    for what, times in (("fingerprints", code), ("behaviours", acts)):
        print(f"{what} of a submission: median {statistics.median(times):.2f} ms, most {max(times):.2f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
