"""What a supervisor makes of frames and limits, in an order that a real submission seldom gives."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.sandbox.worker import lost, wire
from grader.sandbox.worker.place import Process
from grader.sandbox.worker.supervisor import Supervisor
from tests import parts

LIMITS = {"cell_seconds": 5, "case_seconds": 5, "submission_seconds": 20, "cpu_seconds": 20, "memory_mb": 512, "reply_mb": 8}


class Written:
    """A place whose process says what a test writes."""

    home = "/nowhere"
    unbounded: Path | None = None

    def __init__(self) -> None:
        events, self.events = os.pipe()
        self.commands, commands = os.pipe()
        bell, self.bell = os.pipe()
        self.process = Process(0, events, commands, bell)

    def write(self, *frames: bytes) -> None:
        """Says these, and rings."""
        os.write(self.events, b"".join(frames))
        os.write(self.bell, b"!")

    def close(self) -> None:
        """Closes both ends."""
        for descriptor in (self.process.events, self.process.commands, self.process.bell, self.events, self.commands, self.bell):
            os.close(descriptor)

    def is_alive(self) -> bool:
        """It is."""
        return True

    def how_it_ended(self) -> str:
        """It did not."""
        return lost.ENDED

    def pids(self) -> list[int]:
        """None of them counts."""
        return []

    def reaped_seconds(self) -> float:
        """None."""
        return 0.0

    def interrupt(self) -> None:
        """Nothing to be interrupted."""

    def end_others(self) -> None:
        """No others."""

    def restart(self) -> None:
        """Not here."""
        raise AssertionError


@pytest.fixture
def place() -> Iterator[Written]:
    parts.need_linux()
    made = Written()
    yield made
    made.close()


def supervise(place: Written, calls: int, stage: Callable[[], None], found: Exception | None) -> list[tuple[bytes, int, str]]:
    """What is said of so many calls that case processes run. stage: is called when one is about to. found: by the first look."""
    said: list[tuple[bytes, int, str]] = []
    looks = [found]

    class Found(Supervisor):
        def _watch(self) -> None:
            if looks and (error := looks.pop()) is not None:
                raise error

    def give(number: int) -> bytes:
        stage()
        return b"{}"

    def say(kind: bytes, index: int, payload: bytes) -> None:
        said.append((kind, index, json.loads(payload).get("reason", "")))

    outline = {"limits": LIMITS, "cells": [], "called": ["f"] * calls, "stages": [0] * calls}
    supervisor = Found(place, outline, b"{}", give, say)
    supervisor.forks = True
    supervisor._follow_calls()
    return said


def test_a_limit_of_an_ended_case_process_is_not_the_next_one_s(place: Written) -> None:
    """It is found over its memory, and ends before what it said is read."""
    turns = [
        [wire.pack(b"D", 0), wire.pack(b"W", 3 << 8)],
        [wire.pack(b"D", 1), wire.pack(b"K", 1, b"{}"), wire.pack(b"N", 0)],
    ]
    said = supervise(place, 2, lambda: place.write(*turns.pop(0)), lost.too_much_memory(LIMITS))
    assert said == [(b"X", 0, "it used more than 512 MB of memory"), (b"K", 1, "")]


def test_what_was_taken_in_before_the_machine_stood_still_is_answered(place: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has taken its calls, and then nothing goes on for longer than a call may take."""
    monkeypatch.setitem(LIMITS, "case_seconds", 1)
    write = os.write

    def write_and_stand(descriptor: int, data: bytes) -> int:
        written = write(descriptor, data)
        time.sleep(1.1 if descriptor == place.process.commands else 0)
        return written

    monkeypatch.setattr(os, "write", write_and_stand)
    turn = [wire.pack(b"D", 0), wire.pack(b"K", 0, b"{}"), wire.pack(b"N", 0)]
    assert supervise(place, 1, lambda: place.write(*turn), None) == [(b"K", 0, "")]


def test_what_was_said_before_a_limit_was_found_is_not_lost(place: Written) -> None:
    """The first call has its reply in the pipe; the second is the one that is over its memory."""
    turns = [
        [wire.pack(b"D", 0), wire.pack(b"K", 0, b"{}"), wire.pack(b"D", 1)],
        [],
    ]

    def turn() -> None:
        place.write(*turns.pop(0))

    place.end_others = lambda: place.write(wire.pack(b"W", 9))  # type: ignore[method-assign]
    said = supervise(place, 2, turn, lost.too_much_memory(LIMITS))
    assert said == [(b"K", 0, ""), (b"X", 1, "it used more than 512 MB of memory")]


def test_what_is_taken_back_holds_nobody_up(place: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Student code opens the other ends of its pipes anew: what select said of them is no longer so when they are read or written."""
    pipes = place.process
    for descriptor in (pipes.events, pipes.commands, pipes.bell):
        os.set_blocking(descriptor, False)
    while True:
        try:
            os.write(pipes.commands, bytes(1 << 16))
        except BlockingIOError:
            break
    monkeypatch.setattr(select, "select", lambda readable, writable, *_: (readable, writable, []))
    outline = {"limits": LIMITS | {"case_seconds": 1, "processes": 9}, "cells": [], "called": ["f"], "stages": [0]}
    supervisor = Supervisor(place, outline, b"{}", lambda _: b"{}", lambda *_: None)
    with pytest.raises(lost.Lost, match="it ran longer than 1 s"):
        supervisor._next_frame(time.monotonic() + 0.1, "case_seconds")
    with pytest.raises(lost.Lost, match="did not answer"):
        supervisor._command(b"{}")
