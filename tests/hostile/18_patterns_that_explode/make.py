import json


def write(path):
    texts = ["```\n" * 100_000, "~~~ python\n" * 50_000 + "def forward_propagation(x, theta):\n    return 0\n", " " * 400_000 + "def", "def " + "a" * 400_000,
             "def forward_propagation(x, theta" + "(" * 100_000]
    codes = ["'" * 199_999, '"""' + "\\" * 100_001, "x" + " " * 300_000 + "= =", "forward_propagation" + " " * 200_000 + ":" * 1000, "f'" + "{" * 50_000, "%" * 100_000,
             "!" * 1000 + "{" * 100_000, "\\\n" * 100_000, "# -*- coding: " + "x" * 100_000]
    cells = [{"cell_type": "markdown", "source": text} for text in texts] + [{"cell_type": "code", "source": code} for code in codes]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
