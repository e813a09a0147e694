"""The harness: whatever becomes of the grading, the platform gets its file, and our fault is nobody's zero."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]
import pytest

from grader.lms.bundle import harness
from grader.lms.bundle.grading import Job, choose, not_graded
from grader.lms.bundle.harness import PLACES, run
from grader.model import Status
from tests import lms_results
from tests.unit.test_export_formats import RULES

ASSIGNMENT = """
schema = "grader.assignment/1"
id = "mine"
version = "1"
title = "Mine"
notebook = "mine.ipynb"
[[exercise]]
name = "f"
points = 7
parameters = ["x"]
prompt = "f"
"""
CASES = 'from fractions import Fraction\nfrom grader.model import Case, Close\nCASES = [Case("p1", "f", (1.0,), Close(1e-9))]\n'
WRITES = "import json, pathlib, sys; job = json.load(sys.stdin); pathlib.Path(job['result']).write_text({text!r})"
GRADINGS = {
    "crashes": "raise RuntimeError('secret detail')",
    "is killed": "import os; os.kill(os.getpid(), 9)",
    "hangs": "import time; time.sleep(60)",
    "hangs and cannot be interrupted": "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)",
    "leaves nothing": "pass",
    "leaves half a result": WRITES.format(text='{"schema": "grader.res'),
    "leaves something else": WRITES.format(text='{"score": 50}'),
    "leaves a result and crashes": WRITES.format(text=lms_results.full().to_json()) + "; sys.exit(4)",
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "data" / "assignments" / "mine"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(ASSIGNMENT)
    (folder / "cases.py").write_text(CASES)
    (tmp_path / "submission").mkdir()
    return Job("mine", str(tmp_path / "data"), str(tmp_path / "submission"), "")


def outcome(platform: str, job: Job, code: str, seconds: float = 20) -> tuple[int, Any]:
    results = Path(job.data).parent / "results" / "results.json"
    exit_code = run(platform, job, results, seconds, (sys.executable, "-c", code))
    assert [path.name for path in results.parent.iterdir()] == ["results.json"]
    return exit_code, msgspec.json.decode(results.read_bytes(), type=RULES[platform])


def assert_not_graded(platform: str, code: int, results: Any) -> None:
    match platform:
        case "prairielearn":  # which reads no results where the exit code is not 0
            assert (code, results.gradable, results.score) == (0, False, msgspec.UNSET)
            assert "not graded" in results.format_errors[0].lower()
        case "gradescope":
            assert (code, results.score, results.tests) == (4, msgspec.UNSET, [])
        case "coursera":
            assert (code, results.fractional_score) == (4, msgspec.UNSET)
        case _:
            assert (code, results.status, results.tests) == (4, "error", [])


@pytest.mark.parametrize("what", GRADINGS)
@pytest.mark.parametrize("platform", PLACES)
def test_a_grading_that_fails_costs_nothing(platform: str, what: str, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "_GRACE", 0.3)
    assert_not_graded(platform, *outcome(platform, job, GRADINGS[what], seconds=1.5 if "hangs" in what else 20))


@pytest.mark.parametrize("platform", PLACES)
def test_a_result_is_the_platform_s_file(platform: str, job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    code, results = outcome(platform, job, WRITES.format(text=lms_results.full().to_json()))
    assert code == 0
    printed = capsys.readouterr().out
    match platform:
        case "gradescope":
            assert results.score == lms_results.full().grade
        case "coursera":
            assert json.loads(printed)["fractionalScore"] == results.fractional_score > 0
        case "prairielearn":
            assert results.gradable
            assert results.score > 0
        case _:
            assert results.status == "fail"
    assert printed == "" or platform == "coursera"


def test_a_file_that_cannot_be_read_is_a_zero_with_its_reason(job: Job) -> None:
    code, results = outcome("prairielearn", job, WRITES.format(text=lms_results.unreadable().to_json()))
    assert (code, results.score, results.gradable) == (0, 0, True)
    assert "cannot be read" in results.output


def test_an_older_file_does_not_outlive_its_submission(job: Job, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"score": 1.0, "gradable": true}')
    assert_not_graded("prairielearn", *outcome("prairielearn", job, "raise SystemExit(3)"))


@pytest.mark.parametrize(
    ("platform", "public_only", "is_shown"),
    [("gradescope", False, True), ("github-classroom", True, True), ("github-classroom", False, False)],
)
def test_what_the_grading_said_is_for_those_who_know_the_reference(
    platform: str, public_only: bool, is_shown: bool, job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    code, results = outcome(platform, msgspec.structs.replace(job, public_only=public_only), GRADINGS["crashes"])
    assert_not_graded(platform, code, results)
    assert ("secret detail" in capsys.readouterr().err) is is_shown
    assert "secret detail" not in msgspec.json.encode(results).decode()


@pytest.mark.parametrize("platform", PLACES)
def test_a_grading_that_does_not_start_or_whose_result_does_not_fit(platform: str, job: Job) -> None:
    results = Path(job.data).parent / "results.json"
    code = run(platform, job, results, 20, ("/nonexistent/python",))
    assert_not_graded(platform, code, msgspec.json.decode(results.read_bytes(), type=RULES[platform]))
    broken = msgspec.structs.replace(lms_results.full(), submission=None)
    assert_not_graded(platform, *outcome(platform, job, WRITES.format(text=broken.to_json())))


def test_an_assignment_that_is_broken_is_not_the_student_s_fault(job: Job) -> None:
    (Path(job.data) / "assignments" / "mine" / "assignment.toml").write_text("broken = [")
    assert_not_graded("gradescope", *outcome("gradescope", job, "raise SystemExit(4)"))


def test_the_data_is_for_root_alone(job: Job) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can take it from others")
    Path(job.data).chmod(0o777)
    outcome("gradescope", job, "pass")
    assert Path(job.data).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_platform_that_ends_the_harness_gets_its_file(job: Job, tmp_path: Path, number: int) -> None:
    results, started = tmp_path / "results.json", tmp_path / "started"
    hangs = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    asked = f"Job('mine', {job.data!r}, {job.submission!r}, ''), Path({str(results)!r}), 60, (sys.executable, '-c', {hangs!r})"
    code = "import sys; from pathlib import Path; from grader.lms.bundle import harness; from grader.lms.bundle.grading import Job"
    code += f"\nsys.exit(harness.run('gradescope', {asked}))"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    (child,) = psutil.Process(process.pid).children()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert "the platform ended the grading" in said
    assert_not_graded("gradescope", process.returncode, msgspec.json.decode(results.read_bytes(), type=RULES["gradescope"]))
    assert not psutil.pid_exists(child.pid)


def test_the_entry_that_the_scripts_call(job: Job, tmp_path: Path) -> None:
    """With its own options, isolated from the folder it is started in, and with the real grading, which finds no reference."""
    (tmp_path / "submission" / "grader.py").write_text("raise SystemExit('a module of the student')")
    command = [sys.executable, "-I", "-m", "grader.lms.bundle.harness", "coursera", "-a", "mine", "--data", job.data]
    command += ["--submission", job.submission, "--results", str(tmp_path / "out" / "feedback.json"), "--seconds", "60"]
    done = subprocess.run(command, cwd=job.submission, capture_output=True, text=True, check=False)
    assert "there is no folder of references" in done.stderr
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "feedback.json").read_bytes())
    assert_not_graded("coursera", done.returncode, msgspec.json.decode(done.stdout, type=RULES["coursera"]))


def test_nothing_is_known_and_there_is_a_result() -> None:
    result = not_graded("nowhere", "why")
    assert (result.status, result.points, result.score, result.grade, result.notes) == (Status.NOT_GRADED, 0, None, None, ("why",))


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("names", "source", "others"),
    [
        (("a.ipynb",), "a.ipynb", ()),
        (("z/mine.ipynb", "a.ipynb"), "z/mine.ipynb", ("a.ipynb",)),
        (("b.ipynb", "deep/er/a.IPYNB"), "b.ipynb", ("deep/er/a.IPYNB",)),
        (("a.ipynb", "a-Copy1.ipynb", ".ipynb_checkpoints/a.ipynb", "__MACOSX/a.ipynb", "._a.ipynb"), "a.ipynb", ()),
        (("a.py",), "", ()),
        ((), "", ()),
    ],
)
def test_a_folder_is_one_submission(tmp_path: Path, names: tuple[str, ...], source: str, others: tuple[str, ...]) -> None:
    found = choose(filled(tmp_path, *names), "mine.ipynb")
    assert (found.source, found.others) == (source, others)
    assert found.path == (tmp_path / source if source else None)


def test_links_and_endless_trees_are_not_followed(tmp_path: Path) -> None:
    secret = filled(tmp_path / "secret", "mine.ipynb")
    folder = filled(tmp_path / "submission", "a.ipynb")
    (folder / "link").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    assert choose(folder, "mine.ipynb").source == "a.ipynb"
    (folder / "mine.ipynb").symlink_to(secret / "mine.ipynb")
    submission = choose(folder, "mine.ipynb")
    with pytest.raises(Exception, match="outside of the submissions"):
        submission.read()
