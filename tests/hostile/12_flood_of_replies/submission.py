# %%
large = np.random.rand(500_000)
def forward_propagation(x, theta):
    return [large, large]
def backward_propagation(x, theta):
    print("x" * 10**6)
    return ["y" * 60_000] * 10
