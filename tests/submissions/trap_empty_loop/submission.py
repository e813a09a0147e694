# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7, print_msg=False):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    gradapprox = np.zeros(theta.shape)
    for i in range(theta.shape[0]):
        ### START CODE HERE ###

        ### END CODE HERE ###
    difference = None
    return difference
