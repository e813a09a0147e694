# %%
def central_slope(function, point, step):
    return (function(point + step) - function(point - step)) / (2 * step)

def relative_distance(a, b):
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))
# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    slope = central_slope(lambda value: forward_propagation(x, value), theta, epsilon)
    return relative_distance(backward_propagation(x, theta), slope)
