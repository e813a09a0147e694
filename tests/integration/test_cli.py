"""The command line as people meet it: real processes, exit codes, messages a person can act on."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from grader import __version__
from grader.cli import COMMANDS
from tests import notebooks, parts

ROOT = Path(__file__).parents[2]
A = ("-a", "gradient_checking")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Path:
    """A working folder; `run` keeps its cache beside it."""
    (tmp_path / ".cache").symlink_to(cache)
    return tmp_path


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTEST_", "COV_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "GRADER_CACHE": str(folder / ".cache"), **more}


def run(folder: Path, *arguments: str | Path, flags: Sequence[str] = (), **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m grader` in `folder`. Never a traceback, whatever the arguments."""
    command = [sys.executable, *flags, "-m", "grader", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment(folder, **more), capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Traceback" not in done.stdout
    return done


def fixture(folder: Path, name: str, to: str = "") -> Path:
    path = folder / (to or f"{name}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebooks.build(notebooks.FOLDER / name))
    return path


def write(path: Path, *sources: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebooks.to_notebook([("code", source) for source in sources]))
    return path


# Without running anything


def test_version(folder: Path) -> None:
    done = run(folder, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"grader, version {__version__}\n", "")


@pytest.mark.parametrize(
    "command",
    [(), *((name,) for name in COMMANDS), *(("assignment", name) for name in ("list", "show", "freeze"))],
    ids=lambda command: " ".join(command),
)
def test_help_has_an_example(folder: Path, command: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        done = run(folder, *command, flag)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.search(r"^ +Examples?:\n\n +grader " + " ".join(command), done.stdout, re.MULTILINE), done.stdout
        assert "gradient" not in done.stdout


def test_an_example_is_one_line_in_a_narrow_terminal(folder: Path) -> None:
    """What is copied from there runs; the terminal breaks it where it must."""
    done = run(folder, "push", "--help", COLUMNS="60")
    assert re.search(r"^ +grader push out/ --lineitem .* --key-file key.pem --send$", done.stdout, re.MULTILINE), done.stdout


def test_help_lists_every_command_with_what_it_does(folder: Path) -> None:
    text = run(folder, "--help").stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z]", text, re.MULTILINE)


def test_help_imports_nothing_heavy(folder: Path) -> None:
    done = run(folder, "--help", flags=["-X", "importtime"])
    imported = {line.rsplit("|", 1)[1].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "click" in imported
    assert not imported & {
        "numpy",
        "nbclient",
        "nbformat",
        "IPython",
        "ipykernel",
        "jinja2",
        "msgspec",
        "rich",
        "babel",
        "pygments",
        "zmq",
        "asyncio",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek", "nb.ipynb"], "Did you mean check?"),
        (["gradee"], "Did you mean grade?"),
        (["xyz"], "No such command 'xyz'"),
        (["check", "nb.ipynb", "--fromat", "json"], "--format"),
        (["check", "nb.ipynb", "--format", "xml"], "'json'"),
        (["check"], "NOTEBOOK"),
        (["check", "nb.ipynb", "--watch", "--format", "html"], "add -o FILE"),
        (["check", "gone.ipynb", "--watch"], "there is no such file or folder: gone.ipynb"),
        (["check", "nb.ipynb", "-a", "gradient_cheking"], "did you mean gradient_checking?"),
        (["check", "nb.ipynb", "-a", "xyz"], "known assignments: gradient_checking"),
        (["check", "nb.ipyn"], "did you mean nb.ipynb?"),
        (["check", "gone/nb.ipynb"], "there is no such file or folder: gone/nb.ipynb"),
        (["check", "empty"], "empty is a folder"),
        (["check", "nb.ipynb", "--engine", "wasm"], "'prefork'"),
        (["check", "nb.ipynb", "--assignments", "gone"], "there is no folder of assignments at gone"),
        (["grade", "nb.ipynb", *A], "'-o'"),
        (["grade", *A, "-o", "out"], "PATH..."),
        (["grade", "nb.ipynb", "-o", "out"], "which assignment?"),
        (["grade", "gone", *A, "-o", "out"], "there is no such file or folder: gone"),
        (["grade", "nb.ipynb", "gone", *A, "-o", "out"], "there is no such file or folder: gone"),
        (["grade", "empty", *A, "-o", "out"], "there is no notebook in empty"),
        (["grade", "all.zip", *A, "-o", "out"], "unpack it and name the folder"),
        (["grade", "nb.ipynb", "-a", "gradient_cheking", "-o", "out"], "did you mean gradient_checking?"),
        (["grade", "nb.ipynb", *A, "-o", "out", "--reference", "gone"], "there is no folder of references at gone"),
        (["grade", "nb.ipynb", *A, "-o", "out", "--reference", "empty"], "--public-only"),
        (["grade", "nb.ipynb", *A, "-o", "nb.ipynb"], "nb.ipynb"),
        (["grade", "nb.ipynb", *A, "-o", "out", "-j", "0"], "-j"),
        (["assignment", "show", "gradient-checking"], "did you mean gradient_checking?"),
        (["grade", "nb.ipynb", *A, "-o", ""], "'-o' / '--output': it is empty"),
        (["grade", "", *A, "-o", "out"], "'PATH...': it is empty"),
        (["check", "nb.ipynb", "--assignments", ""], "'--assignments': it is empty"),
        (["assignment", "shw"], "'show'"),
        (["assignment", "freeze", "gradient_checking", "--reference", "empty"], "pass --reference DIR"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_the_caller_gets_wrong(folder: Path, arguments: list[str], said: str) -> None:
    (folder / "nb.ipynb").write_bytes(notebooks.to_notebook([]))
    (folder / "empty").mkdir()
    (folder / "all.zip").write_bytes(b"PK")
    done = run(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 5
    assert not (folder / "out").exists()


def test_assignments_that_are_wrong_are_refused(folder: Path) -> None:
    place = folder / "assignments" / "my_assignment"
    place.mkdir(parents=True)
    (place / "assignment.toml").write_text("schema = 5\n")
    done = run(folder, "assignment", "list", GRADER_ASSIGNMENTS=str(folder / "assignments"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "assignment.toml" in done.stderr


def test_assignment_list_and_show(folder: Path) -> None:
    listed = run(folder, "assignment", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.startswith("gradient_checking  ")
    shown = run(folder, "assignment", "show", "gradient_checking")
    assert shown.returncode == 0
    assert "gradient_check_n(parameters, gradients, X, Y, epsilon)  20 points" in shown.stdout
    content = json.loads(run(folder, "assignment", "show", "gradient_checking", "--json").stdout)
    assert content["points"] == 50
    assert {case["exercise"] for case in content["cases"]} == {exercise["name"] for exercise in content["exercises"]}


# check


@pytest.mark.parametrize(
    ("name", "function", "cases"),
    [
        ("wrong_zero_1d", "gradient_check", ["J = xθ³ with its right derivative, ε = 0.1", "J = xθ³ with twice its derivative, ε = 0.01"]),
        ("wrong_planted_constant_nd", "gradient_check_n", ["the published inputs, right gradients", "below 5e-07"]),
    ],
)
def test_check_names_the_public_case_that_fails(folder: Path, name: str, function: str, cases: list[str]) -> None:
    done = run(folder, "check", fixture(folder, name))
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert f"{function}: wrong value" in text
    assert all(case in text for case in cases)
    others = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert len(others) == 1, "and no other exercise"


def test_check_of_a_right_notebook_in_every_format(folder: Path) -> None:
    path = fixture(folder, "right_helper_nd")
    text = run(folder, "check", path, *A)
    assert text.returncode == 0
    assert "50 of 50 points" in text.stdout
    as_json = run(folder, "check", path, "--format", "json")
    assert as_json.returncode == 0
    result = json.loads(as_json.stdout)
    assert (result["score"], as_json.stdout.count("\n")) == (50.0, 1)
    assert {case["visibility"] for exercise in result["exercises"] for case in exercise["cases"]} == {"public"}
    page = run(folder, "check", path, "--format", "html", "-o", "feedback.html")
    assert (page.returncode, page.stdout) == (0, "")
    assert (folder / "feedback.html").read_text(encoding="utf-8").startswith("<!")


class Watching:
    """`grader check --watch` in a folder, line by line as it says it."""

    def __init__(self, folder: Path, *arguments: str, notebook: str = "nb.ipynb") -> None:
        command = [sys.executable, "-m", "grader", "check", notebook, *A, "--watch", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def status(self) -> str:
        """The line that ends a check, or says what is waited for."""
        assert self.process.stderr is not None
        return next(line for line in self.process.stderr if "note:" not in line)

    def end(self) -> tuple[int, str]:
        """The exit code after Ctrl-C, and what is left on stdout."""
        self.process.send_signal(signal.SIGINT)
        said, error = self.process.communicate(timeout=20)
        assert error == "stopped\n"
        return self.process.returncode, said


def save(folder: Path, name: str) -> None:
    """As Jupyter saves."""
    fixture(folder, name, ".~nb.ipynb").replace(folder / "nb.ipynb")


def test_watch_checks_at_each_save_and_says_what_changed(folder: Path) -> None:
    save(folder, "wrong_zero_1d")
    with Watching(folder) as watching:
        assert "checked in" in watching.status()
        save(folder, "right_helper_1d")
        assert "checked in" in watching.status()
        (folder / "nb.ipynb").unlink()
        assert watching.status() == "nb.ipynb is gone; waiting for it to come back\n"
        save(folder, "right_helper_1d")
        assert "checked in" in watching.status()
        code, said = watching.end()
    assert code == 0
    first, second, third = re.split("^Gradient Checking · nb$", said, flags=re.MULTILINE)[1:]
    assert "Since the last check" not in first
    assert "45 → 50 of 50 points" in second
    assert "✓ gradient_check: wrong value → passed" in second
    assert "Nothing changed since the last check." in third
    assert max(map(len, said.splitlines())) <= 80


def test_watch_calls_the_notebook_as_it_was_called(folder: Path) -> None:
    (folder / "mine").mkdir()
    save(folder, "right_helper_1d")
    (folder / "nb.ipynb").rename(folder / "mine" / "nb.ipynb")
    with Watching(folder, notebook="mine/nb.ipynb") as watching:
        assert "checked in" in watching.status()
        (folder / "mine" / "nb.ipynb").unlink()
        assert watching.status() == "mine/nb.ipynb is gone; waiting for it to come back\n"
        assert watching.end()[0] == 0


def test_watch_in_the_other_formats(folder: Path) -> None:
    save(folder, "wrong_zero_1d")
    with Watching(folder, "--format", "json") as watching:
        watching.status()
        save(folder, "right_helper_1d")
        watching.status()
        code, said = watching.end()
    assert code == 0
    assert [json.loads(line)["score"] for line in said.splitlines()] == [45.0, 50.0]
    page = folder / "page.html"
    with Watching(folder, "--format", "html", "-o", "page.html") as watching:
        assert "50/50" in watching.status()
        before = page.read_text("utf-8")
        save(folder, "wrong_zero_1d")
        assert "gradient_check wrong value" in watching.status()
        assert page.read_text("utf-8") != before
        assert watching.end()[0] == 0


@pytest.mark.parametrize(
    "content", [b"", b"print('hello')", b'{"nbformat": 4}', b"\xff\xfe\x00", b"[" * 100_000], ids=lambda content: repr(content[:12])
)
def test_check_of_a_file_that_is_no_notebook(folder: Path, content: bytes) -> None:
    (folder / "nb.ipynb").write_bytes(content)
    done = run(folder, "check", "nb.ipynb")
    assert done.returncode == 3
    assert "the file is" in done.stdout + done.stderr or "the notebook has no list of cells" in done.stdout + done.stderr


def test_check_without_any_of_the_functions(folder: Path) -> None:
    done = run(folder, "check", write(folder / "nb.ipynb", "x = 1"), *A, "--format", "json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["status"], result["score"]) == ("graded", 0.0)


@pytest.mark.parametrize("output", ["gone/feedback.html", "nb.ipynb/feedback.html", "."])
def test_check_where_the_output_cannot_be_written(folder: Path, output: str) -> None:
    write(folder / "nb.ipynb", "x = 1")
    done = run(folder, "check", "nb.ipynb", *A, "-o", output)
    assert (done.returncode, done.stdout) == (2, "")
    assert output.split("/")[0] in done.stderr


# Which assignment?


ANN = notebooks.FOLDERS["gradient_checking_ann"]


def ann(folder: Path, name: str) -> Path:
    """A notebook of the other assignment."""
    path = folder / f"{name}.ipynb"
    path.write_bytes(notebooks.build(ANN / name))
    return path


def both(folder: Path) -> Path:
    """A notebook that solves both."""
    cells = [*notebooks.read_cells((notebooks.BASES / "classic.py").read_text("utf-8"))]
    cells += notebooks.read_cells((ANN / "_bases" / "plain.py").read_text("utf-8"))
    (folder / "both.ipynb").write_bytes(notebooks.to_notebook(cells))
    return folder / "both.ipynb"


def test_check_tells_the_assignment_from_the_functions(folder: Path) -> None:
    done = run(folder, "check", ann(folder, "right_class"), "--format", "json")
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert (result["assignment"]["id"], result["score"]) == ("gradient_checking_ann", 50.0)
    assert "checked as gradient_checking_ann, since it defines params_to_vector, grads_to_vector" in done.stderr
    again = run(folder, "check", ann(folder, "right_aliases"), "--format", "json")
    assert json.loads(again.stdout)["score"] == 50.0
    assert "checked as gradient_checking_ann, since it defines parameters_to_vector" in again.stderr


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: write(folder / "none.ipynb", "x = 1"), "defines no function of any: pass -a ID; known: gradient_checking, "),
        (both, "it fits gradient_checking and gradient_checking_ann alike: pass -a with one of them"),
    ],
)
def test_check_does_not_guess(folder: Path, make: Callable[[Path], Path], said: str) -> None:
    done = run(folder, "check", make(folder))
    assert (done.returncode, done.stdout) == (2, "")
    assert "which assignment is " in done.stderr
    assert said in done.stderr


def test_grade_says_which_assignment_to_name(folder: Path) -> None:
    course = folder / "course"
    course.mkdir()
    ann(course, "right_base")
    one = run(folder, "grade", course / "right_base.ipynb", "-o", "out")
    assert "it looks like gradient_checking_ann (it defines params_to_vector, " in one.stderr
    assert "pass -a gradient_checking_ann" in one.stderr
    ann(course, "wrong_aliased")
    fixture(course, "right_helper_nd")
    write(course / "empty.ipynb")
    (course / "broken.ipynb").write_bytes(b"no notebook")
    many = run(folder, "grade", course, "-o", "out")
    said = "2 of 4 notebooks look like gradient_checking_ann, 1 of 4 notebooks look like gradient_checking: pass -a gradient_checking_ann"
    assert said in many.stderr
    assert "grade the others by themselves" in many.stderr
    none = run(folder, "grade", write(folder / "none.ipynb", "x = 1"), "-o", "out")
    assert "none of 1 notebooks looks like any one: pass -a ID; known: gradient_checking, gradient_checking_ann" in none.stderr
    assert [done.returncode for done in (one, many, none)] == [2, 2, 2]
    assert not (folder / "out").exists()


def test_grade_with_the_wrong_assignment_grades_and_says_so(folder: Path) -> None:
    course = folder / "course"
    course.mkdir()
    ann(course, "right_base")
    ann(course, "right_aliases")
    fixture(course, "right_helper_nd")
    done = run(folder, "grade", course, *A, "-o", "out")
    assert done.returncode == 0
    assert "warning: 2 of 3 notebooks look like gradient_checking_ann: grade these with -a gradient_checking_ann" in done.stderr
    scores = {}
    for path in sorted((folder / "out").glob("*/result.json")):
        result = json.loads(path.read_bytes())
        scores[path.parent.name] = result["score"]
        looks = [note for note in result["notes"] if note.startswith("looks like gradient_checking_ann: it defines ")]
        assert len(looks) == (result["score"] == 0)
    assert scores == {"right_aliases": 0.0, "right_base": 0.0, "right_helper_nd": 50.0}
    again = run(folder, "grade", course, *A, "-o", "out")
    assert "2 of 3 notebooks look like" in again.stderr, "kept ones, too"


def test_grade_says_which_modules_are_not_installed(folder: Path) -> None:
    course = folder / "course"
    course.mkdir()
    wanting = "from nosuchmodule.bars import bar\ndef forward_propagation(x, theta):\n    return bar(x * theta)"
    write(course / "ada.ipynb", wanting)
    write(course / "ben.ipynb", wanting.replace("bar(x * theta)", "x * theta"))
    write(course / "cleo.ipynb", "def backward_propagation(x, theta):\n    import nosuchmodule\n    return x")
    done = run(folder, "grade", course, *A, "-o", "out")
    assert done.returncode == 0
    assert "warning: 2 of 3 lose points for nosuchmodule, which is not installed here: install it and grade again" in done.stderr


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="this NumPy takes an array of one element as a number")
def test_grade_says_how_many_an_older_numpy_takes(folder: Path) -> None:
    course = folder / "course"
    course.mkdir()
    for name in ("trap_numpy_drift", "wrong_numpy_drift_one_sided", "right_helper_1d"):  # the first earns the assignment's share
        fixture(course, name)
    done = run(folder, "grade", course, *A, "-o", "out")
    warning = "1 of 3 stop where an array stands for a number, which NumPy before 2.4 takes if it has one element: install such a NumPy"
    assert f"warning: {warning} and grade again" in done.stderr


def test_check_needs_no_reference(folder: Path) -> None:
    shutil.copytree(ROOT / "assignments", folder / "course", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "none").mkdir()
    path = fixture(folder, "right_helper_1d")
    done = run(folder, "check", path, GRADER_ASSIGNMENTS=str(folder / "course"), GRADER_REFERENCE=str(folder / "none"))
    assert done.returncode == 0


@pytest.mark.parametrize("damage", ["missing", "cut", "stale"])
def test_check_with_a_frozen_key_that_does_not_fit(folder: Path, damage: str) -> None:
    shutil.copytree(ROOT / "assignments", folder / "course", ignore=shutil.ignore_patterns("__pycache__"))
    key = folder / "course" / "gradient_checking" / "answer_key.json"
    if damage == "missing":
        key.unlink()
    elif damage == "cut":
        key.write_bytes(key.read_bytes()[:1000])
    else:
        cases = key.parent / "cases.py"
        cases.write_text(cases.read_text().replace("EXACT, 3, -0.5)", "EXACT, 3, -0.6)"))
    done = run(folder, "check", write(folder / "nb.ipynb", "x = 1"), *A, "--assignments", "course")
    assert (done.returncode, done.stdout) == (2, "")
    assert "answer" in done.stderr
    assert "grader assignment freeze gradient_checking" in done.stderr


NASTY = [
    "raise ValueError('\x1b[31mred\x1b]0;title\x07')",
    "def forward_propagation(x, theta):\n    raise ValueError('\\x1b]8;;http://x\\x07link\\x1b[2J \\u202e')",
]


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color", "FORCE_COLOR": ""}], ids=str)
def test_where_no_terminal_is_there_is_no_escape_code(folder: Path, variables: dict[str, str]) -> None:
    path = write(folder / "a\x1b[31mb\x07.ipynb", *NASTY)
    done = run(folder, "check", path, **variables)
    assert done.returncode == 1
    for text in (done.stdout, done.stderr):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


# grade


class Run:
    """A folder of submissions, and what several runs over it wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        source = folder / "in"
        fixture(source, "right_helper_nd", "ada/nb.ipynb")
        fixture(source, "right_helper_nd", "ada/nb-Copy1.ipynb")
        fixture(source, "wrong_zero_1d", "ben/nb.ipynb")
        write(source / "cleo" / "nb.ipynb", "x = 1")
        (source / "dan").mkdir()
        (source / "dan" / "nb.ipynb").write_text("this is no notebook")
        (source / "eve").mkdir()
        (source / "eve" / "report.pdf").write_text("neither is this")
        (source / "finn").mkdir()
        (source / "finn" / "nb.ipynb").write_bytes(b'{"nbformat": 4, "cells": []}')
        write(source / "gus\x1b[31m" / "nb.ipynb", *NASTY)
        fixture(folder, "trap_sys_exit", "zoe.ipynb")
        self.one = self.grade("out-1", "-j", "1")
        self.two = self.grade("out-2", "-j", "2")
        self.again = self.grade("out-1", "-j", "2")

    def grade(self, out: str, *more: str) -> subprocess.CompletedProcess[str]:
        return run(self.folder, "grade", "zoe.ipynb", "in", *A, "-o", out, "--format", "jsonl", *more)

    def results(self, out: str = "out-1") -> dict[str, Any]:
        return {path.parent.name: json.loads(path.read_bytes()) for path in sorted((self.folder / out).glob("*/result.json"))}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Run:
    parts.need_walls()
    return Run(tmp_path_factory.mktemp("course"))


STUDENTS = ["zoe", "ada", "ben", "cleo", "dan", "eve", "finn", "gus\x1b[31m"]


def test_grade_goes_on_past_what_cannot_be_read(course: Run) -> None:
    assert course.one.returncode == course.two.returncode == 3
    statuses = {name: (result["status"], result["score"]) for name, result in course.results().items()}
    assert statuses == {
        "zoe": ("graded", 50.0),
        "ada": ("graded", 50.0),
        "ben": ("graded", statuses["ben"][1]),
        "cleo": ("graded", 0.0),
        "dan": ("unreadable", 0.0),
        "eve": ("unreadable", 0.0),
        "finn": ("graded", 0.0),
        "gus\x1b[31m": ("graded", 0.0),
    }
    assert 40 <= statuses["ben"][1] <= 41


def test_stdout_holds_one_result_a_line_in_input_order(course: Run) -> None:
    lines = course.two.stdout.splitlines()
    assert [json.loads(line)["submission"]["student"] for line in lines] == STUDENTS
    assert course.one.stdout == course.two.stdout == course.again.stdout
    for line, student in zip(lines, STUDENTS, strict=True):
        assert (course.folder / "out-2" / student / "result.json").read_text(encoding="utf-8") == line + "\n"


def test_stderr_tells_of_every_submission_and_obeys_none(course: Run) -> None:
    lines = [line for line in course.two.stderr.splitlines() if line.startswith("[")]
    assert [line.split()[1] for line in lines][:7] == STUDENTS[:7]
    assert lines[-1].startswith("[8/8]")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", course.two.stderr)


def test_the_files_that_grade_writes(course: Run) -> None:
    out = course.folder / "out-1"
    assert sorted(path.name for path in out.iterdir()) == sorted(["gradebook.db", "index.html", "run.json", "submissions.json", *STUDENTS])
    for student in STUDENTS:
        assert sorted(path.name for path in (out / student).iterdir()) == ["feedback.html", "result.json"]
        assert (out / student / "feedback.html").read_text(encoding="utf-8").startswith("<!")
    assert all(name in (out / "index.html").read_text(encoding="utf-8") for name in STUDENTS[:7])
    record = json.loads((out / "run.json").read_bytes())
    assert (record["submissions"], record["kept"], record["ended"]) == (8, 8, "done")


def test_the_same_bytes_with_one_worker_or_two_today_or_again(course: Run) -> None:
    for student in STUDENTS:
        for name in ("result.json", "feedback.html"):
            assert (course.folder / "out-1" / student / name).read_bytes() == (course.folder / "out-2" / student / name).read_bytes()
    assert (course.folder / "out-1" / "index.html").read_bytes() == (course.folder / "out-2" / "index.html").read_bytes()


KEYS = {
    "": "schema assignment submission status points score notebook exercises reports notes adjustments grade provenance",
    ".assignment": "id version",
    ".submission": "student attempt source sha256 late",
    ".notebook": "code_cells errors",
    ".notebook.errors": "cell type message",
    ".exercises": "name points score outcome found cases diagnoses observations notes",
    ".exercises.found": "cell how name",
    ".exercises.cases": "id visibility weight outcome title message expected actual error",
    ".exercises.cases.error": "type message cell line source",
    ".exercises.observations": "id text visibility",
    ".exercises.diagnoses": "id title evidence hint credit",
    ".reports": "function state blocks text diagnoses",
    ".reports.diagnoses": "id title evidence hint credit",
    ".provenance": "grader answer_key_sha256 engine walls python numpy",
}


def keys(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield place, " ".join(value)
        for key, item in value.items():
            if place + "." + key != ".reports.blocks":
                yield from keys(item, f"{place}.{key}")
    if isinstance(value, list):
        for item in value:
            yield from keys(item, place)


def test_a_result_has_the_keys_of_the_contract_and_no_other(course: Run) -> None:
    for result in course.results().values():
        for place, found in keys(result):
            assert found == KEYS[place], place
    assert {place for result in course.results().values() for place, _ in keys(result)} == set(KEYS)


def test_a_result_holds_no_time_and_nothing_of_the_machine(course: Run) -> None:
    forbidden = [
        str(course.folder),
        str(ROOT),
        str(Path.home()) + os.sep,
        socket.gethostname(),
        time.strftime("%Y-%m-%d"),
        "/tmp",
        "seconds",
        "0x7f",
    ]
    if len(getpass.getuser()) > 4:
        forbidden.append(getpass.getuser())
    for path in sorted((course.folder / "out-1").glob("*/result.json")):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in forbidden if word in text], path


def test_the_exercises_always_add_up(course: Run) -> None:
    for result in course.results().values():
        assert result["points"] == 50.0
        assert result["grade"] == result["score"]
        if result["status"] == "graded":
            assert sum(exercise["points"] for exercise in result["exercises"]) == 50
            assert sum(exercise["score"] for exercise in result["exercises"]) == pytest.approx(result["score"])
        else:
            assert (result["exercises"], result["notebook"]) == ([], None)
            assert len(result["notes"]) == 1


def test_what_is_missing_is_graded_and_said(course: Run) -> None:
    for student in ("cleo", "finn"):
        result = course.results()[student]
        assert [exercise["outcome"] for exercise in result["exercises"]] == ["missing"] * 4
        assert all(exercise["observations"] for exercise in result["exercises"])
    assert course.results()["cleo"]["notes"] == ["none of the assignment's functions is defined in the notebook"]
    assert course.results()["finn"]["notes"] == ["the notebook has no cells"]
    assert "no notebook" in course.results()["eve"]["notes"][0]


def test_one_file_that_is_no_notebook(course: Run) -> None:
    done = run(course.folder, "grade", "in/dan/nb.ipynb", *A, "-o", "out-dan")
    assert done.returncode == 3
    assert "1 unreadable" in done.stdout


def test_no_reference_at_hand(course: Run, folder: Path) -> None:
    shutil.copytree(ROOT / "assignments", folder / "course", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "none").mkdir()
    fixture(folder, "right_helper_nd", "ada.ipynb")
    variables = {"GRADER_ASSIGNMENTS": str(folder / "course"), "GRADER_REFERENCE": str(folder / "none")}
    refused = run(folder, "grade", "ada.ipynb", *A, "-o", "out", **variables)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "there is no reference for gradient_checking" in refused.stderr
    assert "--public-only" in refused.stderr
    assert not (folder / "out").exists()
    done = run(folder, "grade", "ada.ipynb", *A, "-o", "out", "--public-only", "--format", "jsonl", **variables)
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert result["score"] == 50.0
    assert {case["visibility"] for exercise in result["exercises"] for case in exercise["cases"]} == {"public"}


def test_a_folder_of_output_that_cannot_be_made(course: Run, folder: Path) -> None:
    fixture(folder, "right_helper_nd", "ada.ipynb")
    done = run(folder, "grade", "ada.ipynb", *A, "-o", "ada.ipynb/out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "ada.ipynb/out cannot be written" in done.stderr


def test_names_that_are_no_text_do_not_end_a_run(course: Run, folder: Path) -> None:
    fixture(folder, "right_helper_nd", "in/ada.ipynb")
    path = Path(os.fsdecode(bytes(folder / "in") + b"/b\xe9n.ipynb"))
    path.write_bytes(notebooks.to_notebook([]))
    done = run(folder, "grade", "in", *A, "-o", "out", "--format", "jsonl")
    assert done.returncode == 0
    assert [json.loads(line)["submission"]["student"] for line in done.stdout.splitlines()] == ["ada", "b\\xe9n"] or len(
        done.stdout.splitlines()
    ) == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_what_was_finished_is_in_place(course: Run, folder: Path, jobs: str) -> None:
    fixture(folder, "right_helper_nd", "in/ada.ipynb")
    for number in range(6):
        write(folder / "in" / f"slow{number}.ipynb", *["import time\ntime.sleep(9)"] * 4)
    command = [sys.executable, "-m", "grader", "grade", "in", *A, "-o", "out", "-j", jobs]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        finished = folder / "out" / "ada" / "result.json"
        deadline = time.monotonic() + 60
        while not finished.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.3)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        start = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        elapsed = time.monotonic() - start
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "what was finished is in place" in stderr
    assert json.loads(finished.read_bytes())["score"] == 50.0
    assert [path.name for path in (folder / "out").iterdir() if path.is_dir()] == ["ada"]
    assert json.loads((folder / "out" / "run.json").read_bytes())["submissions"] == 1
    assert "ada" in (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert not list((folder / "out").rglob(".writing-*"))
    assert not [child for child in psutil.wait_procs(children, timeout=20)[1] if child.is_running()]
    assert elapsed < 15, "it does not wait for the cells that run"


# Walls


BARE = """
import sys
from grader.sandbox import landlock, walls
walls.program = lambda name: None
landlock.missing = lambda: "the kernel has no Landlock"
from grader.cli import main
main()
"""


def run_bare(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """As `run`, on a machine that has neither bubblewrap nor Landlock."""
    command = [sys.executable, "-c", BARE, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_grade_refuses_where_no_walls_stand(folder: Path) -> None:
    write(folder / "ada.ipynb", "x = 1")
    done = run_bare(folder, "grade", "ada.ipynb", *A, "-o", "out")
    assert (done.returncode, done.stdout) == (4, "")
    assert "refusing to run strangers' code without walls" in done.stderr
    assert "--walls none" in done.stderr or "install" in done.stderr
    assert not (folder / "out").exists()


def test_check_runs_where_no_walls_stand_and_says_so(folder: Path) -> None:
    done = run_bare(folder, "check", fixture(folder, "right_helper_nd"))
    assert done.returncode == 0
    assert "without walls" in done.stderr


def test_grade_told_to_do_without_walls_warns(folder: Path) -> None:
    fixture(folder, "right_helper_nd", "ada.ipynb")
    done = run_bare(folder, "grade", "ada.ipynb", *A, "-o", "out", "--walls", "none")
    assert done.returncode == 0
    assert "without walls" in done.stderr
    assert json.loads((folder / "out" / "ada" / "result.json").read_bytes())["provenance"]["walls"] == "none"


# doctor


def test_doctor_tells_what_stands(folder: Path) -> None:
    done = run(folder, "doctor")
    assert done.returncode in (0, 4)
    for word in ("python", "numpy", "walls", "prefork", "kernel", "assignments", "reference"):
        assert re.search(rf"^{word}\b", done.stdout, re.MULTILINE), word
