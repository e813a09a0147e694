"""A course's list of students, which gives submissions the course's own ids in the place of a platform's.

Taken as they are: Canvas's gradebook export (`Student`, `ID`, `SIS User ID`, `SIS Login ID`), Moodle's grading worksheet (`Identifier` or
its like in another language, `Full name`, `Email address`, `ID number`), Blackboard's and Brightspace's grade exports (`Username`,
`OrgDefinedId`, `Last Name`, `First Name`), Gradescope's roster (`SID`, `Email`), GitHub Classroom's (`identifier`,
`github_username`), nbgrader's `id`, and any CSV with a column `student` and columns of ids. Columns are told by their names, whatever
case and blanks they have.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.lms.export.filling import find_column
from grader.lms.export.matching import name_words, plain_id, squeezed_name
from grader.lms.export.sheet import Sheet, read_sheet
from grader.lms.intake.choice import Found
from grader.lms.names import fit, shown

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "user_id": ("user_id", "canvas_user_id"),
    "anonymous_id": ("anonymous_id",),
    "participant_id": ("participant_id",),
    "sis_user_id": ("sis_user_id",),
    "sis_login_id": ("sis_login_id",),
    "integration_id": ("integration_id",),
    "org_defined_id": ("org_defined_id", "id_number"),
    "student_id": ("student_id", "sid"),
    "username": ("github_username", "username", "user_name", "login", "user"),
    "email": ("email", "email_address"),
    "folder_id": ("folder_id",),
}
_OWN = ("sis_login_id", "username", "org_defined_id", "student_id", "sis_user_id", "email")  # the course's own id, the first that is there
_JOINED_BY = (  # an id of a submission, and the ids of a row that may be the same
    ("participant_id", ("participant_id",)),
    ("anonymous_id", ("anonymous_id",)),
    ("user_id", ("user_id",)),
    ("folder_id", ("folder_id",)),
    ("username", ("username", "sis_login_id", "student_id", "org_defined_id", "email")),
)
_POINTS = re.compile(r"\s*points possible", re.IGNORECASE)
_NUMBERED = re.compile(r"[^\W\d_][^\d]*\s(\d{1,18})")


class Row(msgspec.Struct, frozen=True):
    """A student of the course: the course's id, or "" where the roster has none, the full name, and all ids."""

    student: str
    name: str
    ids: Mapping[str, str]

    @property
    def told(self) -> str:
        """What to call the student in a message."""
        return shown(self.student or self.name or ", ".join(self.ids.values()))


class Match(msgspec.Struct, frozen=True):
    """Submissions by the course's ids, students of the roster without one, and submissions that no row is for."""

    found: tuple[Found, ...]
    absent: tuple[str, ...]
    unlisted: tuple[str, ...]


def read_roster(path: Path) -> tuple[Row, ...]:
    """The rows of a roster. Raises UsageError where it cannot be read, or has no column that tells students."""
    try:
        sheet = read_sheet(path.read_bytes(), path.name)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    own, name, columns = _layout(sheet)
    if own is None and not columns:
        raise UsageError(f"{path.name} has no column that tells students", remedy=f"name a column student, or one of {', '.join(_COLUMNS)}")
    header = sheet.header
    names = (name, find_column(header, "last_name"), find_column(header, "first_name"))
    rows = [_row(sheet, line, own, columns, names) for line in range(1, len(sheet.rows)) if not sheet.is_blank(line)]
    return _once([row for row in rows if row is not None])


