# %%
def grads_to_vector(grads):
    names = [name for name in grads if not name.startswith("dA")]
    return np.concatenate([grads[name].flatten() for name in names], axis=0)
