"""The classes that the benchmarks are made of: reproducible, all different, about half right, and graded as they say."""

from __future__ import annotations

import ast
import collections
import json
import math
import random
import sys
from pathlib import Path

import nbformat
import pytest

from grader import submissions
from grader.api import Grader
from tests.benchmarks import handwriting, nbgrader_course, scale
from tests.benchmarks.classes import Made, make_class
from tests.benchmarks.costs import processor, run
from tests.parts import lack, need_linux

SIZE = 120


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    return make_class(tmp_path_factory.mktemp("class"), SIZE)


def code(path: Path) -> tuple[str, ...]:
    cells = json.loads(path.read_bytes())["cells"]
    return tuple("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_the_same_seed_gives_the_same_bytes_and_a_small_class_begins_a_large_one(tmp_path: Path, made: list[Made]) -> None:
    again = make_class(tmp_path / "again", 30)
    assert [one.student for one in again] == [one.student for one in made[:30]]
    assert [one.path.read_bytes() for one in again] == [one.path.read_bytes() for one in made[:30]]
    other = make_class(tmp_path / "other", 30, seed=1)
    assert not {one.path.read_bytes() for one in other} & {one.path.read_bytes() for one in again}


def test_all_differ_in_their_code_and_not_by_the_student_number_alone(made: list[Made]) -> None:
    sources = {tuple(cell for cell in code(one.path) if "default_rng(" not in cell) for one in made}
    assert len({code(one.path) for one in made}) == SIZE
    assert len(sources) == SIZE


def test_about_half_are_right_and_every_kind_of_mistake_occurs(made: list[Made]) -> None:
    wrong = [one.mistakes for one in made if one.mistakes]
    assert 0.35 * SIZE < len(wrong) < 0.65 * SIZE
    kinds = collections.Counter(mistake.partition(":")[0] for mistakes in wrong for mistake in mistakes)
    assert {"missing", "unfinished"} < kinds.keys()
    assert len(kinds) > 20
    assert {1, 2} == {len(mistakes) for mistakes in wrong}


def test_they_are_notebooks_as_students_hand_them_in(made: list[Made]) -> None:
    texts = []
    for one in made:
        notebook = json.loads(one.path.read_bytes())
        nbformat.validate(notebook)
        assert 15 <= len(notebook["cells"]) <= 25
        assert 10_000 < one.path.stat().st_size < 60_000
        assert any("gradient_check(" in cell and "def " not in cell for cell in code(one.path))
        texts.append(one.path.read_text(encoding="utf-8"))
    for part in ("# 第一步", "print_msg=False", "chdir(", '"ename": "AssertionError"', "lambda", "import functools"):
        assert any(part in text or part.replace('"', '\\"') in text for text in texts), part
    assert any("print_msg" not in text for text in texts)


def test_the_grader_finds_each_student_once(made: list[Made]) -> None:
    folder = min((one.path for one in made), key=lambda path: len(path.parts)).parent
    found = {submission.student: submission.path for submission in submissions.find([folder])}
    assert found == {one.student: one.path for one in made}


def test_right_ones_get_full_marks_and_wrong_ones_do_not(made: list[Made]) -> None:
    need_linux()
    with Grader("gradient_checking") as grader:
        for one in made[:24]:
            result = grader.grade(one.path.read_bytes())
            assert (result.score == result.points) is not bool(one.mistakes), (one.student, one.mistakes)


def test_known_texts_are_rewritten_into_code_that_compiles() -> None:
    known = handwriting.Known()
    docstring = '    """\n    What it does.\n    print_msg -- whether\n    """\n'
    nodes = [node for texts in known.right.values() for text in texts for node in ast.walk(ast.parse(text))]
    taken = {node.id for node in nodes if isinstance(node, ast.Name)}
    assert not taken & {*handwriting._SYNONYMS[handwriting.HELPER]}  # the helper could not be told from it
    for seed in range(10):
        hand = handwriting.Hand(random.Random(seed))
        for function, texts in known.right.items():
            for text in texts:
                ast.parse(hand.rewrite(text, docstring, function))


def test_an_nbgrader_course_has_solutions_tests_and_points(made: list[Made], tmp_path: Path) -> None:
    chosen = [one.path for one in made if one.mistakes and one.mistakes[0].startswith("missing:")][:2]
    assert nbgrader_course.make_course(tmp_path, chosen) == 2
    (source,) = tmp_path.glob("source/*/*.ipynb")
    for path in (source, *tmp_path.glob("submitted/*/*/*.ipynb")):
        notebook = json.loads(path.read_bytes())
        nbformat.validate(notebook)
        marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
        assert sum(mark.get("points", 0) for mark in marks) == 50
        assert len({mark["grade_id"] for mark in marks}) == len(marks) >= 7
    text = source.read_text(encoding="utf-8")
    assert text.count("### BEGIN SOLUTION") == text.count("### END SOLUTION") == 7


def test_the_processor_time_of_a_command_counts_what_nobody_waited_for() -> None:
    need_linux()
    if math.isnan(processor()):
        lack("perf_event_open")
    busy = "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nr, w = os.pipe()\n"
    busy += "if os.fork() == 0:\n    import time\n    while time.process_time() < 0.3: pass\n    os._exit(0)\nos.close(w)\nos.read(r, 1)"
    cost = run([sys.executable, "-c", busy])
    assert 0.3 <= cost.cpu < 2


def test_the_roles_of_a_run_survive_a_fork_server() -> None:
    server, grader = ["python", "-c", "from multiprocessing.forkserver import main; main(3)"], ["python", "-m", "grader"]
    assert scale.role(server, grader) == "library"
    assert scale.role(server, server) == "worker"
    assert scale.role(["python", "-c", "from multiprocessing.resource_tracker import main"], grader) == "library"
    assert scale.role(["/usr/bin/bwrap", "--unshare-pid"], server) == "sandbox"
    assert scale.role(["python", "-P", "/clone/grader/sandbox/worker/boot.py"], grader) == "sandbox"
