import os


def write(path):
    path.write_text('{"cells": [], "nbformat": 4}' if os.geteuid() else "")
    path.chmod(0)
