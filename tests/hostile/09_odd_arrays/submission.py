# %%
import itertools
odd = itertools.cycle([
    np.array([object()]), np.ma.masked_array([8.0], [True]), np.zeros(1, [("a", float), ("b", "O")]), np.datetime64("2020-01-01"),
    np.array(["8"]), np.zeros(1, "V8"), np.array([1], ">f8"), np.longdouble("1e4000"), np.timedelta64(8), np.recarray((1,), [("x", float)]),
    np.zeros((1,) * 40 if False else (1,) * 32), np.lib.stride_tricks.as_strided(np.zeros(1), (3, 3), (0, 0)), np.bool_(True), np.void(b"8" * 8),
])
def forward_propagation(x, theta):
    return next(odd)
def backward_propagation(x, theta):
    return [next(odd), next(odd)]
