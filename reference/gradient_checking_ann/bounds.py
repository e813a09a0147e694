"""The error model of the cases: the largest error that rounding makes a right implementation have, in the measure of the tolerance.

Vectors and dictionaries are copied: no error. Of check_gradient each part has a bound of its own, and the measure is the larger of them
as a multiple of what its tolerance allows: gradapprox by grader.seeds in each component, the difference by what such components do to it.
"""

import numpy as np
from inputs import shapes_of

from grader.model import Below, Visibility
from grader.seeds import UNIT_ROUNDOFF, ratio_tolerance, rounding_bound

DEFAULT = 1e-7  # of epsilon, where a case does not give it
OPERATIONS = 64  # roundings of one evaluation: a sum over the parameters or the units, then over the examples


def bound(case, functions):
    """The bound of a case, whose injected functions are `functions`."""
    if case.function != "check_gradient":
        return 0.0
    X, Y, params, grads, *given = case.arguments
    (epsilon,) = given or (DEFAULT,)
    names = list(shapes_of(range(len(params) // 2 + 1)))
    theta = np.concatenate([params[name].ravel() for name in names])
    grad = np.concatenate([grads["d" + name].ravel() for name in names])
    ends = np.cumsum([params[name].size for name in names])[:-1]

    def cost(point):
        blocks = {name: block.reshape(params[name].shape) for name, block in zip(names, np.split(point, ends), strict=True)}
        return float(functions["compute_cost"](functions["forward"](X, blocks)[0], Y))

    sides = np.array([(cost(theta + step), cost(theta - step)) for step in epsilon * np.eye(theta.size)])
    gradapprox = (sides[:, 0] - sides[:, 1]) / (2 * epsilon)
    error = rounding_bound(
        value=np.abs(sides).max(), slope=float(np.abs(gradapprox).max()), theta=float(np.abs(theta).max()), epsilon=epsilon,
        operations=OPERATIONS,
    )  # fmt: skip
    if case.visibility is Visibility.PUBLIC and case.inject["compute_cost"] == "logistic":
        outputs = functions["forward"](X, params)[0]  # log(1 - A) loses digits: 1 - A is off by u, its logarithm by u / (1 - A)
        error += float(UNIT_ROUNDOFF * (1 / np.minimum(outputs, 1 - outputs)).max() / X.shape[1] / epsilon)
    return max(_of_ratio(case.expect.expect[0], error, grad, gradapprox), _of_slopes(case.expect.expect[1], error, gradapprox))


def _of_ratio(expect, error, grad, gradapprox):
    norms = float(np.linalg.norm(grad) + np.linalg.norm(gradapprox))
    if isinstance(expect, Below):
        return np.sqrt(grad.size) * error / norms / expect.bound
    difference = float(np.linalg.norm(grad - gradapprox)) / norms
    return ratio_tolerance(component_error=error, size=grad.size, norms=norms, difference=difference) / expect.rtol


def _of_slopes(expect, error, gradapprox):
    return float((error / (expect.atol + expect.rtol * np.abs(gradapprox))).max())
