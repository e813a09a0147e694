"""Whether a value is the expected one: kind, shape and size first, then the numbers.

Nothing is broadcast, converted from text or rounded away; a doubt is never a pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from grader.messages import say, say_n
from grader.model import Below, Blocks, Close, Expectation, Parts
from grader.sandbox.worker.codec import Opaque
from grader.values import join

_REAL_KINDS = "iuf"


class Comparison(msgspec.Struct, frozen=True):
    """`equal`, and where not, why in words."""

    equal: bool
    why: str = ""


EQUAL = Comparison(True)


def compare(expectation: Expectation, expected: object, actual: object) -> Comparison:
    """Judges `actual`, a decoded wire value, by a case's expectation."""
    match expectation:
        case Close(rtol=rtol, atol=atol):
            return _close(expected, actual, rtol, atol)
        case Below(bound=bound):
            return _below(actual, bound)
        case Blocks(keys=keys, rtol=rtol):
            return _blocks(expected, actual, keys, rtol)
        case Parts(expect=parts):
            return _parts(parts, expected, actual)


def first_part(expectation: Expectation, value: object) -> object:
    """The value, or of a value of several parts the first one."""
    if isinstance(expectation, Parts) and isinstance(value, (tuple, list)) and value:
        return value[0]
    return value


def real(value: object) -> float | str:
    """A real number of exactly one element as a float, or what is wrong with it.

    >>> real(np.array([[2.0]])), real(3)
    (2.0, 3.0)
    >>> real(True)
    'it is a bool, not a number'
    """
    if value is None:
        return say("it is None: the function returns nothing")
    if isinstance(value, bool):
        return say("it is a bool, not a number")
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return say("it is too large for a float")
    if isinstance(value, np.ndarray):
        return _real_element(value)
    if isinstance(value, Opaque):
        return say("it is an object of type {type}, not a number", type=value.type_name)
    if isinstance(value, complex):
        return say("it is a complex number, not a real one")
    return say("it is text, not a number") if isinstance(value, str) else say("it is a {type}, not a number", type=type(value).__name__)


def _real_element(array: np.ndarray) -> float | str:
    if array.size != 1:
        return say("it is an array of shape {shape}, not one number", shape=array.shape)
    if array.dtype.kind not in _REAL_KINDS:
        if array.ndim == 0 and array.dtype.kind == "b":  # NumPy's bool
            return say("it is a bool, not a number")
        return say("it is an array of {type}, not of real numbers", type=array.dtype.name)
    return float(array.reshape(())[()])


def _close(expected: object, actual: object, rtol: float, atol: float) -> Comparison:
    if isinstance(expected, np.ndarray) and expected.ndim > 0:
        return _close_array(expected, actual, rtol, atol)
    if isinstance(expected, dict):
        return _close_dict(expected, actual, rtol, atol)
    if isinstance(expected, (tuple, list)):
        return _close_sequence(expected, actual, rtol, atol)
    if expected is None or isinstance(expected, (bool, str)):
        actual = actual.item() if isinstance(actual, np.ndarray) and actual.shape == () else actual  # NumPy's bool
        equal = type(actual) is type(expected) and actual == expected
        return EQUAL if equal else Comparison(False, say("it is not the expected value"))
    goal = real(expected)
    if isinstance(goal, str):
        raise TypeError(f"an expected value cannot be compared: {goal}")
    number = real(actual)
    if isinstance(number, str):
        return Comparison(False, number)
    return _close_numbers(goal, number, rtol, atol)


def _close_numbers(expected: float, actual: float, rtol: float, atol: float) -> Comparison:
    if is_close(expected, actual, rtol, atol):
        return EQUAL
    if not math.isfinite(actual):
        return Comparison(False, say("it is {value}, not a finite number", value=actual))
    return Comparison(False, _how_far(expected, actual))


def is_close(expected: float, actual: float, rtol: float, atol: float) -> bool:
    """Whether both are finite, and one within the tolerance of the other."""
    return math.isfinite(actual) and math.isfinite(expected) and abs(actual - expected) <= atol + rtol * abs(expected)


