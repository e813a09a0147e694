"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_ENGINES, _WALLS = ("auto", "prefork", "kernel"), ("auto", "full", "landlock", "none")
_SYSTEMS = ("canvas", "moodle", "blackboard", "brightspace", "nbgrader", "github-classroom", "folder")

assignment: Decorator = click.option("-a", "--assignment", "assignment_id", metavar="ID", help="The assignment, for example my_assignment.")
assignments_folder: Decorator = click.option(
    "--assignments", "assignments_folder", type=click.Path(path_type=Path), metavar="DIR", help="Assignments (else GRADER_ASSIGNMENTS)."
)
reference_folder: Decorator = click.option(
    "--reference", "reference_folder", type=click.Path(path_type=Path), metavar="DIR", help="References (else GRADER_REFERENCE)."
)
language: Decorator = click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "zh"]),
    help="The language of the feedback.  [default: the assignment's, or the notebook's]",
)
engine: Decorator = click.option("--engine", type=click.Choice(_ENGINES), default="auto", show_default=True, help="What runs notebooks.")
walls: Decorator = click.option("--walls", type=click.Choice(_WALLS), default="auto", show_default=True, help="What shuts student code in.")
system: Decorator = click.option(
    "--from", "system", type=click.Choice(_SYSTEMS), help="Where PATH is from.  [default: told by how files are named]"
)
