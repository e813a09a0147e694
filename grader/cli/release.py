"""grader assignment release"""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options, write_stdout


@click.command(
    "release",
    short_help="Make the folder that students get.",
    epilog="Examples:\n\n\b\n  grader assignment release my_assignment -o handout/"
    "\n\n\b\n  grader assignment release my_assignment --master solved.ipynb -o handout/",
)
@click.argument("assignment_id", metavar="ID")
@click.option("-o", "--output", type=options.Place(file_okay=False), required=True, metavar="OUT", help="The new folder.")
@click.option("--master", type=options.Place(), metavar="NOTEBOOK", help="With solutions.  [default: the reference's]")
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
def command(
    assignment_id: str, output: Path, master: Path | None, engine: str, walls: str, assignments_folder: Path | None,
    reference_folder: Path | None,
) -> None:  # fmt: skip
    """Make the folder that students get: notebook, support modules, self-check.

    Solutions are taken out of the master notebook between the course's usual markers. Nothing is written where a line of the reference, a
    hidden input or an expected value can be found in the files, packed or encoded, or where the notebook passes an exercise as it is.
    What the reference and known mistakes do in the public cases is frozen anew first, where it has changed.
    """
    from grader import assignments
    from grader.api import Grader
    from grader.authoring.release import check_handout, find_master, make_handout, write_handout
    from grader.cli.freezing import freeze, is_current
    from grader.errors import UsageError
    from grader.files import write_atomically
    from grader.packing import check_free

    check_free(output, is_folder=True)
    assignment = assignments.load(assignment_id, assignments_folder)
    reference = assignments.load_reference(assignment, reference_folder)
    if reference is None:
        raise UsageError(f"there is no reference for {assignment.id}", remedy="pass --reference DIR")
    inside = [
        folder for folder in (assignment.folder, reference.hidden_folder) if folder and output.resolve().is_relative_to(folder.resolve())
    ]
    if inside:
        raise UsageError(f"{output} lies inside {inside[0]}", remedy="name a folder elsewhere: students get all of it")
    with Grader(assignment, reference=reference_folder, engine=engine, walls=walls, allow_none=True) as grader:
        assert grader.rule.bank is not None
        written = [] if is_current(reference, grader.rule.key, grader.rule.bank) else freeze(reference, grader.sandbox)
        handout = make_handout(reference, master)
        check_handout(handout, reference, grader)
    write_handout(handout, output)
    own = assignment.folder / assignment.notebook
    if handout.starter.removed and (not own.exists() or own.read_bytes() != handout.starter.data):
        write_atomically(own, handout.starter.data)
        written.append(own)
    taken = f"{len(handout.starter.removed)} lines of solutions taken out of {handout.master}"
    if not handout.starter.removed:
        taken = f"no solution to take out of {master or find_master(reference)}"
    lines = [
        *(f"wrote {path}" for path in written),
        f"wrote {output}: {len(handout.entries)} files; {taken}; searched, and nothing secret found",
    ]
    write_stdout("\n".join(lines) + "\n")
