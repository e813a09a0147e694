import os


def write(path):
    os.mkfifo(path)
