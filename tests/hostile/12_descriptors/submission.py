# %%
import os, resource, socket
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
except (ValueError, OSError):
    pass
kept = []
try:
    while True:
        kept += [*os.pipe(), *socket.socketpair(), open("/dev/null")]
except OSError:
    pass
