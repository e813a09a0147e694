# %%
def costs(X, Y, thetas):
    W1, b1 = thetas[:, :20].reshape(-1, 5, 4), thetas[:, 20:25].reshape(-1, 5, 1)
    W2, b2 = thetas[:, 25:40].reshape(-1, 3, 5), thetas[:, 40:43].reshape(-1, 3, 1)
    W3, b3 = thetas[:, 43:46].reshape(-1, 1, 3), thetas[:, 46:].reshape(-1, 1, 1)
    A2 = np.maximum(0, W2 @ np.maximum(0, W1 @ X + b1) + b2)
    A3 = 1 / (1 + np.exp(-(W3 @ A2 + b3)))
    return np.mean(-np.log(A3) * Y - np.log(1 - A3) * (1 - Y), axis=(1, 2))
# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta = dictionary_to_vector(parameters)[0].ravel()
    grad = gradients_to_vector(gradients).ravel()
    steps = epsilon * np.eye(theta.size)
    gradapprox = (costs(X, Y, theta + steps) - costs(X, Y, theta - steps)) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
