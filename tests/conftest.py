"""Fixtures of the whole suite."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil  # type: ignore[import-untyped]
import pytest

from tests.hostile import table
from tests.postgresql import database, postgresql  # noqa: F401

# An example that takes 0.2 s, or ten that are long in the making, are a failure by default; on a busy machine any may be.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What came of the attacks: here, where pytest looks even if workers collect the tests."""
    table.write(terminalreporter)


# A job that was started in the background, as a CI may start this, ignores interrupts; its children would, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """When this process's tests are over, none of its processes runs and none of its folders named grader-* lies about."""
    temporary = Path(tempfile.gettempdir())
    before = {*temporary.glob("grader-*")}
    yield
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # others are still at work; the one that starts them looks when all are over
    suspects = [path for path in temporary.glob("grader-*") if path not in before]
    deadline = time.monotonic() + 30  # a grader that runs beside the tests removes its own by then
    while (found := [path for path in suspects if path.exists()] or processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not found


def processes() -> list[str]:
    """The processes below this one that run the worker."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and any("/worker/boot" in part for part in process.cmdline()):
                found.append(f"{process.pid}: {process.cmdline()}")
    return found
