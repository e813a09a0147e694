"""Every text of an assignment has its translation: what a page shows, and the titles and hints of its known mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from grader import assignments
from grader.model import Relation

CATALOGUES = sorted((Path(__file__).parents[2] / "assignments").glob("*/translations/*.po"))


def texts_of(relation: Relation) -> set[str]:
    return {relation.text, *relation.explained.values()}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_every_text_is_translated(path: Path) -> None:
    assignment = assignments.load(path.parents[1].name, path.parents[2])
    reference = assignments.load_reference(assignment)
    assert reference is not None
    texts = {assignment.title, *assignment.remember, *(exercise.prompt for exercise in assignment.exercises)}
    texts |= {case.title for case in reference.assignment.cases} | {
        text for figure in assignment.figures for text in (figure.title, figure.text)
    }
    texts |= {text for item in reference.misconceptions for text in (item.title, item.hint)}
    texts = texts.union(*map(texts_of, reference.assignment.relations)) - {""}
    with path.open(encoding="utf-8") as file:
        known = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert {text for text in texts if not known.get(text)} == set()
    assert {text for text in texts if known[text] == text} == set()
    assert set(known) - texts == set()  # and none is left over


def test_there_is_a_catalogue() -> None:
    assert CATALOGUES
