"""The cases of gradient_checking_ann: what they weigh, what they hold trivial answers to, and laws that need no reference."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import assignments
from grader.answer_key import Entry, load_frozen
from grader.assignments import Assignment
from grader.compare import compare
from grader.judging import judge
from grader.model import Below, Case, Close, Parts, Visibility
from grader.notebook import Notebook
from grader.sandbox.protocol import CallReply
from grader.scoring import exercise_score

ID = "gradient_checking_ann"
NAMES = ("params_to_vector", "grads_to_vector", "vector_to_dict", "check_gradient")
PUBLISHED = 1.1890417878730741e-07
Array = np.ndarray


class Course(NamedTuple):
    """The assignment with its hidden cases, the modules of its authors, and what the reference answers to each case."""

    assignment: Assignment
    public: Assignment
    solution: ModuleType
    inputs: ModuleType
    network: ModuleType
    answers: Mapping[tuple[str, str], object]

    def cases(self, function: str) -> list[Case]:
        return [case for case in self.assignment.cases if case.function == function and case.counts]


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    public = assignments.load(ID)
    reference = assignments.load_reference(public)
    if reference is None or reference.hidden_folder is None:
        pytest.skip("there is no reference at hand")
    path, modules, writes = list(sys.path), dict(sys.modules), sys.dont_write_bytecode
    sys.path[:0] = [str(public.folder / "support"), str(public.folder), str(reference.hidden_folder / public.id)]
    sys.dont_write_bytecode = True
    try:
        solution, inputs, network = (importlib.import_module(name) for name in ("solution", "inputs", "my_ANN"))
        injected: dict[str, dict[str, Any]] = {}
        for visibility, text in reference.assignment.sources.items():
            injected[visibility] = {"__name__": "injections"}
            exec(compile(text, f"<injections {visibility}>", "exec"), injected[visibility])
        answers = {(case.function, case.id): answer(solution, injected, case) for case in reference.assignment.cases}
        yield Course(reference.assignment, public, solution, inputs, network, answers)
    finally:
        sys.path[:], sys.dont_write_bytecode = path, writes
        for name in set(sys.modules) - set(modules):
            if str(getattr(sys.modules[name], "__file__", "")).startswith((str(public.folder), str(reference.hidden_folder))):
                del sys.modules[name]


def answer(solution: ModuleType, injected: Mapping[str, Mapping[str, Any]], case: Case) -> object:
    """The reference's value, the network replaced as the case says."""
    before = {name: getattr(solution, name) for name in case.inject}
    for name, attribute in case.inject.items():
        setattr(solution, name, injected[case.visibility.value][attribute])
    try:
        value: object = getattr(solution, case.function)(*case.arguments)
        return value
    finally:
        for name, function in before.items():
            setattr(solution, name, function)


def share(course: Course, function: str, student: Callable[..., object], *, public_only: bool = False) -> Fraction:
    """The share of an exercise's points that a function earns by the cases alone."""
    results = []
    for case in course.cases(function):
        if public_only and case.visibility is Visibility.HIDDEN:
            continue
        try:
            call = CallReply("returned", student(*case.arguments))
        except (ArithmeticError, TypeError, ValueError, KeyError, IndexError, AttributeError):
            call = CallReply("lost")
        entry = Entry(course.answers[case.function, case.id], {})
        results.append((Fraction(case.weight), judge(case, call, entry, Notebook((), "")).outcome))
    return exercise_score(Fraction(1), results)


# What they weigh


