# %%
def vector_to_dict(vector, shapes):
    params, start = {}, 0
    for key in shapes:
        size = int(np.prod(shapes[key]))
        params[key] = vector[start : start + size]
        start += size
    return params
