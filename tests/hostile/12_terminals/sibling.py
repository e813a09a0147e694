# %%
import os, time
def one():
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
        return True
    except OSError:
        return False
had = []
end = time.monotonic() + 0.9
while time.monotonic() < end:
    had.append(one())
    time.sleep(0.01)
def backward_propagation(x, theta):
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        had.append(one())
        time.sleep(0.01)
    return "refused" if all(had) else f"{had.count(False)} of {len(had)} failed"
