"""grader assignment"""

from __future__ import annotations

import json
from pathlib import Path

import click

from grader.cli import DONE, USAGE, freezing, new, options, release, validate, write_output, write_stdout


@click.group(
    "assignment",
    short_help="Make, try, hand out and look at assignments.",
    epilog="Examples:\n\n\b\n  grader assignment new my_assignment\n\n\b\n  grader assignment show my_assignment",
)
def command() -> None:
    """Make, try, hand out and look at assignments."""


@command.command("list", epilog="Example:\n\n\b\n  grader assignment list")
@options.assignments_folder
def list_(assignments_folder: Path | None) -> int:
    """List the assignments that can be found, with their titles and points."""
    from grader import assignments
    from grader.errors import AssignmentError

    broken, known = 0, assignments.list_ids(assignments_folder)
    if not known:
        click.echo(f"note: there is no assignment in {', '.join(map(str, assignments.assignment_folders(assignments_folder)))}", err=True)
    for assignment_id in known:
        try:
            assignment = assignments.load(assignment_id, assignments_folder)
        except AssignmentError as error:
            broken += 1
            click.echo(f"{assignment_id}: {error}" + (f"\n  {error.remedy}" if error.remedy else ""), err=True)
            continue
        write_stdout(f"{assignment.id}  {assignment.title}  {assignment.points:g} points, version {assignment.version}\n")
    return USAGE if broken else DONE


@command.command(
    "show",
    epilog="Examples:\n\n\b\n  grader assignment show my_assignment\n\n\b\n  grader assignment show my_assignment --hidden --json",
)
@click.argument("assignment_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="The whole of it as JSON (grader.show/1).")
@click.option("--hidden", is_flag=True, help="Hidden cases and known mistakes, too: for no student's eyes.")
@options.assignments_folder
@options.reference_folder
def show(assignment_id: str, as_json: bool, hidden: bool, assignments_folder: Path | None, reference_folder: Path | None) -> None:
    """Show an assignment's exercises, cases, what they weigh, and limits."""
    from grader import assignments
    from grader.authoring import shown
    from grader.errors import UsageError

    assignment = assignments.load(assignment_id, assignments_folder)
    reference = assignments.load_reference(assignment, reference_folder) if hidden else None
    if hidden and reference is None:
        raise UsageError(f"there is no reference for {assignment.id}", remedy="pass --reference DIR")
    if as_json:
        write_stdout(json.dumps(shown.as_data(assignment, reference), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        write_stdout(shown.as_text(assignment, reference) + "\n")


@command.command("freeze", epilog="Example:\n\n\b\n  grader assignment freeze my_assignment")
@click.argument("assignment_id", metavar="ID")
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
def freeze(assignment_id: str, engine: str, walls: str, assignments_folder: Path | None, reference_folder: Path | None) -> None:
    """Make answer_key.json and misconceptions.json anew: what the reference and known mistakes do in the public cases."""
    from grader import assignments
    from grader.errors import UsageError
    from grader.sandbox.engines import choose_walls, open_sandbox

    assignment = assignments.load(assignment_id, assignments_folder)
    reference = assignments.load_reference(assignment, reference_folder)
    if reference is None:
        raise UsageError(f"there is no reference for {assignment.id}", remedy="pass --reference DIR")
    sandbox = open_sandbox(engine, choose_walls(walls)[0])
    try:
        written = freezing.freeze(reference, sandbox)
    finally:
        sandbox.close()
    write_stdout("".join(f"wrote {path}\n" for path in written) or "nothing has changed\n")


@command.command("schema", epilog="Example:\n\n\b\n  grader assignment schema -o assignment.schema.json")
@options.file_or_stdout
def schema(output: Path | None) -> None:
    """Print the JSON Schema of assignment.toml, for editors and other programs."""
    from grader.assignment_file import json_schema

    write_output(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n", output)


command.add_command(new.command)
command.add_command(release.command)
command.add_command(validate.command)
