"""`grader doctor` and the trials of the walls: each stands behind real walls, and fails where there is none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from grader.errors import SandboxError
from grader.sandbox import trials
from grader.sandbox.engines import open_sandbox
from grader.sandbox.protocol import CallReply, Reply, Request, Sandbox
from grader.sandbox.trials import Trial
from tests import parts
from tests.integration.test_portable import BLOCK, BLOCKED, CHECK

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "reference"
PACKAGES = Path(np.__file__).parent  # a folder that every submission may read
NEEDS = {"full": parts.need_walls, "landlock": parts.need_landlock, "none": parts.need_linux}
REACHING, EXHAUSTING = trials.NAMES[:4], trials.NAMES[4:]
tiers = pytest.mark.parametrize("tier", ["full", "landlock"])


def opened(tier: str) -> Sandbox:
    NEEDS[tier]()
    return open_sandbox("prefork", tier, [REFERENCE])


def try_walls(
    tier: str, *, secret: Path = REFERENCE, wrap: Callable[[Sandbox], Sandbox] = lambda sandbox: sandbox, exhausting: bool = True
) -> dict[str, Trial]:
    tried = trials.run(lambda: wrap(opened(tier)), {"the reference": trials.sample(secret, 2)}, exhausting=exhausting)
    return {trial.name: trial for trial in tried}


class Wrapped:
    """A sandbox whose requests or replies something goes wrong with."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.engine, self.walls, self.python, self.numpy = sandbox.engine, sandbox.walls, sandbox.python, sandbox.numpy

    def run(self, request: Request) -> Reply:
        return self.sandbox.run(request)

    def close(self) -> None:
        self.sandbox.close()


class Lax(Wrapped):
    """Its limits are eight times what they should be."""

    def run(self, request: Request) -> Reply:
        limits = request.limits
        wider = {name: 8 * getattr(limits, name) for name in ("memory_mb", "disk_mb", "processes")}
        return super().run(msgspec.structs.replace(request, limits=msgspec.structs.replace(limits, **wider)))


class Breaking(Wrapped):
    """Breaks when it runs out of memory, and answers nothing after a submission that had too many processes."""

    after = ""

    def run(self, request: Request) -> Reply:
        (function, *_) = request.functions
        if function.name == "try_memory":
            raise SandboxError("the reply broke off")
        reply = super().run(request)
        if self.after == "try_processes":
            reply = msgspec.structs.replace(reply, calls=(CallReply("lost", reason="no reply came"),))
        self.after = function.name
        return reply


# The trials


@tiers
def test_every_wall_stands(tier: str) -> None:
    tried = try_walls(tier)
    assert [trial.text for trial in tried.values() if not trial.stands] == []
    assert tuple(tried) == trials.NAMES
    assert tried["key"].text == "the reference cannot be read"
    assert tried["processes"].text == "stopped at 64 processes, and the next submission works"


def test_without_walls_all_that_can_be_reached_is_seen_to_be() -> None:
    before = {path for place in trials.SHARED for path in Path(place).iterdir()}
    tried = try_walls("none", exhausting=False)
    assert tuple(tried) == REACHING
    assert [name for name in ("key", "sibling", "socket") if tried[name].stands] == []
    assert str(REFERENCE) in tried["key"].text
    assert "with signals" in tried["sibling"].text
    assert "submission.py" in tried["sibling"].text
    assert all(word in tried["socket"].text for word in ("TCP", "UDP", "Unix", "1 more"))
    left = {path.name for place in trials.SHARED for path in Path(place).iterdir() if path not in before}
    assert [name for name in left if re.fullmatch("grader[0-9a-f]{8}", name)] == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root has privileges without walls for certain")
def test_without_walls_root_s_privileges_are_seen_to_be_had() -> None:
    assert "a mount" in try_walls("none", exhausting=False)["privileges"].text


@tiers
def test_a_secret_that_lies_where_the_walls_let_in_is_found(tier: str) -> None:
    tried = try_walls(tier, secret=PACKAGES, exhausting=False)
    assert [name for name in REACHING if not tried[name].stands] == ["key"]
    assert f"reached {PACKAGES}" in tried["key"].text


def test_limits_that_do_not_hold_are_seen_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind walls, but with limits far beyond those that it is to be stopped at."""
    monkeypatch.setattr(trials, "FORKS", 100)
    tried = try_walls("full", wrap=Lax)
    assert [name for name in trials.NAMES if not tried[name].stands] == [*EXHAUSTING]
    for name, limit in (("processes", "64 processes"), ("memory", "256 MB of memory"), ("disk", "16 MB on disk")):
        assert tried[name].text.startswith(f"the limit of {limit} did not stop it: ")


def test_what_does_not_end_alone_is_seen_not_to() -> None:
    tried = try_walls("full", wrap=Breaking)
    assert tried["processes"].text == "the next submission does not work: no reply came"
    assert tried["memory"].text == "the sandbox broke: the reply broke off"
    assert tried["disk"].stands


def test_a_trial_that_cannot_be_made_is_no_pass() -> None:
    class Mute(Wrapped):
        def run(self, request: Request) -> Reply:
            reply = super().run(request)
            lost = tuple(CallReply("lost", reason="its process ended") for _ in reply.calls)
            return reply if request.functions[0].name == "stay" else msgspec.structs.replace(reply, calls=lost)

    tried = try_walls("full", wrap=Mute, exhausting=False)
    assert {trial.text for trial in tried.values()} == {"it could not be tried: its process ended"}
    assert not any(trial.stands for trial in tried.values())


def test_processes_that_stay_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the submission's name stands for them, outside."""
    code = "import ctypes, sys, time\nctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)\ntime.sleep(60)"
    started: list[subprocess.Popen[bytes]] = []

    class Leaving(Wrapped):
        def run(self, request: Request) -> Reply:
            if request.functions[0].name == "try_disk":
                monkeypatch.setattr(trials, "END_SECONDS", 0.5)
                name = str(request.calls[0].arguments[2][1])
                started.append(subprocess.Popen([sys.executable, "-S", "-c", code, name]))
                while psutil.Process(started[0].pid).name() != name:
                    time.sleep(0.01)
            return super().run(request)

    try:
        tried = try_walls("full", wrap=Leaving)
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [trial.text for trial in tried.values() if not trial.stands] == ["its processes still run when it has been ended"]


