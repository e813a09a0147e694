"""A folder that student code writes to, where no mount bounds it: how much it holds, and its removal."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 1_000
_HIDDEN = (errno.EACCES, errno.ENAMETOOLONG)  # folders without a right to look, and nested so deep that no path leads there


def is_larger(folder: Path, limit: int) -> bool:
    """Whether the files below `folder` take more than `limit` bytes, are more than a thousand, or some are where nobody can look."""
    total = 0
    for count, size in enumerate(_sizes(folder)):
        total += size
        if total > limit or count > MAX_FILES:
            return True
    return False


def _sizes(folder: Path) -> Iterator[int]:
    """The sizes of the files below a folder, links not followed; more than any of what is hidden."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    try:
                        yield entry.stat(follow_symlinks=False).st_size
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                    except OSError as error:
                        yield _size_of_unseen(error)
        except OSError as error:
            yield _size_of_unseen(error)


def _size_of_unseen(error: OSError) -> int:
    """Of what could not be looked at: mostly it is gone by now."""
    return sys.maxsize if error.errno in _HIDDEN else 0


def remove(folder: Path) -> None:
    """Removes a folder in which student code has written, however deep it nested others and whatever rights it took from them.

    Nothing may write there any more. What still cannot be removed stays.
    """
    if os.open in os.supports_dir_fd:
        with contextlib.suppress(OSError):
            _flatten(folder)  # first: rmtree at its end with the stack leaves folders open
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


def _flatten(folder: Path) -> None:
    """Moves the folders below one up into it, so that none is deep."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    top, number = os.open(folder, flags), 0
    try:
        waiting = _folders_in(top)
        while waiting:
            try:
                below = os.open(waiting.pop(), flags, dir_fd=top)
            except OSError:
                continue
            try:
                for name in _folders_in(below):
                    number += 1
                    with contextlib.suppress(OSError):
                        os.rename(name, moved := f"grader-removes-{number}", src_dir_fd=below, dst_dir_fd=top)
                        waiting.append(moved)
            finally:
                os.close(below)
    finally:
        os.close(top)


def _folders_in(descriptor: int) -> list[str]:
    """The folders in an open one, with their rights given back."""
    with os.scandir(descriptor) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for name in names:
        with contextlib.suppress(OSError):
            os.chmod(name, 0o700, dir_fd=descriptor)
    return names
