"""The trusted answer. It runs in the sandbox like a submission, with the same calls; what it returns is the answer key."""

import numpy as np
from my_ANN import compute_cost, forward


def params_to_vector(params):
    keys = sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))
    return np.concatenate([params[key].ravel() for key in keys]), {key: params[key].shape for key in keys}


def grads_to_vector(grads):
    keys = [key for key in grads if not key.startswith("dA")]
    return np.concatenate([grads[key].ravel() for key in sorted(keys, key=lambda key: (int(key[2:]), key[1] == "B"))])


def vector_to_dict(vector, shapes):
    params, start = {}, 0
    for key, shape in shapes.items():
        stop = start + np.prod(shape)
        params[key] = vector[start:stop].reshape(shape)
        start = stop
    return params


def relative_difference(grad, gradapprox):
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))


def check_gradient(X, Y, params, grads, epsilon=1e-7):
    values, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    gradapprox = np.zeros(values.size)
    for i in range(values.size):
        nudge = np.zeros(values.size)
        nudge[i] = epsilon
        above, _ = forward(X, vector_to_dict(values + nudge, shapes))
        below, _ = forward(X, vector_to_dict(values - nudge, shapes))
        gradapprox[i] = (compute_cost(above, Y) - compute_cost(below, Y)) / (2 * epsilon)
    return relative_difference(grad, gradapprox), gradapprox
