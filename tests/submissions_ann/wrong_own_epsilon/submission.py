# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    epsilon = 1e-7
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
