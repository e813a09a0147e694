"""What a worker does at its end."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from grader import executors


class Told:
    """That the coordinator has ended the worker, or has not."""

    def __init__(self, is_told: bool) -> None:
        self.is_told = is_told


def test_a_killed_coordinator_that_is_seen_late_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, begun = tmp_path / "batch", time.monotonic()
    folder.mkdir()
    monkeypatch.setattr(os, "getppid", lambda: 7 if time.monotonic() < begun + 0.5 else 1)
    executors._clear_up(str(folder), 7, Told(False))  # type: ignore[arg-type]
    assert not folder.exists()


def test_a_coordinator_that_lives_keeps_its_folder(tmp_path: Path) -> None:
    executors._clear_up(str(tmp_path), os.getppid(), Told(True))  # type: ignore[arg-type]
    assert tmp_path.exists()
