# %%
from my_ANN import *
# %%
x = 1
