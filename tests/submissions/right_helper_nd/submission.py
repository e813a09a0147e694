# %%
def cost_at(vector, X, Y):
    cost, _ = forward_propagation_n(X, Y, vector_to_dictionary(vector))
    return cost

def moved(vector, index, step):
    other = vector.copy()
    other[index] += step
    return other
# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    gradapprox = np.zeros(theta.shape)
    for i in range(theta.shape[0]):
        gradapprox[i] = (cost_at(moved(theta, i, epsilon), X, Y) - cost_at(moved(theta, i, -epsilon), X, Y)) / (2 * epsilon)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
