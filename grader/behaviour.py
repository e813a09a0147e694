"""What a function that is not right does, as a short name: two submissions have the same where they fail the same cases in the same way.

The name depends on nothing but the function's behaviour, so it is the same in every run, on every machine and in every class. Numbers
are told apart by four digits, and points by nine decimals: rounding in another order must not part what is one behaviour.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

import msgspec
import numpy as np

from grader.likeness import distinct
from grader.model import Below, Case, CaseResult, Outcome
from grader.sandbox.protocol import CallReply, Observed
from grader.sandbox.worker.codec import Opaque

_DIGITS = 8  # of the name, hexadecimal
_POINTS = 1e9
_LARGEST = 4_096  # numbers of an array, items of a container, that are looked at
_DEPTH = 4
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_STEP = np.uint64(0x9E3779B97F4A7C15)


def behaviour(function: str, judged: Iterable[tuple[Case, CallReply, CaseResult]]) -> str:
    """The name of a function's behaviour in the cases that it does not pass; "" where it passes all of them."""
    failing = [_trace(case, call, result) for case, call, result in judged if result.outcome is not Outcome.PASSED]
    if not failing:
        return ""
    return hashlib.sha256(msgspec.json.encode((function, failing))).hexdigest()[:_DIGITS]


def _trace(case: Case, call: CallReply, result: CaseResult) -> tuple[str, ...]:
    """One failing case: its id, outcome, what came back, and where the functions that it observes were called."""
    start = (case.id, result.outcome.value)
    if result.outcome is Outcome.ERRORED:
        return (*start, result.error.type if result.error else "")
    if result.outcome is not Outcome.FAILED:
        return start
    # What is to be below a bound is rounding noise where it is right, and may be so where it is wrong.
    value = "" if isinstance(case.expect, Below) else canonical(call.value)
    return (*start, value, *(text for observed in call.observed for text in _points(observed)))


def canonical(value: object, depth: int = 0) -> str:
    """A value as text, numbers to four digits. Calls no code of a type that is not Python's or NumPy's.

    >>> canonical(0.123456), canonical(np.float64(0.123449)), canonical(float("nan")), canonical(-0.0)
    ('1.235e-01', '1.234e-01', 'nan', '0.000e+00')
    >>> canonical([1, None, "a"])
    "list[1.000e+00 None 'a']"
    """
    kind = type(value)
    if value is None or kind is bool:
        return str(value)
    if kind is int or kind is float:
        return _number(value)  # type: ignore[arg-type]
    if kind is str:
        return repr(value[:100])  # type: ignore[index]
    if kind is np.ndarray or (issubclass(kind, np.generic) and kind.__module__ == "numpy"):
        return _array(np.asarray(value))
    if depth < _DEPTH and kind in (list, tuple):
        parts = [canonical(item, depth + 1) for item in value[:_LARGEST]]  # type: ignore[index]
        return f"{kind.__name__}[{' '.join(parts)}]"
    if depth < _DEPTH and kind is dict:
        named = sorted((str(key)[:100], item) for key, item in value.items() if type(key) is str)[:_LARGEST]  # type: ignore[attr-defined]
        return "dict{" + " ".join(f"{key}:{canonical(item, depth + 1)}" for key, item in named) + "}"
    return value.type_name if isinstance(value, Opaque) else kind.__name__


def _number(value: int | float) -> str:
    try:
        return f"{float(value) + 0.0:.3e}"
    except OverflowError:
        return "huge"


def _array(array: np.ndarray) -> str:
    if array.dtype.kind not in "biuf":
        return f"{array.dtype.kind}{array.shape}"
    if array.size == 1:
        return _number(float(array.reshape(-1)[0]))  # a number, its array of one element and 0-d array are one answer
    numbers = array.astype(float).reshape(-1)[:_LARGEST]
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    scale = float(np.abs(finite).max(initial=0.0))
    steps = np.rint(finite / scale * 1e3).astype(np.int64) if scale > 0 and math.isfinite(scale) else np.zeros(len(finite), np.int64)
    marks = np.isnan(numbers) * 1 + np.isposinf(numbers) * 2 + np.isneginf(numbers) * 3
    content = hashlib.sha256(steps.astype("<i8").tobytes() + marks.astype("<i8").tobytes()).hexdigest()
    return f"{array.shape} {_number(scale)} {content[:16]}"


def _points(observed: Observed) -> tuple[str, str]:
    """A function's name, and the set of points at which it was called, in whatever order and however often."""
    points = observed.points
    if not isinstance(points, np.ndarray) or points.dtype.kind not in "biuf" or points.ndim != 2:
        return observed.name, f"{observed.calls} calls"
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.rint(np.clip(np.nan_to_num(points.astype(float), nan=-9e8), -9e8, 9e8) * _POINTS).astype(np.int64).view(np.uint64)
        weights = np.arange(1, steps.shape[1] + 1, dtype=np.uint64) * _STEP | np.uint64(1)
        rows = (steps * weights).sum(axis=1, dtype=np.uint64)
        rows = (rows ^ (rows >> np.uint64(31))) * _MIX
    return observed.name, hashlib.sha256(distinct(rows).astype("<u8").tobytes()).hexdigest()[:16]
