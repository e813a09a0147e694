# %%
import os
for place in (".", "/tmp", "/work", "/dev/shm", "/opt/worker", "/opt/site/0", "/usr", "/run/kernel", "/", "/proc/self", "/dev/null"):
    if os.getuid():
        try:
            os.chmod(place, 0)
        except OSError:
            pass
os.umask(0o777)
