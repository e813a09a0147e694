"""The cases of gradient_checking: what they weigh, where their tolerances come from, and what the reference says to them."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import assignments
from grader.answer_key import Entry, load_frozen
from grader.assignments import Assignment, Exercise
from grader.compare import compare, real
from grader.implementations import implementation
from grader.judging import judge
from grader.model import Below, Case, Close, Misconception, Visibility
from grader.notebook import Notebook
from grader.sandbox.protocol import CallReply
from grader.scoring import exercise_score
from grader.seeds import UNIT_ROUNDOFF, ratio_tolerance, rounding_bound

Function = Callable[..., Any]
Array = np.ndarray

NAMES = ("forward_propagation", "backward_propagation", "gradient_check", "gradient_check_n")
PUBLISHED = {
    ("gradient_check", "published-2-4"): 2.919335883291695e-10,
    ("gradient_check", "published-3-4"): 7.814075313343006e-11,
    ("gradient_check_n", "published-planted"): 0.2850931567761623,
    ("gradient_check_n", "published-right"): 1.1890913024229996e-07,
}


class Course(NamedTuple):
    """The assignment with its hidden cases, the modules of its authors, and what the reference answers to each case."""

    assignment: Assignment
    public: Assignment
    solution: ModuleType
    inputs: ModuleType
    tools: ModuleType
    tests: ModuleType
    source: str
    misconceptions: tuple[Misconception, ...]
    injected: Mapping[str, Mapping[str, Any]]
    answers: Mapping[tuple[str, str], object]

    def cases(self, function: str) -> list[Case]:
        return [case for case in self.assignment.cases if case.function == function]

    def function(self, case: Case, name: str) -> Function:
        """What the case puts in the place of `name`."""
        found: Function = self.injected[case.visibility.value][case.inject[name]]
        return found


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    public = assignments.load("gradient_checking")
    reference = assignments.load_reference(public)
    if reference is None or reference.hidden_folder is None:
        pytest.skip("there is no reference at hand")
    path, modules, writes = list(sys.path), dict(sys.modules), sys.dont_write_bytecode
    sys.path[:0] = [str(public.folder / "support"), str(public.folder), str(reference.hidden_folder / public.id)]
    sys.dont_write_bytecode = True
    try:
        solution, inputs, tools, tests = (importlib.import_module(name) for name in ("solution", "inputs", "gc_utils", "public_tests"))
        injected: dict[str, dict[str, Any]] = {}
        for visibility, text in reference.assignment.sources.items():
            injected[visibility] = {"__name__": "injections"}
            exec(compile(text, f"<injections {visibility}>", "exec"), injected[visibility])
        answers = {(case.function, case.id): answer(solution, injected, case) for case in reference.assignment.cases}
        yield Course(
            reference.assignment, public, solution, inputs, tools, tests, reference.solution, reference.misconceptions, injected, answers
        )
    finally:
        sys.path[:], sys.dont_write_bytecode = path, writes
        for name in set(sys.modules) - set(modules):
            if str(getattr(sys.modules[name], "__file__", "")).startswith((str(public.folder), str(reference.hidden_folder))):
                del sys.modules[name]


def answer(solution: ModuleType, injected: Mapping[str, Mapping[str, Any]], case: Case) -> object:
    """The reference's value, its helpers replaced as the case says."""
    before = {name: getattr(solution, name) for name in case.inject}
    for name, attribute in case.inject.items():
        setattr(solution, name, injected[case.visibility.value][attribute])
    try:
        value: object = getattr(solution, case.function)(*case.arguments)
        return value
    finally:
        for name, function in before.items():
            setattr(solution, name, function)


def share(course: Course, function: str, student: Function, *, public_only: bool = False) -> Fraction:
    """The share of an exercise's points that a function earns."""
    results = []
    for case in course.cases(function):
        if public_only and case.visibility is Visibility.HIDDEN:
            continue
        try:
            call = CallReply("returned", student(*case.arguments))
        except (ArithmeticError, TypeError, ValueError):
            call = CallReply("lost")
        entry = Entry(course.answers[case.function, case.id], {})
        results.append((Fraction(case.weight), judge(case, call, entry, Notebook((), "")).outcome))
    return exercise_score(Fraction(1), results)


# What they weigh


