"""Canvas: the gradebook's CSV, and the archive of feedback files that "Re-Upload Submissions" takes.

Sources: canvas-lms `lib/gradebook_importer.rb` (a title without its id makes a new assignment, so only `Title (id)` columns are
written; `EX` excuses; `read only` columns are passed over) and `app/models/assignment.rb` (a feedback file belongs to the user and
the attachment that the first two numbers between underscores of its name are).
"""

from __future__ import annotations

import re

from grader.errors import UsageError
from grader.lms.export.filling import Choice, Column, Layout, choose, find_column, make_keys
from grader.lms.export.marks import STUDENT, Graded, parse_number
from grader.lms.export.sheet import Sheet

_ASSIGNMENT = re.compile(r"(.*) \((\d+)\)\s*", re.DOTALL)
_READ_ONLY = re.compile(r"read\s*only", re.IGNORECASE)
_KEYS = (
    (("ID",), ("user_id", STUDENT)),
    (("SIS User ID",), ("sis_user_id", "org_defined_id", "student_id", STUDENT)),
    (("SIS Login ID",), ("sis_login_id", "username", "email", STUDENT)),
    (("Integration ID",), ("integration_id",)),
)


def layout(sheet: Sheet, choice: Choice) -> Layout:
    """What the columns of a gradebook export mean. Raises UsageError where it is none, or the assignment's column is unclear."""
    header = sheet.header
    key = find_column(header, "ID")
    is_split = [title.strip().casefold() for title in header[:2]] == ["lastname", "firstname"]
    if key is None or not (is_split or "student" in header[0].casefold()):
        raise UsageError("the template is no gradebook of Canvas", remedy="export it: Grades > Export > Export Entire Gradebook")
    possible = [row for row in range(1, len(sheet.rows)) if "points possible" in sheet.text(row, 0).casefold()]
    columns = []
    for index, title in enumerate(header):
        match = _ASSIGNMENT.fullmatch(title)
        if match and index > key and not any(_READ_ONLY.search(sheet.text(row, index)) for row in possible):
            columns.append(Column(index, title, match[1]))
    column = choose(columns, choice)
    rows = tuple(row for row in range(1, len(sheet.rows)) if row not in possible and sheet.text(row, key))
    points = next(filter(None, (parse_number(sheet.text(row, column.index)) for row in possible)), None)
    return Layout(
        column=column,
        keys=make_keys(header, _KEYS),
        names=(0, 1) if is_split else (0,),
        rows=rows,
        possible=dict.fromkeys(rows, points) if points is not None else {},
        locked={row: why for row in rows if (why := _locked(sheet.text(row, column.index)))},
    )


def _locked(text: str) -> str:
    if text.upper() == "EX":
        return "the student is excused"
    return "the cell is read only" if _READ_ONLY.search(text) else ""


def feedback_name(graded: Graded) -> str:
    """The name of a student's feedback file, which Canvas finds the submission by; "" where its ids are not known."""
    user, attachment = graded.ids.get("user_id", ""), graded.ids.get("attachment_id", "")
    anonymous = graded.ids.get("anonymous_id", "")
    if not re.fullmatch(r"[0-9]{1,20}", attachment):
        return ""
    if re.fullmatch(r"[0-9]{1,20}", user):
        letters = re.sub(r"[\W\d_]", "", graded.name.casefold())[:60] or "student"
        return f"{letters}_{user}_{attachment}_feedback.html"
    return f"anon_{anonymous}_{attachment}_feedback.html" if re.fullmatch(r"[0-9A-Za-z]{1,40}", anonymous) else ""
