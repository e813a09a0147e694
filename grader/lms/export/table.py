"""Tables that are written new, for spreadsheets: quoted where they must be, and with no text that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from grader.values import bounded

_CALCULATES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_LENGTH = 300


def neutral(text: str) -> str:
    """A stranger's text as a cell: one bounded line that no spreadsheet takes for a formula.

    >>> neutral("=HYPERLINK(1)"), neutral("Ada")
    ("'=HYPERLINK(1)", 'Ada')
    """
    line = bounded(text, _LENGTH, newlines=False)
    return f"'{line}" if line.lstrip().startswith(_CALCULATES) or text[:1] in _CALCULATES else line


def write_rows(file: BinaryIO, rows: Iterable[Sequence[str]]) -> int:
    """Writes rows in UTF-8, lines ending in CR LF as RFC 4180 has it; how many there were."""
    count = 0
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        file.write(line.getvalue().encode("utf-8"))
        count += 1
    return count