@pytest.mark.parametrize("name", NAMES)
def test_the_public_cases_weigh_a_tenth_of_each_exercise_at_most(course: Course, name: str) -> None:
    weights = {
        visibility: sum(Fraction(case.weight) for case in course.cases(name) if case.visibility is visibility) for visibility in Visibility
    }
    assert Fraction(1, 20) <= weights[Visibility.PUBLIC] / sum(weights.values()) <= Fraction(1, 10)


def test_every_graded_exercise_is_meant(course: Course) -> None:
    assert [(exercise.name, exercise.points) for exercise in course.assignment.graded] == list(zip(NAMES, (10, 10, 10, 20), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_everything(course: Course, name: str) -> None:
    values = iter([course.answers[name, case.id] for case in course.cases(name)])
    assert share(course, name, lambda *_: next(values)) == 1


CONSTANTS = [0, 1, -1, 2, 3, 8, 0.5, 1 / 3, 1e-8, 1e-7, 1e-9, *PUBLISHED.values(), math.nan, math.inf, None, True, "0", 0j, np.zeros(2)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("constant", CONSTANTS, ids=repr)
def test_no_constant_earns_more_than_a_tenth(course: Course, name: str, constant: object) -> None:
    assert share(course, name, lambda *_: constant) <= Fraction(1, 10)


@pytest.mark.parametrize("name", NAMES)
def test_no_public_expected_value_earns_more_than_a_tenth_as_a_constant(course: Course, name: str) -> None:
    for case in course.cases(name):
        if case.visibility is Visibility.PUBLIC:
            value = course.answers[name, case.id]
            assert share(course, name, lambda *_, value=value: value) <= Fraction(1, 10), case.id


@settings(deadline=None)
@given(st.integers(-9, 9) | st.fractions(-10, 10, max_denominator=6).map(float) | st.floats(0, 1e-6))
def test_nor_does_any_number_that_one_would_guess(course: Course, constant: float) -> None:
    for name in NAMES:
        assert share(course, name, lambda *_: constant) <= Fraction(1, 10)


def test_a_guessed_hidden_value_earns_four_tenths_at_most_and_a_tenth_where_it_can_be_guessed(course: Course) -> None:
    for name in NAMES:
        most = Fraction(4, 10) if name.startswith("gradient_check") else Fraction(1, 10)
        for case in course.cases(name):
            value = course.answers[name, case.id]
            assert share(course, name, lambda *_, value=value: value) <= most, (name, case.id)


PRODUCT = {
    "x": lambda x, theta: x,
    "theta": lambda x, theta: theta,
    "sum": lambda x, theta: x + theta,
    "difference": lambda x, theta: theta - x,
    "product": lambda x, theta: x * theta,
    "quotient": lambda x, theta: x / theta,
    "inverse quotient": lambda x, theta: theta / x,
    "x squared": lambda x, theta: x**2,
    "theta squared": lambda x, theta: theta**2,
    "power": lambda x, theta: float(x) ** theta,
    "theta to the x": lambda x, theta: float(theta) ** x,
    "half of theta": lambda x, theta: theta / 2,
    "twice theta": lambda x, theta: 2 * theta,
    "twice x": lambda x, theta: 2 * x,
    "nothing": lambda x, theta: None,
}
RIGHT = {"forward_propagation": "product", "backward_propagation": "x"}


@pytest.mark.parametrize("name", list(RIGHT))
@pytest.mark.parametrize("wrong", list(PRODUCT))
def test_no_trivial_function_of_two_numbers_earns_more_than_a_tenth(course: Course, name: str, wrong: str) -> None:
    earned = share(course, name, PRODUCT[wrong])
    assert earned == 1 if wrong == RIGHT[name] else earned <= Fraction(1, 10)


CHECKS: dict[str, Function] = {
    "epsilon": lambda *arguments: arguments[-1],
    "its square": lambda *arguments: arguments[-1] ** 2,
    "first": lambda *arguments: arguments[0],
    "second": lambda *arguments: arguments[1],
    "half of epsilon": lambda *arguments: arguments[-1] / 2,
    "small where epsilon is": lambda *arguments: 1e-9 if arguments[-1] < 1e-6 else 1.0,
    "product": lambda first, second, *rest: first * second,
    "quotient": lambda first, second, *rest: abs(first - second) / (abs(first) + abs(second)),
}


@pytest.mark.parametrize("name", ["gradient_check", "gradient_check_n"])
@pytest.mark.parametrize("wrong", list(CHECKS))
def test_no_trivial_check_earns_more_than_a_tenth(course: Course, name: str, wrong: str) -> None:
    assert share(course, name, CHECKS[wrong]) <= Fraction(1, 10)


def test_the_public_cases_alone_have_teeth(course: Course) -> None:
    for name in NAMES:
        for constant in CONSTANTS:
            assert share(course, name, lambda *_, constant=constant: constant, public_only=True) < 1


# Where the tolerances come from


class Model(NamedTuple):
    """What the error model needs of a case: the cost along its parameters, and the two gradients that are compared."""

    cost: Callable[[Array], float]
    theta: Array
    epsilon: float
    grad: Array
    gradapprox: Array

    @property
    def norms(self) -> float:
        return float(np.linalg.norm(self.grad) + np.linalg.norm(self.gradapprox))

    @property
    def difference(self) -> float:
        return float(np.linalg.norm(self.grad - self.gradapprox)) / self.norms

    def component_error(self, operations: int) -> float:
        steps = [self.theta + sign * self.epsilon * unit for unit in np.eye(self.theta.size) for sign in (1, -1)]
        value = max(abs(self.cost(point)) for point in (self.theta, *steps))
        slope, theta = float(np.abs(self.gradapprox).max()), float(np.abs(self.theta).max())
        return rounding_bound(value=value, slope=slope, theta=theta, epsilon=self.epsilon, operations=operations)

    def relative(self, operations: int = 16) -> float:
        return ratio_tolerance(
            component_error=self.component_error(operations), size=self.theta.size, norms=self.norms, difference=self.difference
        )  # fmt: skip

    def absolute(self, operations: int = 16) -> float:
        return 2 * math.sqrt(self.theta.size) * self.component_error(operations) / self.norms


def model(course: Course, case: Case) -> Model:
    epsilon = case.arguments[-1] if case.counts else 1e-7
    assert isinstance(epsilon, float)
    if case.function == "gradient_check":
        x, start, *_ = case.arguments
        one, slope = course.function(case, "forward_propagation"), course.function(case, "backward_propagation")
        theta, grad = np.array([float(real(start))]), np.array([float(slope(x, start))])

        def cost(point: Array) -> float:
            return float(one(x, point[0]))
    else:
        parameters, gradients, X, Y, *_ = case.arguments
        many, tools = course.function(case, "forward_propagation_n"), course.tools
        theta, grad = tools.dictionary_to_vector(parameters)[0].ravel(), tools.gradients_to_vector(gradients).ravel()

        def cost(point: Array) -> float:
            return float(many(X, Y, tools.vector_to_dictionary(point))[0])

    units = epsilon * np.eye(theta.size)
    gradapprox = np.array([(cost(theta + unit) - cost(theta - unit)) / (2 * epsilon) for unit in units])
    return Model(cost, theta, epsilon, grad, gradapprox)


def checked(course: Course, kind: type[Close | Below]) -> list[Case]:
    return [case for name in ("gradient_check", "gradient_check_n") for case in course.cases(name) if isinstance(case.expect, kind)]


def test_relative_tolerances_stand_ten_times_above_the_error_model(course: Course) -> None:
    cases = checked(course, Close)
    assert {case.function for case in cases} == {"gradient_check", "gradient_check_n"}
    for case in cases:
        assert isinstance(case.expect, Close)
        derived = model(course, case).relative()
        assert 10 * derived <= case.expect.rtol, f"{case.function} {case.id}: rtol {case.expect.rtol}, derived {derived:.3g}"
        assert case.expect.atol == 0
        assert case.expect.rtol <= 1e-4


def test_bounds_on_noise_stand_twice_above_the_error_model(course: Course) -> None:
    operations = {"gradient_check": 2, "gradient_check_n": 16}  # J = θx is one product
    cases = checked(course, Below)
    assert len(cases) == 3
    for case in cases:
        assert isinstance(case.expect, Below)
        derived = model(course, case).absolute(operations[case.function])
        assert case.expect.bound >= 2 * derived, f"{case.function} {case.id}: bound {case.expect.bound}, derived {derived:.3g}"


def cancellation(course: Course, case: Case) -> float:
    """The error of one component of ĝ that log(1 - A3) makes: 1 - A3 is off by u at most, its logarithm by u / (1 - A3)."""
    parameters, _, X, Y, epsilon = case.arguments
    assert isinstance(X, np.ndarray)
    assert isinstance(epsilon, float)
    A3 = course.function(case, "forward_propagation_n")(X, Y, parameters)[1][9]
    return float(UNIT_ROUNDOFF * (1 / np.minimum(A3, 1 - A3)).max() / X.shape[1] / epsilon)


def test_what_the_texts_of_the_published_cases_say(course: Course) -> None:
    planted, right = (case for case in course.cases("gradient_check_n") if case.id in ("published-planted", "published-right"))
    assert isinstance(planted.expect, Close)
    assert isinstance(right.expect, Below)
    root = math.sqrt(47)
    wrong, true = model(course, planted), model(course, right)
    assert wrong.relative() < 3e-7
    assert wrong.relative() + 2 * root * cancellation(course, planted) / wrong.norms / wrong.difference < 3e-6 < planted.expect.rtol
    noise = root * cancellation(course, right) / true.norms
    assert 3.2e-7 < noise < 4e-7
    assert right.expect.bound > 4e-7
    assert root * true.component_error(2) / true.norms < true.difference < noise, "it is the cancellation that makes the noise"


def test_what_the_texts_of_the_other_cases_say(course: Course) -> None:
    for case in checked(course, Close):
        made = model(course, case)
        rounding = (
            UNIT_ROUNDOFF * abs(made.cost(made.theta)) * math.sqrt(made.theta.size) / (made.epsilon * float(np.linalg.norm(made.grad)))
        )
        assert isinstance(case.expect, Close)
        if case.expect.why.startswith("1-D"):
            assert made.epsilon >= 1e-3
            assert rounding < 1e-8
        elif "ε ≥ 1e-4" in case.expect.why:
            assert made.epsilon >= 1e-4
            assert rounding < 1e-7
    for case in checked(course, Below):
        if case.function == "gradient_check":
            made = model(course, case)
            assert UNIT_ROUNDOFF * abs(made.cost(made.theta)) / (made.epsilon * abs(made.grad[0])) < 1e-8


def test_wrong_by_more_than_the_tolerance_is_wrong(course: Course) -> None:
    for case in checked(course, Close):
        assert isinstance(case.expect, Close)
        expected = course.answers[case.function, case.id]
        number = real(expected)
        assert isinstance(number, float)
        assert compare(case.expect, expected, number * (1 + 0.9 * case.expect.rtol)).equal
        assert not compare(case.expect, expected, number * (1 + 1.1 * case.expect.rtol)).equal


# What the reference says


def test_the_published_values_are_recomputed(course: Course) -> None:
    for (function, case_id), published in PUBLISHED.items():
        (case,) = (case for case in course.cases(function) if case.id == case_id)
        value = real(course.answers[function, case_id])
        assert isinstance(value, float)
        made = model(course, case)
        if isinstance(case.expect, Close):
            assert value == pytest.approx(published, rel=made.relative(), abs=0)
        else:
            extra = 2 * math.sqrt(47) * cancellation(course, case) / made.norms if function == "gradient_check_n" else 0.0
            assert abs(value - published) <= made.absolute() + extra
        assert compare(case.expect, value, published).equal


def test_the_published_values_come_from_the_reference_s_own_functions_too(course: Course) -> None:
    solution = course.solution
    assert solution.gradient_check(2, 4) == pytest.approx(2.919335883291695e-10, abs=2e-8)
    assert solution.gradient_check(3, 4) == pytest.approx(7.814075313343006e-11, abs=2e-8)
    X, Y, parameters = course.inputs.network_inputs(1)
    gradients = solution.backward_propagation_n(X, Y, solution.forward_propagation_n(X, Y, parameters)[1])
    planted = course.inputs.scaled(gradients, dW2=2.0, db1=4.0)
    assert solution.gradient_check_n(parameters, planted, X, Y) == pytest.approx(0.2850931567761623, rel=3e-7)
    assert solution.gradient_check_n(parameters, gradients, X, Y) == pytest.approx(1.1890913024229996e-07, abs=4e-7)
    for factors, fingerprint in (({"db1": 4.0}, 0.254422971246), ({"dW2": 2.0}, 0.173441968931)):
        half = course.inputs.scaled(gradients, **factors)
        assert solution.gradient_check_n(parameters, half, X, Y) == pytest.approx(fingerprint, rel=1e-6)


def test_forward_and_backward_at_the_published_points(course: Course) -> None:
    assert course.answers["forward_propagation", "published-2-4"] == 8
    assert course.answers["backward_propagation", "published-2-4"] == 2
    assert course.answers["backward_propagation", "published-3-4"] == 3


def test_the_published_inputs_are_the_course_s(course: Course) -> None:
    draw = np.random.RandomState(1)
    X, Y, parameters = course.inputs.network_inputs(1)
    assert (draw.randn(4, 3) == X).all()
    assert (Y == [1, 1, 0]).all()
    assert list(parameters) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert all((parameters[name] == draw.randn(*shape)).all() for name, shape in course.inputs.SHAPES.items())
    given_out = importlib.import_module("testCases").gradient_check_n_test_case()
    assert (given_out[0] == X).all()
    assert all((given_out[2][name] == parameters[name]).all() for name in parameters)


@pytest.mark.parametrize("seed", [1, 3, 4, 5, 7, 11])
def test_complex_steps_and_backpropagation_agree(course: Course, seed: int) -> None:
    X, Y, parameters = course.inputs.network_inputs(seed)
    true = course.inputs.true_gradients(course.injected["public"]["network"], X, Y, parameters)
    gradients = course.solution.backward_propagation_n(X, Y, course.solution.forward_propagation_n(X, Y, parameters)[1])
    for block in course.inputs.BLOCKS:
        assert np.linalg.norm(true[block] - gradients[block]) <= 1e-12 * np.linalg.norm(gradients[block]), block


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_the_network_is_the_reference_s(course: Course, seed: int) -> None:
    X, Y, parameters = course.inputs.network_inputs(seed)
    cost, cache = course.solution.forward_propagation_n(X, Y, parameters)
    for labels in (Y, Y.reshape(1, 3)):
        other_cost, other_cache = course.injected["public"]["network"](X, labels, parameters)
        assert other_cost == pytest.approx(cost, rel=1e-13)
        assert len(other_cache) == len(cache) == 12
        assert all(np.allclose(ours, theirs, rtol=1e-13, atol=1e-15) for ours, theirs in zip(other_cache, cache, strict=True))


def test_right_gradients_of_the_cases_are_right(course: Course) -> None:
    """What a case calls right is: the difference is truncation, which ε² makes."""
    for case in (*course.cases("gradient_check"), *course.cases("gradient_check_n")):
        made = model(course, case)
        is_right = case.id in ("cubic-right", "published-right", "published-2-4", "published-3-4", "h01", "h02", "h06", "h08")
        is_right = (is_right and case.function == "gradient_check") or (
            case.function == "gradient_check_n" and case.id in ("published-right", "h01", "h02")
        )
        if is_right:
            assert made.difference < 2 * made.epsilon**2 + 2e-7, (case.function, case.id)


def test_the_metamorphic_relations_hold(course: Course) -> None:
    assert course.assignment.relations
    for relation in course.assignment.relations:
        first, second = (real(course.answers[relation.function, case_id]) for case_id in (relation.first, relation.second))
        assert isinstance(first, float)
        assert isinstance(second, float)
        assert first / second == pytest.approx(relation.ratio, rel=relation.rtol / 2), relation.id
        for other in relation.explained:
            assert abs(other - relation.ratio) > 2 * relation.rtol * relation.ratio, "an explained ratio is another one"


def test_scaling_or_permuting_leaves_the_reference_s_difference(course: Course) -> None:
    (case,) = (case for case in course.cases("gradient_check_n") if case.id == "h03")
    made = model(course, case)
    order = np.random.RandomState(0).permutation(made.theta.size)
    permuted = Model(made.cost, made.theta, made.epsilon, made.grad[order], made.gradapprox[order])
    scaled = Model(made.cost, made.theta, made.epsilon, 7 * made.grad, 7 * made.gradapprox)
    for other in (permuted, scaled):
        assert other.difference == pytest.approx(made.difference, rel=1e-13)
    assert real(course.answers["gradient_check_n", "h03"]) == pytest.approx(made.difference, rel=made.relative())


def test_the_frozen_key_says_what_the_reference_says(course: Course) -> None:
    key = load_frozen(course.public)
    for case in course.public.cases:
        assert compare(case.expect, key.entries[case.function, case.id].value, course.answers[case.function, case.id]).equal, case.id


# What gives nothing away


def test_hidden_cases_name_no_seed_and_no_input(course: Course) -> None:
    for case in course.assignment.cases:
        if case.visibility is Visibility.HIDDEN:
            assert re.fullmatch(r"h\d\d", case.id)
            assert case.title == ""
    for name in NAMES:
        hidden = [case.id for case in course.cases(name) if case.visibility is Visibility.HIDDEN]
        assert hidden == [f"h{number:02}" for number in range(1, len(hidden) + 1)]


def test_public_files_hold_nothing_of_the_hidden_cases(course: Course) -> None:
    hidden = [case for case in course.assignment.cases if case.visibility is Visibility.HIDDEN]
    names = {attribute for case in hidden for attribute in case.inject.values()} - {"cubic", "cubic_slope"}
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(Path(course.public.folder).rglob("*"))
        if path.suffix in (".py", ".json", ".toml")
    )
    assert not [name for name in names if re.search(rf"\b{name}\b", text)]
    values = [repr(real(course.answers[case.function, case.id])) for case in hidden if case.function.startswith("gradient_check")]
    assert not [value for value in values if len(value) > 6 and value in text]


def test_cases_inject_what_the_exercise_uses_and_observe_some_of_it(course: Course) -> None:
    for case in course.assignment.cases:
        assert set(case.observe) <= set(case.inject), case.id
    by_name: dict[str, Exercise] = {exercise.name: exercise for exercise in course.assignment.exercises}
    for case in course.assignment.cases:
        assert set(case.inject) == set(by_name[case.function].uses), (case.function, case.id)


def test_one_call_of_the_notebook_s_test_notices_what_calls_with_right_and_with_wrong_gradients_notice(course: Course) -> None:
    """Every mistake in gradient_check_n that shows in a call with right gradients shows in the one with some wrong blocks, too."""
    right = np.ones((course.tools.SIZE, 1))
    unnoticed = set()
    for mistake in course.misconceptions:
        if mistake.function == "gradient_check_n":
            target = defined(course, implementation(course.source, [mistake]))
            if notices(course.tests.gradient_check_n_test, target):
                continue
            assert not notices(course.tests._check_cubic, target, right, "right")
            unnoticed.add(mistake.id)
    assert unnoticed == {
        "theta_not_restored", "slope_without_sign_n", "gradients_in_dictionary_order", "returns_list_n",
        "returned_only_if_large_n",
        "own_labels", "own_examples", "own_parameters", "examples_and_labels_swapped", "labels_transposed",  # its cost asks for neither
    }  # fmt: skip


def test_a_hidden_cost_tells_which_examples_and_labels_were_handed_over(course: Course) -> None:
    case = next(case for case in course.assignment.cases if case.inject.get("forward_propagation_n") == "waves_of_examples")
    parameters, _, X, Y, _ = (cast("Any", argument) for argument in case.arguments)
    cost = course.injected["hidden"]["waves_of_examples"]
    right = cost(X, Y, parameters)[0]
    for place in np.ndindex(X.shape):
        other = X.copy()
        other[place] = 0
        assert not math.isclose(cost(other, Y, parameters)[0], right, rel_tol=1e-2), place
    for labels in (1 - Y, np.ones_like(Y), np.zeros_like(Y)):
        assert not math.isclose(cost(X, labels, parameters)[0], right, rel_tol=1e-2)


def defined(course: Course, text: str) -> Function:
    """The gradient_check_n of a text, beside the reference's other functions."""
    namespace: dict[str, Any] = {"__name__": "notebook"}
    exec(course.source, namespace)
    exec(text, namespace)
    found: Function = namespace["gradient_check_n"]
    return found


def notices(test: Function, *arguments: object) -> bool:
    """Whether a notebook's test ends in an error of any kind, as a cell does."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            test(*arguments)
    except Exception:
        return True
    return False
