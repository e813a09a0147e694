# %%
import sys
sys.exit(0)
# %%
raise SystemExit(0)
# %%
quit()
# %%
exit(0)
# %%
get_ipython().ask_exit()
# %%
def forward_propagation(x, theta):
    return x * theta
sys.exit()
