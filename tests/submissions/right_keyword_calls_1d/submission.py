# %%
def forward_propagation(a, t, scale=1):
    return scale * a * t


# %%
def backward_propagation(a, t):
    return a


# %%
def gradient_check(x, theta, epsilon=1e-7):
    right = forward_propagation(t=theta + epsilon, a=x)
    left = forward_propagation(x, theta - epsilon, 1)
    slope = (right - left) / (2 * epsilon)
    given = backward_propagation(t=theta, a=x)
    return np.linalg.norm(given - slope) / (np.linalg.norm(given) + np.linalg.norm(slope))
