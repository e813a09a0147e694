"""SIGKILL at random moments of each process of ours: nothing is lost, nothing is doubled, the ledger verifies."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from grader.gradebook import open_gradebook
from tests import notebooks, parts

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("GRADER_TEST_KILLS", "5"))  # each costs seconds; 20 before a release
FIXTURES = ("right_helper_nd", "right_class_1d", "wrong_zero_1d", "wrong_backward_one")
SIZE = 16
MOST = 2  # kills in one run: a submission that meets three is not graded, and rightly
Bytes = Mapping[str, tuple[bytes, bytes]]


class Place:
    """A class of notebooks that all differ, and the bytes that they deserve."""

    def __init__(self, folder: Path) -> None:
        self.submissions, self.out, self.said = folder / "in", folder / "out", folder / "said.txt"
        self.submissions.mkdir()
        for number in range(SIZE):
            content = json.loads(notebooks.build(notebooks.FOLDER / FIXTURES[number % len(FIXTURES)]))
            content["cells"].append({"cell_type": "code", "source": f"# {number}", "metadata": {}, "outputs": [], "execution_count": None})
            (self.submissions / f"student{number:02}.ipynb").write_text(json.dumps(content), encoding="utf-8")
        begun = time.monotonic()
        assert self.start().wait(300) == 0
        self.seconds = time.monotonic() - begun
        self.deserved = self.written()
        assert len(self.deserved) == SIZE
        shutil.rmtree(self.out)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Starts to grade in a session of its own."""
        command = [sys.executable, "-m", "grader", "grade", str(self.submissions), "-a", "gradient_checking", "-o", str(self.out)]
        chosen = options if "--cluster" in options else ("-j", "2", *options)
        with open(self.said, "wb") as said:
            return subprocess.Popen([*command, *chosen], cwd=ROOT, stdout=said, stderr=said, start_new_session=True)

    def written(self) -> Bytes:
        """What lies in the output folder."""
        found = sorted(self.out.glob("*/result.json"))
        return {path.parent.name: (path.read_bytes(), (path.parent / "feedback.html").read_bytes()) for path in found}

    def count(self) -> int:
        """How many results lie there."""
        return len(list(self.out.glob("*/result.json")))

    def check_so_far(self) -> None:
        """What is there is whole and right, and the ledger verifies."""
        now = self.written()
        assert {name: self.deserved[name] for name in now} == now
        if (self.out / "gradebook.db").exists():
            with open_gradebook(self.out / "gradebook.db") as book:
                assert book.verify().broken is None

    def check_whole(self) -> None:
        """Nothing is lost, and nothing is there twice."""
        assert self.written() == self.deserved
        self.check_so_far()
        with contextlib.closing(sqlite3.connect(self.out / "gradebook.db")) as database:
            (last,) = database.execute("SELECT max(id) FROM runs").fetchone()
            students = [row[0] for row in database.execute("SELECT student FROM run_results WHERE run = ?", (last,))]
            assert sorted(students) == sorted(self.deserved)
            (attempts,) = database.execute("SELECT count(*) FROM attempts").fetchone()
            assert attempts == SIZE


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    parts.need_linux()
    parts.need_walls()
    return Place(tmp_path_factory.mktemp("kills"))


@pytest.fixture(autouse=True)
def fresh(place: Place) -> None:
    shutil.rmtree(place.out, ignore_errors=True)


def end(processes: list[psutil.Process]) -> None:
    """Waits until they have ended by themselves, which they must."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    alive = [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert alive == [], [one.cmdline() for one in alive]


def test_coordinator(place: Place) -> None:
    chance, kills = random.Random(5), 0
    while kills < KILLS:
        process = place.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert process.wait(chance.uniform(0.2, place.seconds)) == 0
            place.check_whole()
            shutil.rmtree(place.out)
            continue
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        kills += 1
        end(below)
        place.check_so_far()
    assert place.start().wait(300) == 0
    place.check_whole()


def workers(grader: psutil.Process) -> list[psutil.Process]:
    """The coordinator's forks, each of which grades; it starts other programs, too."""
    return [child for child in grader.children() if child.cmdline() == grader.cmdline()]


def servers(grader: psutil.Process) -> list[psutil.Process]:
    """The warm servers: in a PID namespace of the outer wall, and in none of a submission's."""
    found = []
    for process in grader.children(recursive=True):
        status = Path(f"/proc/{process.pid}/status").read_text()
        numbers = re.findall(r"^NSpid:\s+(.*)$", status, re.MULTILINE)[0].split()
        if len(numbers) == 2 and "boot.py" in " ".join(process.cmdline()[:8]):
            found.append(process)
    return found


def cluster_workers(grader: psutil.Process) -> list[psutil.Process]:
    """The workers of a cluster of this machine's processes."""
    return [child for child in grader.children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.parametrize(
    ("find", "options", "apart"),
    [(workers, (), 1.0), (servers, (), 1.5), (cluster_workers, ("--cluster", "local:2"), 3.0)],
    ids=["worker", "server", "cluster"],
)
def test_worker(place: Place, find: Callable[[psutil.Process], list[psutil.Process]], options: tuple[str, ...], apart: float) -> None:
    """Kills are `apart` seconds apart at least, and MOST in a run at most."""
    if options:
        parts.need("distributed")
    chance, kills, runs = random.Random(7), 0, 0
    while kills < KILLS:
        process = place.start("--force", *options)
        runs += 1
        grader, last, before = psutil.Process(process.pid), time.monotonic() - apart * chance.random(), kills
        while process.poll() is None:
            time.sleep(chance.uniform(0.02, 0.3))
            with contextlib.suppress(psutil.Error, OSError, IndexError):
                if kills < min(KILLS, before + MOST) and time.monotonic() > last + apart and (found := find(grader)):
                    chance.choice(found).send_signal(signal.SIGKILL)
                    kills, last = kills + 1, time.monotonic()
        assert process.returncode == 0, place.said.read_text(encoding="utf-8")[-4000:]
        place.check_whole()
        assert runs < 4 * KILLS  # a run may be over before the next kill is due
