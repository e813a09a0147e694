"""Blackboard: the Grade Center's download, UTF-16 and tabs or a CSV.

A column is `Title [Total Pts: 10 Score] |664617`, as downloads of several sites have it; the words are in the site's language, the
number after the bar stays. Username is the third column where its header has another name.
"""

from __future__ import annotations

import re

from grader.errors import UsageError
from grader.lms.export.filling import Choice, Column, Layout, choose, make_keys
from grader.lms.export.marks import STUDENT, parse_number
from grader.lms.export.matching import Key
from grader.lms.export.sheet import Sheet

_ITEM = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*\|\s*(\d+)\s*", re.DOTALL)
_POINTS = re.compile(r"\d+(?:[.,]\d+)?")
_KEYS = (
    (("Username", "User Name", "Benutzername", "Nombre de usuario", "Nom d'utilisateur", "Gebruikersnaam"), ("username", STUDENT)),
    (("Student ID",), ("org_defined_id", "student_id", STUDENT)),
)


def layout(sheet: Sheet, choice: Choice) -> Layout:
    """What the columns of a Grade Center download mean. Raises UsageError where it is none, or the column is unclear."""
    header = sheet.header
    columns = [Column(index, title, match[1]) for index, title in enumerate(header) if (match := _ITEM.fullmatch(title))]
    if not columns:
        raise UsageError(
            "the template is no Grade Center download of Blackboard", remedy="download it: Grade Center > Work Offline > Download"
        )
    column = choose(columns, choice)
    first = columns[0].index
    keys = make_keys(header, _KEYS)
    if not any("username" in key.ids for key in keys) and first > 2:
        keys = (Key(2, ("username", STUDENT)), *keys)
    rows = tuple(row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row))
    match = _ITEM.fullmatch(column.header)
    number = _POINTS.search(match[2].rpartition(":")[2]) if match else None
    points = parse_number(number[0]) if number else None
    return Layout(
        column=column,
        keys=keys,
        names=(0, 1) if first > 1 else (),
        rows=rows,
        possible=dict.fromkeys(rows, points) if points else {},
    )
