def write(path):
    path.write_bytes(b"")
