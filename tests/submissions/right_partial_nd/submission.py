# %%
import functools

def check_network(forward, parameters, gradients, X, Y, epsilon=1e-7):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    slopes = np.zeros_like(theta)
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = epsilon
        slopes[i] = forward(X, Y, vector_to_dictionary(theta + step))[0] - forward(X, Y, vector_to_dictionary(theta - step))[0]
    slopes /= 2 * epsilon
    return np.linalg.norm(grad - slopes) / (np.linalg.norm(grad) + np.linalg.norm(slopes))
# %%
gradient_check_n = functools.partial(check_network, forward_propagation_n)
