"""Options that several commands share."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_ENGINES, _WALLS = ("auto", "prefork", "kernel"), ("auto", "full", "landlock", "none")
_SYSTEMS = ("canvas", "moodle", "blackboard", "brightspace", "nbgrader", "github-classroom", "folder")


class Place(click.Path):
    """A path of a file or folder; not the empty one, as of a variable that is not set, which would be the folder one is in."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True, allow_dash: bool = False) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, allow_dash=allow_dash, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path that was named."""
        name = os.fspath(value)
        if name == "":
            self.fail("it is empty; '.' is this folder.", param, ctx)
        if name == "-" and not self.allow_dash:
            self.fail("it would be stdin or stdout, which this does not take; ./- is a file of that name.", param, ctx)
        try:
            os.stat(name)
        except OSError as error:
            if error.errno == errno.ELOOP:
                self.fail(f"{name}: it is a link that leads to itself.", param, ctx)
            if not self.file_okay and os.path.islink(name):
                self.fail(f"{name}: it is a link that leads nowhere.", param, ctx)
        except ValueError:  # a name that no file can have, as it is told below
            pass
        return super().convert(value, param, ctx)


def _unless_dash(_ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    return None if value is not None and str(value) == "-" else value


file_or_stdout: Decorator = click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False, allow_dash=True),
    callback=_unless_dash,
    metavar="FILE",
    help="Where to.  [default: stdout]",
)
assignment: Decorator = click.option("-a", "--assignment", "assignment_id", metavar="ID", help="The assignment, for example my_assignment.")
assignments_folder: Decorator = click.option(
    "--assignments", "assignments_folder", type=Place(), metavar="DIR", help="Assignments (else GRADER_ASSIGNMENTS)."
)
reference_folder: Decorator = click.option(
    "--reference", "reference_folder", type=Place(), metavar="DIR", help="References (else GRADER_REFERENCE)."
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
