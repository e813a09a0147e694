"""Starts the warm server as a package of its own, `worker`, beside the interpreter's site-packages and nothing of grader."""

import json
import socket
import sys

if __name__ == "__main__":
    control = socket.socket(fileno=int(sys.argv[1]))
    with open(int(sys.argv[2]), encoding="utf-8") as file:
        config = json.load(file)
    sys.path[:0] = config["path"]
    sys.argv = ["worker"]

    from worker import server

    server.serve(control, config)
