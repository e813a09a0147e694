# %%
def vector_to_dict(vector: np.ndarray, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    result, at = {}, 0
    for name, shape in shapes.items():
        size = np.prod(shape)
        result[name] = vector[at : at + size].reshape(shape)
        at += size
    return result
