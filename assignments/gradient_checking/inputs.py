"""Inputs of the network's cases: the published draw, seeded draws like it, and true gradients of any cost."""

import numpy as np

SHAPES = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
BLOCKS = tuple("d" + name for name in SHAPES)


def network_inputs(seed):
    """X (4, 3), Y (3,) and the six parameter blocks, drawn in the order of the course; seed 1 is the published draw."""
    draw = np.random.RandomState(seed)
    X = draw.randn(4, 3)
    parameters = {name: draw.randn(*shape) for name, shape in SHAPES.items()}
    Y = np.array([1, 1, 0]) if seed == 1 else draw.permutation([0, 0, 1])
    return X, Y, parameters


def true_gradients(cost, X, Y, parameters):
    """The gradient of `cost` by the complex step, exact to rounding: ∂J/∂θᵢ = Im J(θ + ihεᵢ) / h.

    Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998).
    The blocks come in the order in which backpropagation meets them.
    """
    step = 1e-30
    gradients = {}
    for name in reversed(SHAPES):
        block = np.zeros(SHAPES[name])
        for index in np.ndindex(block.shape):
            moved = {key: value.astype(complex) for key, value in parameters.items()}
            moved[name][index] += 1j * step
            block[index] = cost(X, Y, moved)[0].imag / step
        gradients["d" + name] = block
    return gradients


def scaled(gradients, **factors):
    """The gradients with some blocks multiplied."""
    return {name: block * factors.get(name, 1.0) for name, block in gradients.items()}


def central_differences(cost, X, Y, parameters, epsilon):
    """The gradient of `cost` by central differences, in the order of the parameters, as the assignment approximates it."""
    gradients = {}
    for name, value in parameters.items():
        block = np.zeros(SHAPES[name])
        for index in np.ndindex(block.shape):
            moved = {**parameters, name: value.copy()}
            moved[name][index] += epsilon
            above = cost(X, Y, moved)[0]
            moved[name][index] -= 2 * epsilon
            block[index] = (above - cost(X, Y, moved)[0]) / (2 * epsilon)
        gradients["d" + name] = block
    return gradients
