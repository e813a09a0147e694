"""A platform's own sheet, filled in: grades go into one column, every other byte stays.

What becomes of each student and each row is in the summary; nobody is dropped in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.errors import UsageError
from grader.lms.export.marks import Mark, parse_number
from grader.lms.export.matching import Key, Row, match
from grader.lms.export.sheet import Sheet
from grader.scoring import rounded
from grader.values import bounded

_NAME_LENGTH = 120
_WHOLE_NUMBER = re.compile(r"-?\d+([.,])(\d+)")


class Column(msgspec.Struct, frozen=True):
    """A column that grades can go into: its place, its header as the file has it, and the title in that."""

    index: int
    header: str
    title: str


class Choice(msgspec.Struct, frozen=True):
    """What the caller says of the column: a name, or titles that the assignment goes by."""

    name: str = ""
    titles: tuple[str, ...] = ()


class Layout(msgspec.Struct, frozen=True):
    """What a sheet's columns mean.

    keys: the strongest first. names: the columns that make up a full name. rows: those of students. possible: the grade that the
    platform gives full marks, by row, where the sheet says. locked: why a row's cell is not to be written, by row.
    """

    column: Column
    keys: tuple[Key, ...]
    names: tuple[int, ...]
    rows: tuple[int, ...]
    possible: Mapping[int, Fraction] = {}
    locked: Mapping[int, str] = {}


class Left(msgspec.Struct, frozen=True):
    """A student, or a row (by its line of cells, from 1), that got no grade, and why."""

    who: str
    why: str
    row: int | None = None


class Summary(msgspec.Struct, frozen=True, tag_field="schema", tag="grader.export/1"):
    """What was written. `unchanged` are cells that held the grade already; `scaled` tells from which points to which."""

    to: str
    written: int
    unchanged: int = 0
    column: str = ""
    scaled: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()


def choose(columns: Sequence[Column], choice: Choice) -> Column:
    """The column that is meant: by name, else by the assignment's title. Raises UsageError, listing all, where it is not one."""
    if choice.name:
        for fits in (_is(choice.name), _is_called((choice.name,)), _has_title((choice.name,))):
            found = [column for column in columns if fits(column)]
            if found:
                break
    else:
        for fits in (_is_called(choice.titles), _has_title(choice.titles)):
            found = [column for column in columns if fits(column)]
            if found:
                break
    if len(found) == 1:
        return found[0]
    listed = ", ".join(repr(_short(column.header)) for column in columns) or "none"
    what = f"the name {choice.name!r}" if choice.name else f"the title {choice.titles[0]!r}" if choice.titles else "the assignment"
    why = f"{len(found)} columns fit {what}" if found else f"no column for grades fits {what}"
    raise UsageError(why, remedy=f"name one with --column; the sheet has: {listed}")


def _is(name: str) -> Callable[[Column], bool]:
    return lambda column: column.header.strip() == name.strip()


def _is_called(titles: Iterable[str]) -> Callable[[Column], bool]:
    words = {_words(title) for title in titles}
    return lambda column: _words(column.title) in words


def _has_title(titles: Iterable[str]) -> Callable[[Column], bool]:
    words = [_words(title) for title in titles]
    return lambda column: any(title and f" {title} " in f" {_words(column.title)} " for title in words)


def _words(title: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", title).casefold()))


def find_column(header: Sequence[str], *names: str) -> int | None:
    """The first column with one of these names, whatever their case, blanks and hyphens."""
    wanted = {squeezed(name) for name in names}
    return next((index for index, title in enumerate(header) if squeezed(title) in wanted), None)


def squeezed(title: str) -> str:
    """A header to compare.

    >>> squeezed("Org Defined-ID")
    'orgdefinedid'
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", title).casefold())


def make_keys(header: Sequence[str], known: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[Key, ...]:
    """The keys of the columns that are there, of (names of the column, names of the id)."""
    found = [(find_column(header, *names), ids) for names, ids in known]
    return tuple(Key(column, ids) for column, ids in found if column is not None)


def fill(sheet: Sheet, layout: Layout, marks: Iterable[Mark], to: str) -> tuple[bytes, Summary]:
    """The sheet's bytes with the grades in their cells, and what became of everyone."""
    matches = match([_row(sheet, layout, index) for index in layout.rows], marks, layout.keys)
    left = [_left_row(row, "it could be more than one student's") for row in matches.ambiguous_rows]
    left += [Left(_short(mark.student), "more than one row could be this student's") for mark in matches.ambiguous_marks]
    left += [_left_row(row, "there is no result of this student") for row in matches.rows]
    left += [Left(_short(mark.student), "there is no row of this student") for mark in matches.marks]
    column, comma = layout.column.index, _has_decimal_comma(sheet)
    texts: dict[tuple[int, int], str] = {}
    unchanged, scaled = 0, dict[str, None]()
    for index, mark in sorted(matches.pairs.items()):
        why = _why_not(sheet, layout, index, mark)
        if mark.grade is None or why:
            left.append(Left(_short(mark.student), why, index + 1))
            continue
        possible = layout.possible.get(index, mark.points) if mark.points > 0 else mark.points
        if possible != mark.points:
            scaled[f"{_decimal(mark.points)} -> {_decimal(possible)}"] = None
        text = _decimal(mark.grade * possible / mark.points if mark.points > 0 else mark.grade)
        if parse_number(sheet.text(index, column)) == Fraction(text):
            unchanged += 1
        else:
            texts[index, column] = text.replace(".", ",") if comma else text
    return sheet.replaced(texts), Summary(to, len(texts), unchanged, layout.column.header, tuple(scaled), tuple(left))


def _row(sheet: Sheet, layout: Layout, index: int) -> Row:
    ids = tuple(key.read(sheet.text(index, key.column)) for key in layout.keys)
    return Row(index, ids, ", ".join(filter(None, (sheet.text(index, column) for column in layout.names))))


def _why_not(sheet: Sheet, layout: Layout, index: int, mark: Mark) -> str:
    """Why a student's cell is not written; "" where it is."""
    if mark.grade is None:
        return "not graded, through no fault of the student"
    if mark.is_missing:
        return "no notebook was handed in"
    if len(sheet.rows[index]) <= layout.column.index:
        return "the row is too short"
    if any(cell.text for cell in sheet.rows[index][len(sheet.header) :]):
        return "the row has more cells than the header"
    return layout.locked.get(index, "")


def _left_row(row: Row, why: str) -> Left:
    return Left(_short(row.name or next(filter(None, row.ids), "?")), why, row.index + 1)


def _short(text: str) -> str:
    return bounded(text, _NAME_LENGTH, newlines=False)


def _decimal(number: Fraction) -> str:
    """A number with at most two decimals.

    >>> _decimal(Fraction(38)), _decimal(Fraction(25, 2)), _decimal(Fraction(1, 3))
    ('38', '12.5', '0.33')
    """
    return f"{rounded(number):.2f}".rstrip("0").rstrip(".")


def _has_decimal_comma(sheet: Sheet) -> bool:
    """Whether the sheet's numbers have a decimal comma; three digits after it could be thousands, and prove nothing."""
    signs = set()
    for row in sheet.rows:
        for cell in row:
            found = _WHOLE_NUMBER.fullmatch(cell.text.strip())
            if found and len(found[2]) != 3:
                signs.add(found[1])
    return signs == {","}
