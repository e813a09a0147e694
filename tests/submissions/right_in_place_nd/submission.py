# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    gradapprox = np.zeros_like(grad)
    for i in range(len(theta)):
        kept = theta[i, 0]
        theta[i, 0] = kept + epsilon
        J_plus = forward_propagation_n(X, Y, vector_to_dictionary(theta))[0]
        theta[i, 0] = kept - epsilon
        J_minus = forward_propagation_n(X, Y, vector_to_dictionary(theta))[0]
        theta[i, 0] = kept
        gradapprox[i, 0] = (J_plus - J_minus) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
