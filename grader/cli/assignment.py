"""grader assignment"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import freezing, new, options, release, validate, write_output, write_stdout

if TYPE_CHECKING:
    from grader.assignments import Assignment


@click.group(
    "assignment",
    short_help="List, show, validate and freeze assignments.",
    epilog="Example:\n\n  grader assignment show my_assignment",
)
def command() -> None:
    """List, show, validate and freeze assignments."""


@command.command("list", epilog="Example:\n\n  grader assignment list")
@options.assignments_folder
def list_(assignments_folder: Path | None) -> None:
    """List the assignments that can be found, with their titles and points."""
    from grader import assignments

    for assignment_id in assignments.list_ids(assignments_folder):
        assignment = assignments.load(assignment_id, assignments_folder)
        write_stdout(f"{assignment.id}  {assignment.title}  {assignment.points:g} points, version {assignment.version}\n")


@command.command("show", epilog="Examples:\n\n  grader assignment show my_assignment\n\n  grader assignment show my_assignment --json")
@click.argument("assignment_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@options.assignments_folder
def show(assignment_id: str, as_json: bool, assignments_folder: Path | None) -> None:
    """Show an assignment's exercises, limits and public cases."""
    from grader import assignments

    assignment = assignments.load(assignment_id, assignments_folder)
    write_stdout((json.dumps(_as_data(assignment), indent=1, ensure_ascii=False) if as_json else _as_text(assignment)) + "\n")


def _as_data(assignment: Assignment) -> dict[str, object]:
    import msgspec

    return {
        "id": assignment.id,
        "version": assignment.version,
        "title": assignment.title,
        "points": assignment.points,
        "limits": msgspec.to_builtins(assignment.limits),
        "exercises": [msgspec.to_builtins(exercise) for exercise in assignment.exercises],
        "public_cases": [
            {"id": case.id, "exercise": case.function, "title": case.title, "weight": float(case.weight)} for case in assignment.cases
        ],
    }


def _as_text(assignment: Assignment) -> str:
    title = f"{assignment.title} ({assignment.id}, version {assignment.version}): {assignment.points:g} points"
    lines = [title, f"in {assignment.folder}", ""]
    for exercise in assignment.exercises:
        worth = f"{exercise.points:g} points" if exercise.points else "reported, not graded"
        lines += [f"{exercise.name}({', '.join(exercise.parameters)})  {worth}", f"    {exercise.prompt}"]
        lines += [f"    also as: {', '.join(exercise.aliases)}"] if exercise.aliases else []
        lines += [f"    case {case.id}: {case.title}" for case in assignment.cases if case.function == exercise.name]
    limits = assignment.limits
    seconds = f"{limits.cell_seconds} s a cell, {limits.case_seconds} s a case, {limits.submission_seconds} s in all"
    lines += ["", f"limits: {seconds}, {limits.cpu_seconds} s of processor time, {limits.memory_mb} MB"]
    return "\n".join(lines)


@command.command("freeze", epilog="Example:\n\n  grader assignment freeze my_assignment")
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


@command.command("schema", epilog="Example:\n\n  grader assignment schema -o assignment.schema.json")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to.  [default: stdout]")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of assignment.toml, for editors and other programs."""
    from grader.assignment_file import json_schema

    write_output(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n", output)


command.add_command(new.command)
command.add_command(release.command)
command.add_command(validate.command)
