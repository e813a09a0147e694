import json


def write(path):
    names = [f"def gradient_chekc_{number}(): pass" for number in range(110_000)]
    path.write_text(json.dumps({"cells": [{"cell_type": "raw", "source": "\n".join(names)}], "nbformat": 4}))
