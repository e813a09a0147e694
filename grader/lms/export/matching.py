"""Which row of a platform's sheet is whose: by ids, the strongest first, and by a name that nobody else has as a last resort.

Nothing is guessed. Where an id or a name fits two students or two rows, none of them gets a grade. A weaker sign never joins
what a stronger one tells apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial

import msgspec

from grader.lms.export.marks import Mark

_SPREADSHEET_TEXT = re.compile(r'="(.*)"')


class Key(msgspec.Struct, frozen=True):
    """A column of ids, and the names that the same id can have among a student's ids; the first is the platform's own.

    is_numbered: the id is the number at the end of the cell, after a word.
    """

    column: int
    ids: tuple[str, ...]
    is_numbered: bool = False

    def read(self, text: str) -> str:
        """The id in a cell, to compare."""
        return (re.findall(r"\d+$", text) or [""])[0] if self.is_numbered else plain_id(text)


class Row(msgspec.Struct, frozen=True):
    """A student's row: its index in the sheet, its ids in the order of the keys, and the full name or ""."""

    index: int
    ids: tuple[str, ...]
    name: str


class Matches(msgspec.Struct, frozen=True):
    """`pairs` by index of the row; `ambiguous` are rows and students that more than one fits; the rest has no counterpart."""

    pairs: dict[int, Mark]
    ambiguous_rows: tuple[Row, ...]
    ambiguous_marks: tuple[Mark, ...]
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]


def plain_id(text: str) -> str:
    """An id without what platforms put around it, to compare.

    >>> plain_id("#007"), plain_id('="007"'), plain_id(" Ada@X.edu ")
    ('007', '007', 'ada@x.edu')
    """
    text = text.strip()
    wrapped = _SPREADSHEET_TEXT.fullmatch(text)
    return unicodedata.normalize("NFC", wrapped[1] if wrapped else text).lstrip("#").strip().casefold()


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in one order, so that `Last, First` is `First Last`.

    >>> name_words("Lovelace, Ada") == name_words("ada  LOVELACE")
    True
    """
    return tuple(sorted(re.findall(r"[^\s,]+", unicodedata.normalize("NFKC", name).casefold())))


def squeezed_name(name: str) -> str:
    """A name as archives write it: in small letters, with nothing but letters and digits, in the order of the sheet.

    >>> squeezed_name("O'Hara, Zoë")
    'oharazoë'
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())


def match(rows: Iterable[Row], marks: Iterable[Mark], keys: Sequence[Key]) -> Matches:
    """Joins rows and students, each at most once."""
    joiner = _Joiner(list(rows), list(marks), keys)
    for position, key in enumerate(keys):
        for name in key.ids:
            joiner.join(partial(_id_of_row, position), partial(_id_of_mark, name))
    joiner.join(lambda row: name_words(row.name), lambda mark: name_words(mark.name))
    joiner.join(lambda row: squeezed_name(row.name), lambda mark: squeezed_name(mark.name))
    return Matches(joiner.pairs, tuple(joiner.unclear_rows), tuple(joiner.unclear_marks), tuple(joiner.rows), tuple(joiner.marks))


def _id_of_row(position: int, row: Row) -> str:
    return row.ids[position]


def _id_of_mark(name: str, mark: Mark) -> str:
    return plain_id(mark.ids.get(name, ""))


class _Joiner:
    def __init__(self, rows: list[Row], marks: list[Mark], keys: Sequence[Key]) -> None:
        self.rows, self.marks, self.keys = rows, marks, keys
        self.pairs: dict[int, Mark] = {}
        self.unclear_rows: list[Row] = []
        self.unclear_marks: list[Mark] = []

    def join(self, of_row: Callable[[Row], Hashable], of_mark: Callable[[Mark], Hashable]) -> None:
        """Joins those whose signs are equal and nobody else's, and takes out those whose signs are not theirs alone."""
        rows, marks = defaultdict(list), defaultdict(list)
        for row in self.rows:
            rows[of_row(row)].append(row)
        for mark in self.marks:
            marks[of_mark(mark)].append(mark)
        taken_rows, taken_marks = set(), set()
        for sign in rows.keys() & marks.keys():
            pairs = [(row, mark) for row in rows[sign] for mark in marks[sign] if sign and not self.differ(row, mark)]
            if len(pairs) == 1:
                row, mark = pairs[0]
                self.pairs[row.index] = mark
            else:
                self.unclear_rows += dict.fromkeys(row for row, _ in pairs)
                self.unclear_marks += {mark.student: mark for _, mark in pairs}.values()
            taken_rows |= {row.index for row, _ in pairs}
            taken_marks |= {mark.student for _, mark in pairs}
        self.rows = [row for row in self.rows if row.index not in taken_rows]
        self.marks = [mark for mark in self.marks if mark.student not in taken_marks]

    def differ(self, row: Row, mark: Mark) -> bool:
        """Whether one of the platform's own ids is known of both, and is not the same."""
        for seen, key in zip(row.ids, self.keys, strict=True):
            known = plain_id(mark.ids.get(key.ids[0], ""))
            if seen and known and seen != known:
                return True
        return False
