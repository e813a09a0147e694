"""The first process of a submission's namespaces: raises the rest of the inner wall, and does what only a process in there can do.

It starts the notebook process, reaps what is left to it, and obeys the grader over a socket, a message each way:

    U   it is up; the message's credentials say which process it is   (to the grader)
    M   mount the places, of so many MB; answered by m               (from the grader)
    I   interrupt the notebook process                               (from the grader)
    O   end all but the notebook process; answered by o              (from the grader)
    W   the notebook process ended, with this wait status            (to the grader)
    !   the wall could not be raised, and why                        (to the grader)

It runs no student code, and nothing inside can signal or trace it. Its end ends everything inside.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from typing import Any

from . import inner, processes

NUMBER = struct.Struct("!I")
_REAP_SECONDS = 0.1  # between two looks for orphans that ended


def run(talk: socket.socket, pipes: tuple[int, int, int], config: dict[str, Any], enter: Callable[[int, int, int], None]) -> None:
    """Its whole life; ends the process. pipes: the notebook process's, which `enter` takes."""
    try:
        inner.keep_ids(*config["ids"])
        inner.bound_privileges()
        inner.set_dumpable(False)
        inner.close_descriptors((talk.fileno(), *pipes))
        notebook = inner.fork_bare()
        if notebook == 0:
            enter(*pipes)
        for descriptor in pipes:
            os.close(descriptor)
        talk.send(b"U")
        _obey(talk, notebook, tuple(config["places"]))
    except BaseException as error:
        with contextlib.suppress(OSError):
            talk.send(b"!" + f"{type(error).__name__}: {error}".encode()[:500])
    finally:
        os._exit(0)


def _obey(talk: socket.socket, notebook: int, places: tuple[str, ...]) -> None:
    ends = os.pidfd_open(notebook)
    watched = [talk.fileno(), ends]
    while True:
        readable, _, _ = select.select(watched, [], [], _REAP_SECONDS)
        if ends in readable:
            watched.remove(ends)
        _reap(talk, notebook)
        if talk.fileno() not in readable:
            continue
        order = talk.recv(16)
        match order[:1]:
            case b"M":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(notebook, signal.SIGCONT)  # somebody outside may have stopped it while it waited
                with contextlib.suppress(ProcessLookupError):
                    inner.keep_to_one_core(notebook)
                inner.mount_private(NUMBER.unpack(order[1:])[0], places)
                inner.drop_privileges()
                talk.send(b"m")
            case b"I":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(notebook, signal.SIGINT)
            case b"O":
                processes.end_others((notebook,))
                talk.send(b"o")
            case _:
                return


def _reap(talk: socket.socket, notebook: int) -> None:
    """Waits for whoever has ended."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == notebook:
                talk.send(b"W" + NUMBER.pack(ended[1]))
