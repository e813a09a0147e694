"""Paths, pipes and locales that people have and nobody plans for: a message and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.integration.test_cli import A, environment, fixture, run

PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def folder_of(tmp_path: Path) -> Path:
    (tmp_path / ".cache").mkdir()
    fixture(tmp_path, "right_class_1d", "in/ada.ipynb")
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [("grade", "in", *A, "-o", "loop"), ("grade", "loop", *A, "-o", "out"), ("check", "loop"), ("report", "loop")]
)
def test_a_link_that_leads_to_itself(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (folder_of(tmp_path) / "loop").symlink_to("loop")
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert "it is a link that leads to itself" in " ".join(done.stderr.split())


@pytest.mark.parametrize("arguments", [("grade", "in", *A, "-o", "link"), ("collect", "in", "-o", "link")])
def test_a_folder_to_write_that_is_a_link_to_nowhere(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (folder_of(tmp_path) / "link").symlink_to("nowhere")
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert "it is a link that leads nowhere" in " ".join(done.stderr.split())
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "in", *A, "-o", "-"), ("collect", "in", "-o", "-"), ("export", "in", "--to", "csv", "-o", "-"), ("check", "-"),
        ("assignment", "release", "gradient_checking", "-o", "-"), ("bundle", "github-classroom", *A, "--without-wheels", "-o", "-"),
    ],
)  # fmt: skip
def test_a_dash_makes_no_file_of_that_name(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(folder_of(tmp_path), *arguments)
    assert done.returncode == 2
    assert "./- is a file of that name" in " ".join(done.stderr.split())
    assert not (tmp_path / "-").exists()


def test_where_the_system_says_that_names_are_ascii(tmp_path: Path) -> None:
    parts.need_linux()
    done = run(folder_of(tmp_path), "grade", "in", *A, "-o", "ergebnisse–ü", "-j", "1", **PLAIN)
    assert done.returncode == 0, done.stderr
    assert "results: ergebnisse–ü/index.html" in done.stdout
    assert (tmp_path / "ergebnisse–ü" / "ada" / "result.json").is_file()


def test_export_into_what_is_of_the_other_kind(tmp_path: Path) -> None:
    folder_of(tmp_path)
    assert run(tmp_path, "grade", "in", *A, "-o", "out", "-j", "1").returncode == 0
    (tmp_path / "file").write_text("")
    for form, output, said in (("csv", "in", "in is a folder"), ("gradescope", "file", "file is a file")):
        done = run(tmp_path, "export", "out", "--to", form, "-o", output)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_doctor_says_how_it_ends_though_nobody_reads_on(tmp_path: Path) -> None:
    parts.need_walls()
    folder_of(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = subprocess.run([sys.executable, "-m", "grader", "doctor"], cwd=tmp_path, env=environment(tmp_path), stdout=pipe, check=False)
    assert done.returncode == 0


def test_a_folder_without_assignments_is_told(tmp_path: Path) -> None:
    done = run(folder_of(tmp_path), "assignment", "list", "--assignments", "in")
    assert (done.returncode, done.stdout) == (0, "")
    assert "there is no assignment in in" in done.stderr
