"""What the gradebook keeps of a student's attempts, made into what is shown: which attempt counts, and its files made anew."""

from __future__ import annotations

import contextlib
import getpass
import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from grader import assignments
from grader.assignments import Assignment
from grader.dashboard import write_index
from grader.errors import GradebookError, OutputError, UsageError
from grader.feedback import Material, render, texts_of
from grader.feedback.comments import digest
from grader.gradebook import Gradebook, HandedIn, Known, Override, Recorded, RunStart, StoredResult
from grader.kit import Kit
from grader.late import LatePolicy, LateTable, WrongValueError, as_table, key_of, read_policy
from grader.model import Note, Provenance, SubmissionResult
from grader.model import Override as OverrideInForce
from grader.output import Output, read_note
from grader.submissions import Submission
from grader.values import bounded
from grader.work import Circumstances, Input, adjusted_by

_WINDOW = 200  # students in one question to the gradebook


class Kept(msgspec.Struct, frozen=True):
    """What the gradebook keeps beside a result: what its page is made of; and what its first run knew of when it was handed in.

    What is known of that today is kept beside the attempt, but not in gradebooks of before.
    """

    material: Material
    submitted_at: datetime | None
    flagged_late: bool


class Shown(msgspec.Struct, frozen=True):
    """A result with its adjustments, and what its page shows besides."""

    result: SubmissionResult
    material: Material


def kept_of(stored: StoredResult) -> Kept:
    """What was kept beside a result. Raises GradebookError where it cannot be read."""
    try:
        return msgspec.msgpack.decode(stored.material, type=Kept)
    except msgspec.MsgspecError as error:
        raise GradebookError(
            f"what is kept beside a result cannot be read: {error}", remedy="grader history --verify says where"
        ) from error


def is_better(result: SubmissionResult, earlier: SubmissionResult) -> bool:
    """Whether a result counts before an earlier attempt's: of equal grades the earlier counts, and no grade is less than any."""
    return result.grade is not None and (earlier.grade is None or result.grade > earlier.grade)


def best_of(book: Gradebook, assignment: Assignment, attempts: Sequence[Known], overrides: tuple[OverrideInForce, ...]) -> Shown | None:
    """Of attempts the one with the best grade, by these overrides; of equal ones the first. None where there is none."""
    return _best([_shown(assignment, one, book.result(one.result_id), overrides) for one in attempts])


def _best(attempts: Sequence[Shown]) -> Shown | None:
    best: Shown | None = None
    for one in attempts:
        if best is None or is_better(one.result, best.result):
            best = one
    return best


def _shown(assignment: Assignment, known: Known, stored: StoredResult, overrides: tuple[OverrideInForce, ...]) -> Shown:
    """A stored result as it is by these overrides, handed in when the newest run with it says."""
    kept = kept_of(stored)
    told = known.handed_in or HandedIn(kept.submitted_at, kept.flagged_late)
    return Shown(adjusted_by(assignment, stored.result, Circumstances(told.submitted_at, told.flagged_late, overrides)), kept.material)


def handed_in(late: LatePolicy | None, student: str, circumstances: Circumstances) -> HandedIn:
    """What lateness is told by, as the gradebook keeps it."""
    own = None if late is None else late.extensions.get(key_of(student))
    return HandedIn(circumstances.submitted_at, circumstances.flagged_late, own)


def _extended(assignment: Assignment, student: str, newest: Known) -> Assignment:
    """The assignment with the student's own due date, as the newest run with the newest attempt had it: it holds for all of them.

    Raises UsageError where no run noted it.
    """
    if assignment.late is None:
        return assignment
    if newest.handed_in is None:
        raise UsageError(f"no run noted when {bounded(student, 60, newlines=False)} handed in", remedy="grade again")
    own = {} if newest.handed_in.due is None else {key_of(student): newest.handed_in.due}
    return msgspec.structs.replace(assignment, late=msgspec.structs.replace(assignment.late, extensions=own))


def _as_last_run(book: Gradebook, assignment: Assignment) -> tuple[Assignment, Mapping[str, object]]:
    """The assignment with the late policy of its newest run, and what of that run's settings says so.

    Raises UsageError where that run is of a grader that did not note its policy, and may have had one.
    """
    noted = next((run.settings for run in reversed(book.runs()) if run.assignment == assignment.id), {})
    if "late" not in noted:
        if assignment.late is not None:
            raise UsageError("the last run noted no late policy", remedy="grade again: it applies the override and what a roster says")
        return assignment, {"late": None}
    try:
        late = None if noted["late"] is None else read_policy(msgspec.convert(noted["late"], LateTable))
    except (msgspec.ValidationError, WrongValueError) as error:
        raise GradebookError(f"the late policy of the last run cannot be read: {error}", remedy="grade again") from error
    return msgspec.structs.replace(assignment, late=late), {"late": noted["late"]}


