# %%
import functools


def traced(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


# %%
@traced
def forward_propagation(x, theta):
    return theta * x


# %%
@functools.lru_cache
def backward_propagation(x, theta):
    return x


# %%
def gradient_check(x, theta, epsilon=1e-7, cost=forward_propagation, slope=backward_propagation):
    near = (cost(x, theta + epsilon) - cost(x, theta - epsilon)) / (2 * epsilon)
    given = slope(x, theta)
    return abs(given - near) / (abs(given) + abs(near))
