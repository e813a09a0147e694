# %%
import types
own = dict(globals())
own["forward_propagation"] = types.FunctionType(compile("lambda x, theta: x * theta", "<own>", "eval").co_consts[0], own)
gradient_check = types.FunctionType(gradient_check.__code__, own, "gradient_check", (1e-7,))
gradient_check_n = types.FunctionType(gradient_check_n.__code__, own, "gradient_check_n", (1e-7,))
