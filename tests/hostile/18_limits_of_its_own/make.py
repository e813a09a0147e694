import json


def write(path):
    metadata = {
        "kernelspec": {"name": "bash", "display_name": "Bash", "language": "bash", "argv": ["touch", "/tmp/hostile_marker_kernelspec"]},
        "language_info": {"name": "bash"}, "limits": {"case_seconds": 9999}, "timeout": 9999, "grader": {"score": 50}, "execution": {"timeout": 9999},
        "nbgrader": {"grade": True, "points": 50}, "otter": {"OK_FORMAT": True}, "signature": "trusted",
    }
    source = "def forward_propagation(x, theta):\n    while True:\n        pass"
    cell = {"cell_type": "code", "source": source, "metadata": {**metadata, "tags": ["raises-exception", "skip-execution"]}}
    path.write_text(json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
