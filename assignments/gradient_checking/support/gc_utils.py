"""What the notebook is given: two activations, and the ways between dictionaries and vectors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["dictionary_to_vector", "gradients_to_vector", "relu", "sigmoid", "vector_to_dictionary"]

Array = np.ndarray

# The network's parameters, in the order in which they lie in a vector.
SHAPES = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
ENDS = np.cumsum([rows * columns for rows, columns in SHAPES.values()]).tolist()
SIZE = ENDS[-1]
PLACES = {name: slice(start, end) for name, start, end in zip(SHAPES, [0, *ENDS[:-1]], ENDS, strict=True)}
_W1, _B1, _W2, _B2, _W3, _B3 = PLACES.values()
NAMES = [name for name, (rows, columns) in SHAPES.items() for _ in range(rows * columns)]


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), element by element."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))[()]


def relu(x: Array) -> Array:
    """The larger of 0 and x, element by element."""
    return np.maximum(0, x)


def dictionary_to_vector(parameters: Mapping[str, Array]) -> tuple[Array, list[str]]:
    """All parameters in one new column of shape (47, 1), and for each of its rows the name of the parameter it is from."""
    theta = np.concatenate([np.asarray(parameters[name]).reshape(-1, 1) for name in SHAPES])
    return theta, NAMES.copy()


def vector_to_dictionary(theta: Array) -> dict[str, Array]:
    """The parameters that lie in `theta`, a column or a flat vector. They are views: they change when `theta` does."""
    column = np.asarray(theta).reshape(-1, 1)
    if len(column) != SIZE:
        raise ValueError(f"theta has {column.size} numbers; the network has {SIZE} parameters")
    # Written out: a gradient check comes here twice for every parameter.
    return {
        "W1": column[_W1].reshape(5, 4), "b1": column[_B1],
        "W2": column[_W2].reshape(3, 5), "b2": column[_B2],
        "W3": column[_W3].reshape(1, 3), "b3": column[_B3],
    }  # fmt: skip


def gradients_to_vector(gradients: Mapping[str, Array]) -> Array:
    """The gradients of the parameters (dW1, db1, ...) in one new column, in the order of `dictionary_to_vector`."""
    return np.concatenate([np.reshape(gradients["d" + name], (-1, 1)) for name in SHAPES])
