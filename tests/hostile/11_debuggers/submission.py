# %%
%pdb on
# %%
1 / 0
# %%
%debug
# %%
breakpoint()
# %%
import pdb
pdb.set_trace()
# %%
%run -d nothing.py
# %%
def forward_propagation(x, theta):
    breakpoint()
    return pdb.set_trace()
def backward_propagation(x, theta):
    return pdb.run("x")
