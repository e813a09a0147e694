"""grader note"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import gradebook, options, write_stdout
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.assignments import Assignment
    from grader.dashboard import Census
    from grader.dashboard.census import Seat
    from grader.gradebook import Gradebook, StoredNote

_KINDS = ("misconception", "cluster", "exercise", "student")
_SHOWN = 60


@click.command(
    "note",
    short_help="Say something, in Markdown, to everyone behind a mistake, a behaviour or an exercise.",
    epilog="Examples:\n\n\b\n  grader note misconception my_mistake 'See **lecture 4**.' --out out/\n\n"
    "\b\n  grader note cluster 3fa2c1d0 --file note.md --out out/\n\n\b\n  grader note misconception my_mistake --remove --out out/\n\n"
    "\b\n  grader note --out out/",
)
@click.argument("kind", required=False, type=click.Choice(_KINDS))
@click.argument("name", required=False)
@click.argument("text", required=False)
@click.option("--file", "file", type=options.Place(dir_okay=False, allow_dash=True), metavar="FILE", help="Read TEXT from here.")
@click.option("--remove", is_flag=True, help="Take back what is in force; without TEXT.")
@click.option("--who", metavar="NAME", help="Who says it; it is kept, not shown.  [default: GRADER_USER, else the login name]")
@options.assignment
@gradebook.out
@gradebook.url
@gradebook.output_format
@options.assignments_folder
@options.reference_folder
def command(
    kind: str | None, name: str | None, text: str | None, file: Path | None, remove: bool, who: str | None, assignment_id: str | None,
    out: Path | None, url: str | None, output_format: str, assignments_folder: Path | None, reference_folder: Path | None,
) -> None:  # fmt: skip
    """Put a note, in Markdown, on the pages of everyone whom it concerns; alone, list the notes in force.

    KIND is misconception (NAME is its id), cluster (the short name of a behaviour on the class page), exercise or student. A note holds
    for every attempt and survives regrades until it is removed; another one on the same takes its place. Pages in the folder of results
    are made anew; nothing is graded, and no result.json changes.
    """
    from grader import assignments
    from grader.attempts import login

    if kind is None or name is None:
        if kind is not None or file is not None or remove:
            raise UsageError("on what?", remedy="grader note KIND NAME TEXT, or grader note alone for those in force")
        with gradebook.open_chosen(out, url) as book:
            write_stdout(_listed(book, gradebook.choose_assignment(book, assignment_id), output_format))
        return
    given = _text(text, file, remove)
    folder = gradebook.chosen_folder(out, url)
    with gradebook.open_chosen(out, url) as book:
        chosen = gradebook.choose_assignment(book, assignment_id)
        assignment = assignments.load(chosen, assignments_folder)
        from grader.dashboard import take_census

        census = take_census(book, chosen, assignment.attempts.keep)
        if given is not None:
            _check_known(kind, name, census, assignment, reference_folder)
        concerned = _concerned(kind, name, census)
        before = _digest(book, chosen)
        book.note(chosen, kind, name, given, who or login())
        made = _reshow(book, folder, assignment, concerned, before)
    write_stdout(_said(kind, name, given, len(concerned), made))


def _text(text: str | None, file: Path | None, remove: bool) -> str | None:
    """The note's text, or None to take it back."""
    if remove:
        if text is not None or file is not None:
            raise UsageError("--remove takes no TEXT")
        return None
    if (text is None) is (file is None):
        raise UsageError("what is to be said?", remedy="grader note KIND NAME TEXT, or --file FILE")
    if file is None:
        return text
    try:
        with click.open_file(str(file), encoding="utf-8") as opened:
            return str(opened.read())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error


def _check_known(kind: str, name: str, census: Census, assignment: Assignment, reference_folder: Path | None) -> None:
    """Raises UsageError, with the nearest name, for a mistake or a behaviour that nobody knows; a note on it would reach nobody."""
    from grader import assignments
    from grader.gradebook.names import unknown

    if kind == "cluster":
        known = {behaviour for seat in census.seats for _, behaviour in seat.behaviours}
    elif kind == "misconception":
        reference = assignments.load_reference(assignment, reference_folder)
        known = set(census.titles) | {item.id for item in (reference.misconceptions if reference is not None else ())}
    else:
        return
    if name not in known:
        raise unknown(kind, name, sorted(known))


def _concerned(kind: str, name: str, census: Census) -> list[str]:
    """Whose pages show a note of this kind and name."""
    tests: dict[str, Callable[[Seat], bool]] = {
        "misconception": lambda seat: any(id_ == name for _, id_ in seat.mistakes),
        "cluster": lambda seat: any(behaviour == name for _, behaviour in seat.behaviours),
        "exercise": lambda seat: name in seat.parts,
        "student": lambda seat: seat.student == name,
    }
    return [seat.student for seat in census.seats if tests[kind](seat)]


def _digest(book: Gradebook, assignment: str) -> str:
    from grader.attempts import notes_of
    from grader.feedback.comments import digest

    return digest(notes_of(book, assignment))


def _reshow(book: Gradebook, folder: Path | None, assignment: Assignment, students: Sequence[str], before: str) -> int | None:
    """How many pages were made anew; None where they are left to the next run."""
    from grader.attempts import reshow, with_notes

    if folder is None:
        return None
    try:
        return reshow(book, folder, with_notes(assignment, book), students, before)
    except GraderError as error:  # the note is in force all the same
        click.echo(f"note: the pages are not made anew: {error}" + (f"; {error.remedy}" if error.remedy else ""), err=True)
        return None


def _said(kind: str, name: str, text: str | None, concerned: int, made: int | None) -> str:
    from grader.values import bounded

    what = "the note is removed" if text is None else f"concerns {concerned:,} {'student' if concerned == 1 else 'students'}"
    later = "their pages follow with the next grader grade"
    if made is not None:
        later = f"{made:,} {'page' if made == 1 else 'pages'} made anew"
    return f"{kind} {bounded(name, _SHOWN, newlines=False)}: {what}; {later}\n"


def _listed(book: Gradebook, assignment: str, output_format: str) -> str:
    import msgspec

    notes = book.notes(assignment)
    if output_format == "json":
        return msgspec.json.encode({"schema": "grader.notes/1", "assignment": assignment, "notes": notes}).decode() + "\n"
    return "".join(map(_as_text, notes)) if notes else "no note is in force\n"


def _as_text(note: StoredNote) -> str:
    from grader.values import bounded, visible

    name, who = (bounded(text, _SHOWN, newlines=False) for text in (note.name, note.who))
    text = "\n".join(f"    {line}" for line in visible(note.text).splitlines())
    return f"{note.kind} {name}, by {who}, {note.when[:16].replace('T', ' ')}\n{text}\n"
