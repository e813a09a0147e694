# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for kind in "WB":
        for layer in range(1, len(params) // 2 + 1):
            pieces.append(params[kind + str(layer)].flatten())
            shapes[kind + str(layer)] = params[kind + str(layer)].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (name[1] != "W", int(name[2:])))
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
