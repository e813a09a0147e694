# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].flatten())
            shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0)
