"""`grader check --watch`: the notebook is checked at each save, until Ctrl-C."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click

from grader import notebook
from grader.api import Grader
from grader.cli import DONE, has_color, write_output, write_stdout
from grader.cli.check import rendered
from grader.console import render_changes, summary_line
from grader.errors import SubmissionError
from grader.feedback import Material, texts_of
from grader.model import Status, SubmissionResult
from grader.submissions import Submission
from grader.watch import saves
from grader.work import grade, read

_CLEAR = "\x1b[H\x1b[2J"


def check_each_save(
    grader: Grader, submission: Submission, path: Path, output_format: str, output: Path | None, language: str | None
) -> int:  # fmt: skip
    """Checks the submission at `path`, as it is named in messages, now and at each save. Ends with Ctrl-C alone, which is how one leaves
    it: no error. Raises UsageError as `write_output`.
    """
    before = None
    try:
        for data in saves(path, _is_notebook):
            if data is None:
                click.echo(f"{path} is gone; waiting for it to come back", err=True)
                continue
            start = time.perf_counter()
            result, material = grade(grader, read(submission, data))
            seconds = time.perf_counter() - start
            _show(grader, result, material, before, output_format, output, language)
            click.echo(_status(result, seconds, output), err=True)
            before = result if result.status is Status.GRADED else before
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    return DONE


def _is_notebook(data: bytes) -> bool:
    try:
        notebook.parse(data)
    except SubmissionError:
        return False
    return True


def _show(
    grader: Grader, result: SubmissionResult, material: Material, before: SubmissionResult | None,
    output_format: str, output: Path | None, language: str | None,
) -> None:  # fmt: skip
    """Writes the result where it belongs and, for a person, what changed below it, where the eye is."""
    text = rendered(grader.assignment, result, material, output_format, language, output)
    write_output(_CLEAR + text if has_color(output) and output_format == "text" else text, output)
    if before is not None and result.status is Status.GRADED and output_format != "json":
        told = render_changes(before, result, material, texts_of(grader.assignment), language=language, color=has_color(None))
        write_stdout(told)


def _status(result: SubmissionResult, seconds: float, output: Path | None) -> str:
    """When it was checked and how long that took; and what came of it, where that is not on the screen."""
    written = f" · {summary_line(result)} · {output}" if output is not None else ""
    return f"{datetime.now():%H:%M:%S} · checked in {seconds:.2f} s{written} · waiting for the next save, Ctrl-C ends"
