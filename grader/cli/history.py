"""grader history"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, UNREADABLE, gradebook, options, write_stdout

if TYPE_CHECKING:
    from grader.gradebook import Entry, Gradebook

_NAME, _WHY = 60, 300


@click.command(
    "history",
    short_help="Show every event behind a grade, and verify that none was changed.",
    epilog="Examples:\n\n\b\n  grader history ada --out out/\n\n\b\n  grader history --verify --out out/",
)
@click.argument("student", required=False)
@click.option("--verify", is_flag=True, help="Check the whole ledger and all that it vouches for; exit 3 where it is broken.")
@gradebook.out
@gradebook.url
@options.assignment
@gradebook.output_format
def command(student: str | None, verify: bool, out: Path | None, url: str | None, assignment_id: str | None, output_format: str) -> int:
    """Show the ledger's entries, of STUDENT or of all: every grade, failure and override, when, by whom and why."""
    from grader.errors import UsageError

    if verify and (student or assignment_id):
        raise UsageError("--verify is about the whole ledger", remedy="leave out STUDENT and -a")
    with gradebook.open_chosen(out, url) as book:
        if verify:
            return _verify(book, output_format)
        entries = book.history(assignment_id, student)
        for text in _as_json(entries) if output_format == "json" else map(_as_text, entries):
            write_stdout(text)
    return DONE


def _verify(book: Gradebook, output_format: str) -> int:
    import msgspec

    found = book.verify()
    if output_format == "json":
        write_stdout(msgspec.json.encode(found).decode() + "\n")
    elif found.broken is None:
        write_stdout(f"the ledger verifies: {found.entries} entries, head {found.head}\n")
    else:
        where = "" if found.broken.number is None else f" at entry {found.broken.number}"
        write_stdout(f"the ledger is BROKEN{where}: {found.broken.why}\n")
    return DONE if found.broken is None else UNREADABLE


def _as_json(entries: Iterator[Entry]) -> Iterator[str]:
    import msgspec

    yield '{"schema":"grader.history/1","entries":['
    for index, entry in enumerate(entries):
        yield (",\n" if index else "\n") + msgspec.json.encode(entry).decode()
    yield "\n]}\n"


def _as_text(entry: Entry) -> str:
    from grader.values import bounded

    student, exercise = (bounded(text or "", _NAME, newlines=False) for text in (entry.student, entry.exercise))
    what = f", attempt {entry.attempt}" if entry.exercise is None else f", {exercise}"
    head = f"{entry.number:>6}  {entry.at[:19].replace('T', ' ')}  {entry.kind.replace('_', ' '):<16}  {student}{what}{_outcome(entry)}"
    run = "" if entry.run is None else f"run {entry.run}, "
    why = f": {bounded(entry.why, _WHY, newlines=False)}" if entry.why else ""
    lines = [head, f"{run}by {bounded(entry.who, _NAME, newlines=False)}{why}", *_versions(entry)]
    return "\n        ".join(lines) + "\n"


def _outcome(entry: Entry) -> str:
    from grader.values import bounded

    if entry.points is not None:
        return f": {entry.points:g} points"
    if entry.grade is None or entry.score is None:
        return ""
    taken = [f"{bounded(one.kind, _NAME, newlines=False)} {one.points:+g}" for one in entry.adjustments or ()]
    detail = f" (score {', '.join([f'{entry.score:g}', *taken])})" if taken else ""
    return f": {entry.grade:g}{detail}{' unreadable' if entry.status == 'unreadable' else ''}"


def _versions(entry: Entry) -> list[str]:
    if entry.result is None:
        return []
    made = f"grader {entry.grader}, Python {entry.python}, NumPy {entry.numpy}, {entry.engine}, walls {entry.walls}"
    return [f"file {(entry.submission_sha256 or 'none')[:12]}, answer key {(entry.answer_key_sha256 or 'none')[:12]}; {made}"]
