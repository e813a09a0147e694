"""On which line of a TOML text a key or a value stands.

The standard library's parser gives values without places, so it is asked statement by statement: a line ends a statement where
what was read since the last end parses by itself. Nothing of TOML's syntax is taken apart here.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class _Statement(NamedTuple):
    """A header or a key with its value: the line that it begins on (from 1), its lines, and what it says alone."""

    line: int
    lines: tuple[str, ...]
    data: dict[str, Any]

    @property
    def is_header(self) -> bool:
        return self.lines[0].lstrip().startswith("[")


def lines_of(text: str) -> dict[Path, int]:
    """The line of each key, table and item of a valid TOML text, from 1, by its path.

    The items of an array that is written on several lines have their own lines.

    >>> lines_of('a = 1\\n[[b]]\\nc = [\\n  2,\\n  3,\\n]\\n')[("b", 0, "c", 1)]
    5
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}  # of the tables that an array of tables has so far
    table: Path = ()
    for statement in _statements(text):
        if statement.is_header:
            table = _open(statement, counts)
            for end in range(1, len(table) + 1):
                found.setdefault(table[:end], statement.line)
        else:
            for path, value in _walk(statement.data, table):
                found.setdefault(path, _line_within(statement, path[len(table) :], value))
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest table around it that stands anywhere; 1 for the file itself."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


def last_line(text: str) -> int:
    """The line on which the last statement of a text begins, whether it ends or not."""
    done = 0
    lines = text.split("\n")
    for statement in _statements(text):
        done = statement.line + len(statement.lines) - 1
    rest = (number for number, line in enumerate(lines[done:], done + 1) if line.strip() and not line.lstrip().startswith("#"))
    return next(rest, max(done, 1))


def _statements(text: str) -> Iterator[_Statement]:
    start, held = 1, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            continue
        if not held:
            start = number
        held.append(line.removesuffix("\r"))
        data = _parsed("\n".join(held))
        if data is not None:
            yield _Statement(start, tuple(held), data)
            held = []


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _open(header: _Statement, counts: dict[Path, int]) -> Path:
    """The path of the table that a header opens; where its name leads through arrays of tables, their last ones are meant."""
    path: Path = ()
    inside: Any = header.data
    while isinstance(inside, dict) and inside:
        ((name, inside),) = inside.items()
        path = (*path, name)
        if isinstance(inside, list):
            counts[path] = counts.get(path, 0) + 1
            inside = inside[0]
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _walk(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """All that stands in a value, outermost first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key), inner
        yield from _walk(inner, (*path, key))


def _line_within(statement: _Statement, path: Path, value: object) -> int:
    """The line of a path in a statement: for an item of an array the first one up to which the closed array holds it."""
    if len(statement.lines) > 1 and any(isinstance(part, int) for part in path):
        for count in range(1, len(statement.lines) + 1):
            data = _parsed("\n".join(statement.lines[:count]) + ("\n]" if count < len(statement.lines) else ""))
            with contextlib.suppress(LookupError, TypeError):
                inside: Any = data
                for part in path:
                    inside = inside[part]
                if inside == value:
                    return statement.line + count - 1
    return statement.line
