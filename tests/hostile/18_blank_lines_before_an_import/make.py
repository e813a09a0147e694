import json


def write(path):
    function = "def forward_propagation(x, theta):\n    return other.product(x, theta)"
    sources = ["\n" * 100_000 + "import no_such_module", "import no_such_module\nfrom " + "import " * 100_000, function]
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources], "nbformat": 4}))
