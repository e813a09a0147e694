"""How much a folder holds, where no mount bounds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 1_000


def is_larger(folder: Path, limit: int) -> bool:
    """Whether the files below `folder` take more than `limit` bytes, or are more than a thousand."""
    total = 0
    for count, size in enumerate(_sizes(folder)):
        total += size
        if total > limit or count > MAX_FILES:
            return True
    return False


def _sizes(folder: Path) -> Iterator[int]:
    """The sizes of the files below a folder, links not followed."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                yield entry.stat(follow_symlinks=False).st_size
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(Path(entry.path))
