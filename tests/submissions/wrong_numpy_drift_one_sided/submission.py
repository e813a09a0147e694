# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    here, _ = forward_propagation_n(X, Y, vector_to_dictionary(theta))
    gradapprox = np.zeros((len(theta), 1))
    for i in range(len(theta)):
        moved = np.copy(theta)
        moved[i][0] = theta[i] + epsilon
        there, _ = forward_propagation_n(X, Y, vector_to_dictionary(moved))
        gradapprox[i] = (there - here) / epsilon
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
