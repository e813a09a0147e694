# %%
def gradient_check_n(params, grads, inputs, labels, eps=1e-7, verbose=False):
    values, names = dictionary_to_vector(params)
    g = gradients_to_vector(grads)
    slopes = np.zeros_like(values)
    for row in range(values.size):
        step = np.zeros_like(values)
        step[row] = eps
        up, _ = forward_propagation_n(inputs, labels, vector_to_dictionary(values + step))
        down, _ = forward_propagation_n(inputs, labels, vector_to_dictionary(values - step))
        slopes[row] = (up - down) / (2 * eps)
    return np.linalg.norm(g - slopes) / (np.linalg.norm(g) + np.linalg.norm(slopes))
