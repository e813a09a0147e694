# %%
def grads_to_vector(grads):
    return np.concatenate([grads[name].ravel() for name in ("dW1", "dB1", "dW2", "dB2", "dW3", "dB3")])
