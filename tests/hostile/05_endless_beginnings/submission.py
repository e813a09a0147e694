# %%
import os, struct
pair = b"".join(struct.pack("!cII", kind, i, 0) for i in range(2000) for kind in (b"C", b"B"))
while True:
    for descriptor in range(3, 16):
        try:
            os.write(descriptor, pair)
        except OSError:
            pass
