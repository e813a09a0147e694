"""The functions of a live kernel as a sandbox: calls run in this very process, by the code that runs them in every other sandbox.

It shuts nothing in. What it promises is that the kernel is as before afterwards (see `untouched`), that a call ends when its time is
over, and that an interrupt ends the run: each is raised into the student's function and nowhere else, so that nothing is left half
put back. A call that does not come back from a library's own code can only be ended with the kernel.
"""

from __future__ import annotations

import contextlib
import json
import platform
import re
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from grader.sandbox.protocol import Reply, Request
from grader.sandbox.replies import assemble
from grader.sandbox.untouched import untouched
from grader.sandbox.worker import calls, lost
from grader.sandbox.worker.recorder import EXECUTED, Candidate, Recorder

REMIND_SECONDS = 0.2  # a function may swallow the exception that is to end it
INSIST = 3  # interrupts, from which on one is raised wherever it comes
_LABEL = re.compile(r"In\[(\d+)\]")
_Frame = tuple[bytes, int, bytes]


class LiveSandbox:
    """The functions that stand in the namespace of an IPython shell. `wanted`: those whose calls are run, or None for all.

    The request's cells are those that ran in the kernel; each one's index is its execution number less one.
    """

    engine, walls = "live", "none"

    def __init__(self, shell: Any, wanted: Collection[str] | None = None) -> None:
        self.shell, self.wanted = shell, wanted
        self.python, self.numpy = platform.python_version(), np.__version__

    def start(self) -> None:
        """The kernel runs."""

    def ready(self) -> None:
        """The kernel runs."""

    def close(self) -> None:
        """The kernel is its user's."""

    def run(self, request: Request) -> Reply:
        """The reply to one request; calls that are not wanted are not answered. Raises KeyboardInterrupt where the user wants it to end."""
        _, encoded, stages = request.parts()
        first = json.loads(encoded)
        with _Interrupts() as interrupts, untouched(self.shell):
            prepared = _Calls(_Present(self.shell, first["cells"], first["functions"]), first["leftovers"], interrupts)
            frames: list[_Frame] = [(b"F", 0, calls.dumps(prepared.summary()))]
            for stage in map(json.loads, stages):
                prepared.add(stage)
                positions = [position for position, call in stage["calls"] if self.wanted is None or call["function"] in self.wanted]
                frames += self._answer(prepared, positions, first["limits"], interrupts)
            prepared.forget()
        if interrupts.count:
            raise KeyboardInterrupt
        return assemble(request, frames)

    @staticmethod
    def _answer(prepared: _Calls, positions: list[int], limits: dict[str, int], interrupts: _Interrupts) -> Iterator[_Frame]:
        """The frames of the calls, in their order; ends where the user interrupts."""
        end = time.monotonic() + limits["submission_seconds"]
        late: set[str] = set()
        for position in positions:
            function = prepared.calls[position]["function"]
            allowed = lost.allowed(limits, function, late)
            if interrupts.count:
                return
            if time.monotonic() >= end:
                yield b"X", position, lost.given_up(limits, "submission_seconds").payload
                continue
            with interrupts.after(allowed["case_seconds"]) as clock:
                reply = prepared.run(position)
            if clock.is_over and reply["outcome"] == "raised":
                late.add(function)
                yield b"X", position, lost.too_long(allowed, "case_seconds").payload
            else:
                yield b"K", position, calls.dumps(reply)


