"""grader assignment validate"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import DONE, FAILED, has_color, options, write_output


@click.command(
    "validate",
    short_help="Show that an assignment's cases are worth their points.",
    epilog="Examples:\n\n\b\n  grader assignment validate my_assignment\n\n\b\n  grader assignment validate my_assignment --format json",
)
@click.argument("assignment_id", metavar="ID")
@click.option("--format", "output_format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True, help="The form.")
@options.file_or_stdout
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
def command(
    assignment_id: str, output_format: str, output: Path | None, engine: str, walls: str, assignments_folder: Path | None,
    reference_folder: Path | None,
) -> int:  # fmt: skip
    """Show that an assignment's cases are worth their points.

    Grades the reference, every known mistake and every right implementation beside it, runs mutants of the reference, and holds what
    comes of it against the bars in assignment.toml. The exit code is 1 where a bar is not met.
    """
    from grader import assignments
    from grader.validation import Validation, render_html, render_text, validate

    assignment = assignments.load(assignment_id, assignments_folder)
    line = _Line()
    validation: Validation = validate(assignment, reference=reference_folder, engine=engine, walls=walls, progress=line)
    line.clear()
    if output_format == "json":
        text = validation.to_json() + "\n"
    elif output_format == "html":
        text = render_html(validation, title=assignment.title)
    else:
        text = render_text(validation, color=has_color(output))
    write_output(text, output)
    return DONE if validation.adequate else FAILED


class _Line:
    """One line of a terminal that is written anew; none where stderr is no terminal."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, part: str, done: int, total: int) -> None:
        if self.is_shown:
            click.echo(f"\r\x1b[K{part} {done}/{total}", err=True, nl=False)

    def clear(self) -> None:
        """Takes the line away."""
        if self.is_shown:
            click.echo("\r\x1b[K", err=True, nl=False)
