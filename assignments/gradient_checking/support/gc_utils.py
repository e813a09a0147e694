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
BLOCKS = [(name, PLACES[name], shape) for name, shape in SHAPES.items()]
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
    flat = np.asarray(theta).reshape(-1)
    if len(flat) != SIZE:
        raise ValueError(f"theta has {len(flat)} numbers; the network has {SIZE} parameters")
    return {name: flat[place].reshape(shape) for name, place, shape in BLOCKS}


def gradients_to_vector(gradients: Mapping[str, Array]) -> Array:
    """The gradients of the parameters (dW1, db1, ...) in one new column, in the order of `dictionary_to_vector`."""
    return np.concatenate([np.reshape(gradients["d" + name], (-1, 1)) for name in SHAPES])
