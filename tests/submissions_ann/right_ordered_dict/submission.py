# %%
from collections import OrderedDict
# %%
def params_to_vector(params):
    pieces, shapes = [], OrderedDict()
    for layer in range(1, len(params) // 2 + 1):
        for name in ("W" + str(layer), "B" + str(layer)):
            pieces.append(params[name].flatten())
            shapes[name] = params[name].shape
    return np.concatenate(pieces, axis=0), shapes
# %%
def vector_to_dict(vector, shapes):
    result, at = OrderedDict(), 0
    for name, shape in shapes.items():
        size = np.prod(shape)
        result[name] = vector[at : at + size].reshape(shape)
        at += size
    return result
