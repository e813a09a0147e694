# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    theta_plus = theta + epsilon
    theta_minus = theta - epsilon
    J_plus = forward_propagation(x, theta_plus)
    J_minus = forward_propagation(x, theta_minus)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    numerator = np.sqrt(np.sum((grad - gradapprox) ** 2))
    denominator = np.sqrt(np.sum(np.square(grad))) + np.sqrt(np.sum(np.square(gradapprox)))
    difference = numerator / denominator
    if print_msg:
        print("right" if difference < 1e-7 else "wrong", difference)
    return difference
