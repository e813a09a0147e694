# %%
def grads_to_vector(grads):
    numbers = []
    for layer in range(1, sum(key.startswith("dW") for key in grads) + 1):
        numbers.extend(grads[f"dW{layer}"].flat)
        numbers.extend(grads[f"dB{layer}"].flat)
    return numbers
