"""Whole pages in Chinese: of real submissions, none has an English sentence of ours left, and the result is the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import notebook
from grader.api import Grader
from grader.console import render_text
from grader.feedback import render, texts_of
from grader.model import SubmissionRef
from tests.notebooks import FIXTURES, build
from tests.parts import need_linux

# One of each kind of defect, so that each kind of sentence is said.
NAMES = (
    "right_vectorised_nd", "trap_empty_loop", "trap_in_markdown", "trap_near_miss_name", "trap_no_cells_but_prose", "trap_no_functions",
    "trap_numpy_drift", "trap_recursion_1d", "trap_stub_return_difference_1d", "trap_renamed_throughout", "trap_leftover_gradapprox",
    "wrong_argument_order_forward_1d", "wrong_backward_n_sign", "wrong_forward_theta", "wrong_grad_is_x_1d", "wrong_index_zero_nd",
    "wrong_last_skipped_nd", "wrong_own_epsilon_1d", "wrong_perturbs_x_1d", "wrong_returns_nothing_1d", "wrong_returns_vector_nd",
    "wrong_theta_aliased_both_nd", "wrong_whole_theta_perturbed_nd", "wrong_zero_1d",
)  # fmt: skip
SAMPLE = [path for path in FIXTURES if path.name in NAMES]
SENTENCE = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){2,}")  # three words in a row
VOID = {"meta", "br"}


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    need_linux()
    with Grader("gradient_checking", public_only=True, walls="none") as opened:
        yield opened


class Chinese(HTMLParser):
    """What a page says in Chinese: the text that is not marked as another language, and labels."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.texts += [given[name] or "" for name in ("aria-label", "data-label") if name in given]
        if tag not in VOID:
            self.open.append((tag, given.get("lang") == "en" or tag in ("style", "bdi", "dd")))

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(foreign for _, foreign in self.open):
            self.texts.append(data)


def test_the_sample_is_there() -> None:
    assert len(SAMPLE) == len(NAMES)


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name)
def test_no_english_sentence_is_left(path: Path, grader: Grader) -> None:
    parsed = notebook.parse(build(path))
    result, material = grader.examine(parsed, SubmissionRef("ada", 1, "ada.ipynb", parsed.sha256))
    texts, before = texts_of(grader.assignment), result.to_json()
    html = render(result, material, texts, language="zh")
    assert '<html lang="zh-Hans">' in html
    assert "梯度检验" in html
    said = [found for text in Chinese(html).texts for found in SENTENCE.findall(text)]
    said += SENTENCE.findall(render_text(result, material, texts, language="zh", width=400))
    raised = [error.message for error in result.notebook.errors] if result.notebook else []
    raised += [case.error.message for exercise in result.exercises for case in exercise.cases if case.error]
    assert [text for text in said if not any(text in message for message in raised)] == []
    assert result.to_json() == before
