# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7):
    for i in range(3):
    return 0, 0
