"""What a worker does at its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import executors, serving
from grader.api import Grader
from grader.assignments import load
from grader.errors import SandboxError
from grader.kit import Kit, Settings, prepare
from tests import parts

ROOT = Path(__file__).parents[2]


class Told:
    """That the coordinator has ended the worker, or has not."""

    def __init__(self, is_told: bool) -> None:
        self.is_told = is_told


def test_a_killed_coordinator_that_is_seen_late_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, begun = tmp_path / "batch", time.monotonic()
    folder.mkdir()
    monkeypatch.setattr(os, "getppid", lambda: 7 if time.monotonic() < begun + 0.5 else 1)
    serving._clear_up(str(folder), 7, Told(False))  # type: ignore[arg-type]
    assert not folder.exists()


def test_a_killed_coordinator_leaves_nothing_however_deep_a_submission_nested_it(tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    before, top = os.open(".", os.O_RDONLY), os.open(folder, os.O_RDONLY)
    os.fchdir(top)
    for _ in range(3_000):  # as a killed worker's submission may leave it where no mount bounds it
        os.mkdir("d")
        os.chdir("d")
    os.fchdir(before)
    os.close(before)
    os.close(top)
    serving._clear_up(str(folder), -1, Told(False))  # type: ignore[arg-type]
    assert not folder.exists()


def test_a_coordinator_that_lives_keeps_its_folder(tmp_path: Path) -> None:
    serving._clear_up(str(tmp_path), os.getppid(), Told(True))  # type: ignore[arg-type]
    assert tmp_path.exists()


def test_workers_that_cannot_start_are_told_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They wait for no end of a coordinator that lives."""
    parts.need_linux()

    def fail(kit: Kit, sandbox: object) -> None:
        raise SandboxError("no sandbox today")

    monkeypatch.setattr(Grader, "of", fail)
    monkeypatch.setattr(serving, "_GONE_SECONDS", 1_000)
    executor = executors.LocalExecutor(kit(), 2)
    try:
        executor.hire()
        with pytest.raises(SandboxError, match="no worker could open a sandbox"):
            wait_for_the_end(executor)
    finally:
        executor.close()


def kit() -> Kit:
    made, sandbox = prepare(load("gradient_checking"), Settings(public_only=True, walls="none"))
    sandbox.close()
    return made


def wait_for_the_end(executor: executors.LocalExecutor) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        executor.receive(0.5)
        executor.hire()


INTERRUPTED = """
import os, signal
from grader.assignments import load
from grader.executors import LocalExecutor
from grader.kit import Settings, prepare

kit, sandbox = prepare(load("gradient_checking"), Settings(public_only=True, walls="none"))
sandbox.close()
executor = LocalExecutor(kit, 2)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    executor.hire()
except KeyboardInterrupt as error:
    kept = error  # with all that its frames hold, as where it ends the command line
    print("stopped")
finally:
    executor.close()
"""


def test_an_interrupt_while_a_worker_starts_leaves_none_to_wait_for(tmp_path: Path) -> None:
    """It would wait for its orders, and the coordinator for its end."""
    parts.need_linux()
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        said, _ = process.communicate(timeout=8)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert (process.returncode, said) == (0, "stopped\n")


TOLD_EARLY = """
import os, signal, sys, tempfile
from multiprocessing import Pipe
from grader.serving import ANSWERED, serve

ours, theirs = Pipe()
folder = tempfile.mkdtemp()
pid = os.fork()
if pid == 0:
    signal.pthread_sigmask(signal.SIG_BLOCK, ANSWERED)
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        serve(theirs, os.getppid(), None, None, None, folder, None, (ours,))
    finally:
        os._exit(0)
theirs.close()
ours.close()
os.waitpid(pid, 0)
os.rmdir(folder)
"""


def test_a_worker_that_is_told_to_end_while_it_starts_ends_at_once() -> None:
    """Else it takes the end of its connection for that of a killed coordinator, and waits ten seconds for it to show."""
    parts.need_linux()
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", TOLD_EARLY], cwd=ROOT, check=True, timeout=60)
    assert time.monotonic() - start < 9
