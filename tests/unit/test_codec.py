"""The wire format: what goes in comes out, what is malformed is refused, and both stay within bounds."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox.worker import codec
from grader.sandbox.worker.codec import CodecError, Opaque, decode, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
INTS = st.integers(-(2**1023), 2**1023)
SCALARS = st.none() | st.booleans() | INTS | st.floats() | st.complex_numbers() | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.lists(inner, max_size=6).map(tuple)
        | st.dictionaries(TEXTS | st.integers(-99, 99), inner, max_size=6)
    ),
    max_leaves=40,
)
DTYPES = hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes() | hnp.complex_number_dtypes()
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from("nbifcsltdax"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)
TAGGED = st.tuples(st.sampled_from("nbifcsltdax"), JSON, JSON, JSON).flatmap(lambda parts: st.integers(1, 4).map(lambda n: list(parts[:n])))


def travelled(value: object) -> object:
    """The value after its way over the wire."""
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


def is_same(left: object, right: object) -> bool:
    """Equal and of the same type, where NaN equals NaN and 0.0 is not -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return list(map(repr, left)) == list(map(repr, right)) and all(map(is_same, left.values(), right.values()))
    return repr(left) == repr(right)


@given(VALUES)
def test_plain_values_come_back_exactly(value: object) -> None:
    assert is_same(travelled(value), value)


@given(ARRAYS)
def test_arrays_come_back_to_the_bit(array: np.ndarray) -> None:
    back = travelled(array)
    assert isinstance(back, np.ndarray)
    assert back.shape == array.shape
    if array.dtype.itemsize <= (16 if array.dtype.kind == "c" else 8):
        assert back.dtype == array.dtype.newbyteorder("<")
        assert back.tobytes() == np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).tobytes()
    assert not back.flags.writeable


def test_a_numpy_scalar_is_an_array_without_dimensions() -> None:
    back = travelled(np.float32(1.5))
    assert isinstance(back, np.ndarray)
    assert (back.shape, back.dtype.str, back.item()) == ((), "<f4", 1.5)


@given(JSON | TAGGED)
def test_arbitrary_json_decodes_or_raises_a_codec_error(wire: object) -> None:
    with contextlib.suppress(CodecError):
        decode(wire)


def nested(depth: int) -> object:
    wire: object = ["n"]
    for _ in range(depth):
        wire = ["l", [wire]]
    return wire


@pytest.mark.parametrize(
    "wire",
    [
        [], ["n", 1], ["b", 1], ["i", 3], ["i", ""], ["i", "1_0"], ["i", "１"], ["i", "+1"], ["i", "9" * 400], ["f", "0x1p+99999"],
        ["f", "x" * 50],
        ["f", 1.0], ["c", "1"], ["s", 5], ["l", {}], ["d", [[["f", "0x1p+0"], ["n"]]]],
        ["d", [[["s", "a"], ["n"]], [["s", "a"], ["n"]]]], ["d", [[["s", "a"]]]], ["d", [[["i", str(2**61 - 1)], ["n"]]]],
        ["a", "|O", [1], ""], ["a", "<f8", [-1], ""], ["a", "<f8", [True], ""], ["a", "<f8", [2], ""], ["a", "<f8", [1] * 40, ""],
        ["a", ">f8", [0], ""],
        ["a", "<f8", [10**6, 10**6], ""], ["a", "<f8", [1], "!!!"], ["a", "<U5", [0], ""], ["x", 1], ["z"], "n", None, {"n": 1},
        nested(codec.MAX_DEPTH + 1),
        nested(500), ["l", [["n"]] * (codec.MAX_ITEMS + 1)],
    ],
)  # fmt: skip
def test_malformed_values_are_refused(wire: object) -> None:
    with pytest.raises(CodecError):
        decode(wire)


class Pair(NamedTuple):
    """A named tuple, as students write them."""

    difference: float
    gradapprox: object


class Loud(tuple[object, ...]):
    """A tuple whose own methods must not be asked."""

    __slots__ = ()

    def __iter__(self) -> Iterator[object]:
        raise BaseException("iterated")

    def __len__(self) -> int:
        raise BaseException("measured")


