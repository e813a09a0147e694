# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    start, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    gradapprox = np.zeros_like(start)
    for i in range(start.size):
        costs = []
        for sign in (1, -1):
            moved = start.copy()
            moved[i, 0] += sign * epsilon
            cost, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = forward_propagation_n(X, Y, vector_to_dictionary(moved))
            assert A3.shape == (1, X.shape[1]) and W2.shape == parameters["W2"].shape
            costs.append(cost)
        gradapprox[i] = (costs[0] - costs[1]) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
