"""Bundles on disk: the same entries always give the same bytes, whatever the clock, the user or the file system."""

from __future__ import annotations

import io
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from grader.errors import OutputError, UsageError
from grader.files import led_to, write_atomically

_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can hold
_PACKED = (".whl", ".zip")
_UNIX = 3  # where the attributes are a Unix mode (APPNOTE.TXT, 4.4.2)


class Entry(msgspec.Struct, frozen=True):
    """A file of a bundle: its path with `/`, and its bytes."""

    path: str
    data: bytes
    is_executable: bool = False

    @property
    def mode(self) -> int:
        """The permissions of the file."""
        return 0o755 if self.is_executable else 0o644


def zipped(entries: Iterable[Entry]) -> bytes:
    """The entries as a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for entry in sorted(entries, key=lambda entry: entry.path):
            info = zipfile.ZipInfo(entry.path, _TIME)
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | entry.mode) << 16
            info.compress_type = zipfile.ZIP_STORED if entry.path.endswith(_PACKED) else zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.data)
    return stream.getvalue()


def tarred(entries: Iterable[Entry]) -> bytes:
    """The entries as a .tar.xz archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in sorted(entries, key=lambda entry: entry.path):
            info = tarfile.TarInfo(entry.path)
            info.size, info.mode = len(entry.data), entry.mode
            archive.addfile(info, io.BytesIO(entry.data))
    return lzma.compress(stream.getvalue(), preset=9)


def write_zip(path: Path, entries: Iterable[Entry]) -> None:
    """Writes the archive, whole or not at all. Raises OutputError where it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(led_to(path), zipped(entries))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def check_free(path: Path, *, is_folder: bool) -> None:
    """Raises UsageError where a new folder, or a file, cannot take this place."""
    if not is_folder and path.is_dir():
        raise UsageError(f"{path} is a folder", remedy="name the ZIP file to write")
    if is_folder and (path.is_symlink() or path.is_file() or (path.is_dir() and any(path.iterdir()))):
        raise UsageError(f"{path} exists already", remedy="name a folder that does not exist, or is empty")


def write_folder(path: Path, entries: Iterable[Entry]) -> None:
    """Writes a new folder, whole or not at all. Raises OutputError where it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
        try:
            _fill(temporary, entries)
            os.replace(temporary, path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def _fill(folder: Path, entries: Iterable[Entry]) -> None:
    for entry in entries:
        place = folder / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(entry.data)
        place.chmod(entry.mode)
    for one in (folder, *folder.rglob("*")):
        if one.is_dir():
            one.chmod(0o755)
