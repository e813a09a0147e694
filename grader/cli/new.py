"""grader assignment new"""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli import options, write_stdout


@click.command(
    "new",
    short_help="Begin an assignment that works at once.",
    epilog="Examples:\n\n\b\n  grader assignment new my_assignment"
    "\n\n\b\n  grader assignment new my_assignment --assignments course/assignments --reference course/reference",
)
@click.argument("name", metavar="NAME")
@click.option("--assignments", "assignments_folder", type=options.Place(), metavar="DIR", help="Where its public part goes.")
@click.option("--reference", "reference_folder", type=options.Place(), metavar="DIR", help="Where its reference goes.")
def command(name: str, assignments_folder: Path | None, reference_folder: Path | None) -> None:
    """Begin an assignment: one exercise, with public and hidden cases, known mistakes, other right answers, and a notebook.

    It is written to NAME below two folders: those given, else those that GRADER_ASSIGNMENTS and GRADER_REFERENCE name, else the clone's,
    else assignments/ and reference/ here. What is there already is left alone.
    """
    from grader.assignments import CLONE
    from grader.authoring.new import begin, chosen_folder

    is_clone = (CLONE / "pyproject.toml").is_file()
    public = chosen_folder(assignments_folder, "GRADER_ASSIGNMENTS", CLONE / "assignments" if is_clone else None, "assignments")
    secret = chosen_folder(reference_folder, "GRADER_REFERENCE", CLONE / "reference" if is_clone else None, "reference")
    places = begin(name, public, secret)
    found = f" --assignments {public}" if _is_needed(assignments_folder, "GRADER_ASSIGNMENTS", is_clone) else ""
    hidden = f" --reference {secret}" if _is_needed(reference_folder, "GRADER_REFERENCE", is_clone) else ""
    write_stdout(
        f"wrote {places.assignment}: what students may see\n"
        f"wrote {places.reference}: the solution, hidden cases, known mistakes; for no student's eyes\n\n"
        f"try it:       grader assignment validate {name}{found}{hidden}\n"
        f"hand it out:  grader assignment release {name} -o handout/{found}{hidden}\n"
    )


def _is_needed(given: Path | None, variable: str, is_clone: bool) -> bool:
    """Whether later commands have to be told the folder, too."""
    return given is not None or not (os.environ.get(variable) or is_clone)
