# %%
def grads_to_vector(grads):
    names = [name for name in grads ]
    names.sort(key=lambda name: (int(name[2:]), name[1] != "W"))
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
