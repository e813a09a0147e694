r"""A delimited text file of which single cells are replaced, and every other byte stays as it is.

The csv module forgets which cells were quoted, how lines end and how text was encoded; here each cell keeps its span. Read are
UTF-8 with or without a byte order mark, UTF-16 of either order, and, where the bytes are neither, Windows' Western encoding, whose
letters may then be the wrong ones: nothing but digits is written into such a file, and its ids are read right.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

import msgspec

from grader.errors import UsageError

MAX_BYTES = 64 * 1024 * 1024
_DELIMITERS = ",;\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The body of a quoted cell. The second form is PHP's, which leaves a quote that follows a backslash as it is.
_BODIES = (r'(?:[^"]+|"")*+', r'(?:[^"\\]+|\\.|"")*+')


class Cell(msgspec.Struct, frozen=True):
    """A cell: its text, and its span in the sheet's text, quotes included."""

    text: str
    start: int
    end: int
    is_quoted: bool


class Sheet(msgspec.Struct, frozen=True):
    """A file's text, how it was encoded, and its rows; a blank line is a row of one empty cell."""

    source: str
    rows: tuple[tuple[Cell, ...], ...]
    delimiter: str
    encoding: str
    mark: bytes

    @property
    def header(self) -> tuple[str, ...]:
        """The texts of the first row."""
        return tuple(cell.text for cell in self.rows[0])

    def text(self, row: int, column: int | None) -> str:
        """A cell's text without the blanks around it; "" where the row is too short or the column is None."""
        cells = self.rows[row]
        return cells[column].text.strip() if column is not None and column < len(cells) else ""

    def is_blank(self, row: int) -> bool:
        """Whether there is nothing in any cell."""
        return not any(cell.text.strip() for cell in self.rows[row])

    def replaced(self, texts: Mapping[tuple[int, int], str]) -> bytes:
        """The file's bytes with these cells' texts, by row and column. A cell that was quoted stays so."""
        pieces, position = [], 0
        for (row, column), text in sorted(texts.items()):
            cell = self.rows[row][column]
            pieces += [self.source[position : cell.start], self._written(text, cell)]
            position = cell.end
        pieces.append(self.source[position:])
        return self.mark + _encode("".join(pieces), self.encoding)

    def _written(self, text: str, cell: Cell) -> str:
        if not cell.is_quoted and not any(char in text for char in (self.delimiter, '"', "\r", "\n")):
            return text
        return '"' + text.replace('"', '""') + '"'


def read_sheet(data: bytes, name: str) -> Sheet:
    """The sheet in a file's bytes. Raises UsageError, with the file's `name`, where they are none."""
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than any gradebook")
    mark, encoding = _encoding(data)
    try:
        source = _decode(data[len(mark) :], encoding)
    except UnicodeError as error:
        raise UsageError(f"{name} is no text in {encoding}: {error}") from error
    if mark + _encode(source, encoding) != data or "\0" in source:
        raise UsageError(f"{name} is no delimited text that could be written back as it is")
    if not source.strip():
        raise UsageError(f"{name} is empty", remedy="export it from the platform again")
    delimiter = _delimiter(source)
    rows = _parse(source, delimiter, _BODIES[0], name)
    if not _is_regular(rows):
        with_escapes = _parse(source, delimiter, _BODIES[1], name)
        rows = with_escapes if _is_regular(with_escapes) else rows
    return Sheet(source, rows, delimiter, encoding, mark)


def _encoding(data: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    if b"\0" in data[:2]:
        return b"", "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return b"", encoding
    return b"", "latin-1"


def _decode(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "surrogatepass" if encoding.startswith("utf-16") else "strict")


def _encode(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf-16") else "strict")


def _delimiter(source: str) -> str:
    """The delimiter that the first line with anything in it has most of, outside of quotes."""
    first = next(line for line in source.splitlines() if line.strip())
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)


def _parse(source: str, delimiter: str, body: str, name: str) -> tuple[tuple[Cell, ...], ...]:
    pattern = re.compile(rf'(?:"({body})"([^{delimiter}\r\n]*)|([^{delimiter}\r\n]*))({delimiter}|\r\n|\r|\n|\Z)', re.DOTALL)
    rows: list[tuple[Cell, ...]] = []
    row: list[Cell] = []
    position, ended = 0, False
    while position < len(source) or (row and not ended):
        match = pattern.match(source, position)
        if match is None or (match[3] or "").startswith('"'):
            line = source.count("\n", 0, position) + 1
            raise UsageError(f"{name}, line {line}: a quoted cell has no end", remedy="export it from the platform again")
        quoted = match[1] is not None
        text = match[1].replace('""', '"') + match[2] if quoted else match[3]
        row.append(Cell(text, match.start(), match.start(4), quoted))
        position = match.end()
        ended = match[4] != delimiter
        if ended:
            rows.append(tuple(row))
            row = []
    return tuple(rows)


def _is_regular(rows: tuple[tuple[Cell, ...], ...]) -> bool:
    """Whether all rows but blank ones are as long as the first."""
    return all(len(row) in (1, len(rows[0])) for row in rows)
