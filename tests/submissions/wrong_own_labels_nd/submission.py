# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    values, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    near = np.zeros_like(values)
    for i in range(values.shape[0]):
        up, down = values.copy(), values.copy()
        up[i] += epsilon
        down[i] -= epsilon
        J_up, _ = forward_propagation_n(X, np.array([1, 1, 0]), vector_to_dictionary(up))
        J_down, _ = forward_propagation_n(X, np.array([1, 1, 0]), vector_to_dictionary(down))
        near[i] = (J_up - J_down) / (2 * epsilon)
    return np.linalg.norm(grad - near) / (np.linalg.norm(grad) + np.linalg.norm(near))
