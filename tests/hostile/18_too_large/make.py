def write(path):
    with path.open("wb") as file:
        file.truncate(1 << 40)
