"""What a program calls; the command line goes through it, too.

from grader.api import grade_notebook
print(grade_notebook("my_notebook.ipynb", "my_assignment").to_json())

with Grader("my_assignment") as grader:          # a warm sandbox for many notebooks
    for path in paths:
        result = grader.grade(path.read_bytes())
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader import assignments, notebook, recognition, submissions
from grader.assignments import Assignment, Reference
from grader.errors import SandboxError, SubmissionError, UsageError
from grader.feedback.material import Material
from grader.kit import Kit, Settings, prepare
from grader.messages import say
from grader.model import Status, SubmissionRef, SubmissionResult
from grader.notebook import Notebook
from grader.recognition import Fit
from grader.sandbox.protocol import Limits, WarmSandbox

__all__ = ["Assignment", "Fit", "Grader", "grade_notebook", "load_assignment", "recognise_notebook"]

TRIES = 3


def load_assignment(assignment: str, folder: Path | None = None) -> Assignment:
    """The assignment of that id with its public cases. Raises UsageError where there is none, AssignmentError where it is wrong."""
    return assignments.load(assignment, folder)


def grade_notebook(path_or_bytes: str | Path | bytes, assignment: str | None = None, *, public_only: bool = False) -> SubmissionResult:
    """The official result of one notebook, as `grader grade` gives it.

    assignment: its id; may be left out where only one is installed, and is never guessed. public_only: by the public cases alone.
    Raises UsageError for a path or an assignment that does not exist, or no reference at hand, SandboxError where the walls cannot
    be raised; a file that is no notebook is a result (status `unreadable`).
    """
    chosen = assignment if assignment is not None else _only_assignment(path_or_bytes)
    if isinstance(path_or_bytes, bytes):
        with Grader(chosen, public_only=public_only) as grader:
            return grader.grade(path_or_bytes)
    if Path(path_or_bytes).is_dir():
        raise UsageError(f"{path_or_bytes} is a folder", remedy="name the notebook file itself")
    (submission,) = submissions.find([Path(path_or_bytes)])
    with Grader(chosen, public_only=public_only) as grader:
        try:
            data = submission.read()
        except SubmissionError as error:
            return grader.unreadable(SubmissionRef(submission.student, 1, submission.source, ""), str(error))
        return grader.grade(data, student=submission.student, source=submission.source, files=submission.files())


def recognise_notebook(path_or_bytes: str | Path | bytes, folder: Path | None = None) -> tuple[Fit, ...]:
    """The assignments that the notebook defines any function of, the best fit first; those in `folder`, or those that are installed.

    Raises UsageError for a path that does not exist, SubmissionError for a file that is no notebook.
    """
    if isinstance(path_or_bytes, bytes):
        data = path_or_bytes
    else:
        (submission,) = submissions.find([Path(path_or_bytes)])
        data = submission.read()
    return recognition.recognise(notebook.parse(data), assignments.list_profiles(folder))


def _only_assignment(path_or_bytes: str | Path | bytes) -> str:
    known = assignments.list_ids()
    if len(known) == 1:
        return known[0]
    try:
        fits = recognise_notebook(path_or_bytes)
    except SubmissionError:
        fits = ()
    raise UsageError("which assignment?", remedy=recognition.tell(fits, known))


class Grader:
    """Grades notebooks of one assignment in one warm sandbox; a context manager.

    public_only: grade by the public cases alone, with the frozen answer key. engine, walls: as on the command line; with
    walls "auto" and none to be had, `allow_none` decides between running without and WallsError. hidden: further folders
    that must not exist inside. limits: in the place of the assignment's. sandbox: one that has begun to start already.
    """

    def __init__(
        self,
        assignment: str | Assignment,
        *,
        public_only: bool = False,
        reference: Path | None = None,
        engine: str = "auto",
        walls: str = "auto",
        allow_none: bool = False,
        hidden: Sequence[Path] = (),
        limits: Limits | None = None,
        sandbox: WarmSandbox | None = None,
    ) -> None:
        chosen = assignments.load(assignment) if isinstance(assignment, str) else assignment
        settings = Settings(public_only, reference, engine, walls, allow_none, tuple(hidden), limits)
        self._begin(*prepare(chosen, settings, sandbox))

    @classmethod
    def of(cls, kit: Kit, sandbox: WarmSandbox | None = None) -> Grader:
        """A grader with the kit that another made, and a sandbox of its own, which may have begun to start."""
        grader = cls.__new__(cls)
        grader._begin(kit, sandbox or kit.opening.open())
        return grader

    def _begin(self, kit: Kit, sandbox: WarmSandbox) -> None:
        self.kit, self.sandbox, self.closed = kit, sandbox, False
        try:
            sandbox.ready()
            self.rule = kit.rule(sandbox)
        except BaseException:
            sandbox.close()
            raise

    @property
    def assignment(self) -> Assignment:
        """The assignment, with the hidden cases where there is a reference."""
        return self.kit.assignment

    @property
    def reference(self) -> Reference | None:
        """The instructor's part, where it is graded by the hidden cases, too."""
        return self.kit.reference

    def grade(
        self, data: bytes, *, student: str = "anonymous", source: str = "", attempt: int = 1, files: Mapping[str, str] | None = None
    ) -> SubmissionResult:
        """The result of one notebook's bytes; never raises for what is in them."""
        submission = SubmissionRef(student, attempt, source, hashlib.sha256(data).hexdigest())
        try:
            parsed = notebook.parse(data)
        except SubmissionError as error:
            return self.unreadable(submission, str(error))
        return self.grade_parsed(parsed, submission, files)

    def grade_parsed(self, parsed: Notebook, submission: SubmissionRef, files: Mapping[str, str] | None = None) -> SubmissionResult:
        """The result of a notebook that has been read; `not_graded` where the sandbox failed every time."""
        return self.examine(parsed, submission, files)[0]

    def examine(
        self, parsed: Notebook, submission: SubmissionRef, files: Mapping[str, str] | None = None
    ) -> tuple[SubmissionResult, Material]:
        """The result of a notebook that has been read, and what its page shows besides."""
        why = ""
        for _ in range(TRIES):
            try:
                return self.rule.examine(parsed, submission, files)
            except SandboxError as error:
                why = str(error)
            if self.closed:  # by another thread: what was running ended with the sandbox
                break
        told = say("it could not be graded, through no fault of its own: {error}", error=why)
        return self.rule.ungraded(submission, Status.NOT_GRADED, told), Material()

    def unreadable(self, submission: SubmissionRef, why: str) -> SubmissionResult:
        """The result of a file that is no notebook."""
        return self.rule.ungraded(submission, Status.UNREADABLE, why)

    def close(self) -> None:
        """Ends the sandbox; a notebook that another thread is grading in it is not graded."""
        self.closed = True
        self.sandbox.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
