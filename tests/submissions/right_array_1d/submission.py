# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    costs = forward_propagation(x, theta + epsilon * np.array([1.0, -1.0]))
    gradapprox = np.dot(costs, [1.0, -1.0]) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
