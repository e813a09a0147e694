def write(path):
    path.write_text('{"cells": [{"cell_type": "code", "source": "' + "x = 1; " * 14_100_000 + '"}], "nbformat": 4}')
