"""A folder of submissions as `collect` keeps it: `{student}/{notebook}`, earlier attempts in `{student}/attempts/{number}/`.

Writing the same again changes nothing. A student's newer notebook moves the one before to the attempts; nobody's file is put in the
place of another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from grader.errors import OutputError, SubmissionError, UsageError
from grader.files import write_atomically
from grader.lms.intake.choice import Found, Notebook
from grader.lms.manifest import Entry, Manifest, read_manifest, update_manifest
from grader.lms.names import fit
from grader.notebook import read_file
from grader.submissions import ATTEMPTS

_IDENTITY = ("user_id", "participant_id", "anonymous_id", "username", "folder_id")


class Kept(msgspec.Struct, frozen=True):
    """What became of a submission: its line of the manifest, whether anything was written, and why it could not be read, or ""."""

    entry: Entry
    is_new: bool
    problem: str


def collect(found: Iterable[Found], folder: Path) -> list[Kept]:
    """Writes the submissions and the manifest. Raises UsageError for a folder of something else, OutputError where it cannot write."""
    known = _known(folder)
    placed = _placed(found, known)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        update_manifest(folder, Manifest(submissions=tuple(known.get(one.entry.student, one.entry) for one in placed)))
        kept = [_keep(one, folder, known.get(one.entry.student)) for one in placed]
    except OSError as error:
        raise OutputError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    update_manifest(folder, Manifest(submissions=tuple(one.entry for one in kept)))
    return kept


def _known(folder: Path) -> dict[str, Entry]:
    """What an earlier `collect` put there, by student."""
    try:
        earlier = read_manifest(folder)
        if any((folder / name).exists() for name in ("run.json", "gradebook.db")):
            raise UsageError(f"{folder} holds results of grader grade", remedy="name another folder")
        if earlier is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there, and not made by collect", remedy="name a folder that is empty, or not there yet")
        return {entry.student: entry for entry in (earlier or Manifest()).submissions}
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}") from error


def _placed(found: Iterable[Found], known: Mapping[str, Entry]) -> list[Found]:
    """The submissions under the names that their students have in the folder, or under names that nobody has there."""
    by_identity = {_identity(entry): student for student, entry in known.items()}
    taken = {student.casefold() for student in known}
    used: set[str] = set()
    placed = []
    for one in found:
        student = one.entry.student
        if student not in known or _identity(known[student]) != _identity(one.entry):
            student = by_identity.get(_identity(one.entry), student)
            number = 1
            while student in used or (student.casefold() in taken and by_identity.get(_identity(one.entry)) != student):
                number += 1
                student = f"{one.entry.student[:60]}~{number}"
        used.add(student)
        taken.add(student.casefold())
        placed.append(msgspec.structs.replace(one, line=msgspec.structs.replace(one.entry, student=student)))
    return placed


def _identity(entry: Entry) -> tuple[str, ...]:
    return next(((entry.system, kind, entry.ids[kind]) for kind in _IDENTITY if kind in entry.ids), (entry.system, entry.student))


def _keep(one: Found, folder: Path, earlier: Entry | None) -> Kept:
    place = folder / one.entry.student
    place.mkdir(exist_ok=True)
    attempts = _Attempts(place)
    is_new = sum(_keep_attempt(attempts, notebook) for notebook in one.earlier) > 0
    try:
        data = one.submission.read()
    except SubmissionError as error:
        notes = one.entry.notes if str(error) in one.entry.notes else (*one.entry.notes, str(error))
        return Kept(msgspec.structs.replace(one.entry, notes=notes), is_new, str(error))
    current = folder / earlier.notebook if earlier and earlier.notebook else None
    name = fit(one.submission.source.rpartition("/")[2] if one.submission.file else _own_name(one))
    entry = msgspec.structs.replace(one.entry, notebook=f"{one.entry.student}/{name}")
    if earlier and current and current.is_file():
        if current.read_bytes() == data:
            return Kept(msgspec.structs.replace(entry, notebook=earlier.notebook), is_new, "")
        if _order(one.entry) < _order(earlier):
            return Kept(earlier, attempts.add(data, name, one.submission.files()) or is_new, "")
        attempts.take(place)
    _write(place, name, data, one.submission.files())
    return Kept(entry, True, "")


def _own_name(one: Found) -> str:
    package = one.submission.package
    return package.file.parts[-1] if isinstance(package, Notebook) else one.submission.source


def _order(entry: Entry) -> tuple[str, int]:
    """What tells an older submission of a student's from a newer one, as far as the platform does."""
    number = entry.ids.get("attachment_id", "")
    return entry.submitted_at or "", int(number) if number.isdecimal() and len(number) < 19 else 0


def _keep_attempt(attempts: _Attempts, notebook: Notebook) -> bool:
    try:
        return attempts.add(notebook.read(), fit(notebook.file.parts[-1]), notebook.files())
    except SubmissionError:
        return False


class _Attempts:
    """A student's earlier attempts, each content once."""

    def __init__(self, place: Path) -> None:
        self.folder = place / ATTEMPTS
        files = self.folder.glob("*/*.ipynb") if self.folder.is_dir() else ()
        self.known = {hashlib.sha256(read_file(path)).digest() for path in files}

    def _next(self) -> Path:
        numbers = [int(path.name) for path in self.folder.iterdir() if path.name.isdecimal()] if self.folder.is_dir() else []
        place = self.folder / str(max(numbers, default=0) + 1)
        place.mkdir(parents=True)
        return place

    def add(self, data: bytes, name: str, files: Mapping[str, str]) -> bool:
        """Writes a notebook, where it is not there; whether it did."""
        digest = hashlib.sha256(data).digest()
        if digest in self.known:
            return False
        self.known.add(digest)
        _write(self._next(), name, data, files)
        return True

    def take(self, place: Path) -> None:
        """Moves what is in the student's folder to a new attempt."""
        attempt = self._next()
        for path in sorted(place.iterdir()):
            if path.name != ATTEMPTS:
                path.rename(attempt / path.name)


def _write(place: Path, name: str, data: bytes, files: Mapping[str, str]) -> None:
    write_atomically(place / name, data)
    for module, text in files.items():
        if fit(module).casefold() != name.casefold():
            write_atomically(place / fit(module), text.encode("utf-8"))
