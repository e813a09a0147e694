# %% [markdown]
# # Notes
#
# Not done yet.
# %%
1 + 1
