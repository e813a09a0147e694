"""The archive of feedback pages that a platform takes back, with the names by which it finds each student's submission.

The same pages give the same bytes: members are sorted, and their times are all the earliest that the format has.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from typing import BinaryIO

from grader.lms.export import canvas, moodle
from grader.lms.export.filling import Left
from grader.lms.export.marks import Graded
from grader.lms.export.told import is_graded
from grader.values import bounded

_NAMES: dict[str, Callable[[Graded], str]] = {"canvas": canvas.feedback_name, "moodle": moodle.feedback_name}
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def write(results: Iterable[Graded], file: BinaryIO, system: str) -> tuple[int, tuple[Left, ...]]:
    """Writes the archive for `canvas` or `moodle`; how many pages are in it, and which students have none there."""
    left: list[Left] = []
    named: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for graded in results:
            name, page = _NAMES[system](graded), graded.folder / "feedback.html"
            why = _why_not(graded, name, named) or ("" if page.is_file() else "there is no feedback page")
            if why:
                left.append(Left(bounded(graded.student, 120, newlines=False), why))
                continue
            named.add(name)
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, page.read_bytes())
    return len(named), tuple(left)


def _why_not(graded: Graded, name: str, named: set[str]) -> str:
    if not is_graded(graded.result):
        return "not graded, through no fault of the student"
    if not name:
        return "the platform's own ids of the student are not known"
    return "another student's feedback has the same name" if name in named else ""
