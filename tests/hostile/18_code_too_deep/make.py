import json


def write(path):
    deep = "x = " + "(" * 100_000 + ")" * 100_000
    unary = "y = " + "-" * 300_000 + "1"
    chain = "z = " + "+".join(["1"] * 150_000)
    sources = [deep, unary, chain, "a = " + "[" * 90 + "]" * 90, "def forward_propagation(x, theta):\n    return x * theta"]
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources], "nbformat": 4}))
