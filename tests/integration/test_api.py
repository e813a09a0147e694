"""The library: the same results as the command line, and our own faults are never a student's zero."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import grader.api
import grader.kit
from grader.api import Grader, grade_notebook, load_assignment, recognise_notebook
from grader.assignments import Assignment, load_reference
from grader.cli import group
from grader.errors import SandboxError, SubmissionError, UsageError, WallsError
from grader.model import Outcome, Status, SubmissionResult
from grader.sandbox import landlock
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.protocol import CallReply, Reply, Request
from tests import notebooks, parts
from tests.executors import DirectExecutor

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "gradient_checking"
RIGHT = notebooks.FOLDER / "right_helper_nd"
WRONG = notebooks.FOLDER / "wrong_zero_1d"


def silent(request: Request) -> Reply:
    """A submission in which no function is found."""
    return Reply((), {function.name: None for function in request.functions}, tuple(CallReply("missing") for _ in request.calls))


def broken(request: Request) -> Reply:
    raise SandboxError("the warm server is gone")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeSandbox]]:
    """Every sandbox that is opened breaks at each request; here they are."""
    opened: list[FakeSandbox] = []

    def open_fake(*_: object, **__: object) -> FakeSandbox:
        opened.append(FakeSandbox(broken, walls="bubblewrap+inner"))
        return opened[-1]

    monkeypatch.setattr(grader.kit, "open_sandbox", open_fake)
    monkeypatch.setattr("grader.sandbox.engines.open_sandbox", open_fake)
    monkeypatch.setattr("grader.sandbox.engines.choose_walls", lambda asked: ("full", ""))
    yield opened
    assert all(sandbox.closed for sandbox in opened)


# The same as the command line


@pytest.mark.parametrize("folder", [RIGHT, WRONG], ids=lambda folder: folder.name)
def test_grade_notebook_gives_what_the_command_line_gives(tmp_path: Path, folder: Path) -> None:
    parts.need_walls()
    path = tmp_path / "ada.ipynb"
    path.write_bytes(notebooks.build(folder))
    command = [sys.executable, "-m", "grader", "grade", str(path), "-a", ASSIGNMENT, "-o", str(tmp_path / "out"), "--format", "jsonl"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=120)
    by_path = grade_notebook(path, ASSIGNMENT)
    assert by_path.to_json() + "\n" == done.stdout
    assert grade_notebook(str(path), ASSIGNMENT).to_json() + "\n" == done.stdout
    by_bytes = grade_notebook(path.read_bytes(), ASSIGNMENT)
    assert (by_bytes.submission.student, by_bytes.submission.source) == ("anonymous", "")
    assert msgspec.structs.replace(by_bytes, submission=by_path.submission) == by_path
    assert by_bytes.submission.sha256 == by_path.submission.sha256


def test_a_result_survives_its_json(tmp_path: Path) -> None:
    parts.need_walls()
    result = grade_notebook(notebooks.build(WRONG), ASSIGNMENT)
    assert SubmissionResult.from_json(result.to_json()) == result
    assert json.loads(result.to_json())["schema"] == "grader.result/1"


def test_one_grader_for_many_notebooks() -> None:
    parts.need_walls()
    with Grader(ASSIGNMENT) as warm:
        first = [warm.grade(notebooks.build(folder), student=folder.name) for folder in (RIGHT, WRONG, RIGHT)]
    assert [result.score for result in first][::2] == [50.0, 50.0]
    assert first[0] == first[2]
    with Grader(ASSIGNMENT) as again:
        assert again.grade(notebooks.build(WRONG), student=WRONG.name).to_json() == first[1].to_json()


def test_load_assignment() -> None:
    loaded = load_assignment(ASSIGNMENT)
    assert isinstance(loaded, Assignment)
    assert loaded.points == 50


def test_everything_that_is_exported_exists() -> None:
    assert all(getattr(grader.api, name) for name in grader.api.__all__)


# Files


def test_a_file_that_is_no_notebook_is_a_result(tmp_path: Path, fake: list[FakeSandbox]) -> None:
    for raw, why in ((b"", "the file is empty"), (b"[]", "the file is JSON, but not a notebook"), (b"x", "the file is not JSON")):
        with Grader(ASSIGNMENT, public_only=True) as warm:
            result = warm.grade(raw, student="ada", source="ada.ipynb")
        assert (result.status, result.score, result.grade, result.exercises) == (Status.UNREADABLE, 0.0, 0.0, ())
        assert result.notes[0].startswith(why)
        assert not fake[-1].requests


def test_a_path_that_cannot_be_read_is_a_result_that_says_why(tmp_path: Path, fake: list[FakeSandbox]) -> None:
    (tmp_path / "ada.ipynb").symlink_to(Path(__file__))
    result = grade_notebook(tmp_path / "ada.ipynb", ASSIGNMENT, public_only=True)
    assert (result.status, result.score) == (Status.UNREADABLE, 0.0)
    assert result.notes == ("it is a link to a place outside of the submissions",)
    assert (result.submission.student, result.submission.source, result.submission.sha256) == ("ada", "ada.ipynb", "")


def test_a_path_or_an_assignment_that_does_not_exist(tmp_path: Path, fake: list[FakeSandbox]) -> None:
    with pytest.raises(UsageError, match="no such file"):
        grade_notebook(tmp_path / "gone.ipynb", ASSIGNMENT)
    with pytest.raises(UsageError, match="no assignment"):
        grade_notebook(b"{}", "xyz")
    assert not fake


def test_the_assignment_is_never_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: list[FakeSandbox]) -> None:
    (tmp_path / "nb.ipynb").write_bytes(notebooks.build(RIGHT))
    for given in (tmp_path / "nb.ipynb", notebooks.build(RIGHT)):
        leading = recognise_notebook(given)[0]
        assert (leading.id, len(leading.names)) == (ASSIGNMENT, 4)
        with pytest.raises(UsageError, match="which assignment") as caught:
            grade_notebook(given)
        assert "it looks like gradient_checking (it defines forward_propagation, " in caught.value.remedy
    with pytest.raises(SubmissionError):
        recognise_notebook(b"no notebook")
    with pytest.raises(UsageError, match="which assignment"):
        grade_notebook(b"no notebook")
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path / "course"))
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, tmp_path / "course" / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
    assert grade_notebook(notebooks.build(RIGHT), public_only=True).assignment.id == ASSIGNMENT, "the only one there is"


def test_without_a_reference_only_public_cases_are_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_REFERENCE", str(tmp_path))
    with pytest.raises(UsageError, match="no reference") as caught:
        Grader(ASSIGNMENT)
    assert "--public-only" in caught.value.remedy
    sandboxes = [FakeSandbox(silent, walls="full")]
    monkeypatch.setattr(grader.kit, "open_sandbox", lambda *_, **__: sandboxes[0])
    monkeypatch.setattr("grader.sandbox.engines.choose_walls", lambda asked: ("full", ""))
    with pytest.raises(UsageError, match="no reference"):
        grade_notebook(notebooks.to_notebook([]), ASSIGNMENT)
    result = grade_notebook(notebooks.to_notebook([]), ASSIGNMENT, public_only=True)
    assert {case.visibility.value for exercise in result.exercises for case in exercise.cases} == {"public"}
    assert {exercise.outcome for exercise in result.exercises} == {Outcome.MISSING}
    assert set(sandboxes[0].requests[0].sources) == {"public"}


# Our own faults


def test_a_sandbox_that_fails_is_tried_again_and_then_nobody_s_zero(fake: list[FakeSandbox]) -> None:
    with Grader(ASSIGNMENT, public_only=True) as warm:
        result = warm.grade(notebooks.build(RIGHT), student="ada")
    assert (result.status, result.score, result.grade) == (Status.NOT_GRADED, None, None)
    assert "the warm server is gone" in result.notes[0]
    assert "through no fault" in result.notes[0]
    assert len(fake[0].requests) == grader.api.TRIES == 3
    assert json.loads(result.to_json())["score"] is None


def test_a_sandbox_that_fails_once_costs_nothing(fake: list[FakeSandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([broken, silent])
    sandbox = FakeSandbox(lambda request: next(answers)(request))
    monkeypatch.setattr(grader.kit, "open_sandbox", lambda *_, **__: sandbox)
    with Grader(ASSIGNMENT, public_only=True) as warm:
        result = warm.grade(notebooks.build(RIGHT))
    assert (result.status, result.score) == (Status.GRADED, 0.0)
    assert sandbox.closed


def test_after_close_nothing_is_tried_again(fake: list[FakeSandbox]) -> None:
    warm = Grader(ASSIGNMENT, public_only=True)
    warm.close()
    assert warm.grade(notebooks.build(RIGHT)).status is Status.NOT_GRADED
    assert len(fake[0].requests) == 1


def test_a_grader_that_cannot_make_its_key_closes_its_sandbox(
    fake: list[FakeSandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))
    if load_reference(load_assignment(ASSIGNMENT)) is None:
        pytest.skip("there is no reference at hand")
    with pytest.raises(SandboxError, match="the warm server is gone"):
        Grader(ASSIGNMENT)
    assert fake[0].closed


@pytest.mark.parametrize("command", ["check", "grade"])
def test_exit_code_4_where_something_could_not_be_graded(
    command: str, fake: list[FakeSandbox], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ada.ipynb"
    path.write_bytes(notebooks.build(RIGHT))
    (tmp_path / "ben.ipynb").write_bytes(b"no notebook")
    if command == "check":
        arguments = ["check", str(path), "-a", ASSIGNMENT, "--format", "json"]
    else:
        monkeypatch.setattr("grader.cli.grade._executor", lambda kit, *_: DirectExecutor(kit))
        arguments = ["grade", str(tmp_path), "-a", ASSIGNMENT, "-o", str(tmp_path / "out"), "--public-only", "--format", "jsonl"]
    assert group.main(arguments, standalone_mode=False) == 4
    first = json.loads(capsysbinary.readouterr().out.splitlines()[0])
    assert (first["status"], first["score"]) == ("not_graded", None)


# Walls


def test_strangers_code_is_refused_where_no_walls_stand(fake: list[FakeSandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.engines.choose_walls", lambda asked: ("none", "there is no bubblewrap here"))
    with pytest.raises(WallsError, match="there is no bubblewrap here") as caught:
        Grader(ASSIGNMENT, public_only=True)
    assert caught.value.remedy
    assert not fake, "nothing was opened"
    with Grader(ASSIGNMENT, public_only=True, walls="none") as told:
        assert told.sandbox is fake[0]
    with Grader(ASSIGNMENT, public_only=True, allow_none=True) as own:
        assert own.kit.without_walls == "there is no bubblewrap here"


@pytest.mark.parametrize(("name", "value"), [("engine", "wasm"), ("walls", "paper")])
def test_names_of_engines_and_walls(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=value) as caught:
        Grader(ASSIGNMENT, public_only=True, **{name: value})  # type: ignore[arg-type]
    assert "choose one of" in caught.value.remedy


def test_walls_that_the_machine_lacks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "missing", lambda: "the kernel has no Landlock")
    with pytest.raises(WallsError, match="no Landlock") as caught:
        Grader(ASSIGNMENT, public_only=True, walls="landlock")
    assert caught.value.remedy
