# %%
def params_to_vector(params):
    shapes, pieces = {}, []
    for layer in range(1, len(params) // 2 + 1):
        for key in (f"W{layer}", f"b{layer}"):
            shapes[key] = params[key].shape
            pieces.append(params[key].ravel())
    return np.concatenate(pieces), shapes
