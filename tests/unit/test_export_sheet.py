"""A sheet whose cells are replaced keeps every other byte."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.lms.export.sheet import MAX_BYTES, read_sheet

ENCODINGS = {
    "utf-8": b"",
    "utf-8 with mark": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"), max_size=12)
CELLS = TEXTS | st.sampled_from(['"', '""', "a,b", "a;b", "a\tb", "a\nb", "a\r\nb", "", " x ", "=1+1", "\\", '\\"', "李", "🎓", "٣"])


def raw_cells(text: str, delimiter: str) -> list[list[str]]:
    """Each cell as it stands in the file, quotes and all: a reader of its own, one character after the other."""
    rows, row, cell, quoted, position = [], [], "", False, 0
    while position < len(text):
        char = text[position]
        if char == '"' and (quoted or not cell):
            quoted = not quoted
            cell += char
        elif quoted or char not in (delimiter, "\r", "\n"):
            if char == '"' and cell.endswith('"'):
                quoted = True
            cell += char
        else:
            row.append(cell)
            cell = ""
            if char != delimiter:
                if text[position : position + 2] == "\r\n":
                    position += 1
                    char = "\r\n"
                rows.append([*row, char])
                row = []
        position += 1
    return [*rows, [*row, cell, ""]] if row or cell else rows


def write(cell: str, delimiter: str, always: bool) -> str:
    must = any(char in cell for char in (delimiter, '"', "\r", "\n"))
    return '"' + cell.replace('"', '""') + '"' if must or always else cell


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str, str, bytes]:
    width = draw(st.integers(2, 5))
    delimiter = draw(st.sampled_from(",;\t"))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    header = [f"h{number}" for number in range(width)]
    rows = [header, *draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6))]
    lines = [delimiter.join(write(cell, delimiter, draw(st.booleans())) for cell in row) for row in rows]
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    return rows, delimiter, text, encoding, ENCODINGS[encoding] + text.encode(encoding.split()[0])


@settings(max_examples=120, deadline=None)
@given(tables(), st.data())
def test_only_the_replaced_cells_change(table: tuple[list[list[str]], str, str, str, bytes], data: st.DataObject) -> None:
    rows, delimiter, text, encoding, raw = table
    sheet = read_sheet(raw, "t.csv")
    assert [[cell.text for cell in row] for row in sheet.rows] == rows
    assert sheet.replaced({}) == raw
    places = st.tuples(st.integers(1, len(rows) - 1), st.integers(0, len(rows[0]) - 1))
    changes = data.draw(st.dictionaries(places, st.sampled_from(["12.5", "12,5", "0", ""]), max_size=4))
    after = sheet.replaced(changes)
    mark = ENCODINGS[encoding]
    assert after.startswith(mark)
    then = after[len(mark) :].decode(encoding.split()[0])
    for index, (old, new) in enumerate(zip(raw_cells(text, delimiter), raw_cells(then, delimiter), strict=True)):
        assert len(old) == len(new)
        for column, (before, now) in enumerate(zip(old, new, strict=True)):
            if (index, column) not in changes:
                assert before == now
    read = list(csv.reader(io.StringIO(then, newline=""), delimiter=delimiter))
    assert read == [[changes.get((i, j), cell) for j, cell in enumerate(row)] for i, row in enumerate(rows)]


@given(st.binary(max_size=200))
@example(b"\xff\xfea")
@example(b'a,"b')
@example(b"\xef\xbb\xbf")
@example(b"\0a\0,")
def test_any_bytes_are_kept_or_refused(data: bytes) -> None:
    try:
        sheet = read_sheet(data, "t.csv")
    except UsageError:
        return
    assert sheet.replaced({}) == data


def test_a_cell_keeps_its_quotes_and_gets_them_where_it_needs_them() -> None:
    sheet = read_sheet(b'a,b\r\n"1",2\r\n', "t.csv")
    assert sheet.replaced({(1, 0): "3", (1, 1): "4"}) == b'a,b\r\n"3",4\r\n'
    assert sheet.replaced({(1, 1): "4,5"}) == b'a,b\r\n"1","4,5"\r\n'


def test_bytes_in_an_older_encoding_are_kept() -> None:
    raw = "Name;Grade\nJürgen Müller;\n".encode("cp1252")
    sheet = read_sheet(raw, "t.csv")
    assert sheet.rows[1][0].text == "Jürgen Müller"
    assert sheet.replaced({(1, 1): "7"}) == "Name;Grade\nJürgen Müller;7\n".encode("cp1252")
    japanese = "名前,Grade\n表計算,\n".encode("shift-jis")
    assert read_sheet(japanese, "t.csv").replaced({(1, 1): "7"}) == "名前,Grade\n表計算,7\n".encode("shift-jis")


def test_php_s_escapes_are_read_where_they_make_sense_of_a_sheet() -> None:
    raw = b'Identifier,Text,Grade\n"Participant 1","say \\"a,b\\" twice",\n"Participant 2",x,\n'
    sheet = read_sheet(raw, "t.csv")
    assert [sheet.text(row, 0) for row in (1, 2)] == ["Participant 1", "Participant 2"]
    assert sheet.replaced({(1, 2): "5"}) == raw.replace(b'twice",\n', b'twice",5\n')


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b'a,b\n1,"2\n', "line 2: a quoted cell has no end"),
        (b"a,b\n\0,1\n", "could be written back"),
        (codecs.BOM_UTF16_LE + b"a", "no text"),
        (b"a" * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_sheet_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_sheet(data, "t.csv")
