# %%
import ctypes, os
def backward_propagation(x, theta):
    libc = ctypes.CDLL(None, use_errno=True)
    made = []
    try:
        descriptor = os.memfd_create("x")
        os.write(descriptor, bytes(1 << 20))
        made.append("memfd_create")
    except OSError:
        pass
    if libc.syscall(447, 0) >= 0:
        made.append("memfd_secret")
    if libc.shmget(0, 1 << 20, 0o1600) >= 0:
        made.append("shmget")
    return made or "refused"
