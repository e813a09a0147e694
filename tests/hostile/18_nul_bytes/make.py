import json


def write(path):
    source = "def forward_propagation(x, theta):\x00\n    return x * theta\n\x00def backward_propagation\x00(x, theta): return x"
    cells = [{"cell_type": "code\x00", "source": source}, {"cell_type": "code", "source": source, "id": "\x00", "metadata": {"\x00": "\x00"}}]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