def test_relatives_of_dict_and_tuple_arrive_as_what_they_hold() -> None:
    ordered = OrderedDict([("B1", (5, 1)), ("W1", (5, 4))])
    assert travelled(ordered) == {"B1": (5, 1), "W1": (5, 4)}
    assert list(travelled(ordered)) == ["B1", "W1"]  # type: ignore[call-overload]
    assert travelled(defaultdict(list, {"a": [1]})) == {"a": [1]}
    assert travelled(Pair(0.5, {"a": 1})) == (0.5, {"a": 1})
    assert travelled(Loud((1, (2,)))) == (1, (2,))
    assert encode(Counter("a")) == ["x", "Counter"], "no other subclass of dict"
    assert encode(type("Deep", (Loud,), {})((1,))) == ["x", "Deep"], "no subclass of such a subclass"


class Liar:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> object:
        raise BaseException(name)

    __eq__ = __repr__ = __hash__ = __iter__ = __len__ = __array__ = __getattribute__  # type: ignore[assignment]


class Lists(list[object]):
    """A list that is not quite one."""

    def __iter__(self) -> object:  # type: ignore[override]
        raise BaseException("iterated")


def test_a_matrix_travels_as_an_array() -> None:
    back = travelled(np.array([[1.5, 2.0]]).view(np.matrix))
    assert type(back) is np.ndarray
    assert back.tolist() == [[1.5, 2.0]]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Lists(), "Lists"), (True.__class__, "type"), (np.float64, "type"), (b"x", "bytes"), ({1, 2}, "set"), (lambda: 0, "function"),
        (np.array([None]), "array of object"), (np.array(["a"]), "array of str32"), (np.zeros(2, [("a", "f8")]), "array of void64"),
        (np.ma.masked_array([1.0]), "MaskedArray"), (np.array(0, "datetime64[s]"), "array of datetime64[s]"),
        ({1.5: 2}, "dict with a key of type float"),
        ({True: 2}, "dict with a key of type bool"), ({2**61 - 1: 2}, "dict with a key of too many digits"),
        (10**400, "int of too many digits"),
        (np.zeros(codec.MAX_ELEMENTS + 1, np.int8), "array of 1000001 elements"),
        (list(range(codec.MAX_ITEMS + 1)), "list (more than 100000 items)"), (["x" * 60_000] * 200, "list (too large)"),
        ([np.zeros(10**6)] * 2, "list (too large)"), (np.zeros(10**6, complex), "ndarray (too large)"),
    ],
)  # fmt: skip
def test_what_the_wire_does_not_carry_is_opaque(value: object, name: str) -> None:
    assert travelled(value) == Opaque(name)


class Meta(type):
    """Raises whatever is asked of the class."""

    def __getattribute__(cls, name: str) -> object:
        raise BaseException(name)

    __hash__ = __eq__ = __getattribute__  # type: ignore[assignment]


def test_no_code_of_a_value_or_its_class_is_run() -> None:
    assert encode(Liar()) == ["x", "Liar"]
    assert encode([Meta("Class", (), {})()]) == ["l", [["x", "Class"]]]
    assert encode(Meta("Number", (np.float64,), {})(1.0)) == ["x", "Number"]


def test_a_value_that_holds_itself_is_opaque() -> None:
    value: list[object] = []
    value.append(value)
    assert isinstance(travelled(value), Opaque)


def test_a_value_that_doubles_with_every_level_takes_no_time() -> None:
    value: object = 1
    for _ in range(codec.MAX_DEPTH - 1):
        value = [value, value]
    begun = time.process_time()
    assert isinstance(travelled(value), Opaque)
    assert time.process_time() - begun < 5


def test_lone_surrogates_and_long_texts_are_made_harmless() -> None:
    assert travelled("a\ud800") == "a\\ud800"
    text = travelled("x" * 10**6)
    assert isinstance(text, str)
    assert len(text) == codec.MAX_TEXT + 1


def test_special_floats() -> None:
    value = travelled([math.nan, math.inf, -math.inf, -0.0])
    assert repr(value) == "[nan, inf, -inf, -0.0]"


def test_numbers_of_a_megabyte_are_refused_at_once() -> None:
    wire = ["a", "<f8", [1], base64.b64encode(b"\0" * 10**6).decode()]
    with pytest.raises(CodecError, match="do not fit"):
        decode(wire)
