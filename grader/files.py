"""Files of our own: where answer keys are cached, and files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


def cache_folder() -> Path:
    """Where keys are cached: GRADER_CACHE, else the user's cache folder; where there is none, a place that takes nothing."""
    if os.environ.get("GRADER_CACHE"):
        return Path(os.environ["GRADER_CACHE"])
    home = os.path.expanduser("~")
    if home == "~":  # no HOME, and a user that the system does not know, as in containers
        home = os.devnull
    return Path(os.environ.get("XDG_CACHE_HOME") or Path(home) / ".cache") / "grader" / "answer_keys"


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all."""
    write_pieces(path, (data,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """The same for what is made while it is written."""
    with replacing(path) as file:
        file.writelines(pieces)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the path's place when the block ends, and is gone where it raises; what is there and is no file is written to."""
    if is_device(path):
        with path.open("wb") as file:
            yield file
        return
    temporary = path.parent / f".writing-{os.urandom(8).hex()}"  # not by tempfile, which leaves no say to the umask
    try:
        with temporary.open("xb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def is_device(path: Path) -> bool:
    """Whether there is something, but neither file nor folder: a terminal, a pipe, /dev/null."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def led_to(path: Path) -> Path:
    """Where a path that a person gave leads, so that a link stays one: /dev/stdout may be a link to a file."""
    return path if is_device(path) else Path(os.path.realpath(path))
