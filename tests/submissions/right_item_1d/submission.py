# %%
def forward_propagation(x, theta):
    return np.dot(theta, x)
# %%
def backward_propagation(x, theta):
    return np.multiply(x, 1.0)
# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    above, below = forward_propagation(x, theta + epsilon).item(), forward_propagation(x, theta - epsilon).item()
    near, grad = (above - below) / (2 * epsilon), backward_propagation(x, theta)
    assert grad.shape == ()
    return abs(grad.item() - near) / (abs(grad.item()) + abs(near))
