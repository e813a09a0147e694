"""Which attempt of a student counts, and which notebook of it: hand-ins become submissions."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from grader.errors import SubmissionError
from grader.lms.archive import File, nested, read_each
from grader.lms.intake.handin import Handin, Handins, Wanted
from grader.lms.manifest import Entry, PassedOver, System
from grader.lms.names import fit, shown
from grader.submissions import MAX_FILE_BYTES, MAX_FILES, Submission, rank, without_copies

ANOTHER = "another notebook of the same student is graded"
MAX_LISTED = 20
MAX_NESTED = 4  # archives of one hand-in that are looked into


class Notebook(msgspec.Struct, frozen=True):
    """A notebook that was handed in, with the modules beside it."""

    file: File
    beside: tuple[File, ...] = ()

    def read(self) -> bytes:
        """The notebook's bytes. Raises SubmissionError."""
        return self.file.read()

    def files(self) -> Mapping[str, str]:
        """The modules' texts by their names; what cannot be read is left out, as it would be from a folder."""
        found: dict[str, str] = {}
        for file, data in read_each(self.beside, MAX_FILE_BYTES):
            with contextlib.suppress(UnicodeDecodeError):
                found[file.parts[-1]] = data.decode("utf-8")
        return found


class Missing(msgspec.Struct, frozen=True):
    """In the place of a notebook, where none was handed in."""

    why: str

    def read(self) -> bytes:
        """Raises SubmissionError."""
        raise SubmissionError(self.why)

    def files(self) -> Mapping[str, str]:
        """None."""
        return {}


class Found(msgspec.Struct, frozen=True, gc=False):
    """A submission, its line of the manifest, None where it says no more than the submission, and the notebooks of earlier attempts,
    oldest first.
    """

    submission: Submission
    line: Entry | None = None
    earlier: tuple[Notebook, ...] = ()

    @property
    def entry(self) -> Entry:
        """The line of the manifest."""
        one = self.submission
        if self.line is not None:
            return self.line
        when = one.submitted_at.isoformat() if one.submitted_at else None
        return Entry(student=one.student, system="folder", file=one.source if one.file else "", attempt=one.attempt, submitted_at=when)


class _Attempt(msgspec.Struct, frozen=True):
    handin: Handin
    notebook: Notebook | None
    passed_over: tuple[PassedOver, ...]


def choose(handins: Handins, wanted: Wanted, root: Path) -> list[Found]:
    """One submission a student, sorted by student: the latest attempt that holds a notebook."""
    students: dict[str, list[Handin]] = defaultdict(list)
    for handin in handins.handins:
        students[handin.student].append(handin)
    return [_of_student(handins.system, students[student], wanted, root) for student in sorted(students)]


def _of_student(system: System, handins: Iterable[Handin], wanted: Wanted, root: Path) -> Found:
    attempts = [_attempt(handin, wanted) for handin in sorted(handins, key=lambda handin: handin.order)]
    with_notebook = [number for number, attempt in enumerate(attempts) if attempt.notebook is not None]
    chosen = with_notebook[-1] if with_notebook else len(attempts) - 1
    attempt, handin = attempts[chosen], attempts[chosen].handin
    notes = [*handin.notes]
    if chosen != len(attempts) - 1:
        notes.append("the latest attempt holds no notebook; the one before is taken")
    if attempt.notebook is None:
        notes.append(_without(attempt.passed_over))
    earlier = [other.notebook for other in attempts[:chosen] if other.notebook is not None]
    others = (*attempt.passed_over, *(PassedOver(one.file.name, "an earlier attempt") for one in earlier))
    entry = Entry(
        student=fit(handin.student, folder=True),
        system=system,
        name=shown(handin.name),
        ids={kind: shown(text) for kind, text in handin.ids.items()},
        file=attempt.notebook.file.name if attempt.notebook else "",
        attempt=handin.attempt or (chosen + 1 if len(attempts) > 1 else None),
        late=handin.late,
        submitted_at=handin.submitted_at.isoformat() if handin.submitted_at else None,
        others=others[:MAX_LISTED],
        notes=tuple(notes),
        group=shown(handin.group),
    )
    return Found(_submission(entry, handin, attempt, root), entry, tuple(earlier))


def _submission(entry: Entry, handin: Handin, attempt: _Attempt, root: Path) -> Submission:
    notebooks = [shown(one.file) for one in attempt.passed_over if one.why == ANOTHER]
    return Submission(
        student=entry.student,
        source=shown(entry.file, 1_000) or entry.student,
        file=None,
        root=root,
        others=tuple(notebooks[:MAX_LISTED]),
        attempt=entry.attempt,
        submitted_at=handin.submitted_at,
        flagged_late=handin.late,
        package=attempt.notebook or Missing(entry.notes[-1]),
    )


def _attempt(handin: Handin, wanted: Wanted) -> _Attempt:
    files, passed_over = _opened(handin.files)
    notebooks = {file.own: file for file in files if file.own.suffix.lower() == ".ipynb"}
    chosen = sorted(without_copies(list(notebooks)), key=lambda own: rank(own, wanted.notebook)[:2])
    if not chosen:
        left = tuple(PassedOver(file.name, "it is no notebook") for file in files)
        return _Attempt(handin, None, (*handin.passed_over, *passed_over, *left))
    first, *others = chosen
    folder = [file for file in files if file.own.parent == first.parent]
    modules = [file for file in folder if file.own.suffix == ".py"]
    is_alone = sum(own.parent == first.parent for own in notebooks) == 1
    beside = sorted(modules, key=lambda file: file.own)[:MAX_FILES] if is_alone else []
    left = tuple(PassedOver(file.name, "it is no notebook") for file in files if file.own not in notebooks and file not in beside)
    again = tuple(PassedOver(notebooks[own].name, ANOTHER) for own in others)
    return _Attempt(handin, Notebook(notebooks[first], tuple(beside)), (*handin.passed_over, *passed_over, *again, *left))


def _opened(files: tuple[File, ...]) -> tuple[tuple[File, ...], tuple[PassedOver, ...]]:
    """The files, with those of archives among them where there is no notebook outside of any; one level deep."""
    archives = [file for file in files if file.own.suffix.lower() == ".zip"][:MAX_NESTED]
    if not archives or any(file.own.suffix.lower() == ".ipynb" for file in files):
        return files, ()
    found: list[File] = [file for file in files if file not in archives]
    passed_over: list[PassedOver] = []
    for archive in archives:
        try:
            found += nested(archive)
        except SubmissionError as error:
            passed_over.append(PassedOver(archive.name, str(error)))
    return tuple(found), tuple(passed_over)


def _without(passed_over: tuple[PassedOver, ...]) -> str:
    """Why there is no notebook, for the student, too."""
    told = [f"{shown(one.file, 80)} ({one.why})" if one.why != "it is no notebook" else shown(one.file, 80) for one in passed_over[:5]]
    return f"there is no notebook among what was handed in: {', '.join(told)}" if told else "nothing was handed in"
