# %%
import sys
calls = sys.modules["worker.calls"]
dumps = calls.dumps
def not_text(reply):
    if "forward_propagation" in reply:  # what was found
        return dumps(reply)
    return b'{"outcome": "returned", "value": ["s", "\xff"]}' if "outcome" in reply else b'{"type": "\xed\xa0\x80", "message": "\xff"}'
calls.dumps = not_text
# %%
x = 1
