"""nbgrader: the course's `submitted/{student}/{assignment}/…`, or an exchange's `inbound/{student}+{assignment}+{timestamp}[+{random}]/…`.

A `timestamp.txt` beside the notebook gives the time as nbgrader writes it: "2015-02-02 14:58:23.948203 America/Los_Angeles", and in
0.9.6 with an abbreviation, "2026-11-22 14:46:23.386735 CET".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, tzinfo

import msgspec

from grader.errors import SubmissionError, UsageError
from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, by_owner, renamed, share
from grader.lms.manifest import PassedOver
from grader.times import parse_moment

_TOPS = ("submitted", "inbound")
STAMP_FILE = "timestamp.txt"
_OURS = frozenset({STAMP_FILE, "submission_secret.txt"})
_INBOUND = re.compile(
    r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*(?:\+\d{4})?)(?:\+(?P<random>[^+]+))?"
)


class _Place(msgspec.Struct, frozen=True):
    student: str
    assignment: str
    stamp: str
    parts: tuple[str, ...]


def sign(tree: Tree) -> float:
    """The share of files that lie where nbgrader puts them, in folders that have its time stamps or beside its other folders."""
    stamped = {file.parts[:-1] for file in tree.files if file.parts[-1] == STAMP_FILE}
    is_course = any(file.parts[0] in _TOPS for file in tree.files)
    files = _submitted(tree)
    if is_course and len(tree.files) > len(files):
        return 1.0
    return share(msgspec.structs.replace(tree, files=files), (_is_stamped(file, is_course, stamped) for file in files))


def _is_stamped(file: File, is_course: bool, stamped: Collection[tuple[str, ...]]) -> bool:
    place = _place(file, is_course)
    return place is not None and (bool(place.stamp) or file.parts[: len(file.parts) - len(place.parts)] in stamped)


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins of the wanted assignment, one a folder. Raises UsageError where there are several assignments and none is the wanted."""
    is_course = any(file.parts[0] in _TOPS for file in tree.files)
    files = _submitted(tree)
    places = {file.name: place for file in files if (place := _place(file, is_course))}
    chosen = _assignment(places.values(), wanted)
    strays = [PassedOver(file.name, "it does not lie where nbgrader puts files") for file in files if file.name not in places]
    owned = [((place.student, place.stamp), file) for file in files if (place := places.get(file.name)) and place.assignment == chosen]
    handins = []
    for (student, stamp), mine in by_owner(owned):
        stamp_file = next((file for file in mine if places[file.name].parts == (STAMP_FILE,)), None)
        submitted_at = _moment(stamp, wanted.zone) or (_moment(_text(stamp_file), wanted.zone) if stamp_file else None)
        handins.append(
            Handin(
                student=student,
                ids={"username": student},
                files=tuple(renamed(file, *parts) for file in mine if (parts := places[file.name].parts)[-1] not in _OURS),
                order=(submitted_at.astimezone(UTC).isoformat() if submitted_at else "", stamp),
                submitted_at=submitted_at,
            )
        )
    return Handins("nbgrader", tuple(handins), tuple(strays))


def _moment(text: str, zone: tzinfo | None) -> datetime | None:
    """A time as nbgrader writes it: in UTC, with a zone's name, or with one's abbreviation, which names none for certain but `zone`."""
    local, _, abbreviation = text.strip().rpartition(" ")
    for written, where in ((text, UTC), (local if abbreviation.isalpha() else "", zone)):
        try:
            return parse_moment(written, where)
        except ValueError:
            continue
    return None


def _text(file: File) -> str:
    try:
        return file.read(1024).decode("utf-8", "replace")
    except SubmissionError:
        return ""


def _submitted(tree: Tree) -> tuple[File, ...]:
    """The files below `submitted` or `inbound` where the tree is a course or its exchange, else all."""
    below = tuple(file for file in tree.files if file.parts[0] in _TOPS)
    return below or tree.files


def _place(file: File, is_course: bool) -> _Place | None:
    parts = file.parts[1:] if is_course else file.parts
    inbound = _INBOUND.fullmatch(parts[0])
    if inbound is not None and len(parts) > 1:
        return _Place(inbound["student"], inbound["assignment"], inbound["stamp"], parts[1:])
    if len(parts) < 3 or _INBOUND.fullmatch(parts[1]):
        return None
    return _Place(parts[0], parts[1], "", parts[2:])


def _assignment(places: Iterable[_Place], wanted: Wanted) -> str:
    places = list(places)
    names = sorted({place.assignment for place in places})
    named = [name for name in names if _plain(name) == _plain(wanted.assignment)]
    holding = sorted({place.assignment for place in places if wanted.notebook and place.parts == (wanted.notebook,)})
    for found in (named, holding, names):
        if len(found) == 1:
            return found[0]
    if not names:
        return ""
    raise UsageError(f"there are several assignments: {', '.join(names[:20])}", remedy="pass -a ID, the id being the folder's name")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())
