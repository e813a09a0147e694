# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    n = vector.shape[0]
    gradapprox = np.zeros((n,))
    cost = lambda v: compute_cost(forward(X, vector_to_dict(v, shapes))[0], Y)
    steps = epsilon * np.eye(n)
    gradapprox = (np.apply_along_axis(cost, 1, vector + steps) - np.apply_along_axis(cost, 1, vector - steps)) / (2 * epsilon)
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    print("wrong" if difference > 2e-7 else "right", difference)
    return difference, gradapprox
