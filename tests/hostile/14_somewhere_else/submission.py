# %%
%cd /
# %%
import os
os.makedirs("/tmp/gone/deeper")
os.chdir("/tmp/gone/deeper")
os.rmdir("/tmp/gone/deeper")
# %%
os.environ.clear()
os.environ.update(PATH="/tmp", LD_PRELOAD="/tmp/evil.so", PYTHONPATH="/tmp", HOME="/", PYTHONSTARTUP="/tmp/x.py", NPY_DISABLE_CPU_FEATURES="all")
# %%
import sys
sys.path[:] = ["/tmp"]
sys.argv = sys.executable = sys.prefix = None
