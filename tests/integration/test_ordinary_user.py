"""An ordinary user gets what root gets: the same bytes behind the same walls. Root has an identity to drop, an ordinary user none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.sandbox.walls import NOBODY, program, site_folders
from tests import parts

ROOT = Path(__file__).parents[2]
PLAIN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
SOME = ("ada", "chloe", "kofi")


class Clone(NamedTuple):
    """A copy that anybody may read, and a folder that the ordinary user may write to."""

    folder: Path
    home: Path
    python: Path

    def grade(self, user: int, walls: str) -> tuple[subprocess.CompletedProcess[str], dict[str, bytes]]:
        """Grades some of the examples as that user; what it said, and the results' bytes."""
        out = self.home / f"out-{user}-{walls}"
        shutil.rmtree(out, ignore_errors=True)
        command = [
            str(self.python),
            "-m",
            "grader",
            "grade",
            "examples",
            "-a",
            "gradient_checking",
            "-o",
            str(out),
            "-j",
            "1",
            "--walls",
            walls,
        ]
        environment = {**PLAIN, "HOME": str(self.home), "GRADER_CACHE": str(self.home / f"cache-{user}")}
        done = subprocess.run([*identity(user), *command], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return done, {path.parent.name: path.read_bytes() for path in out.glob("*/result.json")}


def identity(user: int) -> list[str]:
    """The command that becomes that user, where it is another."""
    if os.geteuid() == user:
        return []
    setpriv = program("setpriv")
    assert setpriv is not None
    return [setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    parts.need_linux()
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    folder = Path(tempfile.mkdtemp(prefix="ordinary-"))  # pytest's own folders are for one user alone
    try:
        folder.chmod(0o755)
        for name in ("grader", "assignments", "reference"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in SOME:
            shutil.copytree(ROOT / "assignments" / "gradient_checking" / "examples" / name, folder / "examples" / name)
        home = folder / "home"
        home.mkdir()
        home.chmod(0o1777)
        yield Clone(folder, home, environment_for_all(folder))
    finally:
        shutil.rmtree(folder)


def environment_for_all(folder: Path) -> Path:
    """An interpreter that root and the ordinary user both run, with the packages of this one."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    says = []
    for base in (Path(sys.base_prefix) / "bin" / f"python{version}", Path(f"/usr/bin/python{version}")):
        place = folder / f"environment-{base.parents[1].name}"
        if subprocess.run([base, "-m", "venv", "--without-pip", place], capture_output=True, check=False).returncode != 0:
            continue
        packages = "\n".join(map(str, site_folders()))
        (place / "lib" / f"python{version}" / "site-packages" / "packages.pth").write_text(packages)
        check = [str(place / "bin" / "python"), "-c", "import sys, numpy, grader.api; print(sys.version, numpy.__file__)"]
        tries = [
            subprocess.run([*identity(user), *check], cwd=folder, env=PLAIN, capture_output=True, text=True, check=False)
            for user in (0, NOBODY)
        ]
        if tries[0].stdout == tries[1].stdout != "":
            return place / "bin" / "python"
        says += [done.stderr.strip()[-200:] or done.stdout for done in tries]
    pytest.skip(f"there is no interpreter here that an ordinary user can run as root does: {says}")


@pytest.mark.parametrize("walls", ["full", "landlock"])
def test_an_ordinary_user_gets_the_bytes_that_root_gets(clone: Clone, walls: str) -> None:
    parts.need_walls() if walls == "full" else parts.need_landlock()
    root, roots = clone.grade(0, walls)
    assert root.returncode == 0, root.stderr
    ordinary, ordinarys = clone.grade(NOBODY, walls)
    assert ordinary.returncode == 0, ordinary.stderr
    assert sorted(roots) == sorted(SOME)
    assert ordinarys == roots


def test_what_an_ordinary_user_cannot_read_is_said(clone: Clone) -> None:
    """A clone that is not theirs: a message, no traceback."""
    (clone.folder / "reference").chmod(0o700)
    try:
        done, results = clone.grade(NOBODY, "full")
    finally:
        (clone.folder / "reference").chmod(0o755)
    assert done.returncode in (2, 4), done.stderr
    assert str(clone.folder / "reference") in done.stderr
    assert "Traceback" not in done.stderr
    assert results == {}
