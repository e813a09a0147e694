# %% [markdown]
# # Gradient checking
