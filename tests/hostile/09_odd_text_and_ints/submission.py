# %%
import itertools
def forward_propagation(x, theta):
    return "\ud800\udfff\x00\uffff" * 100 if x > 0 else 10**100_000
def backward_propagation(x, theta):
    return (number for number in itertools.count())
def gradient_check(x, theta, epsilon=1e-7):
    return {"\ud800": -(10**5000), -1: {1.5, b"8"}, (1, 2): range(10**9)}
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return lambda: 8
