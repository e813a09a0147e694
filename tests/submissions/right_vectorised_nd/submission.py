# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta = dictionary_to_vector(parameters)[0].ravel()
    grad = gradients_to_vector(gradients).ravel()
    steps = epsilon * np.eye(theta.size)
    cost = lambda vector: forward_propagation_n(X, Y, vector_to_dictionary(vector.reshape(-1, 1)))[0]
    above = np.apply_along_axis(cost, 1, theta + steps)
    below = np.apply_along_axis(cost, 1, theta - steps)
    gradapprox = (above - below) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
