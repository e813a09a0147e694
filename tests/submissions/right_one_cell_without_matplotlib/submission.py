# %%
import nosuchmodule.pyplot as plt

import numpy as np
from gc_utils import *
from testCases import *

plt.rcParams["figure.figsize"] = (7.0, 4.0)
norm = np.vectorize(np.linalg.norm, signature="(n)->()")


def relative(grad, gradapprox):
    return float(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))


forward_propagation = np.vectorize(lambda x, theta: x * theta)
backward_propagation = np.vectorize(lambda x, theta: x)


class Check:
    def __call__(self, x, theta, epsilon=1e-7):
        near = (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon)
        return relative(np.ravel(backward_propagation(x, theta)), np.ravel(near))


class CheckN:
    def __call__(self, parameters, gradients, X, Y, epsilon=1e-7):
        theta = dictionary_to_vector(parameters)[0].ravel()
        steps = epsilon * np.eye(theta.size)
        costs = [[forward_propagation_n(X, Y, vector_to_dictionary(theta + s * step))[0] for step in steps] for s in (1, -1)]
        return relative(gradients_to_vector(gradients).ravel(), np.subtract(*costs) / (2 * epsilon))


gradient_check, gradient_check_n = Check(), CheckN()
plt.plot([gradient_check(2, 4)])
