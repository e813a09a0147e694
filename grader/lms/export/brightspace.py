"""Brightspace: the grades' CSV export, with `OrgDefinedId` or `Username` as key and `Item Points Grade <Numeric MaxPoints:100 …>`.

Source: D2L's help on importing grades, for the columns' names. The part in angle brackets and the number sign before ids are as
exports of several sites have them; both may be missing.
"""

from __future__ import annotations

import re

from grader.errors import UsageError
from grader.lms.export.filling import Choice, Column, Layout, choose, find_column, make_keys
from grader.lms.export.marks import STUDENT, parse_number
from grader.lms.export.sheet import Sheet

_ITEM = re.compile(r"(.*?)\s*Points Grade\s*(?:<(.*)>)?\s*", re.DOTALL)
_POINTS = re.compile(r"MaxPoints:\s*(\d+(?:[.,]\d+)?)")
_KEYS = (
    (("OrgDefinedId",), ("org_defined_id", "student_id", STUDENT)),
    (("Username",), ("username", STUDENT)),
    (("Email",), ("email", STUDENT)),
)


def layout(sheet: Sheet, choice: Choice) -> Layout:
    """What the columns of a grade export mean. Raises UsageError where it is none, or the column is unclear."""
    header = sheet.header
    keys = make_keys(header, _KEYS)
    columns = [Column(index, title, match[1]) for index, title in enumerate(header) if (match := _ITEM.fullmatch(title))]
    if not keys or not columns:
        raise UsageError(
            "the template is no grade export of Brightspace",
            remedy="export it: Grades > Enter Grades > Export, with a key field, and Points grade as the grade value",
        )
    column = choose(columns, choice)
    rows = tuple(row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row))
    found = _POINTS.search(column.header)
    points = parse_number(found[1]) if found else None
    names = (find_column(header, "Last Name"), find_column(header, "First Name"))
    return Layout(
        column=column,
        keys=keys,
        names=tuple(index for index in names if index is not None),
        rows=rows,
        possible=dict.fromkeys(rows, points) if points else {},
    )
