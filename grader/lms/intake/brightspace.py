"""Brightspace, "Download" of an assignment: a folder `{number}-{number} - {name} - {date} {time}` a submission, and an `index.html`.

From memory and from what others' scripts expect; no documentation gives the form, so that the parser is tolerant. The time has no colon
("Dec 5, 2026 1159 PM") and no offset. What the two numbers are is not certain: they are kept as `folder_id`, and tell students of one name
apart.
"""

from __future__ import annotations

import re
from datetime import datetime

from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, by_owner, in_zone, renamed, share
from grader.lms.manifest import PassedOver

_FOLDER = re.compile(r"(?P<id>\d+-\d+) ?- ?(?P<name>.+?) ?- ?(?P<date>[^-]*\d{4}[^-]*|\d{4}-\d\d?-\d\d?[^-]*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(r"(?<!\d)(?P<hour>\d{1,2})[:.]?(?P<minute>\d\d)\s*(?P<half>[AaPp]\.?[Mm]\.?)?$")


def sign(tree: Tree) -> float:
    """The share of files that lie in a folder named as Brightspace names them."""
    files = [file for file in tree.files if not _is_index(file)]
    return sum(_match(file) is not None for file in files) / len(files) if files else share(tree, ())


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins, one a folder; of several of a student the one with the latest date counts."""
    matches = {file.name: match for file in tree.files if (match := _match(file))}
    strays = tuple(
        PassedOver(file.name, "it does not lie in a folder as Brightspace names them")
        for file in tree.files
        if file.name not in matches and not _is_index(file)
    )
    owned = [((match["id"], match["name"], match["date"]), file) for file in tree.files if (match := matches.get(file.name))]
    handins = []
    for (number, name, date), files in by_owner(owned):
        moment = _time(date)
        handins.append(
            Handin(
                student=f"{name}_{number}",
                name=name,
                ids={"folder_id": number},
                files=tuple(renamed(file, *file.parts[1:]) for file in files),
                order=moment.timetuple()[:5] if moment else (),
                submitted_at=in_zone(moment, wanted.zone),
            )
        )
    return Handins("brightspace", tuple(handins), strays)


def _match(file: File) -> re.Match[str] | None:
    return _FOLDER.fullmatch(file.parts[0]) if len(file.parts) > 1 else None


def _is_index(file: File) -> bool:
    return len(file.parts) == 1 and file.parts[0].casefold() == "index.html"


def _time(text: str) -> datetime | None:
    """A local time, with the month's English name; None for any other form, which then sorts before all others.

    >>> print(_time("Dec 5, 2026 1159 PM"), _time("5 dec 2026 9:05"), _time("05/12/2026 23:59"))
    2026-12-05 23:59:00 2026-12-05 09:05:00 None
    """
    clock = _TIME.search(text.strip())
    date = text.strip()[: clock.start()] if clock else text
    month = next((number for number, name in enumerate(_MONTHS, 1) if name in date.casefold()), None)
    numbers = [int(number) for number in re.findall(r"\d+", date)]
    year = next((number for number in numbers if number > 1_900), None)
    days = [number for number in numbers if number != year]
    if clock is None or month is None or year is None or len(days) != 1:
        return None
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0] in "Pp" else 0)
    try:
        return datetime(year, month, days[0], hour, int(clock["minute"]))
    except ValueError:
        return None
