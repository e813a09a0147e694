# %%
def line(x, theta):
    return theta * x


def slope_of_line(x, theta):
    return x


def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    gradapprox = (line(x, theta + epsilon) - line(x, theta - epsilon)) / (2 * epsilon)
    grad = slope_of_line(x, theta)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
