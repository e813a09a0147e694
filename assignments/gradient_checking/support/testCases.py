"""The inputs that the notebook works with."""

from __future__ import annotations

import numpy as np

__all__ = ["gradient_check_n_test_case"]

Array = np.ndarray


def gradient_check_n_test_case() -> tuple[Array, Array, dict[str, Array]]:
    """Three examples, their labels, and random parameters for the 4-5-3-1 network: the same numbers at every call.

    The generator is a private one, started as `np.random.seed(1)` would start the global one, so that calling this
    leaves whatever random numbers the notebook draws alone.
    """
    random = np.random.RandomState(1)
    x = random.randn(4, 3)
    Y = np.array([1, 1, 0])
    shapes = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
    return x, Y, {name: random.randn(*shape) for name, shape in shapes.items()}
