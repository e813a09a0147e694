"""The warm server: NumPy and IPython are loaded once; every submission is a fork of this process.

Started as `python boot.py CONTROL CONFIG`, with CONTROL the number of a Unix socket and CONFIG that of a file of JSON. It writes
one line of JSON when it is ready; then it takes orders, a byte each (see `Message`).
"""

from __future__ import annotations

import array
import base64
import contextlib
import errno
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import IPython
import numpy as np
import numpy.linalg
import numpy.random

from . import disk, init, inner, landlock, notebook, place, rehearsal, shell, supervisor, support, wire

PATIENCE_SECONDS = 40  # under those that the grader waits
SPARE_TASKS = 256  # what the same user may start beside us where RLIMIT_NPROC counts it
HOME = "/work"
PLACES = (HOME, "/tmp", "/dev/shm")
_DESCRIPTOR = array.array("i").itemsize


def serve(control: socket.socket, config: dict[str, Any]) -> None:
    """Answers until the other side closes the socket."""
    live_shell = shell.create()
    shell.dress(live_shell)
    gc.freeze()  # a rehearsal ends with a collection, which need not look at all that was imported
    rehearsal.rehearse(live_shell, config["rehearsals"])
    config["filter"] = base64.b64decode(config["filter"])
    config["ids"] = os.getuid(), os.getgid()
    config["support"] = support.Support(config.pop("files"), HOME)
    config["tasks"] = 0 if config["inner"] else inner.tasks_of_user() + SPARE_TASKS
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Those of the submissions, too, whose descriptors 0 to 2 are /dev/null.
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    gc.collect()
    gc.freeze()
    ready = {"python": sys.version.split()[0], "numpy": np.__version__, "ipython": IPython.__version__}
    serve_all = serve_enclosed if config["inner"] else serve_below
    serve_all(live_shell, control, config, json.dumps(ready).encode() + b"\n")


def serve_enclosed(live_shell: Any, control: socket.socket, config: dict[str, Any], ready: bytes) -> None:
    """Hands out the processes of a submission, in namespaces of their own, and ends them, as the grader asks.

    It reads nothing of any submission: what it had in its memory, the next one's processes would have in theirs.
    """
    config["places"] = PLACES
    inner.lift_descriptor_limit()
    host = Host(live_shell, control, config, ready)  # what fails here ends the server, which says why
    while (message := take(host.control)).order:
        if message.order == b"F":
            host.fork(message)
            continue
        host.end_current()
        if message.order == b"K":
            host.control.sendall(b"k")
        else:
            host.hand_over_next()
    host.end()


class Host:
    """The processes of the submission that runs, and those that stand by for the next."""

    def __init__(self, live_shell: Any, control: socket.socket, config: dict[str, Any], ready: bytes) -> None:
        self.live_shell, self.config, self.ready = live_shell, config, ready
        self._begin(control)

    def _begin(self, control: socket.socket) -> None:
        self.control = control
        self.current: Enclosed | None = None
        self.spare: Enclosed | None = enclose(self.live_shell, self.config)
        control.sendall(self.ready)

    def fork(self, message: Message) -> None:
        """Forks a server for another process of the grader; it has nothing of what this one has opened."""
        with socket.socket(fileno=message.descriptor) as theirs:
            try:
                if inner.fork_bare() != 0:
                    return
            except OSError:  # whoever waits for it starts one of its own
                return
            self.control.close()
            for inherited in (self.current, self.spare):
                if inherited is not None:
                    inherited.let_go()
            if message.core >= 0:
                with contextlib.suppress(OSError):  # it may have been taken away meanwhile
                    os.sched_setaffinity(0, {message.core})
            self._begin(socket.socket(fileno=theirs.detach()))

    def hand_over_next(self) -> None:
        """Gives the processes that stood by to the grader, and forks others."""
        try:
            waiting = self.spare is not None and self.spare.is_alive()
            self.current = self.spare if waiting else enclose(self.live_shell, self.config)
            assert self.current is not None
            self.current.hand_over(self.control)
        except OSError as error:
            self.control.sendall(b"!" + f"{type(error).__name__}: {error}".encode()[:500] + b"\n")
        try:
            self.spare = enclose(self.live_shell, self.config)
        except OSError:  # the next submission tries again, and is told if that fails, too
            self.spare = None

    def end_current(self) -> None:
        """Ends the processes of the submission that ran."""
        if self.current is not None:
            self.current.end()
            self.current = None

    def end(self) -> None:
        """Ends all of them."""
        self.end_current()
        if self.spare is not None:
            self.spare.end()


class Message(NamedTuple):
    """An order, empty at the end; with it a descriptor, or -1, and the core that a forked server is for, or -1.

    R: a submission comes. Behind the full walls the answer is S with its processes' descriptors, or ! and a line that says why not;
    elsewhere the order brings a descriptor, on which the request is read and the reply written. K: end its processes; the answer is k.
    F: fork a server that takes its orders from the descriptor; the core is behind it. It answers there, with the line of JSON.
    """

    order: bytes
    descriptor: int
    core: int


