# %%
import os, time
os.closerange(3, 256)
time.sleep(1000)
