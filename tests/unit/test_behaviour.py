"""The name of what a wrong function does: equal for equal behaviour, whatever the code and the rounding; another for another."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.behaviour import behaviour, canonical
from grader.model import Below, Case, CaseResult, Close, Outcome, StudentError, Visibility
from grader.sandbox.protocol import CallReply, Observed
from grader.sandbox.worker.codec import Opaque

CASE = Case("h01", "area", (1.0,), Close(1e-6))
FINITE = st.floats(-1e3, 1e3)
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(Opaque("x")), st.lists)
KINDS = [np.dtype(kind) for kind in ("bool", "int8", "uint64", "float16", "float64", "complex128", "longdouble")]
POINTS = arrays.arrays(np.float64, (6, 3), elements=st.integers(-50, 50).map(lambda number: number / 16))


def judged(
    value: object = 0.25, outcome: Outcome = Outcome.FAILED, case: Case = CASE, points: np.ndarray | None = None, error: str = ""
) -> tuple[Case, CallReply, CaseResult]:
    observed = () if points is None else (Observed("cost", len(points), (("x", (3,)),), points),)
    result = CaseResult(case.id, Visibility.HIDDEN, 1.0, outcome, error=StudentError(error, "") if error else None)
    return case, CallReply("returned", value, observed=observed), result


def name(*calls: tuple[Case, CallReply, CaseResult]) -> str:
    return behaviour("area", calls)


def test_what_passes_has_none() -> None:
    assert name(judged(outcome=Outcome.PASSED)) == name() == ""
    assert name(judged(), judged(2.0, Outcome.PASSED)) == name(judged())


@given(FINITE, st.floats(-1e-12, 1e-12))
def test_rounding_does_not_part(value: float, noise: float) -> None:
    """But where a value lies between two names, which one of 10⁹ does."""
    other = value * (1 + noise)
    if canonical(value) == canonical(value * (1 + 1e-9)) == canonical(value * (1 - 1e-9)):
        assert name(judged(value)) == name(judged(other)) == name(judged(np.array([[other]]))) == name(judged(np.float64(other)))


@given(POINTS, st.permutations(range(6)), st.integers(0, 5))
def test_the_order_and_number_of_evaluations_do_not_part(points: np.ndarray, order: list[int], again: int) -> None:
    other = np.concatenate([points[order], points[again : again + 1]]) + 1e-13
    assert name(judged(points=points)) == name(judged(points=other))


def test_other_points_part() -> None:
    points = np.eye(3)
    moved = points.copy()
    moved[1, 2] = 1e-7
    names = {
        name(judged(points=points)),
        name(judged(points=moved)),
        name(judged(points=points[:2])),
        name(judged(points=points[:, ::-1] * 2)),
    }
    assert len(names) == 4


def test_other_values_outcomes_errors_cases_and_functions_part() -> None:
    other = msgspec.structs.replace(CASE, id="h02")
    calls = [
        judged(), judged(0.2501), judged(-0.25), judged(None), judged(True), judged("a"), judged([0.25]), judged({"a": 0.25}),
        judged(case=other),
        judged(np.zeros((2, 2))), judged(np.ones((2, 2))), judged(np.full((2, 2), np.nan)), judged(float("nan")), judged(Opaque("Frame")),
        judged(outcome=Outcome.TIMED_OUT), judged(outcome=Outcome.KILLED), judged(outcome=Outcome.MISSING),
        judged(outcome=Outcome.ERRORED, error="ValueError"), judged(outcome=Outcome.ERRORED, error="TypeError"),
    ]  # fmt: skip
    assert len({name(call) for call in calls} | {behaviour("volume", [judged()])}) == len(calls) + 1


def test_below_a_bound_values_are_noise() -> None:
    case = msgspec.structs.replace(CASE, expect=Below(1e-7))
    assert name(judged(0.3, case=case)) == name(judged(0.7, case=case)) != name(judged(0.3))


@given(VALUES | arrays.arrays(st.sampled_from(KINDS), st.just((2, 3))))
def test_any_value_has_a_name(value: object) -> None:
    assert name(judged(value)) == name(judged(value))


@pytest.mark.parametrize("points", [None, "text", np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.inf), np.full((2, 2), np.nan)])
def test_any_points_have_a_name(points: object) -> None:
    call = CallReply("returned", 1.0, observed=(Observed("cost", 2, (), points),))
    assert len(behaviour("area", [(CASE, call, judged()[2])])) == 8


def test_names_are_the_same_for_ever() -> None:
    """They stand in notes and in what people write to each other."""
    assert name(judged(points=np.eye(3))) == "fb546cc9"
