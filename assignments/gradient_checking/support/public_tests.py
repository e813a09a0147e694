"""The tests that a student runs in the notebook. Each raises AssertionError with what is wrong, or prints one line.

A gradient check is right only if it notices wrong gradients, and at J = theta * x it hardly can: the difference is
rounding noise, and 0 looks as good as the answer. So these tests lend the student's function other functions to check,
for the length of one call: a cubic cost, whose central difference is known exactly, with right and wrong derivatives.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from gc_utils import PLACES, SHAPES, SIZE, dictionary_to_vector, vector_to_dictionary
from testCases import gradient_check_n_test_case

__all__ = ["backward_propagation_test", "forward_propagation_test", "gradient_check_n_test", "gradient_check_test"]

Function = Callable[..., Any]

FORWARD = ("forward_propagation", "forward_prop")
BACKWARD = ("backward_propagation", "backward_prop")
FORWARD_N = ("forward_propagation_n", "forward_prop_n")

# A large epsilon: the difference is then made by the formula, not by rounding.
# Rounding adds about u |J| / (epsilon |g|), 1e-14 of the gradient; the smallest difference below is above 1e-6 of it.
EPSILON = 1e-2
EPSILON_N = 1e-1
RTOL = 1e-5

# Rounding noise of epsilon = 1e-7 at J = theta * x is about 1e-9.
NOISE = 1e-7


def forward_propagation_test(target: Function, difference: object = None) -> None:
    """J = theta * x, at the notebook's point and at others."""
    for x, theta in ((2, 4), (3, 4), (-1.5, 0.5), (0.25, -8)):
        actual = _number(target(x, theta), f"forward_propagation({x}, {theta})")
        assert math.isclose(actual, theta * x, rel_tol=1e-9), f"forward_propagation({x}, {theta}) is {actual}, and theta * x is {theta * x}"
    _passed()


def backward_propagation_test(target: Function, difference: object = None) -> None:
    """The derivative of theta * x by theta, at the notebook's point and at others."""
    for x, theta in ((2, 4), (3, 4), (-1.5, 0.5), (0.25, -8)):
        actual = _number(target(x, theta), f"backward_propagation({x}, {theta})")
        assert math.isclose(actual, x, rel_tol=1e-9), f"backward_propagation({x}, {theta}) is {actual}; derive theta * x by theta once more"
    _passed()


def gradient_check_test(target: Function, difference: object = None) -> None:
    """Small for right derivatives, and as large as the formula says for a cubic cost and for wrong derivatives."""
    if difference is not None:
        _small(difference, "the difference that your cell computed")
    _small(_quiet(target, 3, 4), "gradient_check(3, 4)")
    x, theta = 3.0, 2.0
    true = 3 * x * theta**2
    approximated = true + x * EPSILON**2
    for factor, what in ((1, "right"), (2, "two times too large"), (-1, "of the wrong sign")):
        forward, backward = _Lent(lambda x, theta: x * theta**3), _Lent(lambda x, theta, factor=factor: 3 * factor * x * theta**2)
        with _lend(target, {FORWARD: forward, BACKWARD: backward}) as checked:
            actual = _number(_quiet(checked, x, theta, EPSILON), "the result of gradient_check")
        assert forward.called, "gradient_check must get J from forward_propagation, and did not call it"
        assert backward.called, "gradient_check must get the gradient from backward_propagation, and did not call it"
        expected = abs(factor * true - approximated) / (abs(factor * true) + abs(approximated))
        _close(actual, expected, f"gradient_check({x}, {theta}, {EPSILON}) of J = x * theta**3 with a derivative that is {what}")
    _passed()


def gradient_check_n_test(target: Function, *given: Any) -> None:
    """As large as the formula says for a cubic cost of 47 parameters, with gradients of which some are right and some wrong.

    `given` is a difference, which must be a number, or what else notebooks hand over, which adds nothing to these.
    """
    if len(given) == 1:
        _number(given[0], "the difference that your cell computed")
    factors = np.ones((SIZE, 1))
    factors[PLACES["b3"]], factors[PLACES["W2"]] = 2, -1
    _check_cubic(target, factors, "two times too large in b3, of the wrong sign in W2 and right elsewhere")
    _passed()


