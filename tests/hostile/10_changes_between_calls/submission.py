# %%
import random
count = [0]
def one(x, theta):
    count[0] += 1
    globals()["forward_propagation"] = random.choice([one, two, None, 8, print])
    return count[0]
def two(x, theta):
    two.__code__ = (lambda x, theta: 1 / 0).__code__
    return 8
forward_propagation = one
def backward_propagation(x, theta):
    backward_propagation.__code__ = one.__code__
    del globals()["backward_propagation"]
    return 2.5
