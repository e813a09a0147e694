"""A file's saves, however an editor makes them: written in place, or beside it and then renamed over it.

The folder is watched, since a rename puts another file in the place of the one that was there. What the system tells nothing of, as on
a network's disk or behind a link, is seen by looking a few times a second.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SETTLE_MS = 20  # without a change, until what changed is looked at
LOOK_MS = 200
WHOLE_SECONDS = 1.0  # a file that makes no sense is read again for so long: it may be half written
AGAIN_SECONDS = 0.03

_Stamp = tuple[int, int, int]


def saves(path: Path, is_whole: Callable[[bytes], bool]) -> Iterator[bytes | None]:
    """The file's bytes as they are now, then whenever they are others; None, once, where it is gone until it is back.

    is_whole: whether the bytes make sense; those that make none are given only where they stay so for a second. Never ends; raises
    KeyboardInterrupt as it comes.
    """
    last: tuple[bytes | None] | None = None
    stamp: _Stamp | None = None
    for is_told in _moments(path):
        now = _stamp(path)
        if last is not None and now == stamp and not is_told:
            continue
        data = _read_whole(path, is_whole)
        stamp = now
        if last != (data,):
            last = (data,)
            yield data


def _moments(path: Path) -> Iterator[bool]:
    """When to look at the file: at once, when something happened to it (True), and else a few times a second (False)."""
    from watchfiles import watch

    yield True
    while True:
        target = path.resolve()
        is_ours = functools.partial(_is_of, target.name)
        try:
            for changes in watch(
                target.parent,
                watch_filter=is_ours,
                recursive=False,
                step=SETTLE_MS,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=True,
            ):
                yield bool(changes)
                if path.resolve() != target or not target.parent.exists():
                    break  # another file, or a folder that has to come back
        except OSError:  # there is no such folder now, or it cannot be watched
            pass
        time.sleep(LOOK_MS / 1000)
        yield True


def _is_of(name: str, _: object, path: str) -> bool:
    return os.path.basename(path) == name


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # gone, or, on Windows, another's for a moment
        return None


def _read_whole(path: Path, is_whole: Callable[[bytes], bool]) -> bytes | None:
    """The bytes once they make sense, else those that are there after a second without a change; None where there is no file then."""
    data = _read(path)
    end = time.monotonic() + WHOLE_SECONDS
    while (data is None or not is_whole(data)) and time.monotonic() < end:
        time.sleep(AGAIN_SECONDS)
        before, data = data, _read(path)
        if data != before:
            end = time.monotonic() + WHOLE_SECONDS
    return data
