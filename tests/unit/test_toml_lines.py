"""The lines on which keys and values of a TOML text stand."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toml_lines import Path, last_line, line_of, lines_of

TEXT = '''\
# a comment with = and [brackets]
title = "x"  # line 2

list = [
    "a",  # line 5
    # ] in a comment
    "b]",
    ["c"], { d = 1 },
]
text = """
[exercise]
points = 3
"""

[limits]
memory = 1
"quoted.key" = 2
dotted.key.name = 3

[[exercise]]
points = 1
[exercise.options]
print = true
[[exercise]]
points = 2
[exercise.options]
print = false
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("list",), 4),
        (("list", 0), 5),
        (("list", 1), 7),
        (("list", 2), 8),
        (("list", 3), 8),
        (("text",), 10),
        (("limits",), 15),
        (("limits", "memory"), 16),
        (("limits", "quoted.key"), 17),
        (("limits", "dotted", "key", "name"), 18),
        (("exercise", 0), 20),
        (("exercise", 0, "points"), 21),
        (("exercise", 0, "options"), 22),
        (("exercise", 0, "options", "print"), 23),
        (("exercise", 1), 24),
        (("exercise", 1, "points"), 25),
        (("exercise", 1, "options", "print"), 27),
        (("limits", "missing"), 15),
        (("missing",), 1),
        ((), 1),
    ],
)
def test_lines(path: Path, line: int) -> None:
    assert line_of(lines_of(TEXT), path) == line
    assert line_of(lines_of(TEXT.replace("\n", "\r\n")), path) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a = 1", 1),
        ("a = 1\n\n# x\n[limits", 4),
        ('a = """\nx\ny = 1\n', 1),
        ("a = 1\nb = [1,\n2\nc = 3\n", 2),
        ("a = 1\na = 2", 2),
        ("a = 1\n\n", 1),
    ],
)
def test_last_line(text: str, line: int) -> None:
    assert last_line(text) == line


# A document is written statement by statement, so that the line of each is known, and read again.

KEYS = st.sampled_from(["a", "b", "c", '"x.y"', '"# ["', "'\"'"])
SCALARS = st.sampled_from(
    ["1", '"]"', "'#'", "true", "2026-12-05T23:59:00Z", '"""\n[a]\nb = 1\n"""', "'''\n]\n'''", "1.5", "[]", "{ k = [1] }"]
)
ARRAYS = st.lists(SCALARS, min_size=1, max_size=4)


def unquoted(key: str) -> str:
    (name,) = tomllib.loads(f"{key} = 1")
    return name


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    lines: list[str] = []
    expected: dict[Path, int] = {}

    def write(text: str) -> int:
        lines.extend(draw(st.lists(st.sampled_from(["", "# [x] = '''", "   "]), max_size=2)))
        begun = len(lines) + 1
        lines.extend(text.split("\n"))
        return begun

    def fill(table: Path) -> None:
        for key in draw(st.lists(KEYS, unique=True, max_size=3)):
            path = (*table, unquoted(key))
            if draw(st.booleans()):
                expected[path] = write(f"{key} = {draw(SCALARS)}  # = [")
            else:
                expected[path] = write(f"{key} = [ # ]")
                for number, item in enumerate(draw(ARRAYS)):
                    lines.extend(f"  {item}, # {number}".split("\n"))
                    expected[(*path, number)] = len(lines)
                lines.append("]")

    fill(())
    for number in range(draw(st.integers(0, 3))):
        expected[("tables", number)] = write("[[tables]]")
        fill(("tables", number))
        if draw(st.booleans()):
            expected[("tables", number, "inner")] = write("[tables.inner]")
            fill(("tables", number, "inner"))
    if draw(st.booleans()):
        expected[("last",)] = write("[ last ]")
        fill(("last",))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines), expected


@settings(deadline=None)
@given(documents())
def test_every_statement_of_a_document_has_its_line(document: tuple[str, dict[Path, int]]) -> None:
    text, expected = document
    found = lines_of(text)
    assert {path: found.get(path) for path in expected} == expected


@settings(deadline=None)
@given(documents())
def test_every_key_of_the_data_has_a_line(document: tuple[str, dict[Path, int]]) -> None:
    def paths(value: Any, path: Path) -> set[Path]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return {path} | {inner for key, item in items for inner in paths(item, (*path, key))}

    text, _ = document
    assert paths(tomllib.loads(text), ()) - {(), ("tables",)} <= set(lines_of(text))
