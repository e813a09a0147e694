# %% [markdown]
# # Gradient checking of a network
#
# The helpers sort the keys; `check_gradient` copies the vector twice in each turn.
# %%
import numpy as np
from my_ANN import initialize_params, forward, compute_cost, backward
# %%
params = initialize_params([2, 3, 1])
params
# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].flatten())
            shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
vector, shapes = params_to_vector(params)
vector
# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (int(name[2:]), name[1] != "W"))
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
# %%
def vector_to_dict(vector, shapes):
    result, at = {}, 0
    for name, shape in shapes.items():
        size = np.prod(shape)
        result[name] = vector[at : at + size].reshape(shape)
        at += size
    return result
# %%
vector_to_dict(vector, shapes)
# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    n = vector.shape[0]
    gradapprox = np.zeros((n,))
    for i in range(n):
        plus = np.copy(vector)
        plus[i] += epsilon
        Y_plus, _ = forward(X, vector_to_dict(plus, shapes))
        J_plus = compute_cost(Y_plus, Y)
        minus = np.copy(vector)
        minus[i] -= epsilon
        Y_minus, _ = forward(X, vector_to_dict(minus, shapes))
        J_minus = compute_cost(Y_minus, Y)
        gradapprox[i] = (J_plus - J_minus) / (2 * epsilon)
        if print_process:
            print(i, gradapprox[i])
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    print("wrong" if difference > 2e-7 else "right", difference)
    return difference, gradapprox
# %%
np.random.seed(1)
X = np.random.randn(4, 3)
Y = np.array([[1, 1, 0]])
parameters = {}
for layer, (size, before) in enumerate([(5, 4), (3, 5), (1, 3)], start=1):
    parameters["W" + str(layer)] = np.random.randn(size, before)
    parameters["B" + str(layer)] = np.random.randn(size, 1)
Y_pred, caches = forward(X, parameters)
gradients = backward(Y, Y_pred, caches)
difference, gradapprox = check_gradient(X, Y, parameters, gradients)