def refresh(book: Gradebook, out: Path, assignment_id: str, students: Sequence[str], folder: Path | None = None) -> None:
    """Makes these students' files in an output folder anew, by the overrides in force, as a run of its own that grades nothing.

    Late policy, times and extensions are those of the last run. folder: of assignments. Raises UsageError where they are not known.
    """
    assignment, noted = _as_last_run(book, with_notes(assignments.load(assignment_id, folder), book))
    output, texts = Output(out), texts_of(assignment)
    language = (note.pages.get("language") if (note := output.note()) is not None else None) or None
    overrides = book.overrides(assignment_id, students)
    run, positions = 0, itertools.count()
    for student, known in book.known(assignment_id, students).items():
        attempts, own = [], _extended(assignment, student, known[-1])
        for one in known:
            stored = book.result(one.result_id)
            shown = _shown(own, one, stored, in_force(overrides.get(student, ())))
            attempts.append(shown)
            settings = {"refresh": True, **noted}
            run = run or book.start_run(_run_of(assignment, stored.result.assignment.version, stored.result.provenance, settings))
            place = next(positions)
            recorded = Recorded(stored.result, shown.result, one.inputs_sha256, "", stored.material, place, 0.0, one.result_id, "override")
            book.record(run, [recorded])
        counting = _best(attempts if assignment.attempts.keep == "best" else attempts[-1:])
        if counting is not None:
            output.write(counting.result, render(counting.result, counting.material, texts, language=language))
    if run:
        book.finish_run(run, "done", 0.0)
        write_index(output, book, assignment, language)


def with_notes(assignment: Assignment, book: Gradebook) -> Assignment:
    """The assignment with the instructors' notes that are in force, which its pages show."""
    return msgspec.structs.replace(assignment, notes=notes_of(book, assignment.id))


def notes_of(book: Gradebook, assignment: str) -> tuple[Note, ...]:
    """The instructors' notes in force, as pages take them."""
    return tuple(Note(note.kind, note.name, note.text) for note in book.notes(assignment))


def reshow(book: Gradebook, out: Path, assignment: Assignment, students: Sequence[str], before: str) -> int:
    """Makes the pages of these students in an output folder anew, with the notes in force; how many there were. Nothing is graded.

    before: `digest` of the notes that held until now. Students who have no page there, or another result than the gradebook's, are
    left to the next run, which makes every page anew that was made with other notes.
    """
    output, texts, note = Output(out), texts_of(assignment), read_note(out)
    language = (note.pages.get("language") if note is not None else None) or None
    made = 0
    for start in range(0, len(students), _WINDOW):
        for student, attempts in book.known(assignment.id, students[start : start + _WINDOW]).items():
            with contextlib.suppress(OutputError, msgspec.MsgspecError):
                result = SubmissionResult.from_json(output.read(student))
                shown = (result.submission.attempt, result.submission.sha256)
                stored = [one.result_id for one in attempts if (one.attempt, one.submission_sha256) == shown]
                if stored:
                    output.write(result, render(result, kept_of(book.result(stored[-1])).material, texts, language=language))
                    made += 1
    if note is not None and note.pages.get("notes", "") == before:
        output.write_note(msgspec.structs.replace(note, pages={**note.pages, "notes": digest(assignment.notes)}))
    write_index(output, book, assignment, language)
    return made


def login() -> str:
    """Who runs this: GRADER_USER, else the login name."""
    with contextlib.suppress(OSError, KeyError):
        return os.environ.get("GRADER_USER") or getpass.getuser()
    return "unknown"


def run_start(kit: Kit, settings: Mapping[str, object]) -> RunStart:
    """What is known of a run before its first result; `refresh` finds its late policy among the settings."""
    late = kit.assignment.late
    noted = {**settings, "late": None if late is None else as_table(late)}
    return _run_of(kit.assignment, kit.assignment.version, kit.provenance, noted)


def _run_of(assignment: Assignment, version: str, provenance: Provenance, settings: Mapping[str, object]) -> RunStart:
    exercises = {exercise.name: exercise.points for exercise in assignment.graded}
    return RunStart(assignment.id, version, assignment.title, assignment.points, exercises, login(), provenance, settings)


def numbered(given: Input, submission: Submission, known: Sequence[Known]) -> Input:
    """The input with its attempt: what the source says, unless another file had that number; else that of the newest file, if it is
    the same, else the next one.
    """
    reference = given.submission
    files = {one.attempt: one.submission_sha256 for one in known}
    newest = max(files, default=0)
    number = submission.attempt or newest
    if number == 0 or files.get(number) not in (None, reference.sha256):
        number = newest + 1
    return msgspec.structs.replace(given, submission=msgspec.structs.replace(reference, attempt=number))


def in_force(overrides: Iterable[Override]) -> tuple[OverrideInForce, ...]:
    """Overrides as results take them."""
    return tuple(OverrideInForce(override.exercise, override.points, override.why) for override in overrides)
