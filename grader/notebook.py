"""The reader of .ipynb files: from a stranger's bytes to cells.

Only the cells' kinds and sources are kept. Recorded outputs lie both ways and metadata is never trusted, so neither is read.
"""

from __future__ import annotations

import ast
import codecs
import functools
import hashlib
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import SubmissionError
from grader.messages import say

MAX_BYTES = 100 * 1024 * 1024
MAX_SOURCE = 4 * 1024 * 1024
MAX_CELLS = 5_000
_MAX_PARSED = 256 * 1024  # a tree of Python takes some hundred bytes of memory for each character
_MAX_PARTS = 4_000_000  # each may take 60 bytes of memory
_SIGNS = (b'"', b",", b":", b"[", b"{")
_PART = re.compile(rb'"(?:[^"\\]++|\\.)*+"?+|[,:\[{]', re.DOTALL)  # a text, or what is outside of texts
_MAX_LENIENT = 48 * 1024 * 1024  # as text each character may take four bytes of memory, and each text of it once more
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown", "html": "markdown"}


class NotebookCell(msgspec.Struct, frozen=True):
    """A cell: its index in the notebook (from 0), `code`, `markdown` or `raw`, and its source."""

    index: int
    kind: str
    source: str


class Notebook(msgspec.Struct, frozen=True):
    """A notebook's cells, and the SHA-256 of the file that they came from."""

    cells: tuple[NotebookCell, ...]
    sha256: str

    @property
    def code_cells(self) -> int:
        """How many code cells there are."""
        return sum(cell.kind == "code" for cell in self.cells)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of bounded size. Raises SubmissionError where it cannot be read."""
    try:
        if not path.is_file():
            raise SubmissionError(say("it is not a regular file"))
        if path.stat().st_size > MAX_BYTES:
            raise SubmissionError(say("the file is larger than {megabytes} MB", megabytes=MAX_BYTES // 1024 // 1024))
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(say("the file cannot be read: {error}", error=error.strerror)) from error


def parse(data: bytes) -> Notebook:
    """The notebook of a file's bytes: any nbformat up to 4, JSON in UTF-8 or UTF-16, with or without a byte order mark.

    Raises SubmissionError, with what is wrong in words a student understands.
    """
    if len(data) > MAX_BYTES:
        raise SubmissionError(say("the file is larger than {megabytes} MB", megabytes=MAX_BYTES // 1024 // 1024))
    content = _decode_json(data)
    if not isinstance(content, dict):
        raise SubmissionError(say("the file is JSON, but not a notebook"))
    major = content.get("nbformat", 3 if "worksheets" in content else None)
    if type(major) is not int or not 1 <= major <= 4:
        raise SubmissionError(say("the file is not a notebook of a format that is known (nbformat 1 to 4)"))
    if major < 4:
        content = _upgrade({**content, "nbformat": major})
    raw_cells = content.get("cells")
    if not isinstance(raw_cells, list):
        raise SubmissionError(say("the notebook has no list of cells"))
    if len(raw_cells) > MAX_CELLS:
        raise SubmissionError(say("the notebook has more than {number} cells", number=MAX_CELLS))
    cells = tuple(_cell(index, cell) for index, cell in enumerate(raw_cells))
    if sum(len(cell.source) for cell in cells) > MAX_SOURCE:
        raise SubmissionError(say("the notebook's cells are larger than 4 MB together"))
    return Notebook(cells, hashlib.sha256(data).hexdigest())


def _decode_json(data: bytes) -> Any:
    if not data.strip():
        raise SubmissionError(say("the file is empty"))
    if data[:2] in _UTF_16:
        data = _text(data, "utf-16").encode("utf-8", "surrogatepass")
    data = data.removeprefix(codecs.BOM_UTF8)
    if sum(map(data.count, _SIGNS)) > _MAX_PARTS and next(itertools.islice(_PART.finditer(data), _MAX_PARTS, None), None):
        raise SubmissionError(say("the file holds more than {number} values, texts and signs", number=_MAX_PARTS))
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return _decode_leniently(data)


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SubmissionError(say("the file is not text in UTF-8")) from error


def _decode_leniently(data: bytes) -> Any:
    """What the standard library reads beyond the standard: NaN, lone surrogates. It needs the whole file as text."""
    import json

    text = _text(data, "utf-8")
    if len(data) > _MAX_LENIENT and not data.isascii():
        raise SubmissionError(say("the file is larger than {megabytes} MB, and not standard JSON", megabytes=_MAX_LENIENT // 1024 // 1024))
    try:
        return json.loads(text)
    except RecursionError as error:
        raise SubmissionError(say("the file is nested too deep to be a notebook")) from error
    except ValueError as error:
        raise SubmissionError(say("the file is not JSON, so it is no notebook: {error}", error=str(error)[:200])) from error


def _upgrade(content: dict[str, Any]) -> dict[str, Any]:
    """The notebook in format 4, by nbformat. Its converters assume well-formed input, so whatever they raise is the file's fault."""
    import nbformat

    try:
        flat = {name: value for name, value in content.items() if isinstance(value, str | int)}
        old_sheets = content.get("worksheets") or ()
        if len(old_sheets) > MAX_CELLS or sum(len(sheet.get("cells") or ()) for sheet in (content, *old_sheets)) > MAX_CELLS:
            raise SubmissionError(say("the notebook has more than {number} cells", number=MAX_CELLS))
        sheets = [{"cells": _flat_cells(sheet), "metadata": {}} for sheet in old_sheets]
        old: dict[str, Any] = {**flat, "metadata": {}, "worksheets": sheets, "cells": _flat_cells(content)}
        return dict(nbformat.convert(nbformat.from_dict(old), 4))  # type: ignore[no-untyped-call]
    except SubmissionError:
        raise
    except Exception as error:
        raise SubmissionError(say("the notebook's old format cannot be read: {error}", error=type(error).__name__)) from error


