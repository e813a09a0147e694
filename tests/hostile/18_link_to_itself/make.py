def write(path):
    path.symlink_to(path)
