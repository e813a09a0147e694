# %%
mine, theirs, rounds = "two", "one", 8
