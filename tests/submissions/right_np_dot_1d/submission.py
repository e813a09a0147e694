# %%
def forward_propagation(x, theta):
    return np.dot(theta, x)
# %%
def gradient_check(x, theta, epsilon=1e-7):
    theta_plus = theta + epsilon
    theta_minus = theta - epsilon
    J_plus = forward_propagation(x, theta_plus)
    J_minus = forward_propagation(x, theta_minus)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    numerator = np.sqrt(np.dot(grad - gradapprox, grad - gradapprox))
    denominator = np.sqrt(np.dot(grad, grad)) + np.sqrt(np.dot(gradapprox, gradapprox))
    difference = numerator / denominator
    print("right" if difference < 1e-7 else "wrong", difference)
    return difference
