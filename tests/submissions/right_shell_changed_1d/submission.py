# %%
def forward_propagation(x, theta):
    return theta * x
# %%
shell = get_ipython()

def define(shell, *about, **named):
    shell.user_ns["backward_propagation"] = lambda x, theta: x

shell.set_custom_exc((ZeroDivisionError,), define)
1 / 0
# %%
shell.set_custom_exc((), None)
from IPython.core.macro import Macro
later = Macro('''import asyncio
await asyncio.sleep(0)
def gradient_check(x, theta, epsilon=1e-7):
    gradapprox = (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
''')
# %%
later
