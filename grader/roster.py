"""A roster: a CSV of who is enrolled, when their work came in, and who has more time.

The columns are found by their names, whatever their case: the student (`student`, `student_id`, `id`, `user` or `username`) and,
where they are there, `name`, `email`, `submitted` (also `submitted_at`, `timestamp`), `extension` and `attempt`. Other columns are
passed over.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import UsageError
from grader.late import LatePolicy, extended, key_of
from grader.submissions import Submission
from grader.times import parse_deadline, parse_moment
from grader.values import bounded

_Read = TypeVar("_Read")
_COLUMNS = {
    "student": ("student", "student_id", "id", "user", "username"),
    "name": ("name",),
    "email": ("email",),
    "submitted_at": ("submitted", "submitted_at", "timestamp"),
    "extension": ("extension",),
    "attempt": ("attempt",),
}
_DECISIVE = ("submitted_at", "extension")  # to pass one over for a slip of the pen would cost a student points
_MAX_BYTES = 32 * 1024 * 1024
_MAX_ATTEMPT = 1_000_000
_TEXT = 200


class Row(msgspec.Struct, frozen=True):
    """One student; `line` is the row's in the file, `extension` the student's own due date or so much more time."""

    student: str
    line: int
    name: str = ""
    email: str = ""
    submitted_at: datetime | None = None
    extension: datetime | timedelta | None = None
    attempt: int | None = None


class Match(msgspec.Struct, frozen=True):
    """Submissions with what the roster records of them, the students of the roster without one, and those without a row.

    The names of the last two are for showing: bounded, and nothing in them that a terminal would obey.
    """

    submissions: tuple[Submission, ...]
    absent: tuple[str, ...]
    unlisted: tuple[str, ...]


class Roster(msgspec.Struct, frozen=True):
    """The rows by `key_of` the student."""

    path: str
    rows: Mapping[str, Row]

    def match(self, submissions: Iterable[Submission]) -> Match:
        """The submissions, in their order; what a row records counts before what was found beside the notebook."""
        given = tuple(submissions)
        found = {key_of(submission.student) for submission in given}
        absent = [row.student for key, row in self.rows.items() if key not in found]
        unlisted = [submission.student for submission in given if key_of(submission.student) not in self.rows]
        return Match(tuple(map(self._with_row, given)), tuple(map(_shown, absent)), tuple(map(_shown, unlisted)))

    def extend(self, policy: LatePolicy) -> LatePolicy:
        """The policy with the roster's extensions. Raises UsageError for one that ends before the assignment is due, or is a second one."""
        for row in self.rows.values():
            if row.extension is not None:
                try:
                    policy = extended(policy, row.student, row.extension)
                except ValueError as error:
                    raise UsageError(f"{self.path}, line {row.line}: extension: {error}") from None
        return policy

    def _with_row(self, submission: Submission) -> Submission:
        row = self.rows.get(key_of(submission.student))
        if row is None:
            return submission
        submitted_at = submission.submitted_at if row.submitted_at is None else row.submitted_at
        attempt = submission.attempt if row.attempt is None else row.attempt
        return msgspec.structs.replace(submission, submitted_at=submitted_at, attempt=attempt)


def has_times(path: Path) -> bool:
    """Whether a CSV has one of the columns that say more than who somebody is, or one that is nearly called so."""
    _, header = next(_lines(path), (1, []))
    names = [name.casefold().replace(" ", "_") for name in header]
    known = [name for column in (*_DECISIVE, "attempt") for name in _COLUMNS[column]]
    return any(difflib.get_close_matches(name, names, 1, cutoff=0.85) for name in known)


def read_roster(path: Path, zone: tzinfo | None = None) -> Roster:
    """The roster of a file in UTF-8 or UTF-16, with commas, semicolons or tabs between its columns.

    zone: of times without an offset. Raises UsageError, with the line, for whatever cannot be read or meant.
    """
    rows: dict[str, Row] = {}
    lines = _lines(path)
    _, header = next(lines, (1, []))
    places = _places(path, header)
    for line, cells in lines:
        if not any(cells):
            continue
        if len(cells) > len(header):
            raise UsageError(f"{path}, line {line}: {len(cells)} cells below {len(header)} columns")
        row = _row({name: cells[place] if place < len(cells) else "" for name, place in places.items()}, f"{path}, line {line}", line, zone)
        other = rows.setdefault(key_of(row.student), row)
        if msgspec.structs.replace(row, line=other.line) != other:
            raise UsageError(f"{path}, line {line}: {_shown(row.student)} is in line {other.line} already")
    return Roster(str(path), rows)


def _row(cells: Mapping[str, str], where: str, line: int, zone: tzinfo | None) -> Row:
    def read(column: str, parse: Callable[[str], _Read]) -> _Read | None:
        text = cells.get(column, "")
        try:
            return parse(text) if text else None
        except ValueError as error:
            raise UsageError(f"{where}: {column}: {_shown(str(error))}") from None

    if not cells["student"]:
        raise UsageError(f"{where}: the student is missing")
    return Row(
        student=cells["student"],
        line=line,
        name=_shown(cells.get("name", "")),
        email=_shown(cells.get("email", "")),
        submitted_at=read("submitted_at", lambda text: parse_moment(text, zone)),
        extension=read("extension", lambda text: parse_deadline(text, zone)),
        attempt=read("attempt", _attempt),
    )


def _shown(text: str) -> str:
    return bounded(text, _TEXT, newlines=False)


def _attempt(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= _MAX_ATTEMPT):
        raise ValueError(f"{text[:60]!r} is no number of an attempt from 1")
    return int(text)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of their last line, cells without blanks around them."""
    text = _read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}") from None


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path} is larger than any roster")
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    if b"\0" in data[:2]:  # UTF-16 without a mark
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is neither UTF-8 nor UTF-16: {error.reason}", remedy="save it as CSV UTF-8") from error


def _delimiter(text: str) -> str:
    """What the names of the columns stand between, since these hold none of it themselves."""
    header = text.lstrip().partition("\n")[0]
    return max(",;\t", key=header.count)


def _places(path: Path, header: list[str]) -> dict[str, int]:
    """Where the known columns are. Raises UsageError for one that is there twice, and for a decisive one that is nearly there."""
    names = [name.casefold().replace(" ", "_") for name in header]
    places: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        found = [place for place, name in enumerate(names) if name in known]
        if len(found) > 1:
            raise UsageError(f"{path}: {' and '.join(_shown(header[place]) for place in found)} are one column", remedy="keep one")
        near = [name for word in known for name in difflib.get_close_matches(word, names, 1, cutoff=0.85)]
        if not found and near and column in _DECISIVE:
            raise UsageError(f"{path}: there is a column {_shown(near[0])!r}", remedy=f"did you mean {known[0]}?")
        places.update((column, place) for place in found)
    if "student" not in places:
        raise UsageError(f"{path} has no column of students", remedy=f"name one of its columns {' or '.join(_COLUMNS['student'])}")
    return places