def test_every_graded_exercise_is_meant(course: Course) -> None:
    assert [(exercise.name, exercise.points) for exercise in course.assignment.graded] == list(zip(NAMES, (10, 10, 10, 20), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_public_cases_weigh_a_tenth(course: Course, name: str) -> None:
    weights = {
        visibility: sum(Fraction(case.weight) for case in course.cases(name) if case.visibility is visibility) for visibility in Visibility
    }
    assert weights[Visibility.PUBLIC] / sum(weights.values()) == Fraction(1, 10)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_everything(course: Course, name: str) -> None:
    values = iter([course.answers[name, case.id] for case in course.cases(name)])
    assert share(course, name, lambda *_: next(values)) == 1


CONSTANTS: list[object] = [
    None, 0, 0.0, PUBLISHED, math.nan, True, "0", (), {}, [], np.zeros(0), np.zeros(47), (None, {}), (None, None), (np.zeros(47), {}),
    (0.0, np.zeros(47)), (PUBLISHED, np.zeros(47)),
]  # fmt: skip
TRIVIAL: list[Callable[..., object]] = [
    *(partial(lambda value, *_: value, constant) for constant in CONSTANTS),
    lambda first, *_: first,
    lambda *arguments: arguments[-1],
    lambda *arguments: arguments,
    lambda first, *_: (first, first),
    lambda first, *_: (np.concatenate([block.ravel() for block in first.values()]), {}),
    lambda first, *_: np.zeros(sum(block.size for block in first.values())),
    lambda _, shapes, *__: {key: np.zeros(shape) for key, shape in shapes.items()},
    lambda _, __, params, *___: (0.0, np.zeros(sum(block.size for block in params.values()))),
    lambda _, __, params, *___: (PUBLISHED, np.zeros(sum(block.size for block in params.values()))),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trivial", TRIVIAL)
def test_no_trivial_answer_earns_anything_in_check_or_more_than_a_tenth(course: Course, name: str, trivial: Callable[..., object]) -> None:
    assert share(course, name, trivial) <= Fraction(1, 10)
    assert share(course, name, trivial, public_only=True) == 0


@pytest.mark.parametrize("name", NAMES)
def test_no_public_answer_is_right_for_another_case(course: Course, name: str) -> None:
    for case in course.cases(name):
        value = course.answers[name, case.id]
        assert share(course, name, lambda *_, value=value: value) <= Fraction(1, 5), case.id
        if case.visibility is Visibility.PUBLIC:
            assert share(course, name, lambda *_, value=value: value) <= Fraction(1, 10), case.id


def test_gradients_for_their_own_approximation_earn_a_tenth_at_most(course: Course) -> None:
    shortcut = share(course, "check_gradient", lambda X, Y, params, grads, epsilon: (0.0, course.solution.grads_to_vector(grads)))
    assert 0 < shortcut <= Fraction(1, 10)
    assert share(course, "check_gradient", lambda X, Y, params, grads, epsilon: (PUBLISHED, course.solution.grads_to_vector(grads))) <= (
        Fraction(1, 10)
    )


# What is expected, without the reference


def pair(course: Course, case: Case) -> tuple[Any, Any]:
    """The two things that the reference returns."""
    found = course.answers[case.function, case.id]
    assert isinstance(found, tuple)
    first, second = found
    return first, second


def by_hand(blocks: Mapping[str, Array], prefix: str = "") -> list[float]:
    """The numbers in the contract's order, one by one."""
    layers = sum(name.startswith(prefix + "W") for name in blocks)
    names = [f"{prefix}{kind}{layer}" for layer in range(1, layers + 1) for kind in "WB"]
    return [float(number) for name in names for row in blocks[name] for number in row]


def test_vectors_hold_the_numbers_in_the_contract_s_order(course: Course) -> None:
    for case in course.assignment.cases:
        if case.function == "params_to_vector":
            (params,) = case.arguments
            vector, shapes = pair(course, case)
            assert vector.tolist() == by_hand(params)  # type: ignore[arg-type]
            assert shapes == {name: block.shape for name, block in params.items()}  # type: ignore[attr-defined]
        if case.function == "grads_to_vector":
            (grads,) = case.arguments
            assert course.answers[case.function, case.id].tolist() == by_hand(grads, "d")  # type: ignore[attr-defined, arg-type]


def test_dictionaries_are_the_way_back(course: Course) -> None:
    """Vector → dictionary → vector, for every seeded case: what is cut out of a vector unrolls to it again."""
    for case in course.cases("vector_to_dict"):
        vector, shapes = case.arguments
        params = course.answers[case.function, case.id]
        assert {name: block.shape for name, block in params.items()} == shapes  # type: ignore[attr-defined]
        assert by_hand(params) == vector.tolist()  # type: ignore[attr-defined, arg-type]


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=2, max_size=13), seed=st.integers(0, 2**32 - 1), order=st.randoms(use_true_random=False))
def test_round_trips(course: Course, sizes: list[int], seed: int, order: Any) -> None:
    params = course.inputs.draw_inputs(seed, sizes)[2]
    keys = list(params)
    order.shuffle(keys)
    vector, shapes = course.solution.params_to_vector({key: params[key] for key in keys})
    back = course.solution.vector_to_dict(vector, shapes)
    assert all(np.array_equal(back[key], block) for key, block in params.items())
    again, _ = course.solution.params_to_vector(back)
    assert np.array_equal(again, vector)
    grads = {"d" + key: block for key, block in params.items()} | {"dA0": np.zeros((2, 2))}
    assert np.array_equal(course.solution.grads_to_vector(grads), vector)


def test_the_published_value_is_noise_and_never_compared(course: Course) -> None:
    (case,) = (case for case in course.cases("check_gradient") if case.id == "published")
    assert isinstance(case.expect, Parts)
    difference, gradapprox = pair(course, case)
    assert difference == pytest.approx(PUBLISHED, rel=0.02)
    for right in (PUBLISHED, 0.0, 5.3e-08, 1.1e-09, 2.4e-07):
        assert compare(case.expect, (difference, gradapprox), (right, gradapprox)).equal
    assert not compare(case.expect, (difference, gradapprox), (2e-6, gradapprox)).equal
    assert not compare(case.expect, (difference, gradapprox), (PUBLISHED, np.zeros(47))).equal


def test_every_other_difference_is_truncation_not_noise(course: Course) -> None:
    for case in course.cases("check_gradient"):
        if case.id == "published":
            continue
        assert isinstance(case.expect, Parts)
        ratio, slopes = case.expect.expect
        assert isinstance(ratio, Close)
        assert isinstance(slopes, Close)
        difference, _ = pair(course, case)
        assert difference > 1e-4
        assert float(case.arguments[4]) >= 1e-3  # type: ignore[arg-type]
        assert ratio.atol == 0
        assert ratio.rtol <= 1e-5
        assert ratio.why
        assert slopes.why


def test_only_the_published_difference_may_be_anything_below_a_bound(course: Course) -> None:
    bounded = [
        case.id
        for case in course.assignment.cases
        if isinstance(case.expect, Below)
        or (isinstance(case.expect, Parts) and any(isinstance(part, Below) for part in case.expect.expect))
    ]
    assert bounded == ["published"]


def test_what_costs_nothing(course: Course) -> None:
    assert [(case.function, case.id, case.visibility) for case in course.assignment.cases if not case.counts] == [
        ("params_to_vector", "twelve-layers", Visibility.PUBLIC), ("grads_to_vector", "twelve-layers", Visibility.PUBLIC),
        ("check_gradient", "no-epsilon", Visibility.PUBLIC),
    ]  # fmt: skip


def test_the_frozen_key_belongs_to_the_cases(course: Course) -> None:
    assert set(load_frozen(course.public).entries) == {(case.function, case.id) for case in course.public.cases}


# my_ANN


@pytest.mark.parametrize("sizes", [(4, 5, 3, 1), (2, 1), (3, 4, 4, 2, 1), (2, 3, 2)])
def test_the_network_s_gradients_are_those_of_its_cost(course: Course, sizes: tuple[int, ...]) -> None:
    X, Y, params = course.inputs.draw_inputs(3, sizes)
    Y = np.repeat(Y, sizes[-1], axis=0)
    Y_pred, caches = course.network.forward(X, params)
    grads = course.network.backward(Y, Y_pred, caches)
    step = 1e-6
    for name, block in params.items():
        for index in np.ndindex(block.shape):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name][index] += step
            above = course.network.compute_cost(course.network.forward(X, moved)[0], Y)
            moved[name][index] -= 2 * step
            below = course.network.compute_cost(course.network.forward(X, moved)[0], Y)
            assert grads["d" + name][index] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-8)
    assert {name for name in grads if name.startswith("dA")} == {f"dA{layer}" for layer in range(len(sizes) - 1)}
    assert next(iter(grads)).endswith(str(len(sizes) - 2)), "the last layer comes first"


def test_initial_parameters_have_their_shapes(course: Course) -> None:
    params = course.network.initialize_params([2, 3, 1])
    assert {name: block.shape for name, block in params.items()} == course.inputs.shapes_of((2, 3, 1))
    assert not params["B1"].any()
    assert params["W1"].any()
