"""What the hidden cases put in the place of a submission's helpers."""

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
    """The course's network; the cost is computed from log1p for Y of any shape that broadcasts over the examples."""
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.maximum(Z1, 0)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = np.maximum(Z2, 0)
    Z3 = parameters["W3"] @ A2 + parameters["b3"]
    cost = np.sum(np.logaddexp(0, Z3) - Y * Z3) / X.shape[1]
    return cost, (Z1, A1, parameters["W1"], parameters["b1"], Z2, A2, parameters["W2"], parameters["b2"], Z3, 1 / (1 + np.exp(-Z3)),
                  parameters["W3"], parameters["b3"])  # fmt: skip


_WAVES = {name: 0.6 + 0.2 * rank for rank, name in enumerate(("W1", "b1", "W2", "b2", "W3", "b3"))}


def waves(X, Y, parameters):
    """A smooth cost of the same parameters, uneven in every component: Σ sin(cθ + i/3)/c, over blocks and positions."""
    cost = 0.0
    for name, rate in _WAVES.items():
        theta = parameters[name].ravel()
        cost += np.sin(rate * theta + _PHASES[: theta.size]).sum() / rate
    return cost, ()


_PHASES = np.arange(20) / 3