def _once(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, a student of two sections once; of who has a name alone there may be two."""
    once: dict[object, Row] = {}
    for at, row in enumerate(rows):
        once.setdefault((row.student, row.name, *sorted(row.ids.items())) if row.student or row.ids else at, row)
    return tuple(once.values())


def _layout(sheet: Sheet) -> tuple[int | None, int | None, dict[str, int]]:
    """Where the course's own ids are, where full names, and where ids of other kinds."""
    header = sheet.header
    columns = {kind: column for kind, names in _COLUMNS.items() if (column := find_column(header, *names)) is not None}
    own, name = find_column(header, "student"), find_column(header, "name", "full_name")
    number = find_column(header, "id")
    if number is not None and find_column(header, "section", "sis_login_id", "sis_user_id") is not None:
        split = find_column(header, "lastname", "last_name") == 0 and find_column(header, "firstname", "first_name") == 1
        if own is not None or split:
            return None, own, {**columns, "user_id": number}  # Canvas
    identifier = _identifier(sheet) if own is None else None
    if identifier is not None:
        return own, name, {**columns, "participant_id": identifier}
    return next((column for column in (own, number, find_column(header, "identifier")) if column is not None), None), name, columns


def _identifier(sheet: Sheet) -> int | None:
    """The column in which every cell is a word, in whatever language, and a number: Moodle's `Participant 123`."""
    lines = [line for line in range(1, len(sheet.rows)) if not sheet.is_blank(line)]
    for column in range(len(sheet.header)):
        texts = [sheet.text(line, column) for line in lines]
        if texts and all(map(_NUMBERED.fullmatch, texts)) and len({text.rpartition(" ")[0] for text in texts}) == 1:
            return column
    return None


def _row(sheet: Sheet, line: int, own: int | None, columns: Mapping[str, int], names: tuple[int | None, ...]) -> Row | None:
    full, last, first = (sheet.text(line, column) for column in names)
    if _POINTS.match(full or sheet.text(line, 0)):
        return None
    ids = {kind: text.strip('="').lstrip("#") for kind, column in columns.items() if (text := sheet.text(line, column))}
    if "participant_id" in ids:
        ids["participant_id"] = ids["participant_id"].rpartition(" ")[2]
    student = sheet.text(line, own) or next((ids[kind] for kind in _OWN if own is None and kind in ids), "")
    return Row(student, full or (f"{last}, {first}" if first and last else last or first), ids)


def match(found: Sequence[Found], rows: Sequence[Row]) -> Match:
    """Joins submissions and rows: by ids first, then by names that nobody else has. A sign that fits two joins neither."""
    ours, theirs = dict(enumerate(map(_signs_of_found, found))), dict(enumerate(map(_signs_of_row, rows)))
    pairs: dict[int, int] = {}
    for step in range(len(_JOINED_BY) + 3):
        places, lines = _by_sign(ours, step), _by_sign(theirs, step)
        for sign in sorted(places.keys() & lines.keys()):
            if len(places[sign]) == len(lines[sign]) == 1:
                (place,), (line,) = places[sign], lines[sign]
                if place in ours and line in theirs:
                    pairs[place] = line
                    del ours[place], theirs[line]
    named = tuple(_named(one, rows[pairs[place]]) if place in pairs else one for place, one in enumerate(found))
    unlisted = tuple(sorted(shown(found[place].entry.student) for place in ours))
    return Match(named, tuple(sorted(rows[line].told for line in theirs)), unlisted)


def _signs_of_found(one: Found) -> list[set[str]]:
    ids, name = one.entry.ids, one.entry.name
    return [*({ids.get(kind, "")} for kind, _ in _JOINED_BY), {one.entry.student}, *_signs_of_name(name)]


def _signs_of_row(row: Row) -> list[set[str]]:
    signs = [{row.ids.get(kind, "") for kind in kinds} for _, kinds in _JOINED_BY]
    return [*signs, {row.student, *signs[-1]}, *_signs_of_name(row.name)]


def _signs_of_name(name: str) -> list[set[str]]:
    return [{" ".join(name_words(name))}, {squeezed_name(name)}]


def _by_sign(signs: Mapping[int, list[set[str]]], step: int) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for place, of_one in signs.items():
        for sign in of_one[step]:
            if plain_id(sign):
                found[plain_id(sign)].add(place)
    return found


def _named(one: Found, row: Row | None) -> Found:
    """The submission by the row's id and name. A team's name before a full name, as Moodle writes it, becomes the group."""
    if row is None:
        return one
    entry, student = one.entry, fit(row.student, folder=True) if row.student else one.entry.student
    full = shown(row.name) or entry.name
    group = entry.name.removesuffix(f"-{full}") if not entry.group and entry.name.endswith(f"-{full}") else entry.group
    ids = {**{kind: shown(text) for kind, text in row.ids.items()}, **entry.ids}
    entry = msgspec.structs.replace(entry, student=student, name=full, ids=ids, group=group)
    return msgspec.structs.replace(one, line=entry, submission=msgspec.structs.replace(one.submission, student=student))
