"""What the hidden cases put in the place of a submission's helpers."""

from operator import itemgetter

import numpy as np


def cubic(x, theta):
    return np.multiply(x, theta**3)


def cubic_slope(x, theta):
    return np.multiply(3 * x, theta**2)


def cubic_slope_flipped(x, theta):
    return np.multiply(-2.5 * x, theta**2)


def cubic_slope_scaled(x, theta):
    return np.multiply(3.9 * x, theta**2)


def cubic_scaled(x, theta):
    """The cubic cost times 7: with its slope times 7 the difference stays what it was."""
    return np.multiply(7 * x, theta**3)


def cubic_slope_both_scaled(x, theta):
    return np.multiply(7 * 3.9 * x, theta**2)


def wave(x, theta):
    return np.sin(x * theta)


def wave_slope(x, theta):
    return x * np.cos(x * theta)


def quartic(x, theta):
    return np.multiply(x**2, theta**4)


def quartic_slope_short(x, theta):
    return np.multiply(3 * x**2, theta**3)


def exponential(x, theta):
    return np.exp(theta / x)


def exponential_slope(x, theta):
    return np.exp(theta / x) / x


def waves(X, Y, parameters):
    """A smooth cost of the network's parameters, uneven in every component: Σ sin(cθᵢ + i/3) / c, over blocks and positions i."""
    theta = np.concatenate(_blocks(parameters), axis=None)
    return np.sin(_RATES * theta + _PHASES).dot(_AMPLITUDES), _CACHE


def waves_of_examples(X, Y, parameters):
    """Its square times Σ wᵢxᵢ(1 + y): a derivative depends on the other parameters, too, and on the examples and labels handed over."""
    cost, cache = waves(X, Y, parameters)
    return cost * cost * np.add.reduce((_ONE + Y) * _WEIGHTS.dot(X), axis=None), cache  # labels as a column make a table, as in the network


# What a submission may take apart and put aside: the network's cache in its layout, with nothing in it.
_CACHE = tuple(np.zeros(shape) for size in ((5, 4), (3, 5), (1, 3)) for shape in ((size[0], 3), (size[0], 3), size, (size[0], 1)))
_blocks = itemgetter("W1", "b1", "W2", "b2", "W3", "b3")
_SIZES = (20, 5, 15, 3, 3, 1)
_RATES = np.repeat([0.6 + 0.2 * rank for rank in range(len(_SIZES))], _SIZES)
_AMPLITUDES = 1 / _RATES
_ONE, _WEIGHTS = np.ones(()), np.array([1.0, 0.5, 0.75, 0.25])
_PHASES = np.concatenate([np.arange(size) / 3 for size in _SIZES])
