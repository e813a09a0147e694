"""Whole batches through the command line: attacks among right notebooks, and processes of ours that are killed.

Whatever happens, the right notebooks get the same bytes as in a batch without attacks and accidents.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]
import pytest

from tests import parts
from tests.hostile import attacks
from tests.hostile.bench import ASSIGNMENT, ROOT

CLASS_SIZE = int(os.environ.get("GRADER_TEST_CLASS", "30"))
FEW = 6
SPRINKLED = (
    "01_equality_lies", "02_numpy_patched", "04_killed_by_itself", "05_frames_everywhere", "05_frames_from_a_child_that_stays",
    "05_replies_not_text", "05_whole_session_played", "06_frames_and_objects", "08_observations_faked", "09_too_deep", "11_loop_in_c",
    "12_processes", "13_children_that_stay", "14_left_for_the_next", "14_symlinks_out", "17_processes_that_stand_by",
    "17_supervisor_starved", "18_fifo", "18_truncated", "21_markup_in_names",
)  # fmt: skip
LIMITS = {
    "cell_seconds": 3,  # a right notebook must get by with them on a machine that stands still for a while
    "case_seconds": 3,
    "submission_seconds": 9,
    "cpu_seconds": 6,
    "memory_mb": 400,
    "disk_mb": 16,
    "processes": 32,
    "reply_mb": 8,
}
Bytes = dict[str, tuple[bytes, bytes]]
APART, MOST = 2.0, 2  # seconds between two kills, and how many: the same submission thrice is no accident


class Place(NamedTuple):
    """Where a batch reads and writes."""

    folder: Path
    assignments: Path

    @property
    def submissions(self) -> Path:
        """What was handed in."""
        return self.folder / "submissions"

    @property
    def out(self) -> Path:
        """What is written."""
        return self.folder / "out"

    def command(self, jobs: int) -> list[str]:
        """The command line that grades it."""
        options = ["-a", ASSIGNMENT, "-o", str(self.out), "-j", str(jobs), "--assignments", str(self.assignments), "--walls", "full"]
        return [sys.executable, "-m", "grader", "grade", str(self.submissions), *options]

    def start(self, jobs: int = 2) -> subprocess.Popen[str]:
        """Starts to grade."""
        return subprocess.Popen(self.command(jobs), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def grade(self, jobs: int = 2) -> tuple[int, str]:
        """Exit code and output."""
        process = self.start(jobs)
        output, _ = process.communicate(timeout=150 + CLASS_SIZE)
        return process.returncode, output

    def results(self, students: list[str]) -> Bytes:
        """The bytes that were written for these students."""
        folders = {name: self.out / name for name in students}
        return {name: ((folder / "result.json").read_bytes(), (folder / "feedback.html").read_bytes()) for name, folder in folders.items()}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    parts.need_linux()
    parts.need_walls()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place for a batch of an assignment with small limits."""
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, tmp_path / "assignments" / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "assignments" / ASSIGNMENT / "assignment.toml"
    text = file.read_text(encoding="utf-8")
    for name, value in LIMITS.items():
        text, count = re.subn(rf"^{name} = \d+$", f"{name} = {value}", text, flags=re.MULTILINE)
        assert count == 1, name
    file.write_text(text, encoding="utf-8")
    return Place(tmp_path, tmp_path / "assignments")


def hand_in_right(place: Place, count: int) -> list[str]:
    """Right notebooks, each with a word of its own."""
    students = [f"student{number:03}" for number in range(count)]
    for student in students:
        (place.submissions / student).mkdir(parents=True)
        notebook = attacks.to_notebook(f"{attacks.CLASSIC}\n# %% [markdown]\n# by {student}\n", {})
        (place.submissions / student / "notebook.ipynb").write_bytes(notebook)
    return students


def hand_in_attack(place: Place, name: str, student: str) -> None:
    """An attack among them."""
    folder = attacks.FOLDER / name
    path = place.submissions / student / "notebook.ipynb"
    path.parent.mkdir(parents=True)
    names = {"TCP_PORT": "9", "UDP_PORT": "9", "ABSTRACT": "x", "SOCKET": "/x", "SECRET_PLACES": "[]", "AMONG": "x", "ROOT": str(ROOT)}
    attacks.hand_in(folder, attacks.read_attack(folder), path, names)


_right: dict[int, Bytes] = {}  # by size: the same in every place


def grade_right(place: Place, students: list[str]) -> Bytes:
    """The bytes of a batch in which nothing happens."""
    if len(students) in _right:
        return _right[len(students)]
    status, output = place.grade()
    assert status == 0, output
    results = _right[len(students)] = place.results(students)
    assert {json.loads(result)["score"] for result, _ in results.values()} == {50.0}
    shutil.rmtree(place.out)
    return results


def changed(results: Bytes, before: Bytes) -> list[tuple[str, str, str]]:
    """Whose results or pages are not what they were: where they begin to differ."""
    found = []
    for name, files in before.items():
        for was, now in zip(files, results[name], strict=True):
            if was != now:
                place = next((i for i, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), min(len(was), len(now)))
                found.append((name, was[place - 60 : place + 200].decode(), now[place - 60 : place + 200].decode()))
    return found


