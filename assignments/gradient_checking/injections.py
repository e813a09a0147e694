"""What the public cases put in the place of a submission's helpers. Inputs, not answers: a student may see all of it.

Numbers are NumPy's, which have what Python's have and `item` and `shape` besides: a submission may count on what its own function returns.
"""

from operator import itemgetter

import numpy as np

_blocks = itemgetter("W1", "b1", "W2", "b2", "W3", "b3")
_ZERO, _ONE = np.zeros(()), np.ones(())  # numbers of Python's would be made arrays in every evaluation


def line(x, theta):
    """J = θx, the model of the one-dimensional part."""
    return np.multiply(theta, x)


def line_slope(x, theta):
    """Its derivative in θ."""
    return np.multiply(1.0, x)


def cubic(x, theta):
    """J = xθ³: not linear, so that a difference of finite width does not give the derivative exactly."""
    return np.multiply(x, theta**3)


def cubic_slope(x, theta):
    """Its derivative in θ."""
    return np.multiply(3 * x, theta**2)


def cubic_slope_doubled(x, theta):
    """A wrong derivative: twice the true one."""
    return np.multiply(6 * x, theta**2)


def ripple(x, theta):
    """J = sin(θx): at x = 1e7 so steep that a difference tells by how much θ was moved, about 1e-7."""
    return np.sin(np.multiply(theta, x))


def ripple_slope(x, theta):
    """Its derivative in θ."""
    return np.multiply(x, np.cos(np.multiply(theta, x)))


def ripples(X, Y, parameters):
    """The same of the parameter b3, at the same x; the others do not count, which is quick."""
    return np.sin(1e7 * parameters["b3"][0, 0]), ()


def ripples_slopes(parameters):
    """The derivatives, in the order of the parameters."""
    return {"d" + name: 1e7 * np.cos(1e7 * block) * (name == "b3") for name, block in parameters.items()}


def network(X, Y, parameters):
    """The three-layer network of the course: mean logistic cost, and the cache its backpropagation takes."""
    W1, b1, W2, b2, W3, b3 = _blocks(parameters)
    Z1 = W1.dot(X) + b1
    A1 = np.maximum(Z1, _ZERO)
    Z2 = W2.dot(A1) + b2
    A2 = np.maximum(Z2, _ZERO)
    Z3 = W3.dot(A2) + b3
    A3 = _ONE / (_ONE + np.exp(-Z3))
    cost = -(np.vdot(Y, np.log(A3)) + np.vdot(_ONE - Y, np.log(_ONE - A3))) / X.shape[1]
    return cost, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)
