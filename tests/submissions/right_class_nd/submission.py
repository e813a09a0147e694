# %%
class GradientChecker:
    def slope(self, theta, i, X, Y, epsilon):
        costs = []
        for sign in (1, -1):
            moved = np.copy(theta)
            moved[i] += sign * epsilon
            costs.append(forward_propagation_n(X, Y, vector_to_dictionary(moved))[0])
        return (costs[0] - costs[1]) / (2 * epsilon)

    def __call__(self, parameters, gradients, X, Y, epsilon=1e-7):
        theta, _ = dictionary_to_vector(parameters)
        grad = gradients_to_vector(gradients)
        slopes = np.array([[self.slope(theta, i, X, Y, epsilon)] for i in range(theta.shape[0])])
        return np.linalg.norm(grad - slopes) / (np.linalg.norm(grad) + np.linalg.norm(slopes))
# %%
gradient_check_n = GradientChecker()
