# %%
raise ValueError("\x1b]8;;file:///etc/passwd\x1b\\x")