class _Present(Recorder):
    """What stands in a live namespace now, in the place of what followed the cells of a notebook."""

    def __init__(self, shell: Any, cells: list[dict[str, Any]], functions: list[dict[str, Any]]) -> None:
        super().__init__(shell, cells, functions)
        values = {name: self.namespace[name] for name in sorted(self.names) if callable(self.namespace.get(name))}
        found = [Candidate(self._cell(name, value), EXECUTED, name, value) for name, value in values.items()]
        self.candidates = sorted(found, key=lambda candidate: candidate.cell)

    def cell_of(self, name: str) -> int | None:
        """The cell whose code was compiled under that file name, by the number in its label."""
        label = self.shell.compile.format_code_name(name)
        found = _LABEL.fullmatch(label[1]) if label else None
        if found is None or int(found[1]) - 1 not in self.sources:
            return None
        return int(found[1]) - 1

    def _cell(self, name: str, value: Any) -> int:
        """The cell that a function is from, else the last one that names it, else the last."""
        for _ in range(8):
            if isinstance(value, FunctionType) and (cell := self.cell_of(value.__code__.co_filename)) is not None:
                return cell
            value = _inside(value)
        word = re.compile(rf"\b{re.escape(name)}\b")
        named = [index for index in self.code if word.search(self.sources[index])]
        last: int = (named or self.code or [0])[-1]
        return last

    def _search_source(self, function: dict[str, Any]) -> Candidate | None:
        """None: what no longer stands in the namespace is not called."""
        return None


def _inside(value: Any) -> Any:
    """What a decorator, a bound method or a partial is around, or None."""
    for attribute in ("__wrapped__", "__func__", "func"):
        with contextlib.suppress(Exception):
            return getattr(value, attribute)
    return None


class _Calls(calls.Calls):
    """Calls in which an interrupt may be raised while the student's function runs."""

    def __init__(self, recorder: Recorder, leftovers: list[str], interrupts: _Interrupts) -> None:
        super().__init__(recorder, leftovers)
        self._interrupts = interrupts

    def enter(self, function: Any, arguments: list[Any], options: dict[str, Any], sweep: Any) -> Any:
        """Calls the student's function. An interrupt that comes here ends up in the reply."""
        self._interrupts.is_armed = True
        try:
            return super().enter(function, arguments, options, sweep)
        finally:
            self._interrupts.is_armed = False

    def forget(self) -> None:
        """Empties the functions' caches: they hold what came of the course's own functions."""
        for candidate in self.recorder.candidates:
            with contextlib.suppress(Exception):  # most have none
                candidate.value.cache_clear()


class _Clock:
    """Whether the time of a call is over."""

    is_over = False


class _TimeOver(BaseException):
    """Raised into a student's function when its time is over; no handler of exceptions takes it by mistake."""


def _alarm() -> signal.Signals:
    """The signal that says that time is over; not the user's own."""
    if sys.platform == "win32":
        return signal.SIGBREAK
    return signal.SIGALRM


class _Interrupts:
    """The user's interrupts and the clock's, while calls run. Both are signals, and those reach Python in its main thread alone: in another
    one, calls have no bound here."""

    def __init__(self) -> None:
        self.count = 0
        self.is_armed = False
        self._clock = _Clock()
        self._alarm = _alarm()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = {
                number: signal.signal(number, handler) for number, handler in ((signal.SIGINT, self._stop), (self._alarm, self._ring))
            }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """The user interrupts: at once where the student's function runs, else before the next call."""
        self.count += 1
        if self.is_armed or self.count >= INSIST:
            raise KeyboardInterrupt

    def _ring(self, number: int, frame: FrameType | None) -> None:
        """The time of the call is over."""
        if self.is_armed:
            self._clock.is_over = True
            raise _TimeOver

    @contextlib.contextmanager
    def after(self, seconds: float) -> Iterator[_Clock]:
        """Rings after so many seconds, and again until what is called has ended."""
        self._clock = _Clock()
        if not self._before:
            yield self._clock
        elif sys.platform != "win32":
            earlier = signal.setitimer(signal.ITIMER_REAL, seconds, REMIND_SECONDS)
            try:
                yield self._clock
            finally:
                signal.setitimer(signal.ITIMER_REAL, *earlier)
        else:
            ended = threading.Event()
            threading.Thread(target=self._remind, args=(seconds, ended), daemon=True).start()
            try:
                yield self._clock
            finally:
                ended.set()

    def _remind(self, seconds: float, ended: threading.Event) -> None:
        """The alarm of a system that has none."""
        import _thread

        while not ended.wait(seconds):
            _thread.interrupt_main(self._alarm)
            seconds = REMIND_SECONDS
