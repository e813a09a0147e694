"""Fingerprints of code: what they see through, what they take away, and that any text at all is bounded work."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.likeness import _FIXED, _GRAM, _WINDOW, Common, Fingerprints, _codes, _grams, _winnow, common_of, distinct, fingerprints

NOBODYS = Common()
CODE = """
def total(values, weights, start=0.5):
    result = start
    for place in range(len(values)):
        if weights[place] > 1e-3 and values[place] is not None:
            result += np.dot(values[place], weights[place]) / (2 * len(values))
        else:
            result -= helper(values[place], weights[place:], start)
    return result
"""
OWN = ("values", "weights", "start", "result", "place", "total", "helper", "np")
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in _FIXED)


def of(source: str, common: Common = NOBODYS) -> bytes:
    return fingerprints([(3, source)], common).hashes


def renamed(source: str, names: list[str]) -> str:
    table = dict(zip(OWN, names, strict=True))
    return re.sub(r"\b(?<!\.)(\w+)\b", lambda found: table.get(found[1], found[1]), source)


@given(st.lists(NAMES, min_size=len(OWN), max_size=len(OWN), unique=True))
def test_renaming_changes_nothing(names: list[str]) -> None:
    assert of(renamed(CODE, names)) == of(CODE) != b""


def test_comments_layout_and_the_texts_of_strings_change_nothing() -> None:
    loose = CODE.replace("    ", "\t").replace("\n", "  # whatever it is\n").replace(" = ", "=").replace("(2 * ", "(  2*")
    assert of(loose) == of(CODE)
    assert of(CODE + "print('one')\n" * 3) == of(CODE + 'print("another, and a longer one")\n' * 3)


def test_two_names_are_not_one() -> None:
    """Exchanging the roles of two names is another program."""
    assert of(CODE.replace("np.dot(values[place], weights[place])", "np.dot(weights[place], weights[place])")) != of(CODE)
    assert of(CODE.replace(".dot", ".outer")) != of(CODE)


tokens = st.lists(st.sampled_from([*"abcdxyz", "(", ")", "+", "*", "for", "in", "1", "2", ".dot"]), min_size=40, max_size=120)


@given(tokens, tokens, tokens, st.integers(_GRAM + _WINDOW - 1, 40))
def test_a_shared_run_is_a_shared_fingerprint(before: list[str], run: list[str], after: list[str], length: int) -> None:
    """Winnowing's promise: of every run of `_GRAM + _WINDOW - 1` tokens one fingerprint is kept, whatever is around it."""
    shared = run[:length]
    one, other = " ".join(before + shared), " ".join(shared + after)
    grams = [_grams([(0, text)])[0] for text in (one, other, " ".join(shared))]
    if len(_codes([" ".join(shared)])[0]) >= _GRAM + _WINDOW - 1:
        first, second = ({*found[_winnow(found)].tolist()} for found in grams[:2])
        assert first & second & {*grams[2].tolist()}


def test_what_was_handed_out_is_taken_away() -> None:
    starter, filled = CODE, CODE + "\nvalue = [number ** 3 for number in range(12) if number % 5 != 2 or number in (4, 9)]\n"
    common = common_of([starter])
    assert of(starter, common) == b""
    assert of(renamed(starter, list("abcdefgh")), common) == b""
    own = np.frombuffer(of(filled, common), dtype="<u4")
    assert 0 < len(own) < len(np.frombuffer(of(filled), dtype="<u4"))
    assert of(filled, common_of([starter], [filled])) == b""


def test_cells_are_noted_and_few_tokens_leave_nothing() -> None:
    found = fingerprints([(0, "x = 1"), (7, CODE), (300, CODE + "pass")], NOBODYS)
    assert set(found.cells) == {7, 255}
    assert len(found.hashes) == 4 * len(found.cells)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=300) | st.sampled_from(["'''", '"""', "\\", "'", "#", "%", "é" * 50, "\ud800x"]), max_size=8))
def test_any_text_has_fingerprints(parts: list[str]) -> None:
    found = fingerprints(enumerate(["".join(parts), *parts]), common_of(["".join(parts)]))
    assert isinstance(found, Fingerprints)


@pytest.mark.parametrize("text", ['"""', "'''\\", "'\\", '"a" ', "a.b", "\\\n", "é", "0x", "(" * 9, "#", "%", " ", "f'"])
def test_hostile_texts_are_bounded_work(text: str) -> None:
    start = time.process_time()
    found = fingerprints([(0, text * (4_000_000 // len(text)))], NOBODYS)
    assert time.process_time() - start < 1.0
    assert len(found.hashes) <= 4 * 600


@given(st.lists(st.integers(0, 5) | st.integers(0, 2**64 - 1), max_size=40))
def test_distinct_hashes_are_sorted_and_each_is_there_once(values: list[int]) -> None:
    found = distinct(np.array(values, dtype=np.uint64))
    assert found.dtype == np.uint64
    assert found.tolist() == sorted(set(values))


def test_the_same_code_gives_the_same_bytes_for_ever() -> None:
    """They are kept in gradebooks: a change here makes earlier submissions unlike later ones."""
    assert of(CODE)[:16].hex() == "21a41e1d2c35cf1c72f64e52947a6e63"
