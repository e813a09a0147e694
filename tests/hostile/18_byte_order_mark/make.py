def write(path):
    text = '{"cells": [{"cell_type": "code", "source": "def forward_propagation(x, theta):\\n    return x * theta"}], "metadata": {}, "nbformat": 4}'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
