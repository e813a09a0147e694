# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for name in sorted(params, key=lambda name: (-int(name[1]), name[0]), reverse=True):
        pieces.append(params[name].flatten())
        shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (int(name[2]), name[1] != "W"))
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