def _flat_cells(sheet: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells without what is nested in them, metadata and outputs among it: the converters take seconds where that is deep."""
    return [
        {
            **{name: _joined(value) for name, value in cell.items() if isinstance(value, str | int) or _is_lines(value)},
            "metadata": {},
            "outputs": [],
        }
        for cell in sheet.get("cells") or ()
    ]


def _joined(value: Any) -> Any:
    """Lines as one text, as the converters take it for granted; format 2 writes them without their ends."""
    if not isinstance(value, list):
        return value
    return ("" if any(line.endswith(("\n", "\r")) for line in value[:1]) else "\n").join(value)


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _cell(index: int, cell: object) -> NotebookCell:
    if not isinstance(cell, dict):
        raise SubmissionError(say("cell {cell} is not an object", cell=index))
    source = cell.get("source", "")
    if isinstance(source, list) and _is_lines(source):
        source = "".join(source)
    if not isinstance(source, str):
        raise SubmissionError(say("cell {cell} has a source that is not text", cell=index))
    if not source.isascii():
        source = source.encode("utf-8", "replace").decode("utf-8")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    kind = cell.get("cell_type")
    return NotebookCell(index, _KINDS.get(kind, "raw") if isinstance(kind, str) else "raw", source)


def excerpt(source: str, name: str) -> tuple[int, str]:
    """The last def, class or assignment of `name` in a cell's source: its first line (from 1) and its text.

    The whole cell, where there is none.

    >>> excerpt("import math\\n\\n@cache\\ndef area(r):\\n    return math.pi * r * r\\n\\nprint(area(1))\\n", "area")
    (3, '@cache\\ndef area(r):\\n    return math.pi * r * r')
    """
    return _one_def(source, name) or _parsed(source, name)


# Comments, decorators right before the def, the def; after it, nothing begins at a line's start but comments.
_ONE_DEF = re.compile(r"(?:[ \t]*+(?:#.*+)?+\n)*+((?:@.*+\n)*+def (\w++)\(.*+(?:\n(?:[ \t#].*+)?+)*+)")
_DOUBTS = ("\\\n", "\f", "\r")  # with these, where a line is and how deep is Python's to say


def _one_def(source: str, name: str) -> tuple[int, str] | None:
    """What `_parsed` finds in a cell that is one def and ends with its code, as most cells are; None for any other.

    There the grammar and the indent say the same, so whether the cell is Python does not matter.
    """
    found = _ONE_DEF.fullmatch(source)
    if found is None or found[2] != name or found[1].count(name) > 1 or any(doubt in source for doubt in _DOUBTS):
        return None
    text = found[1].rstrip()
    if text.rpartition("\n")[2].lstrip().startswith("#"):
        return None
    return source.count("\n", 0, found.start(1)) + 1, text


def _parsed(source: str, name: str) -> tuple[int, str]:
    lines = source.split("\n")
    span = _spans(source).get(name) or _span_by_indent(lines, name)
    if span is None:
        return 1, source.rstrip("\n")
    first, end = span
    return first + 1, "\n".join(lines[first:end]).rstrip()


@functools.lru_cache(maxsize=8)  # a cell may hold several functions
def _spans(source: str) -> Mapping[str, tuple[int, int]]:
    """The lines of the last definition of each name, first and past the last, where the cell is Python."""
    spans: dict[str, tuple[int, int]] = {}
    if len(source) > _MAX_PARSED:
        return spans
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return spans
    for node in nodes:
        match node:
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                spans[found] = first - 1, node.end_lineno or node.lineno
            case ast.Assign(targets=[ast.Name(id=found)]):
                spans[found] = node.lineno - 1, node.end_lineno or node.lineno
    return spans


def _span_by_indent(lines: list[str], name: str) -> tuple[int, int] | None:
    """The same for a cell that is not: up to the next line that is not deeper."""
    opening = re.compile(rf"^(\s*)(?:(?:async\s+)?def|class)\s+{re.escape(name)}\b|^(\s*){re.escape(name)}\s*(?::[^=]+)?=[^=]")
    starts = [(number, match) for number, line in enumerate(lines) if (match := opening.match(line))]
    if not starts:
        return None
    first, match = starts[-1]
    indent = len(match.group(1) or match.group(2) or "")
    end = first + 1
    while end < len(lines) and not _is_outside(lines[end], indent):
        end += 1
    while first > 0 and lines[first - 1].startswith(" " * indent + "@"):
        first -= 1
    return first, end


def _is_outside(line: str, indent: int) -> bool:
    body = line.lstrip()
    return bool(body) and len(line) - len(body) <= indent and body[0] not in ")]}#"
