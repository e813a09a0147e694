# %%
ones = np.ones(10**9)
# %%
def forward_propagation(x, theta):
    kept = []
    while True:
        kept.append(np.ones(10**6))
