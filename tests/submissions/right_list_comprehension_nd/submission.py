# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    J = lambda step: forward_propagation_n(X, Y, vector_to_dictionary(theta + step))[0]
    steps = [epsilon * column.reshape(-1, 1) for column in np.identity(theta.shape[0])]
    gradapprox = np.array([(J(step) - J(-step)) / (2 * epsilon) for step in steps]).reshape(-1, 1)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
