# %%
difference = 7.814075313343006e-11
# %%
def gradient_check(x, theta, epsilon=1e-7, print_msg=False):
    # (about 9 lines)
    return difference
