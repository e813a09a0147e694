# %%
def backward_propagation(x, theta):
    return np.float32(x)
