"""What runs in a Jupyter kernel beside student code: the worker's part of each silent execute request.

What a request has to say travels as one display of the type `wire.MIME`, as JSON text. Everything here shares its process with
student code: what it says is data, never a verdict.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import IPython
import numpy as np

from . import calls, recorder, shell, wire

_BASELINE_MB = 256  # of address space, that inner.set_rlimits grants above the limit


class Live:
    """The kernel's shell, the recorder that follows it, and the calls."""

    def __init__(self, live_shell: Any, request: dict[str, Any]) -> None:
        self.publisher = live_shell.display_pub
        self.send = self.publisher.session.send
        self.session = recorder.begin(live_shell, request, Path(request["home"]))
        live_shell.events.register("post_run_cell", self._after_cell)
        self.leftovers: list[str] = request["leftovers"]
        self.prepared: calls.Calls | None = None

    def say(self, payload: bytes) -> None:
        """Publishes a payload; one that is too long for a frame is left out."""
        if len(payload) <= wire.MAX_PAYLOAD:
            content = {"data": {wire.MIME: payload.decode("ascii")}, "metadata": {}, "transient": {}}
            publisher = self.publisher
            self.send(publisher.pub_socket, "display_data", content, parent=publisher.parent_header, ident=publisher.topic)

    def _after_cell(self, result: Any) -> None:
        """Says what the cell ended with. The kernel must not render the error: that would run the exception's own code."""
        self.say(calls.dumps(self.session.errors.get(self.session.current) or {}))
        if result is not None:
            result.error_before_exec = result.error_in_exec = None


_live: list[Live] = []


def begin(text: str) -> None:
    """Bounds the kernel, writes the files and starts to follow the cells."""
    request = json.loads(text)
    os.makedirs(request["home"], exist_ok=True)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    sys.stdin, sys.stdout, sys.stderr = open(os.devnull), open(os.devnull, "w"), open(os.devnull, "w")  # noqa: SIM115
    live_shell = IPython.get_ipython()
    shell.dress(live_shell)
    _live[:] = [Live(live_shell, request)]
    _set_rlimits(request["limits"])
    versions = {"python": sys.version.split()[0], "numpy": np.__version__}
    _live[0].say(calls.dumps(versions))


def _set_rlimits(limits: dict[str, int]) -> None:
    """The limits of the prefork engine, above what the kernel's own threads have mapped already. Windows has none."""
    try:
        from . import inner
    except ImportError:
        return
    mapped = Path("/proc/self/statm")
    if mapped.exists():
        megabytes = int(mapped.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)
        limits = {**limits, "memory_mb": limits["memory_mb"] + max(0, megabytes - _BASELINE_MB)}
    inner.set_rlimits(limits)


def define_all() -> None:
    """Runs the definitions of all code cells, and nothing else of them."""
    _live[0].session.define_all()
    _live[0].say(b"{}")


def prepare() -> None:
    """Finds the functions and says where."""
    warnings.simplefilter("default")
    live = _live[0]
    live.prepared = calls.Calls(live.session, live.leftovers)
    live.say(calls.dumps(live.prepared.summary()))


def add(text: str) -> None:
    """Takes in the calls of a stage."""
    live = _live[0]
    if live.prepared is not None:
        live.prepared.add(json.loads(text))


def run_call(position: int) -> None:
    """Runs one call and says what it did."""
    live = _live[0]
    if live.prepared is not None:
        live.say(calls.dumps(live.prepared.run(position)))
