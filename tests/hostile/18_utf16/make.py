def write(path):
    text = '{"cells": [{"cell_type": "code", "source": "# \U0001f600\\ndef forward_propagation(x, theta):\\n    return x * theta"}], "nbformat": 4}'
    path.write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
