# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for name in params:
        pieces.append(params[name].flatten())
        shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
