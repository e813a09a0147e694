"""grader grade"""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli import DONE, NOT_GRADED, UNREADABLE, options, write_stdout
from grader.errors import UsageError


@click.command(
    "grade",
    short_help="Grade notebooks officially, hidden cases too.",
    epilog="Examples:\n\n  grader grade submissions/ -a my_assignment -o out/\n\n  grader grade ada.ipynb -a my_assignment -o out/ -j 1",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@options.assignment
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="OUT", help="The folder to write.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=None, metavar="N", help="Workers at once.  [default: the cores]")
@click.option("--format", "output_format", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="stdout's form.")
@click.option("--public-only", is_flag=True, help="Grade by the public cases alone.")
@options.language
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
def command(
    paths: tuple[Path, ...], assignment_id: str | None, output: Path, jobs: int | None, output_format: str, public_only: bool,
    language: str | None, engine: str, walls: str, assignments_folder: Path | None, reference_folder: Path | None,
) -> int:  # fmt: skip
    """Grade notebooks officially.

    PATH is a notebook or a folder of them (STUDENT.ipynb or STUDENT/….ipynb). For each student OUT gets a result.json and
    a feedback.html, and OUT/index.html lists them all.
    """
    from grader import assignments, submissions
    from grader.api import Grader
    from grader.batch import Output, grade_all
    from grader.console import summary_line
    from grader.feedback import texts_of
    from grader.model import Status

    if assignment_id is None:
        raise UsageError("which assignment?", remedy=f"pass -a ID; known: {', '.join(assignments.list_ids(assignments_folder))}")
    assignment = assignments.load(assignment_id, assignments_folder)
    found = submissions.find(paths, assignment.notebook, output)
    hidden = [output.resolve(), *{submission.root.resolve() for submission in found}]

    def make_grader() -> Grader:
        return Grader(assignment, public_only=public_only, reference=reference_folder, engine=engine, walls=walls, hidden=hidden)

    with make_grader() as first:  # says at once what is missing, and makes the answer key once
        if first.sandbox.walls == "none":
            click.echo("warning: student code runs without walls", err=True)
        elif first.without_walls and walls == "auto":
            click.echo(f"note: student code runs behind the weaker landlock walls ({first.without_walls}); see grader doctor", err=True)
        target = Output(output, texts_of(assignment), language)
    statuses = set()
    graded_all = grade_all(found, make_grader, min(jobs or os.cpu_count() or 1, len(found)))
    try:
        for graded in graded_all:
            target.write(graded)
            statuses.add(graded.result.status)
            if output_format == "jsonl":
                write_stdout(graded.result.to_json() + "\n")
            click.echo(f"[{len(target.results)}/{len(found)}] {summary_line(graded.result)}", err=True)
    finally:
        graded_all.close()  # type: ignore[attr-defined]
        target.finish()
    if output_format == "text":
        write_stdout(_summary(target, output) + "\n")
    if Status.NOT_GRADED in statuses:
        return NOT_GRADED
    return UNREADABLE if Status.UNREADABLE in statuses else DONE


def _summary(target: object, output: Path) -> str:
    from grader.batch import Output
    from grader.model import Status

    assert isinstance(target, Output)
    counts = {status: sum(result.status is status for result in target.results) for status in Status}
    graded = [result.score for result in target.results if result.status is Status.GRADED and result.score is not None]
    mean = f", mean {sum(graded) / len(graded):.2f} of {target.results[0].points:g}" if graded else ""
    parts = [f"{count} {status.value.replace('_', ' ')}" for status, count in counts.items() if count]
    return f"{', '.join(parts)}{mean}\nresults: {output / 'index.html'}"
