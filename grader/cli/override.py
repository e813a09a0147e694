"""grader override"""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import gradebook, options, write_stdout
from grader.errors import GraderError, UsageError


@click.command(
    "override",
    short_help="Put your own points in the place of an exercise's score, with a reason.",
    epilog="Examples:\n\n\b\n  grader override ada my_exercise 8 --why 'right but for a sign' --out out/\n\n"
    "\b\n  grader override ada my_exercise --revoke --why 'a mistake of mine' --out out/",
)
@click.argument("student")
@click.argument("exercise")
@click.argument("points", type=float, required=False)
@click.option("--why", required=True, metavar="TEXT", help="The reason; the student reads it.")
@click.option("--revoke", is_flag=True, help="Take back what is in force; without POINTS.")
@click.option("--who", metavar="NAME", help="Who decides.  [default: GRADER_USER, else the login name]")
@click.option("--allow-extra", is_flag=True, help="More points than the exercise is worth.")
@options.assignment
@options.assignments_folder
@gradebook.out
@gradebook.url
def command(
    student: str, exercise: str, points: float | None, why: str, revoke: bool, who: str | None, allow_extra: bool,
    assignment_id: str | None, assignments_folder: Path | None, out: Path | None, url: str | None,
) -> None:  # fmt: skip
    """Put POINTS in the place of an exercise's score.

    It holds for every attempt and survives regrades until it is revoked. The student's result.json and feedback.html in the folder of
    results are made anew, with late policy, times and extensions as the last run had them.
    """
    from grader.attempts import login, refresh

    if (points is None) is not revoke:
        raise UsageError("--revoke takes no POINTS" if revoke else "how many points?", remedy="grader override STUDENT EXERCISE POINTS")
    folder = gradebook.chosen_folder(out, url)
    with gradebook.open_chosen(out, url) as book:
        assignment = gradebook.choose_assignment(book, assignment_id)
        book.override(assignment, student, exercise, points, why, who or login(), allow_extra=allow_extra)
        if folder is not None:
            try:
                refresh(book, folder, assignment, [student], assignments_folder)
            except GraderError as error:  # the override is in force all the same
                click.echo(f"note: the files are not made anew: {error}" + (f"; {error.remedy}" if error.remedy else ""), err=True)
                folder = None
    write_stdout(_said(student, exercise, points, folder))


def _said(student: str, exercise: str, points: float | None, folder: Path | None) -> str:
    from grader.values import bounded

    what = "the override is revoked" if points is None else f"{points:g} points"
    later = "" if folder is not None else "; result.json and feedback.html follow with the next grader grade"
    return f"{bounded(student, 60, newlines=False)}, {bounded(exercise, 60, newlines=False)}: {what}{later}\n"
