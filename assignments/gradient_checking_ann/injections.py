"""What the public cases put in the place of the network. Inputs, not answers: a student may see all of it."""

import numpy as np


def network(X, params):
    """ReLU layers and a sigmoid at the end, as in my_ANN."""
    A, last = X, len(params) // 2
    for layer in range(1, last + 1):
        Z = params[f"W{layer}"].dot(A) + params[f"B{layer}"]
        A = np.maximum(Z, 0.0)
    return 1 / (1 + np.exp(-Z)), ()


def logistic(Y_pred, Y):
    """The mean logistic cost, as in my_ANN."""
    return -(np.vdot(Y, np.log(Y_pred)) + np.vdot(1 - Y, np.log(1 - Y_pred))) / Y_pred.shape[1]


def waves(X, params):
    """Not a network: smooth in every parameter, and uneven, so that no two parameters can be taken for one another.

    Output j is Σ sin(cθᵢ + i/3 + Xⱼ) / c, over blocks and positions i in them; c grows with the layer and tells W from B.
    """
    phase = X.sum(axis=0)
    total = 0.0
    for name, block in params.items():
        rate = 0.4 + 0.3 * int(name[1:]) + 0.1 * (name[0] == "B")
        turns = rate * block.reshape(-1, 1) + np.arange(block.size).reshape(-1, 1) / 3 + phase
        total = total + np.sin(turns).sum(axis=0) / rate
    return total.reshape(1, -1), ()


def ripples_apart(X, params):
    """Not a network: one output for all examples, Σ sin(1e7 θᵢ), so steep that a difference tells by how much θᵢ was moved."""
    return np.sin(1e7 * np.concatenate([block.ravel() for block in params.values()])).sum().reshape(1, 1), ()


def ripples_apart_slopes(params):
    """The derivatives of `ripples_apart`."""
    return {"d" + name: 1e7 * np.cos(1e7 * block) for name, block in params.items()}


def total(Y_pred, Y):
    """The sum of the outputs, whatever the labels."""
    return Y_pred.sum()


def uneven(Y_pred, Y):
    """A cost in which outputs and labels do not play the same part."""
    return np.mean(Y_pred**2 * (1 + Y) / 4 + Y_pred)
