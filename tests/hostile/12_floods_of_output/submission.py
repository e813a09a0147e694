# %%
import os, sys, warnings
for _ in range(100):
    os.write(1, b"x" * 10**6)
    os.write(2, b"x" * 10**6)
print("y" * 10**8)
sys.stderr.write("z" * 10**7)
# %%
from IPython.display import HTML, display
display(HTML("w" * 10**7), "v" * 10**7, {"text/html": "<script>"}, raw=False)
# %%
for number in range(2_000):
    display(number)
    warnings.warn(f"number {number}" * 10)
# %%
"u" * 10**7
# %%
def forward_propagation(x, theta):
    for _ in range(200):
        print("t" * 10**5)
        sys.stderr.write("s" * 10**5)
        sys.__stdout__.write("r" * 10**5)
        os.write(1, b"q" * 10**5)
        warnings.warn("p" * 10**4)
    return 0.5
def backward_propagation(x, theta):
    return x