def test_a_sibling_that_does_not_live_is_no_proof() -> None:
    class Alone(Wrapped):
        def run(self, request: Request) -> Reply:
            gone = request.functions[0].name == "stay"
            return super().run(msgspec.structs.replace(request, cells=()) if gone else request)

    with pytest.raises(SandboxError, match="no second submission"):
        try_walls("full", wrap=Alone)


def test_the_sample_of_a_folder(tmp_path: Path) -> None:
    assert trials.sample(tmp_path / "gone", 2) == trials.sample(tmp_path, 2) == []
    for name in ("a", "b/c", "b/d/e", "empty"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("" if name == "empty" else name)
    (tmp_path / "link").symlink_to("a")
    assert trials.sample(tmp_path, 1) == [tmp_path, tmp_path / "a"]
    assert trials.sample(tmp_path, 2) == [tmp_path, tmp_path / "a", tmp_path / "b" / "c"]


# The command

DOCTOR = """
import sys
from grader.cli import main
sys.argv = ["grader", "doctor"]
main()
"""
NO_WALLS = """
from grader.sandbox import landlock, walls
walls.program = lambda name: None
landlock.missing = lambda: "the kernel has no Landlock"
"""
# Starts what follows as a child and says what of it is left: orphans come to this process.
WATCH = """
import ctypes, psutil, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
done = subprocess.run([sys.executable, "-m", "grader", "doctor"])
left = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=20)[1]
print("left:", [process.cmdline() for process in left])
sys.exit(done.returncode)
"""


def doctor(folder: Path, code: str = DOCTOR, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`grader doctor` with one cached answer key, and a temporary folder of its own."""
    cache = folder / "cache"
    cache.mkdir()
    (cache / "key.json").write_text("{}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTEST_", "COV_"))}
    environment = {**kept, "PYTHONPATH": str(ROOT), "GRADER_CACHE": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done


def lines(output: str) -> dict[str, str]:
    """The lines by their first words."""
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in output.splitlines() if line[:1].strip()}


def test_doctor_says_of_every_wall_that_it_stands_and_leaves_nothing(tmp_path: Path) -> None:
    parts.need_walls()
    done = doctor(tmp_path, WATCH)
    assert done.returncode == 0, done.stdout
    said = lines(done.stdout)
    assert [name for name in trials.NAMES if not said[name].startswith("stands: ")] == []
    assert said["key"].startswith("stands: the answer keys, the reference, the grader")
    assert said["landlock"].startswith("the weaker tier")
    assert said["left:"] == "[]"


def test_doctor_fails_where_a_wall_is_broken_through_and_says_what_mends_it(tmp_path: Path) -> None:
    parts.need_walls()
    done = doctor(tmp_path, GRADER_CACHE=str(PACKAGES))
    assert done.returncode == 4
    assert re.search(r"^key +FAILS: reached .*\n +move it out of the folders .*GRADER_CACHE", done.stdout, re.MULTILINE)
    assert done.stdout.count("FAILS") == 1 + ("FAILS in trials: key" in done.stdout)


def test_doctor_where_namespaces_are_refused(tmp_path: Path) -> None:
    parts.need_landlock()
    done = doctor(tmp_path, parts.REFUSE, "namespaces", sys.executable, "-m", "grader", "doctor")
    assert done.returncode == 0, done.stdout
    said = lines(done.stdout)
    assert said["walls"].startswith("landlock, the weaker tier")
    assert [name for name in trials.NAMES if not said[name].startswith("stands: ")] == []


def test_doctor_where_no_walls_stand(tmp_path: Path) -> None:
    done = doctor(tmp_path, NO_WALLS + DOCTOR)
    assert done.returncode == 4
    said = lines(done.stdout)
    assert said["walls"].startswith("MISSING: ")
    assert said["trials"] == "none: no walls stand that could be tried"
    assert not {*trials.NAMES} & {*said}


def test_doctor_where_nothing_of_linux_exists(tmp_path: Path) -> None:
    block = BLOCK.format(blocked=BLOCKED, grader=str(ROOT / "grader") + os.sep, strict=False)
    done = doctor(tmp_path, block + CHECK.format(arguments=["doctor"]))
    assert done.returncode == 4
    said = lines(done.stdout)
    assert said["walls"].startswith("MISSING: the walls need Linux")
    assert said["kernel"] == "works, walls: none"
    assert said["trials"] == "none: no walls stand that could be tried"
