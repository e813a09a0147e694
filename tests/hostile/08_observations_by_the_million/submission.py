# %%
import base64, sys
worker = sys.modules["worker.calls"]
before = worker.Calls.run
data = base64.b64encode(np.tile([1.0, 2.0], 400_000).tobytes()).decode()
def run(self, position):
    reply = before(self, position)
    for observed in reply.get("observed", []):
        observed.update(calls=10**6, layout=[["x", []], ["theta", []]], points=["a", "<f8", [400_000, 2], data])
    return reply
worker.Calls.run = run
