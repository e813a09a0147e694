"""What goes into a bundle, and what must not."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grader import assignments
from grader.assignments import Assignment
from grader.errors import AssignmentError, OutputError, UsageError
from grader.lms.bundle import PLATFORMS, Platform, wheels
from grader.lms.bundle.contents import Parts, contents, find_reference
from grader.lms.bundle.wheels import Wheel, closure, requirements, target
from grader.packing import Entry, tarred, write_folder, write_zip, zipped

ROOT = Path(__file__).parents[2]
A = "gradient_checking"


def wheel(name: str, version: str = "1.0", *requires: str) -> Wheel:
    return Wheel(f"{name}-{version}-py3-none-any.whl", name.encode(), requires)


WHEELS = (wheel("grader", "0.1.0", "numpy"), wheel("numpy", "2.0"))


@pytest.fixture(scope="module")
def bundled() -> Parts:
    assignment = assignments.load(A)
    return Parts(assignment, find_reference(assignment, None), WHEELS, "3.12")


def by_path(platform: Platform, given: Parts) -> dict[str, Entry]:
    return {entry.path: entry for entry in contents(platform, given)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_files_are_sorted_safe_and_in_unix_form(platform: Platform, bundled: Parts) -> None:
    entries = contents(platform, bundled)
    assert [entry.path for entry in entries] == sorted({entry.path for entry in entries})
    for entry in entries:
        assert not {"..", "__pycache__", ".git", "examples", "tests_", ""} & {*entry.path.split("/")}
        assert not entry.path.endswith((".pyc", "~"))
        if entry.is_executable:
            assert entry.data.startswith(b"#!/bin/sh\n")
            assert b"\r" not in entry.data
            assert b"%%" not in entry.data
            subprocess.run(["sh", "-n"], input=entry.data, check=True)
    assert {entry.path.rsplit("/", 1)[-1] for entry in entries if entry.is_executable} >= {"setup.sh"}


def test_gradescope_s_scripts_are_at_the_root(bundled: Parts) -> None:
    files = by_path("gradescope", bundled)
    with zipfile.ZipFile(io.BytesIO(zipped(files.values()))) as archive:
        for name in ("setup.sh", "run_autograder"):
            mode = archive.getinfo(name).external_attr >> 16
            assert stat.S_ISREG(mode)
            assert mode & 0o111 == 0o111
        assert archive.getinfo("grader/requirements.txt").external_attr >> 16 & 0o777 == 0o644
    assert b"--seconds 300" in files["run_autograder"].data
    assert b"python=python3.12\n" in files["setup.sh"].data
    assert f"grader/reference/{A}/cases.py" in files
    assert f"grader/assignments/{A}/assignment.toml" in files


def test_prairielearn_s_image_holds_nothing_secret(bundled: Parts) -> None:
    files = by_path("prairielearn", bundled)
    image = b"\n".join(entry.data for path, entry in files.items() if path.startswith("image/"))
    for path, entry in files.items():
        if "/reference/" in path:
            assert path.startswith("question/tests/")
            assert entry.data not in image
    info = json.loads(files["question/info.json"].data)
    options = info["externalGradingOptions"]
    assert info["gradingMethod"] == "External"
    assert options["entrypoint"] == "/opt/bundle/run"
    assert options["timeout"] > 300  # the harness ends first
    assert not options["enableNetworking"]
    assert b'file-names="Gradient_Checking.ipynb"' in files["question/question.html"].data


def secrets() -> list[bytes]:
    return [path.read_bytes() for path in (ROOT / "reference" / A).glob("*.py")]


def test_classroom_s_repository_holds_nothing_secret(bundled: Parts) -> None:
    files = by_path("github-classroom", bundled)
    open_files = b"\n".join(entry.data for path, entry in files.items() if path.startswith("repository/"))
    assert [secret for secret in secrets() if secret in open_files or base64.b64encode(secret) in open_files] == []
    assert [path for path in files if not path.startswith("repository/")] == ["private/GRADER_REFERENCE_ARCHIVE.txt"]
    packed = base64.b64decode(files["private/GRADER_REFERENCE_ARCHIVE.txt"].data, validate=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        member = archive.extractfile(f"{A}/cases.py")
        assert member is not None
        assert member.read() == (ROOT / "reference" / A / "cases.py").read_bytes()
    without = by_path("github-classroom", msgspec.structs.replace(bundled, reference=None))
    assert [path for path in without if "private" in path or "reference" in path] == []
    assert {*without} < {*files}


def test_classroom_s_workflow(bundled: Parts) -> None:
    files = by_path("github-classroom", bundled)
    workflow = yaml.safe_load(files["repository/.github/workflows/classroom.yml"].data)
    steps = workflow["jobs"]["grade"]["steps"]
    scripts = [step["run"].split()[-1] for step in steps if "run" in step]
    assert [f"repository/{script}" in files for script in scripts] == [True, True]
    reporter = steps[-1]
    assert reporter["with"] == {"runners": "grader"}
    assert reporter["env"] == {"GRADER_RESULTS": "${{ steps.grader.outputs.result }}"}
    assert workflow["permissions"]["contents"] == "read"
    assert next(step for step in steps if step.get("uses", "").startswith("actions/setup-python"))["with"] == {"python-version": "3.12"}


@pytest.mark.parametrize("is_offline", [True, False])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_package_is_pinned_and_the_dependencies_travel_where_there_is_no_network(
    platform: Platform, is_offline: bool, bundled: Parts
) -> None:
    files = by_path(platform, msgspec.structs.replace(bundled, is_offline=is_offline))
    (pins,) = (entry.data.decode() for path, entry in files.items() if path.endswith("requirements.txt"))
    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("grader", "numpy")}
    assert pins == f"grader==0.1.0 --hash=sha256:{digests['grader']}\nnumpy==2.0 --hash=sha256:{digests['numpy']}\n"
    travels = is_offline and platform != "github-classroom"
    names = {path.rsplit("/", 1)[-1] for path in files if path.endswith(".whl")}
    assert names == {"grader-0.1.0-py3-none-any.whl", *(["numpy-2.0-py3-none-any.whl"] if travels else [])}
    assert any(path.endswith("/offline") for path in files) is travels


def test_what_no_bundle_can_be_made_of(bundled: Parts) -> None:
    with pytest.raises(UsageError, match="no reference"):
        contents("coursera", msgspec.structs.replace(bundled, reference=None))
    strange: Assignment = msgspec.structs.replace(bundled.assignment, id="a'; rm -rf /; '")
    with pytest.raises(AssignmentError, match="cannot be bundled"):
        contents("coursera", msgspec.structs.replace(bundled, assignment=strange))


def test_a_reference_that_is_too_large_for_a_secret(bundled: Parts, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_bytes(os.urandom(50_000))
    with pytest.raises(UsageError, match="too large for a secret"):
        contents("github-classroom", msgspec.structs.replace(bundled, reference=tmp_path))


ENTRIES = [Entry("b/run", b"#!/bin/sh\n", is_executable=True), Entry("a.txt", b"x" * 1000), Entry("b/é.whl", b"y")]


def test_the_order_and_the_clock_change_nothing() -> None:
    assert zipped(ENTRIES) == zipped(reversed(ENTRIES))
    assert tarred(ENTRIES) == tarred(reversed(ENTRIES))


def test_a_folder_has_the_same_permissions_under_every_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_folder(tmp_path / "out", ENTRIES)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]}
    assert modes == {"out": 0o755, "b": 0o755, "run": 0o755, "a.txt": 0o644, "é.whl": 0o644}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_zip(tmp_path / "file" / "x.zip", ENTRIES)
    with pytest.raises(OutputError):
        write_folder(tmp_path / "out", [Entry("a", b""), Entry("a/b", b"")])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


NAMES = [f"p{number}" for number in range(6)]
EDGES = st.lists(st.tuples(st.sampled_from(["grader", *NAMES]), st.sampled_from([*NAMES, "absent"])), max_size=20)


@given(EDGES)
def test_the_closure_is_what_can_be_reached_and_no_more(edges: list[tuple[str, str]]) -> None:
    found = {name: wheel(name, "1.0", *(to for origin, to in edges if origin == name)) for name in ["grader", *NAMES]}
    reached, todo = set[str](), ["grader"]
    while todo:
        name = todo.pop()
        if name not in reached and name in found:
            reached.add(name)
            todo += [to for origin, to in edges if origin == name]
    needed, lacking = closure(found, target("3.11"))
    assert needed == reached
    assert {*lacking} == {to for origin, to in edges if origin in reached and to == "absent"}


def test_markers_extras_and_versions_are_those_of_the_platform() -> None:
    found = {
        "grader": wheel(
            "grader", "1.0", "a[x]>=2", "b; sys_platform == 'win32'", "c; python_version < '3.12'", "d>=3; platform_machine == 'x86_64'"
        ),
        "a": wheel("a", "2.0", "e; extra == 'x'", "f; extra == 'y'"),
        "c": wheel("c"),
        "d": wheel("d", "2.0"),
        "e": wheel("e", "1.0rc1"),
    }
    assert closure(found, target("3.11")) == ({"grader", "a", "c", "e"}, {"d>=3": None})
    assert closure(found, target("3.12")) == ({"grader", "a", "e"}, {"d>=3": None})


def test_requirements_are_sorted() -> None:
    assert requirements(WHEELS) == requirements(WHEELS[::-1])


def test_where_pip_is_missing_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip"):
        wheels.collect("3.11")
