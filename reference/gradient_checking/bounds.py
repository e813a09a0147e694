"""The error model of the cases: the largest error that rounding makes a right implementation have, in the measure of the tolerance.

The gradient checks take the bounds of grader.seeds; the published network's cost loses further digits in log(1 - A3).
"""

import math

import numpy as np
from inputs import SHAPES

from grader.model import Below
from grader.seeds import UNIT_ROUNDOFF, ratio_tolerance, rounding_bound

DEFAULT = 1e-7  # of epsilon, where a case does not give it
OPERATIONS = {"line": 2}  # roundings of one evaluation, by injected cost; 16 of the others


def bound(case, functions):
    """The bound of a case, whose injected functions are `functions`."""
    if case.function == "gradient_check":
        return _check(case, *_one(case, functions))
    if case.function == "gradient_check_n":
        return _check(case, *_many(case, functions))
    if case.function == "backward_propagation_n":
        return _backpropagation(*case.arguments)
    return UNIT_ROUNDOFF if case.function == "forward_propagation" else 0.0  # one product of doubles, or none


def _one(case, functions):
    x, theta, *_ = case.arguments
    cost = functions["forward_propagation"]
    return (
        (lambda point: float(cost(x, point[0]))),
        np.array([float(theta)]),
        np.array([float(functions["backward_propagation"](x, theta))]),
    )


def _many(case, functions):
    parameters, gradients, X, Y, *_ = case.arguments
    cost = functions["forward_propagation_n"]
    ends = np.cumsum([parameters[name].size for name in SHAPES])[:-1]

    def along(point):
        blocks = np.split(point, ends)
        return float(cost(X, Y, {name: block.reshape(SHAPES[name]) for name, block in zip(SHAPES, blocks, strict=True)})[0])

    theta = np.concatenate([parameters[name].ravel() for name in SHAPES])
    return along, theta, np.concatenate([gradients["d" + name].ravel() for name in SHAPES])


def _check(case, cost, theta, grad):
    """Of a relative difference; absolute where the case asks for a value below a bound: there it is 0 but for rounding."""
    epsilon = case.arguments[-1] if case.counts else DEFAULT
    sides = [(cost(theta + step), cost(theta - step)) for step in epsilon * np.eye(theta.size)]
    gradapprox = np.array([(above - below) / (2 * epsilon) for above, below in sides])
    error = rounding_bound(
        value=np.abs(sides).max(), slope=float(np.abs(gradapprox).max()), theta=float(np.abs(theta).max()), epsilon=epsilon,
        operations=OPERATIONS.get(case.inject.get("forward_propagation"), 16),
    )  # fmt: skip
    if _is_published_network(case):
        error += _cancellation(*case.arguments)
    norms = float(np.linalg.norm(grad) + np.linalg.norm(gradapprox))
    if isinstance(case.expect, Below):
        return math.sqrt(theta.size) * error / norms
    difference = float(np.linalg.norm(grad - gradapprox)) / norms
    return ratio_tolerance(component_error=error, size=theta.size, norms=norms, difference=difference)


def _is_published_network(case):
    """Whether the cost is formed with log(1 - A3), as in the course."""
    return case.inject.get("forward_propagation_n") == "network"


def _cancellation(parameters, gradients, X, Y, epsilon):
    """The error of one component of ĝ that log(1 - A3) makes: 1 - A3 is off by u at most, its logarithm by u / (1 - A3)."""
    A3 = _activations(X, parameters)[-1]
    return float(UNIT_ROUNDOFF * (1 / np.minimum(A3, 1 - A3)).max() / X.shape[1] / epsilon)


def _activations(X, parameters):
    A1 = np.maximum(0, parameters["W1"] @ X + parameters["b1"])
    A2 = np.maximum(0, parameters["W2"] @ A1 + parameters["b2"])
    return A1, A2, 1 / (1 + np.exp(-(parameters["W3"] @ A2 + parameters["b3"])))


def _backpropagation(X, Y, cache):
    """Of the worst block, in the 2-norm: γₙ times the same products of absolute values, n the roundings along the longest way.

    Source: Higham, Accuracy and Stability, 3.5 (inner products and matrix multiplication).
    """
    _, A1, W1, _, _, A2, W2, _, _, A3, W3, _ = cache
    exact, sizes = [], []
    for found, take in ((exact, lambda block: block), (sizes, np.abs)):
        dZ3 = take(A3 - Y)
        dZ2 = take(W3).T @ dZ3 * (A2 > 0)
        dZ1 = take(W2).T @ dZ2 * (A1 > 0)
        found += [dZ3 @ take(A2).T, dZ2 @ take(A1).T, dZ1 @ take(X).T, *(np.sum(dZ, axis=1) for dZ in (dZ3, dZ2, dZ1))]
    roundings = 1 + W3.shape[0] + W2.shape[0] + X.shape[1] + 4
    return (
        roundings
        * UNIT_ROUNDOFF
        * max(float(np.linalg.norm(size) / np.linalg.norm(block)) for size, block in zip(sizes, exact, strict=True))
    )
