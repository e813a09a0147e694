"""What students get of an assignment: the notebook without its solutions, support modules, and a self-check; searched for secrets first."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader import answer_key, frozen_bank, self_check
from grader.api import Grader
from grader.assignments import Assignment, Reference
from grader.authoring.notebooks import Starter, make_starter
from grader.authoring.search import Leak, find_leaks
from grader.authoring.secrets import GIVEN, find_secrets
from grader.errors import AssignmentError
from grader.messages import message
from grader.messages.language import Language
from grader.packing import Entry, write_folder

_SHOWN = 12  # leaks
_README = (
    message("Write your code in {notebook}. To check it, with the grader installed:"),
    message(
        "This runs your notebook, and public cases on your functions. Nothing is handed in. "
        "The folder self_check holds what is needed for it: leave it beside the notebook."
    ),
)


class Handout(msgspec.Struct, frozen=True):
    """The files of a student's folder, and the notebook among them. master: the file that it was made of."""

    entries: tuple[Entry, ...]
    starter: Starter
    master: Path


def make_handout(reference: Reference, master: Path | None) -> Handout:
    """The files that students get. `master` is the notebook with solutions; else the reference's, else the assignment's own.

    Raises AssignmentError where a file is missing or wrong, or the frozen answer key is none of these cases.
    """
    assignment = reference.assignment
    chosen = master or find_master(reference)
    try:
        starter = make_starter(chosen.read_bytes(), str(chosen))
    except OSError as error:
        raise AssignmentError(f"{chosen} cannot be read: {error.strerror}", remedy="pass --master NOTEBOOK") from error
    public = answer_key.public_part(assignment)
    key = answer_key.load_frozen(public)
    frozen_bank.load(public, key)
    names = {assignment.notebook, "README.md"} & assignment.files.keys()
    if names:
        raise AssignmentError(f"the support file {min(names)} has the name of another file that students get")
    entries = [
        Entry(assignment.notebook, starter.data),
        *(Entry(name, text.encode("utf-8")) for name, text in assignment.files.items()),
        Entry("README.md", _readme(assignment).encode("utf-8")),
        Entry(f"{self_check.FOLDER}/{self_check.FILE}", self_check.encode(public)),
        *_frozen(assignment.folder),
    ]
    return Handout(tuple(sorted(entries, key=lambda entry: entry.path)), starter, chosen)


def find_master(reference: Reference) -> Path:
    """The notebook with the solutions, which lies in the reference; else the one of the assignment, which has none."""
    assert reference.hidden_folder is not None
    assignment = reference.assignment
    master = reference.hidden_folder / assignment.id / assignment.notebook
    return master if master.exists() else assignment.folder / assignment.notebook


def check_handout(handout: Handout, reference: Reference, grader: Grader) -> None:
    """Raises AssignmentError where something secret is in the files, or the notebook is not what it should be.

    The notebook that students get must not pass an exercise, and the one with the solutions must pass all.
    """
    secrets = find_secrets(reference, grader.rule.key, handout.starter.removed)
    leaks = find_leaks({entry.path: entry.data for entry in handout.entries}, secrets)
    if leaks:
        remedy = f"rewrite these places; a line that students are to have stands in the reference's {GIVEN}, below [given], with a reason"
        raise AssignmentError("not released: what students must not see is in what they get\n" + _told(leaks), remedy=remedy)
    name = reference.assignment.notebook
    whole = [exercise.name for exercise in grader.grade(handout.starter.data).exercises if exercise.score == exercise.points > 0]
    if whole:
        remedy = "put the solution between ### START CODE HERE ### and ### END CODE HERE ### in the master notebook"
        raise AssignmentError(f"not released: {name} as students get it has full marks for {', '.join(whole)}", remedy=remedy)
    if handout.starter.removed:
        exercises = grader.grade(handout.master.read_bytes()).exercises
        lost = [f"{one.name} ({one.score:g} of {one.points:g})" for one in exercises if one.score < one.points]
        if lost:
            raise AssignmentError(f"not released: the solutions in {handout.master} lose points: {', '.join(lost)}")


def write_handout(handout: Handout, output: Path) -> None:
    """Writes the folder, after it was read as a student's grader reads it. Raises AssignmentError, OutputError."""
    with tempfile.TemporaryDirectory(prefix="grader-release-") as temporary:
        trial = Path(temporary) / "student"
        write_folder(trial, handout.entries)
        loaded = self_check.load(trial / self_check.FOLDER)
        frozen_bank.load(loaded, answer_key.load_frozen(loaded))
    write_folder(output, handout.entries)


def _frozen(folder: Path) -> list[Entry]:
    found = [folder / name for name in (answer_key.FROZEN, frozen_bank.FROZEN)]
    return [Entry(f"{self_check.FOLDER}/{path.name}", path.read_bytes()) for path in found if path.exists()]


def _readme(assignment: Assignment) -> str:
    language = Language(assignment.language or "en")
    first, second = (language.say(text, notebook=assignment.notebook) for text in _README)
    return f"# {assignment.title}\n\n{first}\n\n    grader check {assignment.notebook}\n\n{second}\n"


def _told(leaks: Sequence[Leak]) -> str:
    told = [f"  {leak.file}: {leak.where}" + ("" if leak.how == "as it is" else f", in {leak.how}") for leak in leaks[:_SHOWN]]
    return "\n".join([*told, *([f"  and {len(leaks) - _SHOWN} more"] if len(leaks) > _SHOWN else [])])
