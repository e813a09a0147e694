# %%
import functools

slopes = {}


@functools.lru_cache(maxsize=None)
def cost_at(x, theta):
    return forward_propagation(x, theta)


def slope_at(x, theta):
    if (x, theta) not in slopes:
        slopes[x, theta] = backward_propagation(x, theta)
    return slopes[x, theta]


def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    near = (cost_at(x, theta + epsilon) - cost_at(x, theta - epsilon)) / (2 * epsilon)
    grad = slope_at(x, theta)
    return np.linalg.norm(grad - near) / (np.linalg.norm(grad) + np.linalg.norm(near))
