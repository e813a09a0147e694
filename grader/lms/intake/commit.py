"""The time of a clone's last commit, read from the files of its `.git` without running git.

Formats: gitrepository-layout and gitformat-pack (index version 2) of git's documentation. A commit is a zlib stream, alone or in a pack;
one that a pack keeps as a difference is given up on.
"""

from __future__ import annotations

import contextlib
import re
import struct
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

from grader.errors import SubmissionError
from grader.submissions import check_inside

_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,12}) ([+-])(\d\d)(\d\d)$", re.MULTILINE)
_HASH = re.compile(r"[0-9a-f]{40}")
MAX_TEXT, MAX_INDEX, MAX_COMMIT = 4 * 1024 * 1024, 64 * 1024 * 1024, 64 * 1024


def last_commit(git: Path) -> datetime | None:
    """The committer's time of what HEAD names, None where it cannot be read simply."""
    try:
        commit = _head(git)
        data = _loose(git, commit) or _packed(git, commit) if commit else None
        match = _COMMITTER.search(data.partition(b"\n\n")[0]) if data else None
        if match is None:
            return None
        offset = timedelta(hours=int(match[3]), minutes=int(match[4])) * (-1 if match[2] == b"-" else 1)
        return datetime.fromtimestamp(int(match[1]), timezone(offset))
    except (OSError, SubmissionError, ValueError, OverflowError, zlib.error, struct.error):
        return None


def _head(git: Path) -> str | None:
    text = _read(git, "HEAD", MAX_TEXT).decode("ascii", "replace").strip()
    if not text.startswith("ref: "):
        return text if _HASH.fullmatch(text) else None
    reference = text[5:]
    if not re.fullmatch(r"refs/[\w./-]+", reference) or ".." in reference:
        return None
    with contextlib.suppress(FileNotFoundError):
        found = _read(git, reference, MAX_TEXT).decode("ascii", "replace").strip()
        return found if _HASH.fullmatch(found) else None
    packed = re.search(rf"^([0-9a-f]{{40}}) {re.escape(reference)}$", _read(git, "packed-refs", MAX_TEXT).decode("utf-8", "replace"), re.M)
    return packed[1] if packed else None


def _loose(git: Path, commit: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        data = zlib.decompressobj().decompress(_read(git, f"objects/{commit[:2]}/{commit[2:]}", MAX_TEXT), MAX_COMMIT)
        return data if data.startswith(b"commit ") else None
    return None


def _packed(git: Path, commit: str) -> bytes | None:
    for index in sorted((git / "objects" / "pack").glob("*.idx")):
        offset = _offset(_read(git, f"objects/pack/{index.name}", MAX_INDEX), bytes.fromhex(commit))
        if offset is not None:
            pack = index.with_suffix(".pack")
            check_inside(pack, git)
            with pack.open("rb") as file:
                file.seek(offset)
                data = file.read(MAX_COMMIT)
            start = next(place for place, byte in enumerate(data) if byte < 0x80) + 1  # the size, seven bits a byte
            return zlib.decompressobj().decompress(data[start:], MAX_COMMIT) if data[0] >> 4 & 7 == 1 else None
    return None


def _offset(index: bytes, commit: bytes) -> int | None:
    """Where a pack keeps an object, by its index: 256 running counts, the names sorted, checksums, then offsets."""
    if index[:8] != b"\xfftOc\0\0\0\2":
        return None
    count = struct.unpack_from(">I", index, 8 + 255 * 4)[0]
    first = struct.unpack_from(">I", index, 8 + (commit[0] - 1) * 4)[0] if commit[0] else 0
    names = 8 + 256 * 4
    for place in range(first, count):
        name = index[names + 20 * place : names + 20 * place + 20]
        if name == commit:
            offset: int = struct.unpack_from(">I", index, names + 24 * count + 4 * place)[0]
            return offset if offset < 2**31 else None
        if name > commit:
            return None
    return None


def _read(git: Path, name: str, limit: int) -> bytes:
    check_inside(git / name, git)
    with (git / name).open("rb") as file:
        return file.read(limit)
