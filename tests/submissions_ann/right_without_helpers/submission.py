# %%
def check_gradient(X, Y, params, grads, epsilon=1e-7):
    near, given = [], []
    for layer in range(1, len(params) // 2 + 1):
        for name in (f"W{layer}", f"B{layer}"):
            for index in np.ndindex(params[name].shape):
                costs = []
                for sign in (1, -1):
                    moved = {key: block.copy() for key, block in params.items()}
                    moved[name][index] += sign * epsilon
                    costs.append(compute_cost(forward(X, moved)[0], Y))
                near.append((costs[0] - costs[1]) / (2 * epsilon))
                given.append(grads["d" + name][index])
    near, given = np.array(near), np.array(given)
    return np.linalg.norm(near - given) / (np.linalg.norm(near) + np.linalg.norm(given)), near
