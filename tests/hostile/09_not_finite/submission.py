# %%
def forward_propagation(x, theta):
    return float("nan")
def backward_propagation(x, theta):
    return np.array([[np.inf]])
def gradient_check(x, theta, epsilon=1e-7):
    return -np.inf if epsilon < 1e-3 else np.float64("nan")
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return np.full((1, 1), np.nan)
