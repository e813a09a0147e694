# %%
print("done")
