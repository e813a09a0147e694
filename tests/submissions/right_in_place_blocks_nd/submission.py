# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    squares = np.zeros(3)
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        block = parameters[name]
        for place in np.ndindex(block.shape):
            kept = block[place]
            block[place] = kept + epsilon
            J_plus, _ = forward_propagation_n(X, Y, parameters)
            block[place] = kept - epsilon
            J_minus, _ = forward_propagation_n(X, Y, parameters)
            block[place] = kept
            slope = (J_plus - J_minus) / (2 * epsilon)
            grad = gradients["d" + name][place]
            squares += [(grad - slope) ** 2, grad**2, slope**2]
    distance, size, size_approx = np.sqrt(squares)
    return distance / (size + size_approx)