def test_attacks_among_right_notebooks(place: Place, record_property: Callable[[str, object], None]) -> None:
    """The issue's class has 200 (GRADER_TEST_CLASS=200): the attacks cost at most their own time limits."""
    students = hand_in_right(place, CLASS_SIZE)
    before = grade_right(place, students)
    begun = time.monotonic()
    place.grade()
    without = time.monotonic() - begun
    shutil.rmtree(place.out)
    step = len(students) / len(SPRINKLED)
    names = [f"student{int(number * step):03}-{name}" for number, name in enumerate(SPRINKLED)]
    for name in names:
        hand_in_attack(place, name.split("-")[1], name)
    begun = time.monotonic()
    status, output = place.grade()
    longer = time.monotonic() - begun - without
    assert status == 3, output  # two of them are unreadable
    record_property("class", f"{CLASS_SIZE} in {without:.1f} s, with {len(SPRINKLED)} attacks {longer:.1f} s more")
    assert longer < len(SPRINKLED) * (LIMITS["submission_seconds"] + 2)
    assert changed(place.results(students), before) == []
    for name in names:
        result = json.loads((place.out / name / "result.json").read_bytes())
        assert result["status"] == ("unreadable" if "-18_" in name else "graded"), name
        assert result["score"] <= 5, name
    assert json.loads((place.out / "run.json").read_bytes())["submissions"] == len(students) + len(names)


@pytest.mark.parametrize("position", ["first", "middle", "last"])
@pytest.mark.parametrize("name", ["05_frames_from_a_child_that_stays", "18_names_of_modules"])
def test_one_poisonous_submission(place: Place, name: str, position: str) -> None:
    students = hand_in_right(place, FEW)
    before = grade_right(place, students)
    poison = {"first": "a", "middle": students[FEW // 2] + "a", "last": "z"}[position]
    hand_in_attack(place, name, poison)
    status, output = place.grade(jobs=1)
    assert status == 0, output
    assert changed(place.results(students), before) == []
    assert (place.out / poison / "result.json").exists()


def victims(grader: psutil.Process, kind: str) -> list[psutil.Process]:
    """Processes of ours: the warm servers, or the first processes of submissions, which watch over student code."""
    found = []
    for process in grader.children(recursive=True):
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            numbers = re.findall(r"^NSpid:\s+(.*)$", status, re.MULTILINE)[0].split()
            chosen = len(numbers) == 2 if kind == "server" else len(numbers) == 3 and numbers[-1] == "1"
            if chosen and "boot.py" in " ".join(process.cmdline()[:8]):
                found.append(process)
        except (psutil.Error, OSError, IndexError):
            continue
    return found


@pytest.mark.parametrize("kind", ["server", "supervisor"])
def test_processes_killed_at_random(place: Place, kind: str) -> None:
    students = hand_in_right(place, CLASS_SIZE)
    before = grade_right(place, students)
    chance = random.Random(kind)
    process = place.start()
    grader, killed, last = psutil.Process(process.pid), 0, 0.0
    while process.poll() is None:
        time.sleep(chance.uniform(0.0, 0.2))
        with contextlib.suppress(psutil.Error):
            if killed < MOST and time.monotonic() > last + APART and (found := victims(grader, kind)):
                chance.choice(found).send_signal(signal.SIGKILL)
                killed, last = killed + 1, time.monotonic()
    output, _ = process.communicate()
    assert killed > 0
    assert process.returncode == 0, output
    assert changed(place.results(students), before) == []


def test_the_grader_killed_and_started_again(place: Place) -> None:
    students = hand_in_right(place, CLASS_SIZE)
    before = grade_right(place, students)
    process = place.start()
    grader = psutil.Process(process.pid)
    while not list(place.out.glob("*/result.json")):
        assert process.poll() is None
        time.sleep(0.01)
    below = grader.children(recursive=True)
    process.kill()
    process.communicate()
    whole = {path.parent.name: path.read_bytes() for path in place.out.glob("*/result.json")}
    assert all(before[name][0] == data for name, data in whole.items()), "a result that is there is whole"
    _, alive = psutil.wait_procs(below, timeout=20)
    assert [other for other in alive if other.is_running() and other.status() != psutil.STATUS_ZOMBIE] == []
    status, output = place.grade()
    assert status == 0, output
    assert changed(place.results(students), before) == []


def test_check_tells_a_terminal_nothing(place: Place) -> None:
    """Rows 21 and 22 through the command that students run."""
    from tests.hostile import pages

    for name in ("22_escapes_in_errors", "22_titles_in_names", "21_markup_in_errors", "21_direction_and_homographs"):
        folder = attacks.FOLDER / name
        attack = attacks.read_attack(folder)
        path = place.submissions / f"{(attack.student or 'ada').replace('/', '-')}.ipynb"
        path.parent.mkdir(exist_ok=True)
        attacks.hand_in(folder, attack, path, {})
        command = [sys.executable, "-m", "grader", "check", str(path), "-a", ASSIGNMENT, "--walls", "full"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1, done.stderr
        assert pages.check_terminal(done.stdout + done.stderr) == [], name
        path.unlink()
