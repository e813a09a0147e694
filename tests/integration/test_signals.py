"""Every command ends on a signal as on Ctrl-C: with its exit code, and with nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests import parts

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]


@contextlib.contextmanager
def started(arguments: list[str], temporary: Path, before: Callable[[], object] | None = None) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-m", "grader", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=before,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(found: Callable[[], str], process: subprocess.Popen[str]) -> str:
    while not (value := found()):
        assert process.poll() is None
        time.sleep(0.02)
    return value


def ended(process: subprocess.Popen[str], sent: signal.Signals) -> tuple[int, str, list[psutil.Process]]:
    """Its exit code and stderr after a signal to it alone, and which of its processes still run."""
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    return process.returncode, said, psutil.wait_procs(below, timeout=10)[1]


@pytest.mark.parametrize("sent", SIGNALS)
def test_doctor_leaves_no_folder(sent: signal.Signals, tmp_path: Path) -> None:
    parts.need_walls()
    with started(["doctor"], tmp_path) as process:

        def plant() -> str:
            sockets = [one.laddr for one in psutil.Process(process.pid).net_connections("unix")]
            return next((place for place in sockets if isinstance(place, str) and place.startswith("/tmp/grader-")), "")

        place = wait_for(plant, process)
        code, said, left = ended(process, sent)
    assert (code, left) == (130, []), said
    assert not Path(place).parent.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sent", SIGNALS)
def test_check_leaves_no_folder(sent: signal.Signals, tmp_path: Path) -> None:
    parts.need_landlock()
    cell: dict[str, object] = {"cell_type": "code", "source": "import time\ntime.sleep(60)", "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    book = tmp_path / "slow.ipynb"
    book.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    temporary = tmp_path / "t"
    temporary.mkdir(mode=0o711)
    with started(["check", str(book), "-a", "gradient_checking", "--walls", "landlock"], temporary) as process:
        wait_for(lambda: "".join(str(path) for path in temporary.glob("grader-*")), process)
        time.sleep(1)
        code, said, left = ended(process, sent)
    assert (code, left) == (130, []), said
    assert list(temporary.iterdir()) == []


def test_a_hangup_that_is_to_be_ignored_is(tmp_path: Path) -> None:
    """As under nohup."""
    if sys.platform == "win32":
        pytest.skip("Windows has no SIGHUP")
    ignore = partial(signal.signal, signal.SIGHUP, signal.SIG_IGN)
    with started(["assignment", "list"], tmp_path, before=ignore) as process:
        while process.poll() is None:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        told, said = process.communicate()
    assert process.returncode == 0, said
    assert "gradient_checking" in told
