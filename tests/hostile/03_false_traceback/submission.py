# %%
def raise_from(filename, line=1):
    exec(compile("\n" * (line - 1) + "raise ValueError('<b>no</b>')", filename, "exec"))
def forward_propagation(x, theta):
    raise_from("<cell 999999999>")
def backward_propagation(x, theta):
    raise_from("<cell -1>" if x > 2 else "<cell " + "9" * 5000 + ">")
def gradient_check(x, theta, epsilon=1e-7):
    raise_from("<cell not a number>")
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    raise_from("<cell 0>", 100_000)
