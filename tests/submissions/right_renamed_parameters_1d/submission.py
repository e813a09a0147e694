# %%
def forward_propagation(inp, weight):
    return inp * weight
# %%
def backward_propagation(inp, weight):
    return inp
# %%
def gradient_check(inp, weight, eps=1e-7):
    slope = (forward_propagation(inp, weight + eps) - forward_propagation(inp, weight - eps)) / (2 * eps)
    g = backward_propagation(inp, weight)
    return np.linalg.norm(g - slope) / (np.linalg.norm(g) + np.linalg.norm(slope))
