# %%
check, check_n = gradient_check, gradient_check_n
def forward_propagation(x, theta):
    return np.full(3, x * theta)
def backward_propagation(x, theta):
    return np.linspace(-10, 1010, 500_000)
def gradient_check(x, theta, epsilon=1e-7):
    return np.full((0, 5), check(x, theta, epsilon))
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return [check_n(parameters, gradients, X, Y, epsilon)] * 2