def _check_cubic(target: Function, factors: Any, what: str) -> None:
    """One call costs 94 evaluations. Both the points and the norms show in its result where epsilon is as large as here."""
    X, Y, parameters = gradient_check_n_test_case()
    theta, _ = dictionary_to_vector(parameters)
    scale = np.linspace(0.5, 2, SIZE).reshape(-1, 1)
    weights = scale.ravel()

    def cubic(X: Any, Y: Any, parameters: Mapping[str, Any]) -> tuple[float, tuple[()]]:
        flat = np.concatenate([parameters[name] for name in SHAPES], axis=None)
        return float(np.dot(weights, flat * flat * flat)), ()

    true = 3 * scale * theta**2
    approximated = true + scale * EPSILON_N**2
    grad = factors * true
    forward = _Lent(cubic)
    with _lend(target, {FORWARD_N: forward}) as checked:
        result = _quiet(checked, _copy(parameters), _gradients(grad), X.copy(), Y.copy(), EPSILON_N)
    actual = _number(result, "the result of gradient_check_n")
    assert forward.called, "gradient_check_n must get J from forward_propagation_n, and did not call it"
    expected = np.linalg.norm(grad - approximated) / (np.linalg.norm(grad) + np.linalg.norm(approximated))
    _close(actual, float(expected), f"gradient_check_n with epsilon {EPSILON_N} of a cubic cost, with gradients that are {what}")


class _Lent:
    """A function that remembers whether it was called."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.called = False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.called = True
        return self.function(*arguments, **named)


@contextlib.contextmanager
def _lend(target: Function, functions: Mapping[tuple[str, ...], Function]) -> Iterator[Function]:
    """The target, made to find each function under all of its names in its namespace and in its defaults; then all as before."""
    inner = _innermost(target)
    namespace: dict[str, Any] = getattr(inner, "__globals__", {})
    lent = {name: function for names, function in functions.items() for name in names}
    before = {name: namespace[name] for name in lent if name in namespace}

    def replace(value: Any) -> Any:
        return next((lent[name] for name, function in before.items() if value is function), value)

    defaults, named = getattr(inner, "__defaults__", None), getattr(inner, "__kwdefaults__", None)
    if defaults:
        inner.__defaults__ = tuple(map(replace, defaults))
    if named:
        inner.__kwdefaults__ = {name: replace(value) for name, value in named.items()}
    namespace.update(lent)
    try:
        if isinstance(target, functools.partial):
            keywords = {key: replace(value) for key, value in target.keywords.items()}
            yield functools.partial(target.func, *map(replace, target.args), **keywords)
        else:
            yield target
    finally:
        for name in lent:
            del namespace[name]
        namespace.update(before)
        if defaults:
            inner.__defaults__ = defaults
        if named:
            inner.__kwdefaults__ = named


def _innermost(target: Function) -> Any:
    """The plain function that a partial, a decorated function or a callable object stands for."""
    while True:
        if isinstance(target, functools.partial):
            target = target.func
        elif hasattr(target, "__wrapped__"):
            target = target.__wrapped__
        elif hasattr(target, "__func__"):
            target = target.__func__
        elif hasattr(target, "__globals__"):
            return target
        elif hasattr(type(target).__call__, "__globals__"):
            return type(target).__call__
        else:
            return target


def _quiet(target: Function, *arguments: Any) -> Any:
    """The result of a call whose prints are thrown away: what they say of a lent function would only confuse."""
    with contextlib.redirect_stdout(io.StringIO()):
        return target(*arguments)


def _number(value: Any, what: str) -> float:
    """The value as a float; one element in an array of any shape will do."""
    assert value is not None, f"{what} is None: is there a return?"
    array = np.asarray(value)
    is_number = array.size == 1 and array.dtype.kind in "biuf"
    assert is_number, f"{what} should be one number, and is {type(value).__name__} of shape {array.shape}"
    number = float(array.reshape(-1)[0])
    assert math.isfinite(number), f"{what} is {number}"
    return number


def _small(value: Any, what: str) -> None:
    number = _number(value, what)
    assert 0 <= number < NOISE, f"{what} is {number}; for right derivatives it is at least 0 and below {NOISE}"


def _close(actual: float, expected: float, what: str) -> None:
    assert math.isclose(actual, expected, rel_tol=RTOL), f"{what} is {actual:.10g}; by formulas (1) and (2) it should be {expected:.10g}"


def _copy(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.array(value) for name, value in parameters.items()}


def _gradients(grad: Any) -> dict[str, Any]:
    """A column of 47 numbers as a dictionary of gradients."""
    return {"d" + name: value for name, value in _copy(vector_to_dictionary(grad)).items()}


def _passed() -> None:
    print("All tests passed.")
