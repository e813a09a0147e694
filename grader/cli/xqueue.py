"""grader xqueue"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, NOT_GRADED, UNREADABLE, exit_code, options, write_stdout
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.model import SubmissionResult


@click.command(
    "xqueue",
    short_help="Answer one submission of an edX queue.",
    epilog="Examples:\n\n\b\n  grader xqueue -a my_assignment < content.json > reply.json"
    "\n\n\b\n  grader xqueue --public-only < content.json",
)
@options.assignment
@click.option("--public-only", is_flag=True, help="Grade by the public cases alone.")
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
def command(
    assignment_id: str | None, public_only: bool, engine: str, walls: str, assignments_folder: Path | None, reference_folder: Path | None
) -> int:
    """Answer one submission of an edX queue.

    stdin takes the `content` that the queue hands out, stdout gets what is put back: the header as it came, and the result. The
    assignment is the one given here, else the one that the problem's grader_payload names.
    """
    from grader import assignments
    from grader.api import Grader
    from grader.lms.bundle import xqueue
    from grader.model import Status

    content, body = xqueue.read(sys.stdin.buffer.read(xqueue.MAX_BYTES + 1))

    def grade() -> SubmissionResult:
        assignment = assignments.load(xqueue.assignment_of(body, assignment_id), assignments_folder)
        with Grader(assignment, public_only=public_only, reference=reference_folder, engine=engine, walls=walls) as grader:
            return grader.grade(xqueue.notebook_of(body))

    text, status, failure = xqueue.answer(content, assignment_id or "", grade)
    write_stdout(text)
    if isinstance(failure, GraderError):
        click.echo(f"grader: {failure}" + (f"\n  {failure.remedy}" if failure.remedy else ""), err=True)
        return exit_code(failure)
    if failure is not None:
        traceback.print_exception(failure)
    return {Status.NOT_GRADED: NOT_GRADED, Status.UNREADABLE: UNREADABLE}.get(status, DONE)
