from pathlib import Path


def write(path):
    outside = path.parents[2] / "outside.ipynb"
    outside.write_text('{"cells": [], "nbformat": 4}')
    path.symlink_to(outside)
    (path.parent / "module.py").symlink_to(Path("/etc/passwd"))
