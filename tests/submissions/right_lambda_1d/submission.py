# %%
forward_propagation = lambda x, theta: theta * x
# %%
backward_propagation = lambda x, theta: x
# %%
gradient_check = lambda x, theta, epsilon=1e-7: (
    lambda g, slope: abs(g - slope) / (abs(g) + abs(slope))
)(backward_propagation(x, theta), (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon))
