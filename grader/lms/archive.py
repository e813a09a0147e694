"""The files of a folder or a ZIP archive, listed without being unpacked and read one at a time.

Members come from strangers. Names are taken apart by `names.split`; what a member claims of its size is believed only as a limit, so that
one that is a bomb, a link, encrypted or damaged costs its own submission and nothing else. Nothing is written here.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from grader.errors import SubmissionError, UsageError
from grader.lms.manifest import PassedOver
from grader.lms.names import decoded, is_japanese, shown, split
from grader.notebook import MAX_BYTES, read_file
from grader.submissions import check_inside, walk

MAX_RATIO, RATIO_FROM = 200, 8 * 1024 * 1024  # a notebook full of the same warning shrinks to a fiftieth, a bomb to a thousandth
MAX_DIRECTORY = 64 * 1024 * 1024  # an archive's list of members: 300,000 of them; 1,000 submissions of twenty files take 4 MB
MAX_NESTED_DIRECTORY = 256 * 1024
MAX_FILES = 500_000
_CHUNK = 64 * 1024
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    EOFError, RuntimeError, NotImplementedError, ValueError, OverflowError,
)  # fmt: skip


class File(msgspec.Struct, frozen=True, gc=False):
    """A file that can be read: `parts` is its path, as its owner named it where that is known, `name` the archive's own name of it.

    place: the path of the file itself, or of the archive that it lies in, which must not be a link out of `root`. inside: its position
    in that archive, and in the archive that it is a member of; empty for a file on disk. state: of the archive when it was listed.
    """

    parts: tuple[str, ...]
    name: str
    place: str
    root: Path
    inside: tuple[int, ...] = ()
    state: tuple[int, int] = (0, 0)

    @property
    def path(self) -> Path:
        """The file itself, or the archive that it lies in."""
        return Path(self.place)

    @property
    def own(self) -> PurePosixPath:
        """The path."""
        return PurePosixPath("./" + "/".join(self.parts))  # a path keeps the texts that it is made of in a table: these are of the moment

    def read(self, limit: int = MAX_BYTES) -> bytes:
        """The file's bytes, `limit` at most. Raises SubmissionError where it cannot be read."""
        check_inside(self.path, self.root)
        if not self.inside:
            data = read_file(self.path)
            if len(data) > limit:
                raise SubmissionError(f"the file is larger than {limit // 1024} KB")
            return data
        if len(self.inside) == 1:
            return self._unpacked(limit)
        with _open_nested(self._unpacked(MAX_BYTES)) as archive:
            return _extract(archive, self.inside[1], limit)

    def _unpacked(self, limit: int) -> bytes:
        """The archive's member that it is or lies in."""
        try:
            archive, state = _opened(self.path)
        except UsageError as error:  # it could be read when it was listed
            raise SubmissionError(str(error)) from error
        if state != self.state:
            raise SubmissionError("the archive has changed since it was listed")
        return _extract(archive, self.inside[0], limit)


class Tree(msgspec.Struct, frozen=True):
    """The files of a folder or an archive called `name`, sorted by path, and the members that are not touched, with the reason.

    root: the folder, or the one that the archive lies in. folder: the folder, None for an archive.
    """

    name: str
    root: Path
    files: tuple[File, ...]
    refused: tuple[PassedOver, ...] = ()
    folder: Path | None = None

    def below(self) -> Tree | None:
        """The tree inside the only folder that all files lie in, or None."""
        top = self.files[0].parts[0] if self.files else ""
        if not self.files or any(len(file.parts) == 1 or file.parts[0] != top for file in self.files):
            return None
        files = tuple(msgspec.structs.replace(file, parts=file.parts[1:]) for file in self.files)
        return msgspec.structs.replace(self, name=top, files=files, folder=self.folder and self.folder / top)


def read_tree(path: Path) -> Tree:
    """The files of a folder or a ZIP archive. Raises UsageError where it cannot be opened at all."""
    return _read_folder(path) if path.is_dir() else _read_archive(path)


def nested(file: File) -> tuple[File, ...]:
    """The files of an archive that a student handed in: its name goes before theirs. Raises SubmissionError where it cannot be read."""
    with _open_nested(file.read()) as archive:
        files, refused = _members(archive, file if file.inside else _as_archive(file))
    if refused and not files:
        raise SubmissionError(refused[0].why)
    return tuple(msgspec.structs.replace(one, parts=(*file.parts, *one.parts), name=f"{file.name}/{one.name}") for one in files)


def read_each(files: Sequence[File], limit: int) -> Iterator[tuple[File, bytes]]:
    """The files that can be read, with their bytes; an archive in an archive is unpacked once for all that lie in it."""
    opened: dict[tuple[str, int], zipfile.ZipFile] = {}
    with contextlib.ExitStack() as stack:
        for file in files:
            try:
                if len(file.inside) < 2:
                    yield file, file.read(limit)
                    continue
                holder = file.place, file.inside[0]
                if holder not in opened:
                    check_inside(file.path, file.root)
                    opened[holder] = stack.enter_context(_open_nested(file._unpacked(MAX_BYTES)))
                yield file, _extract(opened[holder], file.inside[1], limit)
            except SubmissionError:
                continue


