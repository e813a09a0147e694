def write(path):
    path.mkdir()
