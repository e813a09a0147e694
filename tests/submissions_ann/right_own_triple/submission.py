# %%
def unroll(params):
    names = sorted(params, key=lambda name: (int(name[1:]), name[0] == "B"))
    return np.concatenate([params[name].ravel() for name in names]), {name: params[name].shape for name in names}, names
# %%
def params_to_vector(params):
    return unroll(params)[:2]
