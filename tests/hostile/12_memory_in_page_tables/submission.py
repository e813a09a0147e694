# %%
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *(ctypes.c_int,) * 3, ctypes.c_long)
def look():
    for number in range(25_000):
        place = libc.mmap(0x100000000000 + number * (1 << 21), 4096, 1, 0x100022, -1, 0)
        if place == 0x100000000000 + number * (1 << 21):
            ctypes.c_char.from_address(place).value
for _ in range(6):
    if os.fork() == 0:
        look()
        time.sleep(1_000)
time.sleep(1_000)
