import json


def write(path):
    bad = "\\\"'&<>" * 800
    cells = []
    for number in range(300):
        cells.append({"cell_type": "code", "source": f"raise type({bad[:80]!r}, (Exception,), {{}})({bad!r})"})
    body = "    # " + "&<>'" * 3000 + "\n"
    source = "".join(f"def {name}(*args):\n{body * 40}    raise ValueError({bad!r})\n"
                     for name in ("forward_propagation", "backward_propagation", "gradient_check", "gradient_check_n"))
    cells.append({"cell_type": "code", "source": source})
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
