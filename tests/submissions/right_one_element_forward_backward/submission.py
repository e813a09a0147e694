# %%
def forward_propagation(x, theta):
    return np.multiply([x], [theta])
# %%
def backward_propagation(x, theta):
    return np.array(x)
