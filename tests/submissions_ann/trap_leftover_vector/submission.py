# %%
vector = np.zeros(47)
# %%
def grads_to_vector(grads):
    return vector
