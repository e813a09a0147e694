# %%
mine, theirs, rounds = "one", "two", 20
