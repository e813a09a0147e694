# %%
import os, time
def take():
    kept = []
    try:
        while True:
            kept += os.openpty()
    except OSError:
        pass
for _ in range(28):
    if os.fork() == 0:
        take()
        time.sleep(1_000)
time.sleep(4)