def _how_far(expected: float, actual: float) -> str:
    if expected == 0:
        return say("it should be 0")
    if actual == 0:
        return say("it is 0")
    ratio = actual / expected
    if abs(ratio - 1) > 5e-4:  # else it would be told as 1
        return say("it is {ratio:.4g} times the expected value", ratio=ratio)
    return say("it differs by {share:.2g} of the expected value", share=abs(actual - expected) / abs(expected))


def _close_array(expected: np.ndarray, actual: object, rtol: float, atol: float) -> Comparison:
    if expected.dtype.kind not in _REAL_KINDS:
        raise TypeError(f"an expected value cannot be compared: it is an array of {expected.dtype.name}")
    if not isinstance(actual, np.ndarray):
        return Comparison(False, say("it should be an array of shape {shape}", shape=expected.shape))
    if actual.shape != expected.shape:
        return Comparison(False, say("its shape is {shape}, it should be {expected}", shape=actual.shape, expected=expected.shape))
    if actual.dtype.kind not in _REAL_KINDS:
        return Comparison(False, say("it is an array of {type}, not of real numbers", type=actual.dtype.name))
    if not np.isfinite(actual).all():
        return Comparison(False, say("it holds values that are not finite"))
    numbers, goal = actual.astype(float), expected.astype(float)  # integers would wrap around
    with np.errstate(over="ignore", invalid="ignore"):
        off = ~((np.abs(numbers - goal) <= atol + rtol * np.abs(goal)) & np.isfinite(goal))
    if not off.any():
        return EQUAL
    index = tuple(int(i) for i in np.argwhere(off)[0])
    return Comparison(
        False, say("{off} of {size} components are off, the first at {index}", off=int(off.sum()), size=expected.size, index=list(index))
    )


def _close_dict(expected: Mapping[object, object], actual: object, rtol: float, atol: float) -> Comparison:
    if not isinstance(actual, dict):
        return Comparison(False, say("it should be a dict"))
    if set(actual) != set(expected):
        return Comparison(False, say("its keys should be {names}", names=", ".join(map(str, expected))))
    for key, value in expected.items():
        comparison = _close(value, actual[key], rtol, atol)
        if not comparison.equal:
            return Comparison(False, say("at {key}: {said}", key=key, said=comparison.why))
    return EQUAL


def _close_sequence(expected: tuple[object, ...] | list[object], actual: object, rtol: float, atol: float) -> Comparison:
    if not isinstance(actual, (tuple, list)) or len(actual) != len(expected):
        return Comparison(False, say("it should be a {type} of {size} values", type=type(expected).__name__, size=len(expected)))
    for position, value in enumerate(expected):
        comparison = _close(value, actual[position], rtol, atol)
        if not comparison.equal:
            return Comparison(False, say("value {position}: {said}", position=position, said=comparison.why))
    return EQUAL


def _parts(parts: tuple[Close | Below, ...], expected: object, actual: object) -> Comparison:
    if not isinstance(expected, (tuple, list)) or len(expected) != len(parts):
        raise TypeError(f"parts are compared in sequences of {len(parts)} values")
    if not isinstance(actual, (tuple, list)) or len(actual) != len(parts):
        return Comparison(False, say("it should be a {type} of {size} values", type=type(expected).__name__, size=len(parts)))
    for position, part in enumerate(parts):
        comparison = compare(part, expected[position], actual[position])
        if not comparison.equal:
            return Comparison(False, say("value {position}: {said}", position=position, said=comparison.why))
    return EQUAL


def _below(actual: object, bound: float) -> Comparison:
    number = real(actual)
    if isinstance(number, str):
        return Comparison(False, number)
    if not math.isfinite(number):
        return Comparison(False, say("it is {value}, not a finite number", value=number))
    if number < 0:
        return Comparison(False, say("it is negative"))
    return EQUAL if number < bound else Comparison(False, say("it should be below {bound:g}", bound=bound))


