# %%
vector_to_dict = lambda vector, shapes: {name: piece.reshape(shapes[name]) for name, piece in zip(shapes, np.split(vector, np.cumsum([np.prod(shape) for shape in shapes.values()])[:-1]))}
