"""Where the processes of a submission are, and what its supervisor asks of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from . import lost, processes, wire


@dataclass
class Process:
    """A running notebook process and the pipes to it.

    is_deaf: nothing will come from the bell. has_more: a frame, or the rest of one, is known to be in the pipe or on its way.
    """

    pid: int
    events: int
    commands: int
    bell: int
    is_deaf: bool = False
    has_more: bool = False
    reader: wire.FrameReader = field(default_factory=wire.FrameReader)


class Place(Protocol):
    """Where the processes of a submission are: the notebook process, and all that it starts."""

    process: Process
    home: str  # the submission's folder, as it is called inside
    unbounded: Path | None  # the same as it is called here, where no mount bounds it

    def is_alive(self) -> bool:
        """Whether the notebook process has not ended yet."""
        ...

    def how_it_ended(self) -> str:
        """How the notebook process ended, in words; does not wait for that."""
        ...

    def interrupt(self) -> None:
        """Sends the notebook process SIGINT."""
        ...

    def pids(self) -> list[int]:
        """All processes of the submission."""
        ...

    def reaped_seconds(self) -> float:
        """The processor time of those that were waited for by none of `pids`."""
        ...

    def end_others(self) -> None:
        """Ends all but the notebook process."""
        ...

    def restart(self) -> None:
        """Ends all, and puts another notebook process in the place."""
        ...


class Below:
    """A place where this process is the notebook process's parent, and adopts orphans."""

    def __init__(self, process: Process, enter: Callable[[int, int, int], None], home: Path) -> None:
        self.process, self._enter, self.home = process, enter, str(home)
        self.unbounded: Path | None = home
        self._below = processes.way_to_see(os.getpid())

    def is_alive(self) -> bool:
        """Whether it is; does not reap it."""
        return processes.is_alive(self.process.pid)

    def how_it_ended(self) -> str:
        """Reaps it."""
        try:
            pid, status = os.waitpid(self.process.pid, os.WNOHANG)
        except ChildProcessError:
            return lost.ENDED
        return lost.describe_status(status) if pid else lost.ENDED

    def interrupt(self) -> None:
        """It is not reaped yet, so the pid is its own."""
        os.kill(self.process.pid, signal.SIGINT)

    def pids(self) -> list[int]:
        """Those below this one."""
        return self._below(os.getpid())

    def reaped_seconds(self) -> float:
        """Of the orphans that this process reaped."""
        return processes.reaped_seconds()

    def end_others(self) -> None:
        """Ends them until none is new."""
        processes.end_others((self.process.pid,))

    def end(self) -> None:
        """Ends and reaps all."""
        os.close(self.process.commands)
        os.close(self.process.events)
        os.close(self.process.bell)
        processes.end_all()

    def restart(self) -> None:
        """Forks another. A submission that starts again may have taken its own rights."""
        self.end()
        if self.unbounded is not None and self.unbounded.exists():
            self.unbounded.chmod(0o700)
        self.process = start(self._enter)


def start(enter: Callable[[int, int, int], None]) -> Process:
    """Forks a notebook process that calls `enter` with its ends of the pipes, and waits for what it is to run."""
    events_in, events_out = os.pipe()
    commands_in, commands_out = os.pipe()
    bell_in, bell_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        enter(events_out, commands_in, bell_out)
    for descriptor in (events_out, commands_in, bell_out):
        os.close(descriptor)
    for descriptor in (events_in, commands_out, bell_in):  # what student code takes back, nobody may wait for
        os.set_blocking(descriptor, False)
    return Process(pid, events_in, commands_out, bell_in)
