# %%
class Power:
    def __init__(self, degree):
        self.degree = degree

    def __call__(self, x, theta):
        return x * theta**self.degree


forward_propagation = Power(1)
# %%
backward_propagation = Power(0)
# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False, cost=forward_propagation, slope=backward_propagation):
    near = (cost(x, theta + epsilon) - cost(x, theta - epsilon)) / (2 * epsilon)
    grad = slope(x, theta)
    return abs(grad - near) / (abs(grad) + abs(near))
