# %%
def forward_propagation(x, theta):
    return "</style><style>@import url(https://evil.example/x.css); body { background: url(//evil.example) }</style>"
def backward_propagation(x, theta):
    raise ValueError("x\" style=\"position:fixed;inset:0;background:url('https://evil.example/?')\" x=\"")
def gradient_check(x, theta, epsilon=1e-7):
    # }</style><link rel=stylesheet href=https://evil.example/x.css>
    raise type("</title><style>", (Exception,), {})("{}*{color:red}")
