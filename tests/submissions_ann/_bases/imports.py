# %%
import numpy as np
from my_ANN import initialize_params, forward, compute_cost, backward
