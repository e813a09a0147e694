import json


def write(path):
    mark = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    bundle = {"text/html": mark, "application/javascript": "alert(1)", "image/svg+xml": f"<svg onload='alert(1)'>{mark}</svg>", "text/plain": "All tests passed",
              "application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/markdown": "[x](javascript:alert(1))", "image/png": "bm90IGEgcG5n"}
    outputs = [{"output_type": "display_data", "data": bundle, "metadata": {}}, {"output_type": "stream", "name": "stdout", "text": "50/50 \x1b]0;title\x07"},
               {"output_type": "error", "ename": mark, "evalue": mark, "traceback": [mark, "\x1b[31m"]}, 5, None, {"output_type": {}}]
    cells = [{"cell_type": "code", "source": "1/0", "outputs": outputs, "execution_count": 1, "attachments": {mark: bundle}, "metadata": {mark: mark}}]
    path.write_text(json.dumps({"cells": cells, "metadata": {"title": mark, "authors": [{"name": mark}]}, "nbformat": 4}))
