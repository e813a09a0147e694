"""Comparing: kind, shape and size first, then numbers; a doubt is never a pass."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.compare import blocks_agree, compare, describe_blocks, first_part, real, wrong_blocks
from grader.model import Below, Blocks, Close, Expectation, Parts
from grader.sandbox.worker import codec
from grader.sandbox.worker.codec import Opaque

ONE = Close(1e-6)
NUMBERS = st.floats(-1e100, 1e100)
NONZERO = NUMBERS.filter(lambda number: abs(number) > 1e-100)
NO_NUMBERS: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.text()
    | st.complex_numbers()
    | st.builds(Opaque, st.text())
    | st.lists(NUMBERS, max_size=3)
    | st.lists(NUMBERS, max_size=3).map(tuple)
    | st.dictionaries(st.text(), NUMBERS, max_size=2)
    | st.sampled_from([np.array(True), np.array([1j]), np.array([1.0, 1.0]), np.zeros((0,)), np.zeros((0, 1)), np.zeros((1, 2))])
    | st.sampled_from([math.nan, math.inf, -math.inf, np.array(np.nan), np.array([np.inf])])
)
WIRE_DTYPES = st.sampled_from(["?", "i1", "i8", "u1", "u8", "f2", "f4", "f8", "c8", "c16"]).map(np.dtype)
ARRAYS = npst.arrays(WIRE_DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))


def passes(expectation: Expectation, expected: object, actual: object) -> bool:
    comparison = compare(expectation, expected, actual)
    assert comparison.equal is (comparison.why == ""), "a failure says why, and a pass says nothing"
    return comparison.equal


# One number


@pytest.mark.parametrize(
    "actual",
    [
        2,
        2.0,
        2.0 * (1 + 9e-7),
        2.0 * (1 - 9e-7),
        *(np.full(shape, 2.0) for shape in ((), (1,), (1, 1), (1, 1, 1))),
        *(np.array(2, dtype) for dtype in ("i1", "u1", "i8", "u8", "f2", "f4")),
    ],
    ids=repr,
)
def test_one_number_in_any_of_its_forms(actual: object) -> None:
    assert passes(ONE, 2.0, actual)


@pytest.mark.parametrize(
    ("actual", "why"),
    [
        (None, "it is None: the function returns nothing"),
        (True, "it is a bool, not a number"),
        ("2.0", "it is text, not a number"),
        (2 + 0j, "it is a complex number, not a real one"),
        (Opaque("Tensor"), "it is an object of type Tensor, not a number"),
        ([2.0], "it is a list, not a number"),
        ((2.0,), "it is a tuple, not a number"),
        ({"J": 2.0}, "it is a dict, not a number"),
        (np.array(True), "it is a bool, not a number"),
        (np.array([True]), "it is an array of bool, not of real numbers"),
        (np.array([2 + 0j]), "it is an array of complex128, not of real numbers"),
        (np.array([2.0, 2.0]), "it is an array of shape (2,), not one number"),
        (np.zeros((0,)), "it is an array of shape (0,), not one number"),
        (np.zeros((1, 0)), "it is an array of shape (1, 0), not one number"),
        (10**400, "it is too large for a float"),
        (-(10**400), "it is too large for a float"),
        (math.nan, "it is nan, not a finite number"),
        (math.inf, "it is inf, not a finite number"),
        (np.array([-np.inf]), "it is -inf, not a finite number"),
        (-2.0, "it is -1 times the expected value"),
        (4, "it is 2 times the expected value"),
        (2.0 * (1 + 2e-6), "it differs by 2e-06 of the expected value"),
        (2.0 * (1 + 2e-4), "it differs by 0.0002 of the expected value"),
        (2.002, "it is 1.001 times the expected value"),
        (1e9, "it is 5e+08 times the expected value"),
        (0, "it is 0"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("expected", [2.0, 2, np.array(2.0)], ids=["float", "int", "0-d"])
def test_what_is_not_the_number(expected: object, actual: object, why: str) -> None:
    comparison = compare(ONE, expected, actual)
    assert (comparison.equal, comparison.why) == (False, why)


def test_true_is_not_one() -> None:
    assert not passes(ONE, 1, True)
    assert not passes(ONE, 1.0, np.array([True]))
    assert not passes(ONE, True, 1)
    assert not passes(ONE, True, 1.0)


def test_zero_is_exact_without_an_absolute_tolerance() -> None:
    assert passes(ONE, 0, -0.0)
    assert compare(ONE, 0.0, 1e-300).why == "it should be 0"
    assert passes(Close(0.0, atol=1e-9), 0.0, 1e-10)
    assert not passes(Close(0.0, atol=1e-9), 0.0, 1e-8)


@pytest.mark.parametrize("expected", [math.inf, -math.inf, math.nan, np.array(np.inf), np.array(np.nan)], ids=repr)
@pytest.mark.parametrize("actual", [0.0, 1e308, math.inf, -math.inf, math.nan, np.array(np.nan)], ids=repr)
def test_an_expected_value_that_is_not_finite_passes_nothing(expected: object, actual: object) -> None:
    assert not passes(ONE, expected, actual)


@pytest.mark.parametrize("expected", [1j, Opaque("x"), np.array(1j)], ids=repr)
def test_an_expected_value_that_cannot_be_compared_is_an_error(expected: object) -> None:
    with pytest.raises(TypeError, match="cannot be compared"):
        compare(ONE, expected, 1.0)


# Other expected values


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        (None, [None], [0, False, "None", np.zeros(0)]),
        (True, [True, np.array(True)], [False, 1, 1.0, "True", None, np.array(1), np.array([True])]),
        ("a", ["a"], ["A", "a ", None, ["a"], Opaque("a")]),
        ((1, 2.0), [(1, 2), [1.0, np.array(2.0)]], [(1,), (1, 2, 3), np.array([1.0, 2.0]), (2, 1), "12", (1, None), {0: 1, 1: 2.0}]),
        ([], [[], ()], [None, [1], np.zeros(0), {}]),
        (
            {"a": 1, 2: [3]},
            [{2: [3], "a": 1.0}],
            [{"a": 1}, {"a": 1, 2: [3], "b": 0}, {"a": 1, "2": [3]}, [("a", 1), (2, [3])], {"a": 1, 2: [4]}, None],
        ),
    ],
    ids=repr,
)
def test_values_that_are_no_numbers(expected: object, right: list[object], wrong: list[object]) -> None:
    assert all(passes(ONE, expected, actual) for actual in right)
    assert not any(passes(ONE, expected, actual) for actual in wrong)


def test_where_a_difference_lies() -> None:
    assert (
        compare(ONE, {"J": 1.0, "grad": (1.0, 2.0)}, {"J": 1.0, "grad": (1.0, None)}).why
        == "at grad: value 1: it is None: the function returns nothing"
    )
    assert compare(ONE, np.ones((2, 2)), np.array([[1, 2], [1, 0]])).why == "2 of 4 components are off, the first at [0, 1]"


@pytest.mark.parametrize("shape", [(1,), (1, 1), (2,), (2, 3), (0,), (0, 2)], ids=str)
def test_arrays_are_not_broadcast(shape: tuple[int, ...]) -> None:
    expected = np.ones(shape)
    assert passes(ONE, expected, np.ones(shape, "i8"))
    others: list[object] = [
        1.0,
        [1.0],
        None,
        "1",
        np.ones(()),
        np.ones((*shape, 1)),
        np.ones((1, *shape)),
        np.ones(shape, bool),
        np.ones(shape, complex),
    ]
    others += [np.ones(other) for other in ((1,), (1, 1), (3, 2), (0,)) if other != shape]
    for actual in others:
        assert not passes(ONE, expected, actual), actual


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_arrays_with_values_that_are_not_finite(bad: float) -> None:
    assert not passes(ONE, np.array([1.0, 2.0]), np.array([1.0, bad]))
    assert not passes(ONE, np.array([1.0, bad]), np.array([1.0, 2.0]))
    assert not passes(ONE, np.array([1.0, bad]), np.array([1.0, bad]))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (np.array([0, 1], "i8"), np.array([-(2**63), 1], "i8")),
        (np.array([2**63 - 1], "i8"), np.array([-(2**63)], "i8")),
        (np.array([0, 255], "u1"), np.array([1, 0], "u1")),
        (np.array([-128], "i1"), np.array([127], "i1")),
        (np.array([1e308]), np.array([-1e308])),
        (np.array([6e4], "f2"), np.array([-6e4], "f2")),
    ],
    ids=str,
)
def test_arithmetic_that_wraps_or_overflows_hides_nothing(expected: np.ndarray, actual: np.ndarray) -> None:
    assert not passes(ONE, expected, actual)
    assert not passes(Blocks(("dW",), 1e-6), {"dW": expected}, {"dW": actual})


# Below


@pytest.mark.parametrize("actual", [0, 0.0, -0.0, 5e-324, 9.99e-8, np.nextafter(1e-7, 0), np.array([[5e-8]])], ids=repr)
def test_below(actual: object) -> None:
    assert passes(Below(1e-7), 3e-9, actual)


@pytest.mark.parametrize(
    ("actual", "why"),
    [
        (1e-7, "it should be below 1e-07"),
        (1, "it should be below 1e-07"),
        (-5e-324, "it is negative"),
        (-1.0, "it is negative"),
        (math.nan, "it is nan, not a finite number"),
        (-math.inf, "it is -inf, not a finite number"),
        (np.array([np.nan]), "it is nan, not a finite number"),
        (False, "it is a bool, not a number"),
        (None, "it is None: the function returns nothing"),
        ("0", "it is text, not a number"),
        (0j, "it is a complex number, not a real one"),
        (np.zeros(2), "it is an array of shape (2,), not one number"),
    ],
    ids=repr,
)
def test_not_below(actual: object, why: str) -> None:
    comparison = compare(Below(1e-7), 3e-9, actual)
    assert (comparison.equal, comparison.why) == (False, why)


# Blocks

TRUTH = {"dW1": np.array([[1.0, -2.0], [3.0, 0.5]]), "db1": np.array([[1.0], [2.0]]), "dZ": np.array([7.0])}
BLOCKS = Blocks(("dW1", "db1"), 1e-6)


def off(**changed: object) -> dict[str, float | None] | str:
    return wrong_blocks(TRUTH, {**TRUTH, **changed}, BLOCKS.keys, BLOCKS.rtol)


def test_right_blocks() -> None:
    assert off() == {}
    assert off(dZ=None, extra="anything") == {}, "only the keys that count are looked at"
    assert off(dW1=TRUTH["dW1"] * (1 + 5e-7)) == {}
    assert passes(BLOCKS, TRUTH, TRUTH)


@pytest.mark.parametrize("factor", [2.0, 4.0, -1.0, 0.0, 1e-3, 1e6, 1.001])
def test_a_block_that_is_a_multiple(factor: float) -> None:
    assert off(dW1=factor * TRUTH["dW1"]) == {"dW1": factor}


@pytest.mark.parametrize(
    "block",
    [
        TRUTH["db1"].ravel(),
        TRUTH["db1"].T,
        TRUTH["db1"][:1],
        np.array([[2.0], [1.0]]),
        np.array([[1.0], [np.nan]]),
        np.array([[np.inf], [2.0]]),
        np.array([[1e200], [2.0]]),
        np.array([[1e308], [-1e308]]),
        np.array([[True], [True]]),
        TRUTH["db1"].astype(complex),
        [[1.0], [2.0]],
        2.0,
        None,
        Opaque("Tensor"),
    ],
    ids=repr,
)
def test_a_block_that_is_wrong_and_no_multiple(block: object) -> None:
    assert off(db1=block) == {"db1": None}
    comparison = compare(BLOCKS, TRUTH, {**TRUTH, "db1": block})
    assert re.fullmatch(r"db1 is (missing|not finite everywhere|no array of real numbers|of shape .*|wrong.*)", comparison.why)


def test_a_key_that_is_not_there() -> None:
    assert wrong_blocks(TRUTH, {"dW1": TRUTH["dW1"]}, BLOCKS.keys, 1e-6) == {"db1": None}
    assert wrong_blocks(TRUTH, {}, BLOCKS.keys, 1e-6) == {"dW1": None, "db1": None}


@pytest.mark.parametrize("actual", [None, 1.0, [TRUTH], (TRUTH["dW1"], TRUTH["db1"]), TRUTH["dW1"], Opaque("dict")], ids=repr)
def test_what_is_no_dict_of_blocks(actual: object) -> None:
    assert wrong_blocks(TRUTH, actual, BLOCKS.keys, 1e-6) == "it should be a dict with dW1, db1"
    assert not blocks_agree(TRUTH, actual, BLOCKS.keys, 1e-6)
    assert not passes(BLOCKS, TRUTH, actual)


def test_blocks_agree_where_none_is_wrong() -> None:
    assert blocks_agree(TRUTH, {**TRUTH, "dZ": None}, BLOCKS.keys, 1e-6)
    assert not blocks_agree(TRUTH, {**TRUTH, "db1": 2 * TRUTH["db1"]}, BLOCKS.keys, 1e-6)
    assert not blocks_agree(TRUTH, {"dW1": TRUTH["dW1"]}, BLOCKS.keys, 1e-6)


def test_a_true_block_of_zeros() -> None:
    truth = {"d": np.zeros((2, 2))}
    assert wrong_blocks(truth, {"d": np.zeros((2, 2), "i8")}, ("d",), 1e-6) == {}
    assert wrong_blocks(truth, {"d": np.full((2, 2), 1e-300)}, ("d",), 1e-6) == {"d": None}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_true_block_that_is_not_finite_passes_nothing(bad: float) -> None:
    for block in (0.0, 1.0, bad):
        assert wrong_blocks({"d": np.array([bad])}, {"d": np.array([block])}, ("d",), 1e-6) == {"d": None}


def test_several_wrong_blocks_in_words() -> None:
    actual = {"dW1": 2 * TRUTH["dW1"], "db1": TRUTH["db1"] + 1}
    assert compare(BLOCKS, TRUTH, actual).why == "dW1 is 2.000 times the true value; db1 is wrong, and no multiple of the true value"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ({"dW1": 3.0 * np.ones((2, 2)), "db1": 3.0 * np.ones((2, 1))}, "dW1 and db1 are 3.000 times the true value"),
        ({"db1": np.ones(2)}, "db1 is of shape (2,), not (2, 1)"),
        ({"db1": None}, "db1 is missing"),
        ({"db1": 1.0}, "db1 is no array of real numbers"),
        ({"db1": np.array([[1.0], [math.nan]])}, "db1 is not finite everywhere"),
        ({"dW1": np.array([[1.0, 1.0], [1.0, 5.0]])}, "dW1 is wrong in 1 of 4 entries, the first at [1, 1]"),
        ({"dW1": np.array([[2.0, 3.0], [4.0, 5.0]])}, "dW1 is wrong, and no multiple of the true value"),
    ],
)
def test_wrong_blocks_in_words(blocks: dict[str, object], said: str) -> None:
    truth = {"dW1": np.ones((2, 2)), "db1": np.ones((2, 1))}
    actual = {**truth, **blocks}
    factors = wrong_blocks(truth, actual, ("dW1", "db1"), 1e-6)
    assert isinstance(factors, dict)
    assert describe_blocks(truth, actual, factors) == said


# Parts


PAIR = Parts((Below(1e-6), Close(1e-6, 1e-9)))
EXPECTED = (1.2e-7, np.array([1.0, 0.0, -2.0]))


@pytest.mark.parametrize("actual", [(0, EXPECTED[1]), [9e-7, EXPECTED[1] * (1 + 9e-7)], (np.array([[3e-8]]), np.array([1.0, 9e-10, -2.0]))])
def test_parts_that_are_each_right(actual: object) -> None:
    assert passes(PAIR, EXPECTED, actual)


@pytest.mark.parametrize(
    ("actual", "why"),
    [
        (EXPECTED[1], "it should be a tuple of 2 values"),
        ((1.2e-7,), "it should be a tuple of 2 values"),
        ((*EXPECTED, 1), "it should be a tuple of 2 values"),
        (None, "it should be a tuple of 2 values"),
        (EXPECTED[::-1], "value 0: it is an array of shape (3,), not one number"),
        ((2e-6, EXPECTED[1]), "value 0: it should be below 1e-06"),
        ((1.2e-7, EXPECTED[1][:, None]), "value 1: its shape is (3, 1), it should be (3,)"),
        ((1.2e-7, np.array([1.0, 2e-9, -2.0])), "value 1: 1 of 3 components are off, the first at [1]"),
    ],
)
def test_parts_of_which_one_is_wrong(actual: object, why: str) -> None:
    assert compare(PAIR, EXPECTED, actual).why == why
    assert not passes(PAIR, EXPECTED, actual)


def test_parts_of_an_expected_value_that_has_others_are_an_error() -> None:
    for expected in (1.0, (1.0,), None):
        with pytest.raises(TypeError, match="parts"):
            compare(PAIR, expected, EXPECTED)


def test_the_first_part_stands_for_all() -> None:
    assert first_part(PAIR, EXPECTED) == 1.2e-7
    assert first_part(PAIR, ()) == ()
    assert first_part(ONE, (1, 2)) == (1, 2)
    assert Parts((Below(1, why="a"), Close(1), Close(1, why="b"))).why == "a; b"


def test_blocks_of_an_expected_value_that_is_no_dict_are_an_error() -> None:
    with pytest.raises(TypeError, match="dicts"):
        wrong_blocks(np.ones(2), TRUTH, ("dW1",), 1e-6)


# Laws


@given(NUMBERS, st.floats(1e-15, 1.0))
def test_a_number_is_close_to_itself(number: float, rtol: float) -> None:
    assert passes(Close(rtol), number, number)
    assert passes(Close(0.0), number, np.full((1, 1), number))


@given(NONZERO, st.floats(-0.5, 0.5), st.floats(1e-12, 0.25))
def test_within_the_tolerance_and_not_beyond(number: float, offset: float, rtol: float) -> None:
    actual = number * (1 + offset)
    if abs(offset) < 0.999 * rtol - 1e-15:
        assert passes(Close(rtol), number, actual)
    if abs(offset) > 1.001 * rtol + 1e-15:
        assert not passes(Close(rtol), number, actual)


@given(NUMBERS, NUMBERS, st.floats(0, 2), st.floats(0, 2), st.floats(0, 1))
def test_a_wider_tolerance_passes_no_less(expected: float, actual: float, narrow: float, more: float, atol: float) -> None:
    if passes(Close(narrow), expected, actual):
        assert passes(Close(narrow + more), expected, actual)
        assert passes(Close(narrow, atol), expected, actual)
    if passes(Below(narrow + 1e-9), 0.0, actual):
        assert passes(Below(narrow + 1e-9 + more), 0.0, actual)


@given(NUMBERS, NO_NUMBERS, st.floats(0, 10))
def test_what_is_no_number_never_passes_for_one(expected: float, actual: object, tolerance: float) -> None:
    assert not passes(Close(tolerance, tolerance), expected, actual)
    assert not passes(Below(tolerance), expected, actual)
    number = real(actual)
    assert isinstance(number, str) or not math.isfinite(number)


@given(ARRAYS, ARRAYS)
def test_arrays_pass_only_for_arrays_of_their_shape_and_values(expected: np.ndarray, actual: np.ndarray) -> None:
    if expected.dtype.kind in "bc" or expected.ndim == 0:
        return
    if passes(ONE, expected, actual):
        assert actual.shape == expected.shape
        assert actual.dtype.kind in "iuf"
        assert np.allclose(actual.astype(float), expected.astype(float), rtol=1.1e-6, atol=0)


@given(
    npst.arrays(float, npst.array_shapes(max_dims=2, max_side=4), elements=st.floats(-1e3, 1e3)),
    st.floats(-5, 5).filter(lambda factor: abs(factor - 1) > 1e-3),
)
def test_the_factor_of_a_block_is_found(truth: np.ndarray, factor: float) -> None:
    found = wrong_blocks({"d": truth}, {"d": factor * truth}, ("d",), 1e-6)
    if np.abs(truth).max() > 1e-100:
        assert isinstance(found, dict)
        assert found.get("d") == pytest.approx(factor, abs=2e-6)
    if not truth.any():
        assert found == {}


@given(ARRAYS, ARRAYS)
def test_any_block_can_be_judged(truth: np.ndarray, block: np.ndarray) -> None:
    if truth.dtype.kind not in "iuf":
        return
    found = wrong_blocks({"d": truth}, {"d": block}, ("d",), 1e-6)
    assert isinstance(found, dict)
    assert blocks_agree({"d": truth}, {"d": block}, ("d",), 1e-6) is (not found)
    assert all(factor is None or math.isfinite(factor) for factor in found.values())


VALUES: st.SearchStrategy[object] = st.recursive(
    NO_NUMBERS | NUMBERS | st.integers(-(2**1023), 2**1023) | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(-9, 9), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from([ONE, Below(1.0), BLOCKS]), VALUES)
def test_whatever_comes_over_the_wire_is_judged(expectation: Expectation, value: object) -> None:
    actual = codec.decode(codec.encode(value))
    expected: object = TRUTH if isinstance(expectation, Blocks) else 1e6
    comparison = compare(expectation, expected, actual)
    assert isinstance(comparison.equal, bool)


@given(VALUES)
def test_a_list_or_dict_of_expected_values_meets_anything(actual: object) -> None:
    for expected in ([1.0, "a"], {"a": np.ones(2), "b": None}, np.ones((2, 2)), "a", None, False):
        compare(ONE, expected, codec.decode(codec.encode(actual)))
