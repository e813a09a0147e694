# %%
def forward_propagation(x, theta):
    J =
    return J
