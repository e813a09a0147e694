"""Follows one submission: has the notebook process run what is wanted, keeps its limits, and passes its frames on.

It runs no student code and reads none of the student's payloads. Where namespaces stand it is the grader's own process, and the
submission's processes are an `Enclosure`; elsewhere it is a process of the submission's, and they are the processes `Below` it.
"""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Mapping
from typing import Any

from . import disk, lost, processes, wire
from .lost import Lost, OverBudget
from .pending import Pending
from .place import Place, Process

TICK = 0.02
SLOW_TICK = 0.1  # for what costs more to look at
START_SECONDS = 30
QUICK_SECONDS = 1  # cells that took less can as well run once more
CLOSING_SECONDS = 1  # from the pipe's end to the process's


class NotStartedError(Exception):
    """The notebook process ended before student code ran in it."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload)
        self.payload = payload


class Supervisor:
    """Runs one submission in its place, and says what became of it.

    outline, first: what it is to run, as `Request.parts` gives them. stage: gives the content of a stage of calls when its turn comes.
    say: takes the frames of the reply.
    """

    def __init__(
        self, place: Place, outline: dict[str, Any], first: bytes, stage: Callable[[int], bytes], say: Callable[[bytes, int, bytes], None]
    ) -> None:
        self.place, self.first, self.stage, self.say = place, first, stage, say
        self.limits: Mapping[str, int] = outline["limits"]
        self.allowed = self.limits  # of what runs now
        self.pending = Pending(outline["called"], outline["stages"])
        self.deadline = time.monotonic() + self.limits["submission_seconds"]
        self.sent = 0
        self.known = set(outline["cells"])
        self.cell: int | None = None
        self.forks = False
        self.watched, self.slowly_watched = 0.0, time.monotonic()
        self.meter = processes.Meter()
        self.over = ""
        self.found: Lost | OverBudget | None = None  # by a look at the processes; raised when all that they had said before is taken in

    def run(self) -> None:
        """The whole life of a submission but its end."""
        try:
            if not self.place.is_alive():  # it ended while it waited
                self.place.restart()
            self._run()
        except NotStartedError as error:
            self.say(b"!", 0, error.payload)
            self.pending.positions.clear()
        except OverBudget as over:
            self.over = over.limit
            if self.cell is not None:
                self.say(b"L", self.cell, self._given_up().payload)
        while self.pending:
            self._lose_call(self._given_up())

    def _run(self) -> None:
        """The cells, then the calls; again from the start without a cell that ended its process, in the end without any."""
        skip: set[int] = set()
        restarts, again = 0, False
        while restarts <= lost.MAX_RESTARTS:
            mode = "cells" if restarts < lost.MAX_RESTARTS else "definitions"
            if again:
                self.place.restart()
                self.found = None
                self.say(b"S", 0, json.dumps({"mode": mode}).encode())
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
                restarts += int(self.forks or not self.pending.has_begun)
                if self.cell is not None:
                    self.say(b"L", self.cell, loss.payload)
                    skip.add(self.cell)
                elif self.pending.has_begun:
                    self._lose_call(loss)

    def _given_up(self) -> Lost:
        return lost.given_up(self.limits, self.over)

    def _lose_call(self, loss: Lost) -> None:
        self.say(b"X", self.pending.lose(loss), loss.payload)

    def _begin(self, mode: str, skip: set[int], again: bool) -> None:
        """Tells the notebook process what to run. One that waited for it may have ended: that is no doing of the student's."""
        self.cell = None
        rest = {"home": self.place.home, "start": {"mode": mode, "skip": sorted(skip)}}
        try:
            self._command(b'{"first": ' + self.first + b", " + json.dumps(rest).encode("ascii")[1:])
        except Lost as loss:
            if again:
                raise
            raise NotStartedError(loss.payload) from loss

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
        interrupted, left = False, set(self.known)
        while True:
            frame = self._next_frame(time.monotonic() + (1 if interrupted else limit), "cell_seconds", interrupt=not interrupted)
            if frame is None:
                interrupted = True
                continue
            interrupted = False
            kind, index, payload = frame
            if kind == b"B" and index in left and self.cell is None:  # once: each beginning starts the clock again
                left.remove(index)
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
        while self.pending:
            self._send_stage()
            try:
                self._follow_replies()
            except Lost as loss:
                if not self.forks or not self.place.is_alive():
                    raise
                if self.pending:
                    self._lose_call(loss)
                self.place.end_others()
                self._drain_until_ended()

    def _send_stage(self) -> None:
        """Has the calls of the earliest stage run that are left; the grader keeps a stage's content until it is asked for."""
        stage = self.pending.stage
        positions = [position for position in self.pending.positions if self.pending.stages[position] == stage]
        how = json.dumps({"fork": self.forks, "positions": positions}).encode("ascii")
        self._command(how[:-1] + b', "stage": ' + self.stage(stage) + b"}")

    def _command(self, content: bytes) -> None:
        data = memoryview(wire.block(content))
        deadline = time.monotonic() + self.limits["case_seconds"]
        while data:
            _, ready, _ = select.select([], [self.place.process.commands], [], TICK)
            try:
                if ready:
                    data = data[os.write(self.place.process.commands, data) :]
            except BlockingIOError:  # student code can open the pipe anew and fill it
                ready = []
            except BrokenPipeError:
                raise Lost(lost.ENDED) from None
            if not ready:  # it reads when it likes
                self._watch()
            if data and time.monotonic() >= min(deadline, self.deadline):
                raise Lost("its process did not answer")

    def _follow_replies(self) -> None:
        """Until the last call has its reply, or the case process ended."""
        while True:
            self.allowed = self.pending.allowed(self.limits) if self.pending else self.limits
            frame = self._next_frame(time.monotonic() + self.allowed["case_seconds"], "case_seconds")
            assert frame is not None
            kind, index, payload = frame
            expected = self.pending.positions[:1] == [index]
            if kind == b"D" and expected and not self.pending.has_begun:
                self.pending.has_begun = True
            elif kind == b"K" and expected and self.pending.has_begun:
                self._forward(kind, index, payload)
                self.pending.answer()
            elif kind == b"N" and not self.pending.has_begun:
                if not self.pending:
                    return
                self._send_stage()
            elif kind == b"W" and self.forks:
                if self.pending:
                    self._lose_call(self._why_ended(index))
                return
            else:
                raise Lost(lost.FORGED)

    def _why_ended(self, status: int) -> Lost:
        """What became of a case process: a limit that it was found at before it ended, and that the next one must not pay for."""
        found, self.found = self.found, None
        return found if isinstance(found, Lost) else Lost(lost.describe_status(status))

    def _drain_until_ended(self) -> None:
        """Drops what the ended case process still had in the pipe, and what was found of it."""
        for _ in range(1_000):
            frame = self._next_frame(time.monotonic() + self.limits["case_seconds"], "case_seconds")
            if frame is not None and frame[0] == b"W":
                self.found = None
                return
        raise Lost(lost.FORGED)

    def _forward(self, kind: bytes, index: int, payload: bytes) -> None:
        self.sent += len(payload)
        if self.sent > self.limits["reply_mb"] * 1024 * 1024:
            raise lost.too_large()
        self.say(kind, index, payload)

    def _next_frame(self, deadline: float, limit: str, interrupt: bool = False) -> tuple[bytes, int, bytes] | None:
        """The next frame of the notebook or case process, or None where `interrupt` was sent at the deadline.

        Whatever hit a limit, the frames that were said before come first: they tell which cell or call it was.
        """
        looked = 0.0
        while True:
            try:
                frame = self.place.process.reader.next()
            except wire.FrameError:
                raise Lost(lost.FORGED) from None
            if frame is not None:
                return frame
            found, self.found = self.found, None
            if found is not None:
                raise found
            if looked >= self.deadline:
                raise OverBudget("submission_seconds")
            if looked >= deadline:
                if interrupt and self.cell is not None:
                    self.place.interrupt()
                    self.say(b"L", self.cell, lost.too_long(self.limits, limit).payload)
                    return None
                raise lost.too_long(self.allowed, limit)
            looked = time.monotonic()
            self._read(max(0.0, min(TICK, deadline - looked)))

    def _read(self, seconds: float) -> None:
        """Takes in what the process says within `seconds`, or said before, and looks at its limits; raises Lost where it has ended."""
        process = self.place.process
        readable, _, _ = select.select([process.events], [], [], seconds if self._await_bell(process, seconds) else 0)
        try:
            self._watch()
        except (Lost, OverBudget) as found:
            self.found = found
        ended = not readable and not self.place.is_alive()
        if ended or self.found is not None:  # it may have said something since
            readable, _, _ = select.select([process.events], [], [], 0)
        data = _take(process.events) if readable else b""
        if data is None:
            return
        process.has_more = len(data) == wire.CHUNK
        if data:
            process.reader.feed(data)
        elif (readable or ended) and self.found is None:
            self._await_end()
            raise Lost(self.place.how_it_ended())

    @staticmethod
    def _await_bell(process: Process, seconds: float) -> bool:
        """Whether something is on its way; waits for the bell where nothing is known to be."""
        if process.is_deaf or process.has_more or process.reader.buffer:
            return True
        rung, _, _ = select.select([process.bell], [], [], seconds)
        rings = _take(process.bell) if rung else None
        process.is_deaf = rings == b""  # closed, which student code can do: then every frame wakes
        return rings is not None

    def _await_end(self) -> None:
        """Until the notebook process has ended, or a while longer: it may have done no more than close its pipe."""
        deadline = time.monotonic() + CLOSING_SECONDS
        while self.place.is_alive() and time.monotonic() < deadline:
            self._watch()
            time.sleep(TICK / 10)

    def _watch(self) -> None:
        now = time.monotonic()
        if now - self.watched < TICK:
            return
        self.watched = now
        pids = self.place.pids()
        resident = processes.resident_mb(pids)
        if resident > self.limits["memory_mb"]:
            raise lost.too_much_memory(self.limits)
        if len(pids) > self.limits["processes"]:
            raise lost.too_many_processes(self.limits)
        if now - self.slowly_watched < SLOW_TICK:
            return
        self.slowly_watched = now
        if resident + processes.sockets_mb(pids) > self.limits["memory_mb"]:
            raise lost.too_much_memory(self.limits)
        # A second look, for one that was waited for during the first was counted twice.
        if self._cpu_seconds() > self.limits["cpu_seconds"] and self._cpu_seconds() > self.limits["cpu_seconds"]:
            raise OverBudget("cpu_seconds")
        if self.place.unbounded is not None and disk.is_larger(self.place.unbounded, self.limits["disk_mb"] << 20):
            raise lost.too_much_disk(self.limits)

    def _cpu_seconds(self) -> float:
        return self.meter.seconds(self.place.pids(), self.place.reaped_seconds())


def _take(descriptor: int) -> bytes | None:
    """What is in a pipe, or None where it is gone again: student code can open the pipe's other end anew, and read what it wrote."""
    try:
        return os.read(descriptor, wire.CHUNK)
    except BlockingIOError:
        return None
