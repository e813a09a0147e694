"""Every text of a known mistake has its translation."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader import assignments

REFERENCES = sorted((Path(__file__).parents[2] / "reference").glob("*/zh.po"))


def messages(path: Path) -> dict[str, str]:
    """The messages of a gettext catalogue, by their original."""
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    field = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        word, _, rest = line.partition(" ")
        if word in ("msgid", "msgstr"):
            field, entry[word] = word, ast.literal_eval(rest)
        elif line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif not line and entry:
            found[entry["msgid"]] = entry["msgstr"]
            entry = {}
    return found


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.parent.name)
def test_titles_and_hints_are_translated(path: Path) -> None:
    reference = assignments.load_reference(assignments.load(path.parent.name), path.parents[1])
    assert reference is not None
    assert len(reference.misconceptions) >= 45
    known = messages(path)
    texts = {text for item in reference.misconceptions for text in (item.title, item.hint)}
    assert {text for text in texts if not known.get(text)} == set()
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in known[text]) for text in texts)
    assert set(known) - texts == {""}  # and none is left over


def test_there_is_a_catalogue() -> None:
    assert REFERENCES
