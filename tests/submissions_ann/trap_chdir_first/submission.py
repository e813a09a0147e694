# %%
import os
os.chdir("/content/drive/MyDrive")
