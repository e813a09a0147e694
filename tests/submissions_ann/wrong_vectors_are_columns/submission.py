# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].reshape(-1, 1))
            shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (int(name[2:]), name[1] != "W"))
    return np.concatenate([grads[name].reshape(-1, 1) for name in names], axis=0)
# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    n = vector.shape[0]
    gradapprox = np.zeros((n, 1))
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