def _blocks(expected: object, actual: object, keys: tuple[str, ...], rtol: float) -> Comparison:
    factors = wrong_blocks(expected, actual, keys, rtol)
    if isinstance(factors, str):
        return Comparison(False, factors)
    if not factors:
        return EQUAL
    return Comparison(False, describe_blocks(expected, actual, factors))


def describe_blocks(expected: object, actual: object, factors: Mapping[str, float | None]) -> str:
    """The wrong blocks in words, those that are wrong in the same way together."""
    assert isinstance(expected, dict)
    assert isinstance(actual, dict)
    groups: dict[str, list[str]] = {}
    for key, factor in factors.items():
        groups.setdefault(_block(np.asarray(expected[key]), actual.get(key), factor), []).append(key)
    told = (say_n("{names} is {said}", "{names} are {said}", len(keys), names=join(keys), said=what) for what, keys in groups.items())
    return "; ".join(told)


def _block(truth: np.ndarray, block: object, factor: float | None) -> str:
    if factor is not None:
        return say("{factor:.3f} times the true value", factor=factor)
    if not isinstance(block, np.ndarray) or block.dtype.kind not in _REAL_KINDS:
        return say("missing") if block is None else say("no array of real numbers")
    if block.shape != truth.shape:
        return say("of shape {shape}, not {expected}", shape=block.shape, expected=truth.shape)
    if not np.isfinite(block).all():
        return say("not finite everywhere")
    with np.errstate(over="ignore"):
        off = np.abs(block.astype(float) - truth) > 1e-6 * float(np.abs(truth).max(initial=0.0))
    if off.all() or not off.any():
        return say("wrong, and no multiple of the true value")
    first = ", ".join(str(index) for index in np.argwhere(off)[0])
    return say("wrong in {off} of {size} entries, the first at [{index}]", off=off.sum(), size=off.size, index=first)


def wrong_blocks(expected: object, actual: object, keys: tuple[str, ...], rtol: float) -> dict[str, float | None] | str:
    """The blocks of a dict of arrays that are off, each with actual / expected where that is one number, else None.

    A text where `actual` is no such dict. A block of another shape is wrong, whatever its values.
    """
    if not isinstance(expected, dict):
        raise TypeError("blocks are compared in dicts")
    if not isinstance(actual, dict):
        return say("it should be a dict with {names}", names=", ".join(keys))
    with np.errstate(over="ignore", invalid="ignore"):
        off = _off(expected, actual, keys, rtol)
        return {key: None if block is None else _factor(truth, block.astype(float), rtol) for key, truth, block in off}


def blocks_agree(expected: Mapping[Any, object], actual: object, keys: tuple[str, ...], rtol: float) -> bool:
    """Whether `wrong_blocks` finds none; most of what does not agree is told by its first block."""
    with np.errstate(over="ignore", invalid="ignore"):
        return isinstance(actual, dict) and not any(True for _ in _off(expected, actual, keys, rtol))


def _off(
    expected: Mapping[Any, object], actual: dict[object, object], keys: tuple[str, ...], rtol: float
) -> Iterator[tuple[str, np.ndarray, np.ndarray | None]]:
    """The blocks that are off, each with the true one; None for what is no array of real numbers of its shape."""
    for key in keys:
        truth, block = np.asarray(expected[key], dtype=float), actual.get(key)
        if not isinstance(block, np.ndarray) or block.shape != truth.shape or block.dtype.kind not in _REAL_KINDS:
            yield key, truth, None
            continue
        distance = _norm(block - truth)
        if not (math.isfinite(distance) and distance <= rtol * _norm(truth)):
            yield key, truth, block


def _norm(array: np.ndarray) -> float:
    """The 2-norm, which neither overflows nor underflows on the way."""
    return math.hypot(*array.ravel().tolist())  # of Python's numbers: it takes three times as long for NumPy's


def _factor(truth: np.ndarray, block: np.ndarray, rtol: float) -> float | None:
    size = _norm(truth)
    if size == 0:
        return None
    factor = float((truth / size * block).sum()) / size
    if not (math.isfinite(factor) and _norm(block - factor * truth) <= rtol * max(1.0, abs(factor)) * size):
        return None
    return round(factor, 6)
