# %%
def forward_propagatiom(x, theta):
    return x * theta
