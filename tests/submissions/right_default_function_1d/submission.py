# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False, f=forward_propagation, df=backward_propagation):
    slope = (f(x, theta + epsilon) - f(x, theta - epsilon)) / (2 * epsilon)
    grad = df(x, theta)
    return np.linalg.norm(grad - slope) / (np.linalg.norm(grad) + np.linalg.norm(slope))
