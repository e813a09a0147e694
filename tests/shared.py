"""What the workers of one test run share: a folder, and who makes what lies in it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest


def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    path.mkdir(exist_ok=True)
    return path


@contextlib.contextmanager
def once(place: Path, name: str) -> Iterator[bool]:
    """Whether what is made in here is still to be made; who comes second waits until it is there."""
    import fcntl  # which Windows lacks

    with open(place / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place / f"{name}.done"
        yield not done.exists()
        done.touch()
