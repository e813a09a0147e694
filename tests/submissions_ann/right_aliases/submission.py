# %%
def parameters_to_vector(params):
    pieces, shapes = [], {}
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].flatten())
            shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
def gradients_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (int(name[2:]), name[1] != "W"))
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
# %%
def vector_to_dictionary(vector, shapes):
    result, at = {}, 0
    for name, shape in shapes.items():
        size = np.prod(shape)
        result[name] = vector[at : at + size].reshape(shape)
        at += size
    return result
# %%
def gradient_check(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = parameters_to_vector(params)
    grad = gradients_to_vector(grads)
    n = vector.shape[0]
    gradapprox = np.zeros((n,))
    for i in range(n):
        plus = np.copy(vector)
        plus[i] += epsilon
        Y_plus, _ = forward(X, vector_to_dictionary(plus, shapes))
        J_plus = compute_cost(Y_plus, Y)
        minus = np.copy(vector)
        minus[i] -= epsilon
        Y_minus, _ = forward(X, vector_to_dictionary(minus, shapes))
        J_minus = compute_cost(Y_minus, Y)
        gradapprox[i] = (J_plus - J_minus) / (2 * epsilon)
        if print_process:
            print(i, gradapprox[i])
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    print("wrong" if difference > 2e-7 else "right", difference)
    return difference, gradapprox
