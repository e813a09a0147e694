"""grader collect"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, UNREADABLE, options, write_stdout
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.lms.collection import Kept
    from grader.lms.intake.gathering import Gathered
    from grader.lms.manifest import System

MAX_LINES = 40


@click.command(
    "collect",
    short_help="Sort what a platform hands out into a folder a student.",
    epilog="Examples:\n\n\b\n  grader collect submissions.zip -o in/\n\n\b\n  grader collect submissions.zip -o in/ --roster gradebook.csv",
)
@click.argument("paths", nargs=-1, required=True, type=options.Place(), metavar="PATH...")
@click.option("-o", "--output", type=options.Place(file_okay=False), required=True, metavar="DIR", help="The folder to write.")
@click.option("--roster", type=options.Place(), metavar="CSV", help="The course's students, with ids of both sides.")
@options.system
@options.assignment
@click.option("--timezone", metavar="ZONE", help="Of platforms that write times without one, like Europe/Berlin.")
@options.assignments_folder
def command(
    paths: tuple[Path, ...], output: Path, roster: Path | None, system: System | None, assignment_id: str | None, timezone: str | None,
    assignments_folder: Path | None,
) -> int:  # fmt: skip
    """Sort what a platform hands out into a folder a student.

    PATH is an archive as Canvas, Moodle, Blackboard and Brightspace make it, a tree of nbgrader's, a folder of GitHub Classroom's
    clones, or a plain folder. DIR gets STUDENT/NOTEBOOK, what was handed in before under STUDENT/attempts, and submissions.json.
    """
    from grader import assignments
    from grader.lms.collection import collect
    from grader.lms.intake.gathering import gather
    from grader.lms.intake.handin import Wanted

    name = assignments.load(assignment_id, assignments_folder).notebook if assignment_id else ""
    wanted = Wanted(assignment_id or "", name, _zone(timezone))
    gathered = gather(paths, wanted, output=output, system=system, roster=roster)
    kept = collect(gathered.found, output)
    write_stdout("\n".join(_lines(gathered, kept, output)) + "\n")
    return UNREADABLE if gathered.refused or any(one.problem for one in kept) else DONE


def _zone(name: str | None) -> tzinfo | None:
    from grader.times import parse_zone

    try:
        return parse_zone(name) if name else None
    except ValueError as error:
        raise UsageError(str(error)) from error


def _lines(gathered: Gathered, kept: list[Kept], output: Path) -> list[str]:
    from grader.lms.names import shown

    entries = [one.entry for one in kept]
    counts = {
        "late": sum(entry.late for entry in entries),
        "with several attempts": sum(bool(one.earlier) for one in gathered.found),
        "without a notebook that can be read": sum(bool(one.problem) for one in kept),
        "with nothing new": sum(not one.is_new and not one.problem for one in kept),
    }
    told = "".join(f", {count} {what}" for what, count in counts.items() if count)
    lines = [*map(shown, gathered.origins), f"{len(kept)} {'submission' if len(kept) == 1 else 'submissions'} in {output}{told}"]
    notes = [(one.entry.student, note) for one in kept for note in one.entry.notes if note != one.problem]
    lines += _listed("could not be read", ((one.entry.student, one.problem) for one in kept if one.problem))
    lines += _listed("were refused", ((one.file, one.why) for one in gathered.refused))
    lines += _listed("to know", notes)
    lines += _listed("are nobody's", ((one.file, one.why) for one in gathered.strays))
    lines += _listed("have no submission", ((student, "") for student in gathered.absent))
    lines += _listed("are not in the roster", ((student, "") for student in gathered.unlisted))
    return lines


def _listed(title: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    from grader.lms.names import shown

    lines = [f"  {shown(name, 80)}{f': {shown(why)}' if why else ''}" for name, why in rows]
    more = [f"  and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
    return [f"{title} ({len(lines)}):", *lines[:MAX_LINES], *more] if lines else []
