"""Texts and values in messages: nothing in them acts, and they stay short."""

from __future__ import annotations

import sys
import time
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.worker.codec import Opaque
from grader.values import describe, shorten, visible

REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
NASTY = st.sampled_from(["\x1b[31m", "\x1b]8;;http://x\x07", "\x9b0m", "\u202e", "\u2066", "\r", "\r\n", "\x00", "\ud800", "\x1b", "\x9d"])
TEXTS = st.lists(st.text(st.characters()) | NASTY, max_size=8).map("".join)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | TEXTS | st.builds(Opaque, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=8) | st.lists(inner, max_size=8).map(tuple) | st.dictionaries(st.text() | st.integers(), inner, max_size=8)
    ),
    max_leaves=20,
)


@given(TEXTS)
def test_visible_text_holds_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t"]
    assert not [char for char in shown if unicodedata.bidirectional(char) in REORDERING or char in "\u200e\u200f\u061c\ufeff"]
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(TEXTS)
def test_visible_on_one_line(text: str) -> None:
    assert len(visible(text, newlines=False).splitlines()) <= 1


def test_what_is_made_visible_is_none_of_what_unicode_calls_printable() -> None:
    assert not [char for char in map(chr, range(sys.maxunicode + 1)) if char.isprintable() and visible(f"{char}\x07")[0] != char]


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_visible_keeps_plain_text(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07x", "␛x"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "␛link␛"),
        ("\x1b]0;no end", "␛]0;no end"),
        ("\x9b31mred", "␛red"),
        ("\x1b(B", "␛"),
        ("\x1bc", "␛c"),
        ("\x7f\x85", "␡⟨U+0085⟩"),
        ("a\u2028b", "a⟨U+2028⟩b"),
        ("a\r\nb\rc\n\td", "a\nb␍c\n\td"),
        ("\ud800", "⟨U+D800⟩"),
        ("family: 👩\u200d👧", "family: 👩\u200d👧"),
    ],
)
def test_visible_examples(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("piece", ["\x1b", "\x1b]", "\x9d", "\x1b[", "\x9b1;", "\x1b]8;;" + "a" * 2000, "\x1b   "])
def test_visible_takes_time_in_proportion(piece: str) -> None:
    start = time.process_time()
    visible(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2


@given(st.text(), st.integers(min_value=0, max_value=50))
def test_shorten_keeps_the_start_and_says_what_is_missing(text: str, limit: int) -> None:
    short = shorten(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        assert short.startswith(text[:limit] + "… (")
        assert f"({len(text) - limit:,} more character" in short


@given(VALUES)
def test_describe_is_one_short_visible_line(value: object) -> None:
    text = describe(value)
    assert len(text) < 2_000
    assert visible(text, newlines=False) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (0.1 + 0.2, "0.30000000000000004"),
        (float("nan"), "nan"),
        (1 - 2j, "(1-2j)"),
        ("it's", '"it\'s"'),
        ("\u202e\n", "'\\u202e\\n'"),
        ([], "[]"),
        ((1,), "(1,)"),
        ([[[[1]]]], "[[[[…]]]]"),
        ({"a": 1}, "{'a': 1}"),
        (np.array(2.5), "2.5"),
        (np.array([True]), "array of shape (1,): True"),
        (np.array([[1.5 + 1j]]), "array of shape (1, 1): (1.5+1j)"),
        (np.zeros(0), "array of shape (0,), float64"),
        (np.zeros((5, 4), "f4"), "array of shape (5, 4), float32"),
        (np.longdouble(1), "1.0"),
        (np.array(["a"]), "array of str32"),
        (Opaque("Evil\x1b[31m"), "an object of type Evil␛"),
    ],
)
def test_describe_examples(value: object, text: str) -> None:
    assert describe(value) == text


def test_describe_bounds_what_is_long() -> None:
    assert describe("x" * 1_000) == repr("x" * 120) + "… (880 more characters)"
    assert describe(10**300).endswith("… (181 more characters)")
    assert describe(dict.fromkeys(range(9))).endswith("… 3 more}")
    assert len(describe(1 << 100_000)) < 200


class Evil(list[object]):
    """Everything that a message could touch raises."""

    def _raise(self, *_: object) -> str:
        raise AssertionError("code of the value was called")

    __repr__ = __str__ = __iter__ = __len__ = __format__ = __class_getitem__ = _raise  # type: ignore[assignment]
    __class__ = property(_raise)


class EvilArray(np.ndarray):
    """A subclass of an array is not an array."""

    def __array_finalize__(self, _: object) -> None: ...

    def item(self, *_: object) -> None:
        raise AssertionError("code of the value was called")


def test_describe_calls_no_code_of_other_types() -> None:
    assert describe(Evil()) == "an object of type Evil"
    assert describe([Evil()]) == "[an object of type Evil]"
    assert describe(np.zeros(1).view(EvilArray)) == "an object of type EvilArray"
