# %%
import sys
TEXTS = ["0x" + "f" * 36 + "p9", "-0x1p-99999999999", "0x1p+9999999999999", "infinity", "NAN", " 1", "1e9999", "0x.p", "１"]
def run(self, position):
    return {"outcome": "returned", "value": ["f", TEXTS[position % len(TEXTS)]], "seconds": 1e308}
sys.modules["worker.calls"].Calls.run = run
