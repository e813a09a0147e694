# %%
def params_to_vector(params):
    pieces, shapes = [], {}
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].ravel())
            shapes[name] = params[name].shape
    return np.hstack(pieces), shapes
# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    names.sort(key=lambda name: (int(name[2:]), name[1] != "W"))
    return np.hstack([grads[name].ravel() for name in names])
