# %%
cost_of = lambda X, Y, vector: forward_propagation_n(X, Y, vector_to_dictionary(vector))[0]
slopes_of = lambda X, Y, theta, epsilon: np.array(
    [[(cost_of(X, Y, theta + step) - cost_of(X, Y, theta - step)) / (2 * epsilon)] for step in epsilon * np.eye(len(theta))[:, :, None]]
)
ratio_of = lambda a, b: np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))
# %%
gradient_check_n = lambda parameters, gradients, X, Y, epsilon=1e-7: ratio_of(
    gradients_to_vector(gradients), slopes_of(X, Y, dictionary_to_vector(parameters)[0], epsilon)
)
