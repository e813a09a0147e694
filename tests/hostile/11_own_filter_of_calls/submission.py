# %%
import ctypes, struct
libc = ctypes.CDLL(None)
statements = ((0x20, 0, 0, 0), (0x15, 0, 1, 1), (6, 0, 0, 0x00050005), (6, 0, 0, 0x7FFF0000))  # write, on x86-64: EIO
program = b"".join(struct.pack("<HBBI", *one) for one in statements)
kept = ctypes.create_string_buffer(program, len(program))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
libc.prctl(22, 2, ctypes.byref(Program(len(statements), ctypes.addressof(kept))), 0, 0)
