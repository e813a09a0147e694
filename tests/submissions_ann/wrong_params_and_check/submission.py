# %%
def params_to_vector(params):
    return np.concatenate([params[key].ravel() for key in params["W0"]]), {}


def check_gradient(X, Y, params, grads, epsilon=1e-7, print_process=False):
    vector, shapes = params_to_vector(params)
    grad = grads_to_vector(grads)
    return np.linalg.norm(grad) / vector.size, grad
