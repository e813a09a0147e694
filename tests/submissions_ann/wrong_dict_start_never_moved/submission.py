# %%
def vector_to_dict(vector, shapes):
    result, at = {}, 0
    for name, shape in shapes.items():
        size = np.prod(shape)
        result[name] = vector[at : at + size].reshape(shape)
    return result
