import threading
import time


def write(path):
    whole = '{"cells": [{"cell_type": "code", "source": "def forward_propagation(x, theta):\\n    return x * theta"}], "nbformat": 4}' + " " * 10**6
    path.write_text(whole)

    def change():
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            try:
                with path.open("r+") as file:
                    file.write(whole)
                    file.truncate(len(whole) + 5)
            except OSError:
                return

    threading.Thread(target=change).start()
