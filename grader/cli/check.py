"""grader check"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, FAILED, NOT_GRADED, UNREADABLE, has_color, options, write_output

if TYPE_CHECKING:
    from grader.assignments import Assignment
    from grader.model import SubmissionResult
    from grader.sandbox.protocol import WarmSandbox
    from grader.work import Input


@click.command(
    "check",
    short_help="Check your own notebook with the public cases.",
    epilog="Examples:\n\n  grader check my_notebook.ipynb\n\n  grader check my_notebook.ipynb --format html -o feedback.html",
)
@click.argument("notebook", type=click.Path(path_type=Path), metavar="NOTEBOOK")
@options.assignment
@click.option("--format", "output_format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True, help="The form.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to.  [default: stdout]")
@options.engine
@options.walls
@options.assignments_folder
def command(
    notebook: Path, assignment_id: str | None, output_format: str, output: Path | None, engine: str, walls: str,
    assignments_folder: Path | None,
) -> int:  # fmt: skip
    """Check your own notebook with the public cases.

    Nothing is handed in. The exit code is 0 where every public case of the graded functions passes, and 1 where one does not.
    """
    with _begin(engine, walls) as sandbox:
        return _check(sandbox, notebook, assignment_id, assignments_folder, engine, walls, output_format, output)


def _begin(engine: str, walls: str) -> AbstractContextManager[WarmSandbox]:
    """A sandbox that starts while this process imports what it needs itself."""
    from grader.files import cache_folder
    from grader.sandbox.engines import choose, open_sandbox

    sandbox = open_sandbox(engine, choose(engine, walls, allow_none=True)[0], (cache_folder(),), brief=True)
    sandbox.start()
    return closing(sandbox)


def _check(
    sandbox: WarmSandbox, notebook: Path, assignment_id: str | None, assignments_folder: Path | None, engine: str, walls: str,
    output_format: str, output: Path | None,
) -> int:  # fmt: skip
    from grader import assignments
    from grader.api import Grader
    from grader.errors import UsageError
    from grader.model import Status
    from grader.submissions import find
    from grader.work import grade, read

    known = assignments.list_ids(assignments_folder)
    if assignment_id is None and len(known) != 1:
        raise UsageError("which assignment?", remedy=f"pass -a ID; known: {', '.join(known) or 'none'}")
    assignment = assignments.load(assignment_id or known[0], assignments_folder)
    if os.path.isdir(notebook):
        raise UsageError(f"{notebook} is a folder", remedy="name the notebook file itself")
    (submission,) = find([notebook])
    with Grader(assignment, public_only=True, engine=engine, walls=walls, allow_none=True, sandbox=sandbox) as grader:
        if grader.sandbox.walls == "none" and walls == "auto":
            click.echo(
                f"note: your notebook runs without walls here ({grader.kit.without_walls}); that is fine for your own code", err=True
            )
        given = read(submission)
        result = grade(grader, given)
    write_output(_rendered(assignment, given, result, output_format, output), output)
    if result.status is Status.UNREADABLE:
        return UNREADABLE
    if result.status is Status.NOT_GRADED:
        return NOT_GRADED
    return DONE if all(exercise.outcome.value == "passed" for exercise in result.exercises) else FAILED


def _rendered(assignment: Assignment, given: Input, result: SubmissionResult, output_format: str, output: Path | None) -> str:
    if output_format == "json":
        return result.to_json() + "\n"
    if output_format == "html":
        from grader.feedback import gather
        from grader.work import page_of

        return page_of(assignment, result, gather(result, given.notebook))
    from grader.console import render_text

    return render_text(result, title=assignment.title, color=has_color(output))
