"""Inputs of the cases: the published draw, seeded draws like it, and true gradients of any cost."""

import itertools

import numpy as np

PUBLISHED = (4, 5, 3, 1)
TWELVE = (2,) * 12 + (1,)  # twelve layers: the keys have numbers of two digits


def shapes_of(sizes):
    """The shapes of the parameters of a network whose layers have these sizes, the features first."""
    shapes = {}
    for layer, (before, size) in enumerate(itertools.pairwise(sizes), start=1):
        shapes |= {f"W{layer}": (size, before), f"B{layer}": (size, 1)}
    return shapes


def draw_inputs(seed, sizes, examples=3):
    """X (features, examples), Y (1, examples) and the parameters; seed 1 with the sizes 4, 5, 3, 1 is the published draw."""
    draw = np.random.RandomState(seed)
    X = draw.randn(sizes[0], examples)
    params = {name: draw.randn(*shape) for name, shape in shapes_of(sizes).items()}
    labels = [1, 1, 0] if seed == 1 else draw.permutation(np.arange(examples) % 2)
    return X, np.array(labels).reshape(1, -1), params


def draw_vector(seed, sizes):
    """A vector of as many numbers as the network has parameters."""
    return np.random.RandomState(seed).randn(sum(rows * columns for rows, columns in shapes_of(sizes).values()))


def draw_gradients(seed, sizes, activations=True):
    """Numbers in the shapes of gradients, in the order in which backpropagation meets them, with its dA entries or without."""
    draw = np.random.RandomState(seed)
    grads = {}
    for layer in range(len(sizes) - 1, 0, -1):
        if activations:
            grads[f"dA{layer - 1}"] = draw.randn(sizes[layer - 1], 3)
        grads[f"dW{layer}"] = draw.randn(sizes[layer], sizes[layer - 1])
        grads[f"dB{layer}"] = draw.randn(sizes[layer], 1)
    return grads


def with_activations(grads, seed):
    """The gradients with dA entries among them, as backpropagation gives them."""
    draw, among = np.random.RandomState(seed), {}
    for name, block in grads.items():
        if name.startswith("dW"):
            among[f"dA{int(name[2:]) - 1}"] = draw.randn(block.shape[1], 3)
        among[name] = block
    return among


def rearranged(blocks, *keys):
    """The same blocks, in the order of `keys`."""
    assert sorted(keys) == sorted(blocks)
    return {key: blocks[key] for key in keys}


def true_gradients(forward, cost, X, Y, params):
    """The gradient of a cost by the complex step, exact to rounding: ∂J/∂θᵢ = Im J(θ + ihεᵢ) / h; the last layer comes first.

    Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998).
    """
    step, gradients = 1e-30, {}
    for name in sorted(params, key=lambda name: (-int(name[1:]), name[0] == "B")):
        block = np.zeros(params[name].shape)
        for index in np.ndindex(block.shape):
            moved = {key: value.astype(complex) for key, value in params.items()}
            moved[name][index] += 1j * step
            block[index] = cost(forward(X, moved)[0], Y).imag / step
        gradients["d" + name] = block
    return gradients


def scaled(gradients, **factors):
    """The gradients with some blocks multiplied."""
    return {name: block * factors.get(name, 1.0) for name, block in gradients.items()}
