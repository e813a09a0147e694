"""What the watch over a Jupyter kernel sees, without one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader.sandbox import jupyter
from grader.sandbox.worker import lost
from tests import parts

LIMITS = {"memory_mb": 512, "cpu_seconds": 20, "disk_mb": 16}


def test_a_message_that_grows_without_end_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """ZeroMQ keeps the parts of a message in the grader's own memory until the last one is there."""
    parts.need_linux()
    with jupyter.Kernel(LIMITS, walled=False, hidden=()) as kernel, monkeypatch.context() as patch:
        patch.setattr(jupyter.Kernel, "process", SimpleNamespace(pid=0, poll=lambda: None))
        kernel.own_bytes = kernel.own.memory_info().rss - jupyter.MAX_GROWTH - 1
        with pytest.raises(lost.Lost, match=lost.FORGED):
            kernel.watch()
