# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    start, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    above, below, gradapprox = np.zeros((3, start.size, 1))
    for i in range(start.size):
        moved = start.copy()
        moved[i, 0] += epsilon
        above[i], _ = forward_propagation_n(X, Y, vector_to_dictionary(moved))

    moved = start.copy()
    moved[i, 0] -= epsilon
    below[i], _ = forward_propagation_n(X, Y, vector_to_dictionary(moved))
    gradapprox[i] = (above[i] - below[i]) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
