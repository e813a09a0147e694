"""Which gradebook, and which assignment in it, a command is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import options
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook import Gradebook

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_FILE = "gradebook.db"
_DEFAULT = Path("out")

out: Decorator = click.option("--out", type=options.Place(file_okay=False), metavar="OUT", help="The folder of results.  [default: ./out]")
url: Decorator = click.option("--gradebook", "url", metavar="URL", help="The gradebook itself: a file, sqlite:///… or postgresql://…")
output_format: Decorator = click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="stdout's form."
)


def open_chosen(out: Path | None, url: str | None) -> Gradebook:
    """The gradebook of the URL, else of the folder of results. Raises UsageError where there is none."""
    from grader.gradebook import open_gradebook

    if url is not None:
        return open_gradebook(url, create=False)
    if out is None and not (_DEFAULT / _FILE).is_file():
        raise UsageError(f"which gradebook? There is no {_DEFAULT / _FILE}", remedy="pass --out OUT or --gradebook URL")
    return open_gradebook((out or _DEFAULT) / _FILE, create=False)


def chosen_folder(out: Path | None, url: str | None) -> Path | None:
    """The folder of results that goes with the gradebook, or None where only a URL was given."""
    return _DEFAULT if out is None and url is None else out


def choose_assignment(gradebook: Gradebook, assignment_id: str | None) -> str:
    """The assignment that was named, else the only one. Raises UsageError where there are several, or none."""
    if assignment_id is not None:
        return assignment_id
    known = gradebook.assignments()
    if len(known) != 1:
        raise UsageError("which assignment?", remedy=f"pass -a ID; in the gradebook: {', '.join(known) or 'none'}")
    return known[0]
