# %%
def gradient_check(x, theta, epsilon=1e-7):
    theta_plus = theta + epsilon
    theta_minus = theta - epsilon
    J_plus = forward_propagation(x, theta_plus)
    J_minus = forward_propagation(x, theta_minus)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    numerator = np.linalg.norm(grad - gradapprox) ** 2
    denominator = np.linalg.norm(grad) ** 2 + np.linalg.norm(gradapprox) ** 2
    difference = numerator / denominator
    print("right" if difference < 1e-7 else "wrong", difference)
    return difference