def _as_archive(file: File) -> File:
    """An archive that lies in a folder: its members are read from it as long as it stays the same."""
    try:
        return msgspec.structs.replace(file, state=_state(file.path))
    except OSError as error:
        raise SubmissionError(f"the archive cannot be read: {error.strerror}") from error


def _read_folder(folder: Path) -> Tree:
    files: list[File] = []
    refused: list[PassedOver] = []
    for place, folders, names in walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        above = Path(place).relative_to(folder).parts
        for name in list(folders):
            if os.path.islink(os.path.join(place, name)):
                folders.remove(name)
                refused.append(PassedOver(shown("/".join((*above, name))), "it is a link to a folder"))
        for name in names:
            if not _is_hidden(name):
                parts = tuple(os.fsencode(part).decode("utf-8", "backslashreplace") for part in (*above, name))
                files.append(File(parts, "/".join(parts), os.path.join(place, name), folder))
        if len(files) > MAX_FILES:
            most, count = Counter(file.parts[0] for file in files).most_common(1)[0]  # it may be one student's
            remedy = f"name the folder of the submissions; {count} files are in {shown(most)}"
            raise UsageError(f"{folder} has more than {MAX_FILES} files", remedy=remedy)
    return Tree(folder.absolute().name, folder, tuple(sorted(files, key=lambda file: file.parts)), tuple(refused), folder)


def _read_archive(path: Path) -> Tree:
    archive, state = _opened(path)
    root = path.absolute().parent
    files, refused = _members(archive, File((), "", str(path), root, (), state))
    return Tree(path.stem, root, files, refused)


def _members(archive: zipfile.ZipFile, holder: File) -> tuple[tuple[File, ...], tuple[PassedOver, ...]]:
    infos = archive.infolist()
    japanese = is_japanese(infos)
    files: dict[tuple[str, ...], File] = {}
    refused: list[PassedOver] = []
    for position, info in enumerate(infos):
        name = decoded(info, japanese)
        try:
            parts = split(name)
            if info.is_dir() or any(map(_is_hidden, parts)):
                continue
            if parts in files:
                raise SubmissionError("another member has the same name")
            files[parts] = msgspec.structs.replace(holder, parts=parts, name=name, inside=(*holder.inside, position))
        except SubmissionError as error:
            refused.append(PassedOver(shown(name), str(error)))
    return tuple(files[parts] for parts in sorted(files)), tuple(refused)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX")) or name == "__pycache__"


class _Bounded(io.BufferedReader):
    """A file of which no more is read at once than a list of members may have: the list is read before anything in it is known."""

    def __init__(self, raw: io.RawIOBase, limit: int) -> None:
        super().__init__(raw)
        self.limit = limit

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.limit:
            raise zipfile.BadZipFile("it has too many members")
        return super().read(size)

    def __del__(self) -> None:
        self.close()


def _opened(path: Path) -> tuple[zipfile.ZipFile, tuple[int, int]]:
    """The archive, kept open from one member to the next, and its state."""
    try:
        state = _state(path)
        return _open_kept(path, state), state
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except _BROKEN as error:
        why = f"it is no ZIP archive, or was cut off on its way: {shown(str(error))}"
        raise UsageError(f"{path} cannot be read: {why}", remedy="download it again, or unpack it and name the folder") from error


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=2)
def _open_kept(path: Path, _state: tuple[int, int]) -> zipfile.ZipFile:
    return _open(_Bounded(io.FileIO(path), MAX_DIRECTORY))


def _open_nested(data: bytes) -> zipfile.ZipFile:
    raw: io.RawIOBase = io.BytesIO(data)  # type: ignore[assignment]  # BufferedReader takes it
    try:
        return _open(_Bounded(raw, MAX_NESTED_DIRECTORY))
    except (*_BROKEN, OSError) as error:
        raise SubmissionError(f"the archive in it cannot be read: {shown(str(error))}") from error


def _open(file: _Bounded) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except BaseException:
        file.close()
        raise


def _extract(archive: zipfile.ZipFile, position: int, limit: int) -> bytes:
    """A member's bytes. What is wrong with an archive becomes a SubmissionError here."""
    try:
        info = archive.infolist()[position]
        refusal = _refusal(info, limit)
        if refusal:
            raise SubmissionError(refusal)
        data = bytearray()
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):  # never more at once than `_Bounded` gives
                data += chunk
                if len(data) > limit:
                    raise SubmissionError("the file is larger than it claims to be")
        return bytes(data)
    except _BROKEN as error:
        raise SubmissionError(f"it is damaged in the archive: {shown(str(error))}") from error
    except (OSError, IndexError) as error:
        raise SubmissionError(f"the archive cannot be read: {getattr(error, 'strerror', None) or 'it has changed'}") from error


def _refusal(info: zipfile.ZipInfo, limit: int) -> str:
    """Why a member is not read, or an empty string."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link or a device, not a file"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in a way that no platform uses"
    if info.file_size > limit:
        return f"the file is larger than {limit // 1024 // 1024} MB" if limit >= 2**20 else f"the file is larger than {limit // 1024} KB"
    if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return ""
