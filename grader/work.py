"""One submission's way: read, graded, adjusted, made into a page. Runs in the workers of a batch; nothing here is written."""

from __future__ import annotations

import functools
import hashlib
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import datetime

import msgspec

from grader.adjust import adjust
from grader.api import Grader
from grader.assignments import Assignment
from grader.errors import SubmissionError
from grader.feedback import Material, render, texts_of
from grader.messages import say
from grader.model import Adjustment, Override, Status, SubmissionRef, SubmissionResult
from grader.notebook import Notebook, parse
from grader.submissions import Submission


class Input(msgspec.Struct, frozen=True, dict=True):
    """What a submission gives to be graded. `notebook` is None where the file cannot be read, and `problem` says why.

    files: the student's own modules, by name. others: notebooks of the same student that were passed over.
    """

    submission: SubmissionRef
    notebook: Notebook | None
    problem: str = ""
    files: Mapping[str, str] = {}
    others: tuple[str, ...] = ()

    @functools.cached_property
    def size(self) -> int:
        """How many bytes of memory its texts take."""
        cells = self.notebook.cells if self.notebook is not None else ()
        return sum(sys.getsizeof(cell.source) for cell in cells) + sum(map(sys.getsizeof, self.files.values()))

    @functools.cached_property
    def content_sha256(self) -> str:
        """What of it the result depends on but whose it is: equal for notebooks whose cells have equal sources."""
        cells = [(cell.kind, cell.source) for cell in self.notebook.cells] if self.notebook is not None else None
        return hashlib.sha256(msgspec.json.encode((cells, self.problem, self.files, self.others))).hexdigest()


class Circumstances(msgspec.Struct, frozen=True):
    """What decides the grade beside the score."""

    submitted_at: datetime | None = None
    flagged_late: bool = False
    overrides: tuple[Override, ...] = ()


class Task(msgspec.Struct, frozen=True):
    """A submission to grade or, where `base` is given, to finish: that is its result before adjustments, with what a page needs."""

    position: int
    input: Input
    circumstances: Circumstances
    base: SubmissionResult | None = None
    material: Material = Material()
    language: str | None = None  # of the page, where one was asked for


class Graded(msgspec.Struct, frozen=True, dict=True):
    """A finished task: the result before adjustments, what they change of it, its page, and how long it took."""

    position: int
    base: SubmissionResult
    late: bool
    adjustments: tuple[Adjustment, ...]
    grade: float | None
    material: Material
    page: str
    seconds: float

    @classmethod
    def of(
        cls, position: int, base: SubmissionResult, adjusted: SubmissionResult, material: Material, page: str = "", seconds: float = 0.0
    ) -> Graded:
        """A finished task of a result before and after `adjust`."""
        return cls(position, base, adjusted.submission.late, adjusted.adjustments, adjusted.grade, material, page, seconds)

    @functools.cached_property
    def adjusted(self) -> SubmissionResult:
        """The result after adjustments."""
        submission = msgspec.structs.replace(self.base.submission, late=self.late)
        return msgspec.structs.replace(self.base, submission=submission, adjustments=self.adjustments, grade=self.grade)


def read(submission: Submission, data: bytes | None = None) -> Input:
    """A submission's content, or that of `data` in the place of its notebook's bytes; what is wrong with the file is in it."""
    reference = SubmissionRef(submission.student, submission.attempt or 1, submission.source, "")
    try:
        data = submission.read() if data is None else data
        reference = msgspec.structs.replace(reference, sha256=hashlib.sha256(data).hexdigest())
        return Input(reference, parse(data), files=submission.files(), others=submission.others)
    except SubmissionError as error:
        return Input(reference, None, str(error), others=submission.others)


def grade(grader: Grader, given: Input) -> tuple[SubmissionResult, Material]:
    """The result before adjustments, and what its page shows besides; never raises for what is in the submission."""
    material = Material()
    try:
        if given.notebook is None:
            result = grader.unreadable(given.submission, given.problem)
        else:
            result, material = grader.examine(given.notebook, given.submission, given.files)
    except Exception as error:  # a mistake of ours must cost neither the student nor the batch
        traceback.print_exc()
        why = say("the grader failed: {error}", error=type(error).__name__)
        result = grader.rule.ungraded(given.submission, Status.NOT_GRADED, why)
    if given.others:
        passed_over = say("several notebooks were handed in; not graded: {files}", files=", ".join(given.others[:5]))
        result = msgspec.structs.replace(result, notes=(*result.notes, passed_over))
    return result, material


def work(grader: Grader, task: Task) -> Graded:
    """Does a task."""
    start = time.perf_counter()
    base, material = (task.base, task.material) if task.base is not None else grade(grader, task.input)
    adjusted = adjusted_by(grader.assignment, base, task.circumstances)
    page = render(adjusted, material, texts_of(grader.assignment), language=task.language)
    return Graded.of(task.position, base, adjusted, material, page, time.perf_counter() - start)


def adjusted_by(assignment: Assignment, base: SubmissionResult, circumstances: Circumstances) -> SubmissionResult:
    """The result with its adjustments and its grade."""
    return adjust(
        base,
        exercises=[exercise.name for exercise in assignment.graded],
        late=assignment.late,
        submitted_at=circumstances.submitted_at,
        flagged_late=circumstances.flagged_late,
        overrides=circumstances.overrides,
    )
