# %%
%%writefile my_ANN.py
def forward(X, params):
    return 0 * X, ()
# %%
import importlib, my_ANN
importlib.reload(my_ANN)
