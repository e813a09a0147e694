"""Starts a Jupyter kernel beside the package `worker` and the interpreter's site-packages, and nothing of grader.

Started as `python boot_kernel.py CONFIG -f CONNECTION_FILE`. Behind the outer wall the inner one is raised first, while this
process has one thread.
"""

import base64
import json
import sys

if __name__ == "__main__":
    config = json.loads(sys.argv.pop(1))
    sys.path[:0] = config["path"]

    if sys.platform == "linux":
        from worker import inner

        inner.keep_to_one_core()
    if config["places"]:
        inner.enclose(config["disk_mb"], tuple(config["places"]))
        inner.load_filter(base64.b64decode(config["filter"]))

    from ipykernel import kernelapp

    kernelapp.launch_new_instance(outstream_class=None)  # nothing that a notebook prints is wanted
