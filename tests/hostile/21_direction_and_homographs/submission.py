# %%
def forward_propagation(x, theta):
    # ‮ ⁦ return right ⁩ ⁦
    raise ValueError("‮⁧evil⁩‏​­﻿\x85  \x9b31m")
def backward_propagation(x, theta):
    return "x" + "́" * 5000 + "‮"
def gradient_check(x, theta, epsilon=1e-7):
    raise type("Ｖalue‮Error", (Exception,), {})("﷽" * 500)
# %%
raise ValueError("‮⁦")
