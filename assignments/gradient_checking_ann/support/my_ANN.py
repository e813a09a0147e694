"""A small neural network: any number of layers, ReLU between them, a sigmoid at the end, and the mean logistic cost.

Parameters lie in a dictionary: W1, B1 of the first layer, W2, B2 of the second, and so on. The examples are the columns of X.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

__all__ = ["backward", "compute_cost", "forward", "initialize_params"]

Array = np.ndarray
Caches = list[tuple[Array, Array, Array]]  # of each layer: what came in, its weights, and what it had before its activation


def initialize_params(layer_dims: Sequence[int]) -> dict[str, Array]:
    """Random weights, and biases of zero, for layers of these sizes; the first is the number of features.

    W of a layer has the shape (its size, the size before it), B the shape (its size, 1). The weights have the variance
    2 / (the size before), after which ReLUs neither swell nor shrink what passes through them.
    """
    params: dict[str, Array] = {}
    for layer, (before, size) in enumerate(pairwise(layer_dims), start=1):
        params[f"W{layer}"] = np.random.randn(size, before) * np.sqrt(2 / before)
        params[f"B{layer}"] = np.zeros((size, 1))
    return params


def forward(X: Array, params: Mapping[str, Array]) -> tuple[Array, Caches]:
    """The network's outputs, shape (size of the last layer, examples), and the caches that `backward` takes."""
    layers = len(params) // 2
    A, caches = np.asarray(X), []
    for layer in range(1, layers + 1):
        W = params[f"W{layer}"]
        Z = W @ A + params[f"B{layer}"]
        caches.append((A, W, Z))
        A = np.maximum(Z, 0) if layer < layers else 1 / (1 + np.exp(-Z))
    return A, caches


def compute_cost(Y_pred: Array, Y: Array) -> float:
    """The mean over the examples of the logistic loss of outputs `Y_pred` against labels `Y` of 0 and 1, both of one shape."""
    losses = -(Y * np.log(Y_pred) + (1 - Y) * np.log(1 - Y_pred))
    return float(np.sum(losses) / Y_pred.shape[1])


def backward(Y: Array, Y_pred: Array, caches: Caches) -> dict[str, Array]:
    """The gradients of the cost: dW and dB of each layer, from the last to the first, and dA of what each layer takes in.

    dA0 is the gradient by X itself. No dA belongs to a parameter.
    """
    examples = Y_pred.shape[1]
    grads: dict[str, Array] = {}
    dZ = (Y_pred - Y) / examples
    for layer in range(len(caches), 0, -1):
        A, W, _ = caches[layer - 1]
        grads[f"dA{layer - 1}"] = W.T @ dZ
        grads[f"dW{layer}"] = dZ @ A.T
        grads[f"dB{layer}"] = np.sum(dZ, axis=1, keepdims=True)
        if layer > 1:
            dZ = grads[f"dA{layer - 1}"] * (caches[layer - 2][2] > 0)
    return grads