def take(control: socket.socket) -> Message:
    """The next order."""
    order, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(_DESCRIPTOR))
    descriptors = array.array("i")
    for _, _, data in ancillary:
        descriptors.frombytes(data[:_DESCRIPTOR])
    core = wire.CORE.unpack(control.recv(wire.CORE.size))[0] if order == b"F" else -1
    return Message(order, descriptors[0] if descriptors else -1, core)


class Enclosed:
    """A submission's processes in namespaces of their own: the first one's pid, and what the grader follows them by."""

    def __init__(self, pid: int, descriptors: list[int]) -> None:
        self.pid, self.descriptors = pid, descriptors

    def is_alive(self) -> bool:
        """Whether the first process has not ended."""
        if os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            return True
        self.let_go()
        return False

    def hand_over(self, control: socket.socket) -> None:
        """Gives them to the grader."""
        os.kill(self.pid, signal.SIGCONT)  # somebody may have stopped it while it waited
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                control.sendmsg([b"S"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", self.descriptors))])
                break
            except OSError as error:  # another submission has too many on their way, which end with it
                if error.errno != errno.ETOOMANYREFS or time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.let_go()

    def let_go(self) -> None:
        """Closes what they are followed by."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []

    def end(self) -> None:
        """Ends everything in the namespaces, and waits for it."""
        self.let_go()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def enclose(live_shell: Any, config: dict[str, Any]) -> Enclosed:
    """Forks the processes of the next submission, so that they are there when it comes. Raises OSError where none can be forked."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    events_in, events_out = os.pipe()
    commands_in, commands_out = os.pipe()
    bell_in, bell_out = os.pipe()
    pipes = events_out, commands_in, bell_out
    try:
        with theirs:
            pid = inner.fork_enclosed()
            if pid == 0:
                init.run(theirs, pipes, config, lambda *pipes: enter(live_shell, config, *pipes))
    except OSError:
        for descriptor in (ours.detach(), events_in, commands_out, bell_in):
            os.close(descriptor)
        raise
    finally:
        for descriptor in pipes:
            os.close(descriptor)
    return Enclosed(pid, [events_in, commands_out, bell_in, ours.detach()])


def serve_below(live_shell: Any, control: socket.socket, config: dict[str, Any], ready: bytes) -> None:
    """Forks a supervisor for each submission, which runs it in processes below itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    spare: Spare | None = stand_by(live_shell, control, config)  # what fails here ends the server, which says why
    control.sendall(ready)
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
            pid = os.fork()
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
    message = take(control)
    return message.descriptor if message.order else None


def answer(live_shell: Any, channel: socket.socket, config: dict[str, Any]) -> None:
    """Waits for one submission and runs it in processes of its own; ends this one."""
    descriptor = None
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        inner.adopt_orphans()
        inner.set_dumpable(False)
        os.closerange(3, channel.fileno())
        os.closerange(channel.fileno() + 1, 1 << 16)
        spare = place.start(lambda *pipes: enter(live_shell, config, *pipes))
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


def supervise(live_shell: Any, descriptor: int, config: dict[str, Any], spare: place.Process) -> None:
    """The supervisor's process: reads the request, and runs the submission."""
    home = Path(tempfile.mkdtemp(dir=config["folder"]))
    try:
        below = place.Below(spare, lambda *pipes: enter(live_shell, config, *pipes), home)
        outline = json.loads(wire.read_block(descriptor))

        def say(kind: bytes, index: int, payload: bytes) -> None:
            wire.send(descriptor, kind, index, payload)

        def stage(number: int) -> bytes:
            say(b"?", number, b"")
            return bytes(wire.read_block(descriptor))

        supervisor.Supervisor(below, outline, bytes(wire.read_block(descriptor)), stage, say).run()
        say(b"E", 0, b"")  # before the processes' end, which takes a while and changes nothing
        below.end()
    finally:
        disk.remove(home)


def enter(live_shell: Any, config: dict[str, Any], events: int, commands: int, bell: int) -> None:
    """The notebook process, up to where student code runs."""
    try:
        inner.close_descriptors((events, commands, bell))
        if config["inner"]:
            inner.drop_privileges()
            inner.load_filter(config["filter"])
        request = json.loads(wire.read_block(commands))
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        inner.set_dumpable(True)
        limits = request["first"]["limits"]
        inner.set_rlimits({**limits, "processes": limits["processes"] + config["tasks"]})
        home = os.environ["HOME"] = request["home"]
        if not config["inner"]:  # there the first process has seen to it
            inner.keep_to_one_core()
        if rules := config.get("landlock"):
            inner.refuse_new_privileges()
            landlock.restrict(rules["readable"], rules["listable"], [home, *rules["sinks"]])
            inner.load_filter(config["filter"])
            os.environ["TMPDIR"] = os.environ["MPLCONFIGDIR"] = tempfile.tempdir = home
        first = {**request["first"], **request["start"]}
        notebook.run(live_shell, first, wire.Events(events, bell), commands, Path(home), config["support"])
    except wire.FrameError:
        os._exit(0)  # no submission came
    except BaseException as error:
        refuse(events, error)
    finally:
        os._exit(1)
