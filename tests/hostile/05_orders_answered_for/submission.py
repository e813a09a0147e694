# %%
import os, stat, threading
def fill():
    for descriptor in range(3, 256):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                write = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK)
                read = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK)
                ends.append((write, read))
        except OSError:
            pass
    while True:
        for write, read in ends:
            try:
                os.write(write, b"x" * 65536)
            except OSError:
                pass
            try:
                os.read(read, 4096)
            except OSError:
                pass
ends = []
threading.Thread(target=fill, daemon=True).start()
