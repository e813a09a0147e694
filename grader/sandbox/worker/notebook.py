"""The notebook process: runs the cells, then the cases, in itself or in a fork, as the supervisor asks.

Everything here shares its process with student code: what it says is data, never a verdict.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from . import calls, cells, recorder, support, wire

# Bound before student code can replace them.
_fork, _exit, _waitpid, _signal = os.fork, os._exit, os.waitpid, signal.signal


def run(
    live_shell: Any, request: dict[str, Any], events: wire.Events, commands: int, home: Path, held: support.Support | None = None
) -> None:
    """The whole life of a notebook process; ends it. held: files that the request may leave out."""
    status = 1
    try:
        session = recorder.begin(live_shell, request, home, held)
        events.write(wire.pack(b"R", 0))  # what fails before this is no doing of the student's
        if request["mode"] == "definitions":
            session.define_all()
        else:
            run_cells(live_shell, session, events)
        serve_cases(session, request["leftovers"], events, commands)
        status = 0
    finally:
        _exit(status)


def run_cells(live_shell: Any, session: recorder.Recorder, events: wire.Events) -> None:
    """Runs the code cells in order, whatever they raise, telling of each as it begins and ends."""
    told = b""  # what is to be said goes with what begins next
    for index in session.to_run:
        events.write(told + wire.pack(b"B", index))
        try:
            _signal(signal.SIGINT, signal.default_int_handler)
            cells.run(live_shell, session.sources[index], recorder.filename(index))
            _signal(signal.SIGINT, signal.SIG_IGN)
        except BaseException as error:
            _signal(signal.SIGINT, signal.SIG_IGN)
            session.errors[index] = {"type": type(error).__name__, "message": recorder.error_message(error)}
            session.snapshot(index, recorder.EXECUTED)
        told = wire.pack(b"C", index, calls.dumps(session.errors.get(index) or {}))
    events.write(told)


def serve_cases(session: recorder.Recorder, leftovers: list[str], events: wire.Events, commands: int) -> None:
    """Runs the calls that the supervisor asks for: here, which ends this process, or in forks until it closes the pipe."""
    prepared = calls.Calls(session, leftovers)
    gc.freeze()
    events.write(wire.pack(b"F", 0, calls.dumps(prepared.summary())), ring=True)
    while True:
        try:
            message = json.loads(wire.read_block(commands))
        except wire.FrameError:
            return
        with contextlib.suppress(Exception):  # a notebook may have closed or replaced it
            sys.stdout.flush()
        if not message["fork"]:
            run_cases(prepared, message, events, commands)
        child = _fork()
        if child == 0:
            run_cases(prepared, message, events, commands)
        _, status = _waitpid(child, 0)
        events.write(wire.pack(b"W", status), ring=True)


def run_cases(prepared: calls.Calls, message: dict[str, Any], events: wire.Events, commands: int) -> None:
    """The case process: the calls of one stage, then those of the next as long as there are any; ends the process."""
    try:
        warnings.simplefilter("default")
        while True:
            prepared.add(message["stage"])
            told = b""
            for position in message["positions"]:
                events.write(told + wire.pack(b"D", position))
                told = wire.pack(b"K", position, calls.dumps(prepared.run(position)))
            events.write(told + wire.pack(b"N", 0), ring=True)
            message = json.loads(wire.read_block(commands))
    finally:
        _exit(0)
