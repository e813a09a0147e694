# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    n = len(theta)
    J = {+1: np.zeros((n, 1)), -1: np.zeros((n, 1))}
    for sign in J:
        for i in reversed(range(n)):
            moved = theta.copy()
            moved[i][0] = theta[i][0] + sign * epsilon
            J[sign][i], _ = forward_propagation_n(X, Y, vector_to_dictionary(moved))
    gradapprox = (J[+1] - J[-1]) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
