"""How a run is told while it goes on: a bar on a terminal, else a line a submission; results on stdout in the order of the input."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

import click

from grader.console import summary_line
from grader.model import Status, SubmissionResult

if TYPE_CHECKING:
    from rich.progress import Progress


class Reporter:
    """A context manager. show: called with each student when the turn has come to print a result; None where none is printed."""

    def __init__(self, total: int, show: Callable[[str], None] | None) -> None:
        self._total, self._show = total, show
        self._waiting: dict[int, tuple[str, str]] = {}  # position -> student, line: those whose turn has not come
        self._next = 0
        self._bar = _make_bar(total) if sys.stderr is not None and sys.stderr.isatty() else None

    def tell(self, position: int, result: SubmissionResult) -> None:
        """Tells of one submission, once all before it have been told of."""
        is_worth_a_line = self._bar is None or result.status is not Status.GRADED
        self._waiting[position] = result.submission.student, summary_line(result) if is_worth_a_line else ""
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
        while (ready := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            self._tell(*ready)

    def _tell(self, student: str, line: str) -> None:
        if self._show is not None:
            self._show(student)
        if self._bar is not None and line:
            self._bar.console.print(line, markup=False, highlight=False)
        elif line:
            with contextlib.suppress(OSError):  # whoever read it has gone away, which ends nothing
                click.echo(f"[{self._next}/{self._total}] {line}", err=True)

    def __enter__(self) -> Reporter:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
        for position in sorted(self._waiting):  # those behind one that an interruption left unfinished
            self._tell(*self._waiting[position])


def _make_bar(total: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Submissions a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "")

    bar = Progress(
        TextColumn("grading"), BarColumn(), MofNCompleteColumn(), Rate(), TextColumn("left"), TimeRemainingColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    bar.add_task("grading", total=total)
    return bar
