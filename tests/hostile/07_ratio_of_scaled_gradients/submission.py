# %%
def gradient_check(x, theta, epsilon=1e-7):
    return 0.9 / 6.9
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return 0.8 / 2.8
