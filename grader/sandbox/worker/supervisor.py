"""The first process of a submission: starts the notebook process, keeps its limits, and passes its frames on.

Where PID namespaces stand it is their init, which nothing inside can end, and whose end ends everything inside.
It runs no student code and reads none of the student's payloads.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import disk, inner, lost, processes, wire
from .lost import Lost, OverBudget

TICK = 0.02
SLOW_TICK = 0.1  # for what costs more to look at
START_SECONDS = 30
QUICK_SECONDS = 1  # cells that took less can as well run once more


@dataclass
class Process:
    """A running notebook process and the pipes to it."""

    pid: int
    events: int
    commands: int
    reader: wire.FrameReader = field(default_factory=wire.FrameReader)


def start(enter: Callable[[int, int], None]) -> Process:
    """Forks a notebook process that calls `enter` with its ends of the pipes, and waits for what it is to run."""
    events_in, events_out = os.pipe()
    commands_in, commands_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        enter(events_out, commands_in)
    os.close(events_out)
    os.close(commands_in)
    os.set_blocking(commands_out, False)
    return Process(pid, events_in, commands_out)


class NotStartedError(Exception):
    """The notebook process ended before student code ran in it."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload)
        self.payload = payload


class Supervisor:
    """Runs one submission and writes the frames of its reply.

    reply: where the request is read, each stage of its calls when its turn comes, and the frames go. home: the submission's folder.
    process: the notebook process that waits for it; `restart` gives another.
    """

    def __init__(self, reply: int, home: Path, process: Process, restart: Callable[[], Process]) -> None:
        self.reply, self.home, self.process, self.restart = reply, home, process, restart
        self.is_init = os.getpid() == 1  # of a PID namespace and its mounts: then what is left ends with it, and the disk is bounded
        outline = json.loads(wire.read_block(reply))
        self.first = wire.read_block(reply)
        self.limits: dict[str, int] = outline["limits"]
        self.functions: list[str] = outline["called"]
        self.stages: list[int] = outline["stages"]
        self.deadline = time.monotonic() + self.limits["submission_seconds"]
        self.sent = 0
        self.queue = sorted(range(len(self.functions)), key=self.stages.__getitem__)
        self.known = set(outline["cells"])
        self.cell: int | None = None
        self.call_began = self.forks = False
        self.watched, self.slowly_watched = 0.0, time.monotonic()
        self.meter = processes.Meter()
        self.over = ""

    def run(self) -> None:
        """The whole life of a submission."""
        try:
            if not processes.is_alive(self.process.pid):  # it ended while it waited
                self._end()
                self.process = self.restart()
            self._run()
        except NotStartedError as error:
            self._send(b"!", 0, error.payload)
            self.queue = []
        except OverBudget as over:
            self.over = over.limit
            if self.cell is not None:
                self._send(b"L", self.cell, self._given_up().payload)
        while self.queue:
            self._lose_call(self._given_up())
        self._send(b"E", 0)  # before the processes' end, which takes a while and changes nothing
        if not self.is_init:
            self._end()

    def _run(self) -> None:
        """The cells, then the calls; again from the start without a cell that ended its process, in the end without any."""
        skip: set[int] = set()
        restarts, again = 0, False
        while restarts <= lost.MAX_RESTARTS:
            mode = "cells" if restarts < lost.MAX_RESTARTS else "definitions"
            if again:
                self._end()
                self.process = self.restart()
                self._send(b"S", 0, json.dumps({"mode": mode}).encode())
            try:
                self._begin(mode, skip, again)
                self._await_ready(again)
                began = time.monotonic()
                self._follow_cells()
                # A fork for the cases lets the next one go on where one is lost, and costs a tenth of a submission's time.
                self.forks = again or time.monotonic() - began > QUICK_SECONDS
                self._follow_calls()
                return
            except Lost as loss:
                again = True
                restarts += int(self.forks or not self.call_began)
                if self.cell is not None:
                    self._send(b"L", self.cell, loss.payload)
                    skip.add(self.cell)
                elif self.call_began:
                    self._lose_call(loss)

    def _given_up(self) -> Lost:
        return lost.given_up(self.limits, self.over)

    def _send(self, kind: bytes, index: int, payload: bytes = b"") -> None:
        wire.send(self.reply, kind, index, payload)

    def _lose_call(self, loss: Lost) -> None:
        self._send(b"X", self.queue[0], loss.payload)
        self.queue = lost.remaining(self.queue, self.functions, self.stages, loss)
        self.call_began = False

    def _begin(self, mode: str, skip: set[int], again: bool) -> None:
        """Tells the notebook process what to run. One that waited for it may have ended: that is no doing of the student's."""
        self.cell = None
        rest = {"home": str(self.home), "start": {"mode": mode, "skip": sorted(skip)}}
        try:
            self._command(b'{"first": ' + self.first + b", " + json.dumps(rest).encode("ascii")[1:])
        except Lost as loss:
            if again:
                raise
            raise NotStartedError(loss.payload) from loss

    def _end(self) -> None:
        os.close(self.process.commands)
        os.close(self.process.events)
        processes.end_all()

    def _await_ready(self, again: bool) -> None:
        """Until the notebook process is about to run student code. What fails before is ours, and the reply says that there is none;
        but not when it starts `again`: student code has run, and may have spoiled what a start needs.
        """
        try:
            frame = self._next_frame(time.monotonic() + START_SECONDS, "cell_seconds")
        except Lost as loss:
            if again:
                raise
            raise NotStartedError(loss.payload) from loss
        if frame is None or frame[0] != b"R":
            if again:
                raise Lost("its process could not start again")
            raise NotStartedError(frame[2] if frame else b"{}")

    def _follow_cells(self) -> None:
        """Until the notebook process is ready for calls; raises Lost with `self.cell` set where a cell ended it."""
        limit = self.limits["cell_seconds"]
        interrupted = False
        while True:
            frame = self._next_frame(time.monotonic() + (1 if interrupted else limit), "cell_seconds", interrupt=not interrupted)
            if frame is None:
                interrupted = True
                continue
            interrupted = False
            kind, index, payload = frame
            if kind == b"B" and index in self.known:
                self.cell = index
            elif kind == b"C" and index == self.cell:
                self._forward(kind, index, payload)
                self.cell = None
            elif kind == b"F" and self.cell is None:
                self._forward(kind, index, payload)
                return
            else:
                raise Lost(lost.FORGED)

    def _follow_calls(self) -> None:
        """Until every call has its reply. A hang or crash costs its own call: after it another case process is forked, or else the
        notebook starts again.
        """
        while self.queue:
            self._send_stage()
            try:
                self._follow_replies()
            except Lost as loss:
                if not self.forks or not processes.is_alive(self.process.pid):
                    raise
                if self.queue:
                    self._lose_call(loss)
                processes.end_others((self.process.pid,))
                self._drain_until_ended()

    def _send_stage(self) -> None:
        """Has the calls of the earliest stage run that are left; the grader keeps a stage's content until it is asked for."""
        stage = self.stages[self.queue[0]]
        positions = [position for position in self.queue if self.stages[position] == stage]
        self._send(b"?", stage)
        how = json.dumps({"fork": self.forks, "positions": positions}).encode("ascii")
        self._command(how[:-1] + b', "stage": ' + wire.read_block(self.reply) + b"}")

    def _command(self, content: bytes) -> None:
        data = memoryview(wire.block(content))
        deadline = time.monotonic() + self.limits["case_seconds"]
        while data:
            _, ready, _ = select.select([], [self.process.commands], [], TICK)
            try:
                if ready:
                    data = data[os.write(self.process.commands, data) :]
            except BrokenPipeError:
                raise Lost("its process ended") from None
            if time.monotonic() >= deadline:
                raise Lost("its process did not answer")

    def _follow_replies(self) -> None:
        """Until the last call has its reply, or the case process ended."""
        seconds = self.limits["case_seconds"]
        while True:
            frame = self._next_frame(time.monotonic() + seconds, "case_seconds")
            assert frame is not None
            kind, index, payload = frame
            expected = self.queue[:1] == [index]
            if kind == b"D" and expected:
                self.call_began = True
            elif kind == b"K" and expected and self.call_began:
                self._forward(kind, index, payload)
                self.queue.pop(0)
                self.call_began = False
            elif kind == b"N" and not self.call_began:
                if not self.queue:
                    return
                self._send_stage()
            elif kind == b"W" and self.forks:
                if self.queue:
                    self._lose_call(Lost(describe_status(index)))
                return
            else:
                raise Lost(lost.FORGED)

    def _drain_until_ended(self) -> None:
        """Drops what the ended case process still had in the pipe."""
        for _ in range(1_000):
            frame = self._next_frame(time.monotonic() + self.limits["case_seconds"], "case_seconds")
            if frame is not None and frame[0] == b"W":
                return
        raise Lost(lost.FORGED)

    def _forward(self, kind: bytes, index: int, payload: bytes) -> None:
        self.sent += len(payload)
        if self.sent > self.limits["reply_mb"] * 1024 * 1024:
            raise lost.too_large()
        self._send(kind, index, payload)

    def _next_frame(self, deadline: float, limit: str, interrupt: bool = False) -> tuple[bytes, int, bytes] | None:
        """The next frame of the notebook or case process, or None where `interrupt` was sent at the deadline."""
        while True:
            try:
                frame = self.process.reader.next()
            except wire.FrameError:
                raise Lost(lost.FORGED) from None
            if frame is not None:
                return frame
            now = time.monotonic()
            if now >= self.deadline:
                raise OverBudget("submission_seconds")
            if now >= deadline:
                if interrupt and self.cell is not None:
                    os.kill(self.process.pid, signal.SIGINT)
                    self._send(b"L", self.cell, lost.too_long(self.limits, limit).payload)
                    return None
                raise lost.too_long(self.limits, limit)
            self._read(min(TICK, deadline - now))

    def _read(self, seconds: float) -> None:
        """Takes in what the process said within `seconds`; raises Lost where it has ended."""
        readable, _, _ = select.select([self.process.events], [], [], seconds)
        self._watch()
        ended = not readable and not processes.is_alive(self.process.pid)
        if ended:  # it may have said something since
            readable, _, _ = select.select([self.process.events], [], [], 0)
        data = os.read(self.process.events, wire.CHUNK) if readable else b""
        if data:
            self.process.reader.feed(data)
        elif readable or ended:
            raise Lost(self._how_it_ended())

    def _how_it_ended(self) -> str:
        try:
            _, status = os.waitpid(self.process.pid, 0)
        except ChildProcessError:
            return "its process ended"
        return describe_status(status)

    def _watch(self) -> None:
        now = time.monotonic()
        if now - self.watched < TICK:
            return
        self.watched = now
        pids = self._processes()
        if processes.resident_mb(pids) > self.limits["memory_mb"]:
            raise lost.too_much_memory(self.limits)
        if len(pids) > self.limits["processes"]:
            raise lost.too_many_processes(self.limits)
        if now - self.slowly_watched < SLOW_TICK:
            return
        self.slowly_watched = now
        # A second look, for one that was waited for during the first was counted twice.
        if self._cpu_seconds() > self.limits["cpu_seconds"] and self._cpu_seconds() > self.limits["cpu_seconds"]:
            raise OverBudget("cpu_seconds")
        if not self.is_init and disk.is_larger(self.home, self.limits["disk_mb"] << 20):
            raise lost.too_much_disk(self.limits)

    def _processes(self) -> list[int]:
        return processes.own_processes() if self.is_init else processes.children(os.getpid())

    def _cpu_seconds(self) -> float:
        return self.meter.seconds(self._processes(), processes.reaped_seconds())


def touch() -> None:
    """Does once what every submission needs, while none waits: a fork copies each page of memory when it is first written to."""
    own = processes.own_processes()
    processes.resident_mb(own)
    processes.Meter().seconds(own, processes.reaped_seconds())
    json.loads(json.dumps([1.0, ["a"], {"b": None}]))


def describe_status(status: int) -> str:
    """A wait status in words. A status that a student's process made up is none."""
    try:
        return lost.describe_exit(os.waitstatus_to_exitcode(status))
    except (ValueError, OverflowError):
        return "its process ended"


def prepare(privileged: bool, limits: dict[str, int], places: tuple[str, ...]) -> None:
    """Raises the inner wall around this process: its own mounts, then no privilege."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if privileged:
        inner.mount_private(limits["disk_mb"], places)
        inner.drop_privileges()
    else:
        inner.adopt_orphans()
    inner.set_dumpable(False)
