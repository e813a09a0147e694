# %%
def forward_propagation(x, theta):
    return np.asmatrix(theta) * np.asmatrix(x)
# %%
def backward_propagation(x, theta):
    return np.asmatrix(x)
