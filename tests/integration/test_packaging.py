"""What travels in the wheel and in the source archive."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, made by the build backend itself."""
    folder = tmp_path_factory.mktemp("dist")
    code = f"import hatchling.build as b; b.build_wheel({str(folder)!r}); b.build_sdist({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    return folder


def test_wheel_has_the_assignments_and_never_the_reference(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = b"\n".join(archive.read(name) for name in names)
    assert any(name.startswith("grader/data/assignments/") and name.endswith("/assignment.toml") for name in names)
    assert any(name.endswith("/answer_key.json") for name in names)
    assert any(name.endswith(".html.j2") for name in names)
    assert "grader/gradebook/migrations/versions/schema_0001.py" in names
    assert not [name for name in names if "reference" in name or name.startswith("tests")]
    for secret in (ROOT / "reference").rglob("*.py"):
        assert secret.read_bytes() not in texts, secret


def test_source_archive_has_no_reference(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert names
    assert not [name for name in names if name.split("/")[1:2] == ["reference"]]  # docs/reference is the book's


def test_reference_is_found_in_no_installed_copy(built: Path, tmp_path: Path) -> None:
    """A student's installation lists and checks assignments, and has no reference to grade by."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "from grader import assignments as a; i = a.list_ids(); print(i, a.load_reference(a.load(i[0])))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.endswith("None\n")
    assert done.stdout.startswith("['")
