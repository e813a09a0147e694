"""The default engine on Linux: a warm server behind the outer wall forks itself for every submission."""

from __future__ import annotations

import array
import compileall
import contextlib
import functools
import json
import os
import platform
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import SandboxError, WallsError
from grader.sandbox import landlock, seccomp
from grader.sandbox import walls as outer
from grader.sandbox.worker import disk, wire

if TYPE_CHECKING:
    from grader.sandbox.protocol import Held, Reply, Request

START_SECONDS = 60
REHEARSALS = 12  # code is specialised after a few runs
GRACE_SECONDS = 20  # that a supervisor may begin late, or take to end what is left
_NAMES = {"full": "bubblewrap+inner", "landlock": "landlock", "none": "none"}


class PreforkSandbox:
    """One warm server and the submissions that it forks, one at a time; the server starts with `start` or the first request.

    walls: "full", "landlock" or "none". hidden: folders that must not exist inside. brief: it is for one submission, so the server
    rehearses once. files: the assignment's, all of them public; behind the full walls the server holds them, unless it is brief.
    Raises WallsError where the walls cannot be raised. Nothing here imports NumPy before a request is there.
    """

    engine = "prefork"

    def __init__(self, *, walls: str = "full", hidden: Sequence[Path] = (), brief: bool = False, files: Mapping[str, str] = {}) -> None:
        if walls not in _NAMES:
            raise WallsError(f"the prefork engine has no walls called {walls!r}")
        self._asked, self.walls = walls, _NAMES[walls]
        self._hidden = tuple(hidden)
        self._files = files if walls == "full" and not brief else {}
        self._rehearsals = 1 if brief else REHEARSALS
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: Path | None = None
        self._is_ready = self._is_ending = False
        self.python = platform.python_version()

    @functools.cached_property
    def _held(self) -> Held:
        from grader.sandbox.protocol import Held

        return Held(self._files)

    @property
    def numpy(self) -> str:
        """The version of NumPy, inside and here."""
        import numpy as np

        return np.__version__

    def start(self) -> None:
        """Starts the server, and does not wait for it: `ready` does."""
        if self._server is not None or self._control is not None:
            return
        ours, theirs = socket.socketpair()
        compileall.compile_dir(outer.WORKER, quiet=2)  # what runs inside writes nothing
        command, environment, config = self._launch()
        config["rehearsals"] = self._rehearsals
        if self.walls != "bubblewrap+inner":
            config["folder"] = str(self._make_folder())
        config["files"] = dict(self._files)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:  # an argument must not be long
            json.dump(config, file)
            file.seek(0)
            descriptors = theirs.fileno(), file.fileno()
            self._server = subprocess.Popen(
                [*command, *map(str, descriptors)], env=environment, pass_fds=descriptors, stdin=subprocess.DEVNULL, cwd="/",
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        theirs.close()
        self._control, self._is_ready, self._is_ending = ours, False, False

    def ready(self) -> None:
        """Waits until the server has started. Raises SandboxError where it cannot, or runs another Python or NumPy than this process."""
        self.start()
        if self._is_ready:
            return
        if self._server is None:  # another's has forked it; where that has failed, one of its own says why
            with contextlib.suppress(SandboxError):
                self._check_ready()
                return
            self.start()
        self._check_ready()

    def _check_ready(self) -> None:
        inside = self._read_ready()
        if inside != {"python": self.python, "numpy": self.numpy}:
            self.close()
            raise SandboxError(f"{inside} runs inside, Python {self.python} and NumPy {self.numpy} outside")
        self._is_ready = True

    def fork(self, core: int | None = None) -> PreforkSandbox:
        """A sandbox like this one, for a fork of this process; its server is forked off this one's as soon as that has started.

        core: where it is to run. Behind weaker walls, or where this server is gone, it starts a server of its own.
        """
        other = PreforkSandbox(walls=self._asked, hidden=self._hidden, files=self._files)
        if self._control is not None and self.walls == _NAMES["full"]:
            ours, theirs = socket.socketpair()
            with theirs, contextlib.suppress(OSError):
                order = b"F" + wire.CORE.pack(-1 if core is None else core)
                self._control.sendmsg([order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))])
            other._control = ours
        return other

    def leave(self) -> None:
        """Closes what this process has of a sandbox by being a fork of the process that it belongs to."""
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            if self._server.stderr is not None:
                self._server.stderr.close()
            self._server.returncode = 0  # no child of this process's, to be waited for
        self._control = self._server = None

    def _make_folder(self) -> Path:
        """Where the submissions' folders lie without mounts of their own: whatever is killed, ours to remove."""
        self._folder = Path(tempfile.mkdtemp(prefix="grader-"))
        if self.walls == "landlock" and os.geteuid() == 0:
            os.chown(self._folder, outer.NOBODY, outer.NOBODY)
        return self._folder

    def _launch(self) -> tuple[list[str], Mapping[str, str], dict[str, object]]:
        """The server's command up to its own arguments, its environment and its configuration."""
        boot = "worker/boot.py"
        if self.walls == "bubblewrap+inner":
            inside = outer.bubblewrap(self._hidden)
            command = [*inside.command, inside.python, *outer.FLAGS, f"{outer.WORKER_PLACE}/{boot}"]
            return command, {}, {"path": inside.path, "inner": True, "filter": seccomp.encoded()}
        if self.walls == "landlock":
            tier = landlock.prepare(self._hidden)
            rules = {"readable": tier.readable, "listable": tier.listable, "sinks": tier.sinks}
            command = [*tier.command, *outer.FLAGS, str(outer.WORKER.parent / boot)]
            return command, tier.environment, {"path": tier.path, "inner": False, "filter": seccomp.encoded("landlock"), "landlock": rules}
        path = (str(outer.WORKER.parent), *map(str, outer.site_folders()))
        command = [sys.executable, *outer.FLAGS, str(outer.WORKER.parent / boot)]
        return command, outer.environment(os.path.expanduser("~")), {"path": path, "inner": False, "filter": ""}

    def _read_ready(self) -> dict[str, str]:
        assert self._control is not None
        self._control.settimeout(START_SECONDS)
        line = b""
        try:
            while not line.endswith(b"\n"):
                part = self._control.recv(4096)
                if not part:
                    break
                line += part
            self._control.settimeout(None)
            told = json.loads(line)
            return {"python": str(told["python"]), "numpy": str(told["numpy"])}
        except (OSError, ValueError, KeyError) as error:
            self._kill()
            stderr = None if self._server is None else self._server.stderr
            said = stderr.read().decode("utf-8", "replace").strip()[-1000:] if stderr else ""
            self.close()
            raise SandboxError(f"the warm server did not start: {said or error}") from error

    def run(self, request: Request) -> Reply:
        """The reply to one request; a server that has died is started anew first."""
        with contextlib.suppress(SandboxError):  # it ended after the submission before
            self._await_ended()
        if self._is_gone():
            self.close()
        self.ready()
        from grader.sandbox.replies import assemble

        if self.walls == _NAMES["full"]:
            return assemble(request, self._supervised(request))
        ours, theirs = socket.socketpair()
        with contextlib.closing(ours):
            try:
                self._pass(theirs)
            finally:
                theirs.close()
            return assemble(request, self._frames(ours, request))

    def _is_gone(self) -> bool:
        """Whether there is no server, as far as can be seen: a forked one is no child of this process's."""
        control = self._control  # another thread may close the sandbox
        if control is None:
            return True
        if self._server is not None:
            return self._server.poll() is not None
        try:
            readable, _, _ = select.select([control], [], [], 0)
            return bool(readable) and not control.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    # Behind the full walls this process is the supervisor: the server hands it a submission's processes, and ends them.

    def _supervised(self, request: Request) -> list[tuple[bytes, int, bytes]]:
        """The frames of the reply. Raises SandboxError where the sandbox failed."""
        from grader.sandbox.enclosure import Enclosure
        from grader.sandbox.worker.supervisor import Supervisor

        outline, first, stages = request.parts(self._held)
        frames: list[tuple[bytes, int, bytes]] = []
        with contextlib.closing(Enclosure(self, request.limits.disk_mb)) as enclosure:
            Supervisor(enclosure, json.loads(outline), first, stages.__getitem__, lambda *frame: frames.append(frame)).run()
        return frames

    def open(self) -> list[int]:
        """The descriptors of a submission's processes, which stood by. Raises SandboxError."""
        from grader.sandbox.enclosure import DESCRIPTORS, descriptors_in

        self._await_ended()
        control = self._tell(b"R")
        try:
            answer, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(DESCRIPTORS * array.array("i").itemsize))
            said = control.recv(1024).decode("utf-8", "replace").strip() if answer not in (b"", b"S") else ""
        except OSError as error:
            raise self._gone(error) from error
        except BaseException:  # an interrupt: the answer would be taken for that to the next order
            self._kill()
            raise
        if answer == b"S":
            return descriptors_in(ancillary)
        if said:
            raise SandboxError(f"the warm server made no processes: {said}")
        raise self._gone("it ended")

    def end(self) -> None:
        """Has the processes of the submission ended; that they have is waited for before others come. Raises SandboxError."""
        if not self._is_ending:  # each order has an answer, and one is awaited
            self._tell(b"K")
            self._is_ending = True

    def _await_ended(self) -> None:
        control = self._control  # another thread may close the sandbox
        if control is None or not self._is_ending:
            return
        try:
            answer = control.recv(1)
        except OSError as error:
            raise self._gone(error) from error
        if answer != b"k":
            raise self._gone("it ended")
        self._is_ending = False  # not before: an interrupt may have ended the wait

    def _tell(self, order: bytes) -> socket.socket:
        control = self._control  # another thread may close the sandbox
        if control is None:
            raise self._gone("it was closed")
        try:
            control.settimeout(START_SECONDS)
            control.sendall(order)
        except OSError as error:
            raise self._gone(error) from error
        return control

    def _gone(self, why: object) -> SandboxError:
        """Ends what is left of a server that does not answer as it should: the next request starts another."""
        self._kill()
        return SandboxError(f"the warm server is gone: {why}")

    def _pass(self, theirs: socket.socket) -> None:
        assert self._control is not None
        try:
            self._control.sendmsg([b"R"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))])
        except OSError as error:
            raise self._gone(error) from error

    def _frames(self, ours: socket.socket, request: Request) -> Iterator[tuple[bytes, int, bytes]]:
        """The frames of the reply, up to its end. Raises SandboxError where the stream ends before."""
        deadline = time.monotonic() + request.limits.submission_seconds + GRACE_SECONDS
        ours.setblocking(False)
        outline, first, stages = request.parts()
        outgoing = wire.block(outline) + wire.block(first)
        reader = wire.FrameReader(request.limits.reply_mb * 1024 * 1024 + 4096)
        try:
            while True:
                while (frame := reader.next()) is not None:
                    if frame[0] == b"E":
                        self._await_end(ours)
                        return
                    if frame[0] == b"?" and frame[1] < len(stages):
                        outgoing += wire.block(stages[frame[1]])
                    elif frame[0] == b"?":
                        raise wire.FrameError(f"there is no stage {frame[1]}")
                    else:
                        yield frame
                readable, ready, _ = select.select([ours], [ours] if outgoing else [], [], max(0.0, deadline - time.monotonic()))
                if ready:
                    outgoing = outgoing[ours.send(outgoing) :]
                data = ours.recv(wire.CHUNK) if readable else b""
                if not data and not ready:
                    raise SandboxError("the submission's supervisor fell silent")
                reader.feed(data)
        except (OSError, wire.FrameError) as error:
            self._kill()
            raise SandboxError(f"the reply broke off: {error}") from error
        except SandboxError:
            self._kill()
            raise

    @staticmethod
    def _await_end(ours: socket.socket) -> None:
        """Until the supervisor has ended, and so removed what the submission left; nothing more is read from it."""
        ours.settimeout(GRACE_SECONDS)
        with contextlib.suppress(ConnectionResetError):  # it ended before it had read the calls
            while ours.recv(1 << 16):
                pass

    def _kill(self) -> None:
        """Ends the server; another thread may be doing so, too."""
        control, server = self._control, self._server
        self._control = None
        if server is not None and server.poll() is None:  # before its control is closed: it would leave, and what is below it be nobody's
            if self.walls != _NAMES["full"]:  # no PID namespace ends what is in it
                _end_below(server.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, 9)
            server.kill()
            server.wait()
        if control is not None:
            control.close()

    def close(self) -> None:
        """Ends the server and all that it forked."""
        self._kill()
        server, folder = self._server, self._folder
        self._server = self._folder = None
        if server is not None and server.stderr is not None:
            server.stderr.close()
        if folder is not None:
            disk.remove(folder)

    def __enter__(self) -> PreforkSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _end_below(pid: int) -> None:
    """Ends all processes below one, which starts no more: they are stopped until none is new, for one that runs could fork another."""
    import psutil  # type: ignore[import-untyped]

    with contextlib.suppress(psutil.Error):
        server = psutil.Process(pid)
        server.suspend()
        stopped: dict[int, Any] = {}
        while new := [process for process in server.children(recursive=True) if process.pid not in stopped]:
            for process in new:
                stopped[process.pid] = process
                with contextlib.suppress(psutil.Error):
                    process.suspend()
        for process in reversed(stopped.values()):
            with contextlib.suppress(psutil.Error):
                process.kill()
