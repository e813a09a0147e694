# %%
def gradient_check(x, theta, epsilon=1e-7):
    x_plus = x + epsilon
    x_minus = x - epsilon
    J_plus = forward_propagation(x_plus, theta)
    J_minus = forward_propagation(x_minus, theta)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    print("right" if difference < 1e-7 else "wrong", difference)
    return difference
