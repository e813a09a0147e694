"""The bank of known mistakes: texts with edits, evaluation points as digests, credits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import answer_key, assignments, bank, frozen_bank, implementations
from grader.errors import AssignmentError
from grader.model import Misconception
from grader.sandbox.protocol import Observed

SOLUTION = "import math\n\n\ndef f(x):\n    y = x + 1\n    return 2 * y\n\n\ndef g(x):\n    return x\n"


def test_edits_are_made_in_the_function_alone() -> None:
    text = implementations.implementation(SOLUTION, [Misconception("a", "f", "", "", Fraction(0), "", {"x + 1": "x - 1"})])
    assert text == "def f(x):\n    y = x - 1\n    return 2 * y\n"


def test_two_mistakes_at_once() -> None:
    first = Misconception("a", "f", "", "", Fraction(0), "", {"x + 1": "x - 1"})
    second = Misconception("b", "f", "", "", Fraction(0), "", {"2 * y": "y"})
    both = "def f(x):\n    y = x - 1\n    return y\n"
    assert implementations.implementation(SOLUTION, [first, second]) == implementations.implementation(SOLUTION, [second, first]) == both


def test_two_mistakes_in_the_same_text_are_none() -> None:
    first = Misconception("a", "f", "", "", Fraction(0), "", {"x + 1": "x - 1"})
    second = Misconception("b", "f", "", "", Fraction(0), "", {"= x + 1": "= 0"})
    assert implementations.implementation(SOLUTION, [first, second]) == ""


@pytest.mark.parametrize("edits", [{"nowhere": ""}, {"y": "z"}])
def test_an_edit_that_does_not_fit_once_is_the_authors_fault(edits: dict[str, str]) -> None:
    with pytest.raises(AssignmentError, match="misconception a"):
        implementations.implementation(SOLUTION, [Misconception("a", "f", "", "", Fraction(0), "", edits)])


def test_a_function_that_is_not_there() -> None:
    with pytest.raises(AssignmentError, match="no function h"):
        implementations.function_text(SOLUTION, "h")


POINTS = np.array([[1.0, 2.5], [1.0, 1.5]])
EXPECTED = Observed("cost", 2, (("x", ()), ("theta", ())), POINTS)


def observed(points: object) -> Observed:
    return Observed("cost", len(points) if isinstance(points, np.ndarray) else 0, EXPECTED.layout, points)


@given(st.lists(st.integers(0, 1), min_size=2).filter(lambda rows: len(set(rows)) == 2), st.floats(-1e-5, 1e-5))
def test_points_are_the_same_in_any_order_however_often_and_to_a_little_noise(rows: list[int], noise: float) -> None:
    assert bank.digest(observed(POINTS[rows] + noise), EXPECTED) == bank.digest(EXPECTED, EXPECTED)


@given(st.floats(0.01, 10), st.sampled_from([0, 1]))
def test_another_point_is_another_digest(distance: float, component: int) -> None:
    moved = POINTS.copy()
    moved[0, component] += distance
    assert bank.digest(observed(moved), EXPECTED) != bank.digest(EXPECTED, EXPECTED)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (None, "0 calls"),
        (np.array([[1.0]]), "another layout"),
        (np.array([[np.nan, 1.0]]), "another layout"),
        (np.zeros((0, 2)), "0 calls"),
    ],
)
def test_points_that_cannot_be_told(points: object, told: str) -> None:
    assert bank.digest(observed(points), EXPECTED) == told


def test_where_two_mistakes_at_once_evaluate() -> None:
    right, one_sided, never = {"cost": "a", "slope": "b"}, {"cost": "c", "slope": "b"}, {"cost": "a", "slope": "0 calls"}
    assert bank.points_of_both(right, one_sided, right) == bank.points_of_both(right, right, one_sided) == one_sided
    assert bank.points_of_both(right, one_sided, never) == {"cost": "c", "slope": "0 calls"}, "each moves another function"
    assert bank.points_of_both(right, one_sided, {"cost": "d", "slope": "b"}) is None, "they move the same one"
    assert bank.points_of_both(right, right, right) == right
    assert bank.points_of_both(right, never, {"cost": "a", "slope": "d"}) == never, "what one never calls the other does not move"
    assert bank.points_of_both(right, never, {"cost": "c", "slope": "d"}) == {"cost": "c", "slope": "0 calls"}


@given(st.lists(st.floats(0, 2), min_size=1, max_size=4), st.fractions(0, 1))
def test_a_value_that_is_always_the_same_earns_a_tenth_at_most(values: list[float], credit: Fraction) -> None:
    item = Misconception("a", "f", "", "", credit, "formula")
    prediction = bank.Prediction((item,), tuple(bank.Behaviour("returned", value) for value in values))
    constant = len(values) > 1 and len({round(value, 9) for value in values}) == 1
    assert prediction.credits == ((min(credit, Fraction(1, 10)) if constant else credit),)


def test_a_behaviour_survives_being_stored() -> None:
    for value in (1.5, None, np.array([1.0, 2.0]), (1, "text"), {"a": np.zeros(2)}):
        behaviour = bank.Behaviour("returned", value, "", {"cost": "0 calls"})
        assert repr(bank.loaded(bank.stored(behaviour))) == repr(behaviour)


def test_the_frozen_bank_belongs_to_the_public_cases() -> None:
    assignment = assignments.load("gradient_checking")
    frozen = frozen_bank.load(assignment, answer_key.load_frozen(assignment))
    assert frozen is not None
    for exercise in assignment.exercises:
        cases = [case for case in assignment.cases if case.function == exercise.name and case.counts]
        assert frozen.predictions(exercise.name)
        assert all(len(prediction.behaviours) == len(cases) for prediction in frozen.predictions(exercise.name))


def test_a_frozen_bank_that_is_older_than_the_cases_is_refused(tmp_path: Path) -> None:
    assignment = assignments.load("gradient_checking")
    key = answer_key.load_frozen(assignment)
    elsewhere = msgspec.structs.replace(assignment, folder=tmp_path)
    assert frozen_bank.load(elsewhere, key) is None
    data = (assignment.folder / frozen_bank.FROZEN).read_bytes()
    (tmp_path / frozen_bank.FROZEN).write_bytes(data)
    assert frozen_bank.load(elsewhere, key) is not None
    with pytest.raises(AssignmentError, match="does not belong"):
        frozen_bank.load(msgspec.structs.replace(elsewhere, version="2"), key)
    (tmp_path / frozen_bank.FROZEN).write_bytes(data[: len(data) // 2])
    with pytest.raises(AssignmentError, match="cannot be read"):
        frozen_bank.load(elsewhere, key)


def test_an_instructors_own_credit_holds_whatever_the_value() -> None:
    item = Misconception("a", "f", "", "", Fraction(3, 5), "formula")
    same = (bank.Behaviour("returned", 1.0), bank.Behaviour("returned", 1.0))
    assert bank.Prediction((item,), same, frozenset({"a"})).credits == (Fraction(3, 5),)
