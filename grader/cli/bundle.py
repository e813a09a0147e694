"""grader bundle"""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import DONE, options
from grader.errors import UsageError
from grader.lms.bundle import PLATFORMS, PYTHONS, Platform


@click.command(
    "bundle",
    short_help="Make what a platform's autograder runs.",
    epilog="Examples:\n\n\b\n  grader bundle gradescope -a my_assignment -o autograder.zip"
    "\n\n\b\n  grader bundle coursera -a my_assignment -o image/ --python 3.12",
)
@click.argument("platform", type=click.Choice(PLATFORMS))
@options.assignment
@click.option("-o", "--output", type=options.Place(), required=True, metavar="OUT", help="The ZIP (gradescope) or new folder.")
@click.option("--python", type=click.Choice(PYTHONS), default=PYTHONS[0], show_default=True, help="The platform's Python.")
@click.option("--wheels", "wheels_folder", type=options.Place(), metavar="DIR", help="Wheels to take, in the index's place.")
@click.option("--without-wheels", is_flag=True, help="Pin the dependencies, but let the platform download them.")
@options.assignments_folder
@options.reference_folder
def command(
    platform: Platform, assignment_id: str | None, output: Path, python: str, wheels_folder: Path | None, without_wheels: bool,
    assignments_folder: Path | None, reference_folder: Path | None,
) -> int:  # fmt: skip
    """Make what a platform's autograder runs.

    gradescope: a ZIP. The others: a folder, with the image to build or the repository's files. The reference goes into it, and is
    for no student's eyes; for github-classroom it stays out unless --reference is passed (docs/how-to/platforms).
    """
    from grader import assignments
    from grader.lms.bundle import wheels
    from grader.lms.bundle.contents import Parts, contents, find_reference
    from grader.packing import check_free, write_folder, write_zip

    if assignment_id is None:
        raise UsageError("which assignment?", remedy=f"pass -a ID; known: {', '.join(assignments.list_ids(assignments_folder))}")
    check_free(output, is_folder=platform != "gradescope")
    assignment = assignments.load(assignment_id, assignments_folder)
    is_open = platform == "github-classroom" and reference_folder is None
    reference = None if is_open else find_reference(assignment, reference_folder)
    if reference is None and not is_open:
        raise UsageError(f"there is no reference for {assignment.id}", remedy="pass --reference DIR")
    pinned = wheels.collect(python, wheels_folder)
    entries = contents(platform, Parts(assignment, reference, pinned, python, not without_wheels))
    (write_zip if platform == "gradescope" else write_folder)(output, entries)
    size = output.stat().st_size if output.is_file() else sum(len(entry.data) for entry in entries)
    click.echo(f"{output}: {len(entries)} files, {size / 1e6:.1f} MB, for Python {python}", err=True)
    return DONE
