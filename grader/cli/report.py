"""grader report"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import gradebook, options, write_output, write_stdout
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.assignments import Assignment


@click.command(
    "report",
    short_help="Show a class at a glance: scores, cases, mistakes, and every student.",
    epilog="Examples:\n\n\b\n  grader report out/\n\n\b\n  grader report out/ --anonymous -o class.html\n\n"
    "\b\n  grader report --gradebook postgresql://user@host/grades -a my_assignment -o class.html",
)
@click.argument("folder", required=False, type=options.Place(file_okay=False), metavar="[OUT]")
@click.option("-o", "--output", type=options.Place(dir_okay=False, allow_dash=True), metavar="FILE", help="The file to write; - is stdout.")
@click.option("--anonymous", is_flag=True, help="Numbers in the place of names, in an order drawn anew, and no links.")
@options.language
@options.assignment
@gradebook.out
@gradebook.url
@options.assignments_folder
def command(
    folder: Path | None, output: Path | None, anonymous: bool, language: str | None, assignment_id: str | None, out: Path | None,
    url: str | None, assignments_folder: Path | None,
) -> None:  # fmt: skip
    """Write the page of a class: how scores are spread, what each case tells, which mistakes were made by whom, whose code is alike.

    Of OUT, a folder of results, it is OUT/index.html, made anew, unless -o or --anonymous says otherwise. Of a gradebook alone it has
    everyone in it, and no links. Without -o it goes to stdout where it has no place of its own.
    """
    import random

    from grader.dashboard import render, take_census
    from grader.feedback import texts_of

    if folder is not None and out is not None:
        raise UsageError("OUT is given twice", remedy="grader report OUT")
    out = folder or out
    place = gradebook.chosen_folder(out, url)
    if place is not None and not place.is_dir():
        raise UsageError(f"there is no folder {place}", remedy="pass the folder that grader grade wrote, or --gradebook URL")
    with gradebook.open_chosen(out, url) as book:
        chosen = gradebook.choose_assignment(book, assignment_id)
        assignment = _assignment(chosen, assignments_folder)
        census = take_census(book, chosen, assignment.attempts.keep, place)
        noted = len(book.notes(chosen))
    if output is None and place is not None and not anonymous:
        output = place / "index.html"
    file = None if output is None or str(output) == "-" else output
    base = "" if place is None or file is None else _base(place, file)
    draw = random.SystemRandom() if anonymous else None
    write_output("".join(render(census, texts_of(assignment), language=language, base=base, anonymous=draw, noted=noted)), file)
    if file is not None:
        write_stdout(f"{len(census.seats):,} {'submission' if len(census.seats) == 1 else 'submissions'}: {file}\n")
    elif sys.stdout is not None and sys.stdout.isatty():
        click.echo("note: -o FILE writes it to a file", err=True)


def _base(place: Path, file: Path) -> str:
    """The way from the file to the students' folders, as the beginning of a link."""
    from urllib.parse import quote

    try:
        way = os.path.relpath(place.resolve(), file.resolve().parent)
    except ValueError:  # on another drive
        way = place.resolve().as_posix()
    return "" if way == "." else quote(Path(way).as_posix(), errors="surrogatepass") + "/"


def _assignment(assignment_id: str, folder: Path | None) -> Assignment:
    from grader import assignments

    return assignments.load(assignment_id, folder)
