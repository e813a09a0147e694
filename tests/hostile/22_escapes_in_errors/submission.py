# %%
sequences = "\x1b[31m\x1b[2J\x1b[H\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\\x1b]52;c;ZXZpbA==\x07\x1bP+q544e\x1b\\\x1b[6n\x1b[c\x9b31m\x9d0;x\x9c\x90\x98\x07\x08\x7f\r\x0b\x0c"
Loud = type("Loud\x1b[31m", (Exception,), {})
print(sequences)
def forward_propagation(x, theta):
    print(sequences)
    raise Loud(sequences)
def backward_propagation(x, theta):
    return sequences
def gradient_check(x, theta, epsilon=1e-7):
    # a raw escape in the source: [31m ]0;x
    return {sequences: [sequences]}
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    raise KeyError(sequences)
# %%
raise Loud(sequences)
# %%
def forward_propagatiom():
    "near"
