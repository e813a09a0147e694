"""`check` where Unix is not: without fcntl, resource, pwd and the like it imports, and runs through the kernel engine without walls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import notebooks

ROOT = Path(__file__).parents[2]
BLOCKED = ("fcntl", "resource", "pwd", "grp", "termios")

# Run in a process of its own, before anything of the grader is imported. What the libraries below the grader need of these
# modules they may have: they bring their own ways for each system. The grader's own files may not.
BLOCK = """
import builtins, importlib.abc, os, sys

BLOCKED = {blocked!r}
GRADER = {grader!r}
real = builtins.__import__

def guarded(name, globals=None, locals=None, fromlist=(), level=0):
    file = (globals or {{}}).get("__file__") or ""
    if level == 0 and name in BLOCKED and file.startswith(GRADER):
        raise ModuleNotFoundError(f"No module named {{name!r}} (imported by {{file}})", name=name)
    return real(name, globals, locals, fromlist, level)

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in BLOCKED:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

builtins.__import__ = guarded
if {strict!r}:
    for name in BLOCKED:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Finder())
"""

IMPORTS = """
import importlib, pkgutil
import grader.cli, grader.api, grader.batch, grader.console, grader.feedback, grader.submissions
from grader.cli import check, doctor, grade, assignment
from grader.sandbox import engines, live, protocol
from grader import magics, watch
from grader.cli import watching
"""

CHECK = """
import grader.sandbox.engines as engines

class Elsewhere:
    def __getattr__(self, name):
        return "win32" if name == "platform" else getattr(sys, name)

engines.sys = Elsewhere()
from grader.cli import main
sys.argv = ["grader", *{arguments!r}]
main()
"""


def run(folder: Path, code: str, *, strict: bool, **more: str) -> subprocess.CompletedProcess[str]:
    block = BLOCK.format(blocked=BLOCKED, grader=str(ROOT / "grader") + os.sep, strict=strict)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRADER_CACHE": str(folder / "cache"), **more}
    command = [sys.executable, "-c", block + code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=180, check=False)


def test_the_block_blocks(tmp_path: Path) -> None:
    for name in BLOCKED:
        done = run(tmp_path, f"import {name}", strict=True)
        assert done.returncode == 1
        assert "ModuleNotFoundError" in done.stderr


def test_what_check_needs_imports_without_any_of_them(tmp_path: Path) -> None:
    done = run(tmp_path, IMPORTS + "print(sorted(set(sys.modules) & set(BLOCKED)))", strict=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_help_works_without_any_of_them(tmp_path: Path) -> None:
    done = run(tmp_path, CHECK.format(arguments=["check", "--help"]), strict=True)
    assert done.returncode == 0
    assert "my_notebook.ipynb" in done.stdout


def test_what_runs_in_the_kernel_imports_without_any_of_them(tmp_path: Path) -> None:
    pytest.importorskip("grader.sandbox.kernel")
    code = f"sys.path.insert(0, {str(ROOT / 'grader' / 'sandbox')!r})\nimport worker.live, worker.calls, worker.recorder, worker.recover\n"
    done = run(tmp_path, code + "print('done')", strict=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


@pytest.mark.parametrize(("name", "code", "score"), [("right_helper_nd", 0, 50.0), ("wrong_zero_1d", 1, 45.0)])
def test_check_runs_without_walls_and_says_so(tmp_path: Path, name: str, code: int, score: float) -> None:
    pytest.importorskip("grader.sandbox.kernel")
    (tmp_path / "nb.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / name))
    done = run(tmp_path, CHECK.format(arguments=["check", "nb.ipynb", "--format", "json"]), strict=False)
    assert done.returncode == code, done.stderr
    assert "without walls" in done.stderr
    result = json.loads(done.stdout)
    assert (result["score"], result["provenance"]["engine"], result["provenance"]["walls"]) == (score, "kernel", "none")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nb.ipynb", "--engine", "prefork"], "pass --engine kernel"),
        (["check", "nb.ipynb", "--walls", "full"], "pass --walls none"),
        (["grade", "nb.ipynb", "-a", "gradient_checking", "-o", "out", "--public-only"], "refusing to run strangers' code without walls"),
    ],
    ids=["engine", "walls", "grade"],
)
def test_what_cannot_be_had_there_is_refused_with_what_can(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "nb.ipynb").write_bytes(notebooks.to_notebook([]))
    done = run(tmp_path, CHECK.format(arguments=arguments), strict=True)
    assert done.returncode in (2, 4)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
