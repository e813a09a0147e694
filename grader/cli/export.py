"""grader export"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from grader.cli import DONE, UNREADABLE, options, write_stdout
from grader.errors import OutputError, UsageError
from grader.lms import export as formats

if TYPE_CHECKING:
    from grader.lms.export.filling import Left, Summary
    from grader.lms.export.marks import Graded, Results


@click.command(
    "export",
    short_help="Write results in another platform's form.",
    epilog="Examples:\n\n\b\n  grader export out/ --to canvas --template gradebook.csv -o filled.csv --feedback feedback.zip"
    "\n\n\b\n  grader export out/ --to gradescope -o results/",
)
@click.argument("out", type=options.Place(), metavar="OUT")
@click.option("--to", "form", type=click.Choice(formats.FORMATS), required=True, help="The form.")
@click.option("-o", "--output", type=options.Place(), required=True, metavar="FILE", help="The file, or folder, to write.")
@click.option("--template", type=options.Place(), metavar="FILE", help="The platform's own sheet, to be filled in.")
@click.option("--column", default="", metavar="NAME", help="The sheet's column for the grades.  [default: the assignment's title]")
@click.option("--roster", type=options.Place(), metavar="CSV", help="Students' ids on the platform, beside a column `student`.")
@click.option("--feedback", type=options.Place(), metavar="ZIP", help="Feedback pages as the platform takes them back.")
@options.assignments_folder
def command(
    out: Path, form: str, output: Path, template: Path | None, column: str, roster: Path | None, feedback: Path | None,
    assignments_folder: Path | None,
) -> int:  # fmt: skip
    """Write the results of OUT in another platform's form.

    canvas, moodle, blackboard and brightspace fill in the sheet that you exported there. gradescope, coursera, prairielearn,
    xqueue, check50, github-classroom and lti-ags write a folder with a file a student, the others one file. stdout gets a
    summary as JSON; whoever is without a grade in it is named on stderr.
    """
    from grader.lms.export.identities import read_identities
    from grader.lms.export.marks import Results

    _check_usage(form, template, column, feedback)
    if form in formats.SUBMISSION_FILES and output.is_file():
        raise UsageError(f"{output} is a file", remedy=f"{form} writes a file a student: name a folder")
    if form not in formats.SUBMISSION_FILES and output.is_dir():
        raise UsageError(f"{output} is a folder", remedy="name the file to write")
    results = Results(out, read_identities(roster) if roster else None)
    if template is not None:
        summary = _fill(results, form, template, column, output, assignments_folder)
    elif form in formats.CLASS_FILES:
        summary = _write_class(results, form, output)
    else:
        summary = _write_submissions(results, form, output)
    _tell(summary, results.unreadable)
    if feedback is not None:
        _tell(_write_feedback(results, form, feedback), {})
    return UNREADABLE if results.unreadable else DONE


def _check_usage(form: str, template: Path | None, column: str, feedback: Path | None) -> None:
    if form in formats.TEMPLATES and template is None:
        page = f"docs/how-to/platforms/{form}.md"
        raise UsageError(f"{form} needs a sheet to fill in", remedy=f"export it there and pass --template FILE ({page})")
    if form not in formats.TEMPLATES and (template is not None or column):
        raise UsageError(f"--template and --column are for {', '.join(formats.TEMPLATES)}")
    if feedback is not None and form not in formats.FEEDBACK_ARCHIVES:
        raise UsageError(f"--feedback is for {' and '.join(formats.FEEDBACK_ARCHIVES)}")


def _fill(results: Results, form: str, template: Path, column: str, output: Path, assignments_folder: Path | None) -> Summary:
    from grader.lms.export.filling import Choice, fill
    from grader.lms.export.marks import mark
    from grader.lms.export.sheet import read_sheet

    try:
        data = template.read_bytes()
    except OSError as error:
        raise UsageError(f"{template} cannot be read: {error.strerror}") from error
    sheet = read_sheet(data, template.name)
    marks, ids = [], dict[str, None]()
    for graded in results:
        marks.append(mark(graded))
        ids[graded.result.assignment.id] = None
    titles = tuple(title for assignment_id in ids for title in (_title(assignment_id, assignments_folder), assignment_id))
    layout = importlib.import_module(f"grader.lms.export.{formats.TEMPLATES[form]}").layout(sheet, Choice(column, titles))
    filled, summary = fill(sheet, layout, marks, form)
    with _writing(output) as file:
        file.write(filled)
    return summary


def _title(assignment_id: str, folder: Path | None) -> str:
    """The assignment's title; its id where it is not at hand, since results outlive assignments."""
    from grader import assignments
    from grader.errors import AssignmentError

    try:
        return assignments.load(assignment_id, folder).title
    except (UsageError, AssignmentError):
        return assignment_id


def _write_class(results: Results, form: str, output: Path) -> Summary:
    from grader.lms.export.filling import Summary

    module = importlib.import_module(f"grader.lms.export.{formats.CLASS_FILES[form]}")
    with _writing(output) as file:
        return Summary(form, module.write(results, file))


def _write_submissions(results: Results, form: str, folder: Path) -> Summary:
    from grader.files import write_atomically
    from grader.lms.export.filling import Summary

    suffix, convert = converter(form)
    written = 0
    for graded in results:
        data = convert(graded)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / f"{graded.student}{suffix}", data)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}") from error
        written += 1
    return Summary(form, written)


def converter(form: str) -> tuple[str, Callable[[Graded], bytes]]:
    """The suffix of a format of one file a submission, and what makes that file."""
    module = importlib.import_module(f"grader.lms.export.{formats.SUBMISSION_FILES[form]}")
    if form == "lti-ags":
        from grader.lms.export.lti_ags import convert, graded_at, user_id

        return module.SUFFIX, lambda graded: convert(graded.result, user_id=user_id(graded), timestamp=graded_at(graded))
    return module.SUFFIX, lambda graded: module.convert(graded.result)


def _write_feedback(results: Results, form: str, output: Path) -> Summary:
    from grader.lms.export import feedback_zip
    from grader.lms.export.filling import Summary

    with _writing(output) as file:
        written, left = feedback_zip.write(results, file, form)
    return Summary(f"{form} feedback", written, left=left)


def _tell(summary: Summary, unreadable: dict[str, str]) -> None:
    import msgspec

    from grader.lms.export.filling import Left
    from grader.values import bounded

    broken = tuple(Left(bounded(who, 120, newlines=False), bounded(why, 300, newlines=False)) for who, why in unreadable.items())
    summary = msgspec.structs.replace(summary, left=(*summary.left, *broken))
    for left in summary.left:
        click.echo(_line(left), err=True)
    for scaled in summary.scaled:
        click.echo(f"note: points are scaled to the sheet's: {scaled}", err=True)
    write_stdout(msgspec.json.encode(summary).decode("utf-8") + "\n")


def _line(left: Left) -> str:
    return f"{left.who}{f' (row {left.row})' if left.row else ''}: {left.why}"


@contextlib.contextmanager
def _writing(output: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all. Raises OutputError where it cannot be written."""
    from grader.files import led_to, replacing

    try:
        with replacing(led_to(output)) as file:
            yield file
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror}") from error
