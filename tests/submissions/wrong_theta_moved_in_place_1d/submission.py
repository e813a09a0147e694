# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    theta += epsilon
    J_plus = forward_propagation(x, theta)
    theta -= 2 * epsilon
    J_minus = forward_propagation(x, theta)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    if print_msg:
        print("right" if difference < 1e-7 else "wrong", difference)
    return difference
