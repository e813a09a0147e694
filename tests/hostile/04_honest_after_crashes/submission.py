# %%
import os
os._exit(0)
# %%
import ctypes
ctypes.string_at(0)
