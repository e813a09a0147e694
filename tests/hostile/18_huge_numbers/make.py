def write(path):
    path.write_text('{"cells": [], "metadata": {"n": 1e999999, "m": -' + "9" * 100_000 + '}, "nbformat": ' + "4" * 100_000 + "}")
