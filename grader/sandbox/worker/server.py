"""The warm server: NumPy and IPython are loaded once; every submission is a fork of this process.

Started as `python boot.py CONTROL CONFIG`, with CONTROL the number of a Unix socket. It writes one line of JSON when it
is ready; then each message on the socket carries a descriptor, on which one request is read and its reply written.
"""

from __future__ import annotations

import array
import base64
import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import IPython
import numpy as np
import numpy.linalg
import numpy.random

from . import inner, landlock, notebook, shell, supervisor, wire

SPARE_TASKS = 256  # what the same user may start beside us where RLIMIT_NPROC counts it
PLACES = ("/work", "/tmp", "/dev/shm")


def serve(control: socket.socket, config: dict[str, Any]) -> None:
    """Answers until the other side closes the socket."""
    live_shell = shell.create()
    warm_up(live_shell)
    config["tasks"] = 0 if config["inner"] else inner.tasks_of_user() + SPARE_TASKS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready = {"python": sys.version.split()[0], "numpy": np.__version__, "ipython": IPython.__version__}
    control.sendall(json.dumps(ready).encode() + b"\n")
    gc.collect()
    gc.freeze()
    while (descriptor := receive(control)) is not None:
        if os.fork() == 0:
            answer(live_shell, control, descriptor, config)
        os.close(descriptor)


def warm_up(live_shell: Any) -> None:
    """Runs what every submission runs, so that the first is as fast as the next."""
    live_shell.run_cell("def warm(x):\n    return x\nwarm(1)", store_history=False)
    live_shell.run_cell("%time 1", store_history=False)
    np.linalg.norm(np.dot(np.ones((5, 4)), np.random.RandomState(0).randn(4, 3)))
    live_shell.reset(new_session=True)


def receive(control: socket.socket) -> int | None:
    """The descriptor that came with the next message, or None at the end."""
    size = array.array("i").itemsize
    message, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(size))
    if not message:
        return None
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2][:size])
    return descriptors[0]


def answer(live_shell: Any, control: socket.socket, descriptor: int, config: dict[str, Any]) -> None:
    """Runs one submission in processes of its own; ends this one."""
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if config["inner"]:
            inner.unshare_all()
            if os.fork() != 0:  # the child is the first in its PID namespace
                os._exit(0)
        supervise(live_shell, descriptor, config)
    except BaseException as error:
        wire.send(descriptor, b"!", 0, json.dumps({"reason": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(0)


def supervise(live_shell: Any, descriptor: int, config: dict[str, Any]) -> None:
    """The supervisor's process: reads the request, raises the inner wall, runs the submission."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 1 << 16)
    first = json.loads(wire.read_block(descriptor))
    limits: dict[str, int] = first["limits"]
    rlimits = {**limits, "processes": limits["processes"] + config["tasks"]}
    supervisor.prepare(config["inner"], limits, PLACES)
    home = Path("/work" if config["inner"] else tempfile.mkdtemp(prefix="grader-"))

    def start(request: dict[str, Any], events: int, commands: int) -> int:
        with contextlib.suppress(OSError):
            os.chmod(home, 0o700)  # a submission that starts again may have taken its own rights
        pid = os.fork()
        if pid == 0:
            enter(live_shell, {**request, "limits": rlimits}, config, events, commands, home)
        return pid

    try:
        supervisor.Supervisor(descriptor, first, start, None if config["inner"] else home).run()
    finally:
        if not config["inner"]:
            shutil.rmtree(home, ignore_errors=True)


def enter(live_shell: Any, request: dict[str, Any], config: dict[str, Any], events: int, commands: int, home: Path) -> None:
    """The notebook process, up to where student code runs."""
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        inner.set_dumpable(True)
        inner.close_descriptors((events, commands))
        inner.set_rlimits(request["limits"])
        os.environ["HOME"] = str(home)
        if rules := config.get("landlock"):
            inner.refuse_new_privileges()
            landlock.restrict(rules["readable"], rules["listable"], [str(home), *rules["sinks"]])
            os.environ["TMPDIR"] = os.environ["MPLCONFIGDIR"] = tempfile.tempdir = str(home)
        if config["filter"]:
            inner.load_filter(base64.b64decode(config["filter"]))
        sys.stdin, sys.stdout, sys.stderr = open(os.devnull), open(os.devnull, "w"), open(os.devnull, "w")  # noqa: SIM115
        notebook.run(live_shell, request, events, commands, home)
    except BaseException as error:
        wire.send(events, b"!", 0, json.dumps({"reason": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(1)
