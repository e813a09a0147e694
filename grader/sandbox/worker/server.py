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

from . import inner, landlock, notebook, rehearsal, shell, supervisor, wire

SPARE_TASKS = 256  # what the same user may start beside us where RLIMIT_NPROC counts it
PLACES = ("/work", "/tmp", "/dev/shm")


def serve(control: socket.socket, config: dict[str, Any]) -> None:
    """Answers until the other side closes the socket."""
    live_shell = shell.create()
    shell.dress(live_shell)
    gc.freeze()  # a rehearsal ends with a collection, which need not look at all that was imported
    rehearsal.rehearse(live_shell, config["rehearsals"])
    config["filter"] = base64.b64decode(config["filter"])
    config["ids"] = os.getuid(), os.getgid()
    config["tasks"] = 0 if config["inner"] else inner.tasks_of_user() + SPARE_TASKS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    spare: Spare | None = stand_by(live_shell, control, config)  # what fails here ends the server, which says why
    ready = {"python": sys.version.split()[0], "numpy": np.__version__, "ipython": IPython.__version__}
    control.sendall(json.dumps(ready).encode() + b"\n")
    while (descriptor := receive(control)) is not None:
        try:
            if spare is None or not hand_over(spare, descriptor):  # it ended while it waited
                hand_over(stand_by(live_shell, control, config), descriptor)
        except OSError as error:
            refuse(descriptor, error)
        os.close(descriptor)
        spare = try_stand_by(live_shell, control, config)


class Spare:
    """The supervisor that stands by for the next submission: its pid, and where it takes the submission's descriptor."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid, self.channel = pid, channel


def stand_by(live_shell: Any, control: socket.socket, config: dict[str, Any]) -> Spare:
    """Forks the processes of the next submission, so that they are there when it comes. Raises OSError where none can be forked."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            pid = inner.fork_enclosed() if config["inner"] else os.fork()
        except OSError:
            ours.close()
            raise
        if pid == 0:
            control.close()
            ours.close()
            answer(live_shell, theirs, config)
    return Spare(pid, ours)


def try_stand_by(live_shell: Any, control: socket.socket, config: dict[str, Any]) -> Spare | None:
    """The same, or None where none can be forked just now: the next submission tries again, and is told if that fails too."""
    try:
        return stand_by(live_shell, control, config)
    except OSError:
        return None


def hand_over(spare: Spare, descriptor: int) -> bool:
    """Gives a submission to the processes that stand by for it; whether they were still there."""
    with spare.channel:
        try:
            os.kill(spare.pid, signal.SIGCONT)  # where nothing walls signals off, a submission before may have stopped it
            spare.channel.sendmsg([b"R"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
        except OSError:
            return False
    return True


def receive(control: socket.socket) -> int | None:
    """The descriptor that came with the next message, or None at the end."""
    size = array.array("i").itemsize
    message, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(size))
    if not message:
        return None
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2][:size])
    return descriptors[0]


def answer(live_shell: Any, channel: socket.socket, config: dict[str, Any]) -> None:
    """Waits for one submission and runs it in processes of its own; ends this one."""
    descriptor = None
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if config["inner"]:
            inner.keep_ids(*config["ids"])
        inner.set_dumpable(False)
        os.closerange(3, channel.fileno())
        os.closerange(channel.fileno() + 1, 1 << 16)
        spare = supervisor.start(lambda events, commands: enter(live_shell, config, events, commands))
        supervisor.touch()
        descriptor = receive(channel)
        if descriptor is not None:
            os.kill(spare.pid, signal.SIGCONT)
            supervise(live_shell, descriptor, config, spare)
    except BaseException as error:
        if descriptor is not None:
            refuse(descriptor, error)
    finally:
        os._exit(0)


def refuse(descriptor: int, error: BaseException) -> None:
    """Says why there will be no reply, to whoever still listens."""
    with contextlib.suppress(OSError):
        wire.send(descriptor, b"!", 0, json.dumps({"reason": f"{type(error).__name__}: {error}"}).encode())


def supervise(live_shell: Any, descriptor: int, config: dict[str, Any], spare: supervisor.Process) -> None:
    """The supervisor's process: reads the request, raises the inner wall, runs the submission."""
    home = Path("/work" if config["inner"] else tempfile.mkdtemp(dir=config["folder"]))

    def restart() -> supervisor.Process:
        with contextlib.suppress(OSError):
            os.chmod(home, 0o700)  # a submission that starts again may have taken its own rights
        return supervisor.start(lambda events, commands: enter(live_shell, config, events, commands))

    try:
        watch = supervisor.Supervisor(descriptor, home, spare, restart)
        supervisor.prepare(config["inner"], watch.limits, PLACES)
        watch.run()
    finally:
        if not config["inner"]:
            shutil.rmtree(home, ignore_errors=True)


def enter(live_shell: Any, config: dict[str, Any], events: int, commands: int) -> None:
    """The notebook process, up to where student code runs."""
    try:
        inner.close_descriptors((events, commands))
        if config["inner"]:
            inner.drop_privileges()
            inner.load_filter(config["filter"])
        touch(live_shell)
        request = json.loads(wire.read_block(commands))
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        inner.set_dumpable(True)
        limits = request["first"]["limits"]
        inner.set_rlimits({**limits, "processes": limits["processes"] + config["tasks"]})
        home = os.environ["HOME"] = request["home"]
        if rules := config.get("landlock"):
            inner.refuse_new_privileges()
            landlock.restrict(rules["readable"], rules["listable"], [home, *rules["sinks"]])
            inner.load_filter(config["filter"])
            os.environ["TMPDIR"] = os.environ["MPLCONFIGDIR"] = tempfile.tempdir = home
        sys.stdin, sys.stdout, sys.stderr = open(os.devnull), open(os.devnull, "w"), open(os.devnull, "w")  # noqa: SIM115
        notebook.run(live_shell, {**request["first"], **request["start"]}, events, commands, Path(home))
    except wire.FrameError:
        os._exit(0)  # no submission came
    except BaseException as error:
        refuse(events, error)
    finally:
        os._exit(1)


def touch(live_shell: Any) -> None:
    """Runs what every submission runs, while none waits: a fork copies each page of memory when it is first written to."""
    live_shell.run_cell("%autoreload 2\nimport there_is_no_such_module", store_history=False)
    live_shell.run_cell("def touch(x):\n    return x\ntouch(1)\ndel touch", store_history=False)
    json.loads(json.dumps({"touch": [1.0, None]}))
    rehearsal.compute()
