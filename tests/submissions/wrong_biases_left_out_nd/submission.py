# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    grad, gradapprox = [], []
    for key in ("W1", "W2", "W3"):
        W = parameters[key]
        for i, j in np.ndindex(W.shape):
            value = W[i, j]
            W[i, j] = value + epsilon
            J_plus, _ = forward_propagation_n(X, Y, parameters)
            W[i, j] = value - epsilon
            J_minus, _ = forward_propagation_n(X, Y, parameters)
            W[i, j] = value
            gradapprox.append((J_plus - J_minus) / (2 * epsilon))
            grad.append(gradients["d" + key][i, j])
    numerator = np.linalg.norm(np.subtract(grad, gradapprox))
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    return numerator / denominator
