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
    from grader.feedback import Material
    from grader.model import SubmissionResult
    from grader.sandbox.protocol import WarmSandbox
    from grader.work import Input


@click.command(
    "check",
    short_help="Check your own notebook with the public cases.",
    epilog="Examples:\n\n\b\n  grader check my_notebook.ipynb\n\n\b\n  grader check my_notebook.ipynb --format html -o feedback.html\n\n"
    "\b\n  grader check my_notebook.ipynb --watch",
)
@click.argument("notebook", type=options.Place(), metavar="NOTEBOOK")
@options.assignment
@click.option("--format", "output_format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True, help="The form.")
@options.file_or_stdout
@click.option("--watch", is_flag=True, help="Check again each time the notebook is saved, until Ctrl-C.")
@options.language
@options.engine
@options.walls
@options.assignments_folder
def command(
    notebook: Path, assignment_id: str | None, output_format: str, output: Path | None, watch: bool, language: str | None,
    engine: str, walls: str, assignments_folder: Path | None,
) -> int:  # fmt: skip
    """Check your own notebook with the public cases.

    Nothing is handed in. Without -a the functions that the notebook defines tell which assignment it is. The exit code is 0 where
    every public case of the graded functions passes, and 1 where one does not.

    With --watch it goes on: each save is checked, and what changed is told. `--format html -o FILE` writes the page anew each time,
    `--format json` prints a line a check. Ctrl-C ends it, with the exit code 0.
    """
    if watch and output_format == "html" and output is None:
        raise click.UsageError("--watch with --format html needs a file to write the page to: add -o FILE")
    with _begin(engine, walls, brief=not watch) as sandbox:
        return _check(sandbox, notebook, assignment_id, assignments_folder, engine, walls, output_format, output, watch, language)


def _begin(engine: str, walls: str, *, brief: bool) -> AbstractContextManager[WarmSandbox]:
    """A sandbox that starts while this process imports what it needs itself."""
    from grader.files import cache_folder
    from grader.sandbox.engines import choose, open_sandbox

    sandbox = open_sandbox(engine, choose(engine, walls, allow_none=True)[0], (cache_folder(),), brief=brief)
    sandbox.start()
    return closing(sandbox)


def _check(
    sandbox: WarmSandbox, notebook: Path, assignment_id: str | None, assignments_folder: Path | None, engine: str, walls: str,
    output_format: str, output: Path | None, watch: bool, language: str | None,
) -> int:  # fmt: skip
    from grader import assignments
    from grader.api import Grader
    from grader.errors import UsageError
    from grader.model import Status
    from grader.submissions import find
    from grader.work import grade, read

    if os.path.isdir(notebook):
        raise UsageError(f"{notebook} is a folder", remedy="name the notebook file itself")
    (submission,) = find([notebook])
    given = read(submission)
    assignment = _beside(notebook, assignment_id, assignments_folder)
    if assignment is None:
        assignment = assignments.load(assignment_id or _choose(given, assignments_folder), assignments_folder)
    with Grader(assignment, public_only=True, engine=engine, walls=walls, allow_none=True, sandbox=sandbox) as grader:
        if grader.sandbox.walls == "none" and walls == "auto":
            click.echo(
                f"note: your notebook runs without walls here ({grader.kit.without_walls}); that is fine for your own code", err=True
            )
        if watch:
            from grader.cli.watching import check_each_save

            return check_each_save(grader, submission, notebook, output_format, output, language)
        result, material = grade(grader, given)
    write_output(rendered(assignment, result, material, output_format, language, output), output)
    if result.status is Status.UNREADABLE:
        return UNREADABLE
    if result.status is Status.NOT_GRADED:
        return NOT_GRADED
    return DONE if all(exercise.outcome.value == "passed" for exercise in result.exercises) else FAILED


def _beside(notebook: Path, assignment_id: str | None, assignments_folder: Path | None) -> Assignment | None:
    """The assignment of the self-check that lies beside the notebook; None where there is none, or another assignment is asked for."""
    from grader import self_check

    folder = None if assignments_folder is not None else self_check.find(notebook)
    if folder is None:
        return None
    assignment = self_check.load(folder)
    if assignment_id not in (None, assignment.id):
        return None
    click.echo(f"note: checked as {assignment.id}, by {folder}", err=True)
    return assignment


def _choose(given: Input, folder: Path | None) -> str:
    """The assignment that the notebook fits, which is said where there are several; the only one there is, whatever the notebook."""
    from grader import assignments, recognition
    from grader.errors import SubmissionError, UsageError
    from grader.lms.names import shown

    known = assignments.list_ids(folder)
    if len(known) == 1:
        return known[0]
    if given.notebook is None:
        raise SubmissionError(given.problem)
    fits = recognition.recognise(given.notebook, assignments.list_profiles(folder))
    leading = recognition.best(fits)
    if len(leading) != 1:
        raise UsageError(f"which assignment is {shown(given.submission.source)}?", remedy=recognition.tell(fits, known))
    click.echo(f"note: checked as {leading[0].id}, since it defines {', '.join(leading[0].names)}", err=True)
    return leading[0].id


def rendered(
    assignment: Assignment, result: SubmissionResult, material: Material, output_format: str, language: str | None, output: Path | None
) -> str:
    """The result in one of the formats."""
    if output_format == "json":
        return result.to_json() + "\n"
    from grader.console import render_text
    from grader.feedback import render, texts_of

    texts = texts_of(assignment)
    if output_format == "html":
        return render(result, material, texts, language=language)
    return render_text(result, material, texts, language=language, color=has_color(output))
