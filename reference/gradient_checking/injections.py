"""What the hidden cases put in the place of a submission's helpers."""

from operator import itemgetter

import numpy as np


def cubic(x, theta):
    return x * theta**3


def cubic_slope(x, theta):
    return 3 * x * theta**2


def cubic_slope_flipped(x, theta):
    return -2.5 * x * theta**2


def cubic_slope_scaled(x, theta):
    return 3.9 * x * theta**2


def cubic_scaled(x, theta):
    """The cubic cost times 7: with its slope times 7 the difference stays what it was."""
    return 7 * x * theta**3


def cubic_slope_both_scaled(x, theta):
    return 7 * 3.9 * x * theta**2


def wave(x, theta):
    return np.sin(x * theta)


def wave_slope(x, theta):
    return x * np.cos(x * theta)


def quartic(x, theta):
    return x**2 * theta**4


def quartic_slope_short(x, theta):
    return 3 * x**2 * theta**3


def exponential(x, theta):
    return np.exp(theta / x)


def exponential_slope(x, theta):
    return np.exp(theta / x) / x


def network(X, Y, parameters):
    """The course's network, with a cost that loses no digits where a probability is near 1."""
    W1, b1, W2, b2, W3, b3 = _blocks(parameters)
    Z1 = W1.dot(X) + b1
    A1 = np.maximum(Z1, 0.0)
    Z2 = W2.dot(A1) + b2
    A2 = np.maximum(Z2, 0.0)
    Z3 = W3.dot(A2) + b3
    cost = (np.logaddexp(0.0, Z3).sum() - np.vdot(Y, Z3)) / X.shape[1]
    return cost, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, 1 / (1 + np.exp(-Z3)), W3, b3)


def waves(X, Y, parameters):
    """A smooth cost of the same parameters, uneven in every component: Σ sin(cθᵢ + i/3) / c, over blocks and positions i."""
    theta = np.concatenate([block.ravel() for block in _blocks(parameters)])
    return np.sin(_RATES * theta + _PHASES).dot(1 / _RATES), ()


_blocks = itemgetter("W1", "b1", "W2", "b2", "W3", "b3")
_SIZES = (20, 5, 15, 3, 3, 1)
_RATES = np.repeat([0.6 + 0.2 * rank for rank in range(len(_SIZES))], _SIZES)
_PHASES = np.concatenate([np.arange(size) / 3 for size in _SIZES])
