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

from grader import answer_key, assignments, frozen_bank, notebook, submissions
from grader.assignments import Assignment, Reference
from grader.bank import Bank
from grader.errors import SandboxError, SubmissionError, UsageError, WallsError
from grader.feedback.material import Material
from grader.grade import Rule
from grader.messages import say
from grader.model import Status, SubmissionRef, SubmissionResult
from grader.notebook import Notebook
from grader.sandbox.engines import choose_walls, open_sandbox
from grader.sandbox.protocol import Limits, Sandbox

__all__ = ["Assignment", "Grader", "grade_notebook", "load_assignment"]

TRIES = 3
NO_REFERENCE = "pass --reference DIR, or --public-only to grade by the public cases alone"


def load_assignment(assignment: str, folder: Path | None = None) -> Assignment:
    """The assignment of that id with its public cases. Raises UsageError where there is none, AssignmentError where it is wrong."""
    return assignments.load(assignment, folder)


def grade_notebook(path_or_bytes: str | Path | bytes, assignment: str | None = None, *, public_only: bool = False) -> SubmissionResult:
    """The official result of one notebook, as `grader grade` gives it.

    assignment: its id; may be left out where only one is installed. public_only: by the public cases alone.
    Raises UsageError for a path or an assignment that does not exist, or no reference at hand, SandboxError where the walls cannot
    be raised; a file that is no notebook is a result (status `unreadable`).
    """
    chosen = assignment if assignment is not None else _only_assignment()
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


def _only_assignment() -> str:
    known = assignments.list_ids()
    if len(known) != 1:
        raise UsageError("which assignment?", remedy=f"known assignments: {', '.join(known) or 'none'}")
    return known[0]


class Grader:
    """Grades notebooks of one assignment in one warm sandbox; a context manager.

    public_only: grade by the public cases alone, with the frozen answer key. engine, walls: as on the command line; with
    walls "auto" and none to be had, `allow_none` decides between running without and WallsError. hidden: further folders
    that must not exist inside. limits: in the place of the assignment's.
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
    ) -> None:
        self.assignment = assignments.load(assignment) if isinstance(assignment, str) else assignment
        found = None if public_only else assignments.load_reference(self.assignment, reference)
        if found is None and not public_only:
            raise UsageError(f"there is no reference for {self.assignment.id}", remedy=NO_REFERENCE)
        self.reference: Reference | None = found
        self.closed = False
        raised, self.without_walls = choose_walls(walls)
        if engine == "kernel" and raised == "landlock" and walls == "auto":
            raised = "none"  # that tier allows no sockets, and a kernel speaks through them
        if raised == "none" and walls == "auto" and not allow_none:
            _refuse(self.without_walls)
        secret = [answer_key.cache_folder(), *([found.hidden_folder] if found is not None and found.hidden_folder is not None else [])]
        self.sandbox: Sandbox = open_sandbox(engine, raised, [*secret, *hidden])
        try:
            self.rule = self._rule(limits)
        except BaseException:
            self.sandbox.close()
            raise

    def _rule(self, limits: Limits | None) -> Rule:
        if self.reference is None:
            key = answer_key.load_frozen(self.assignment)
            return Rule(self.assignment, key, self.sandbox, limits, frozen_bank.load(self.assignment, key))
        key = answer_key.build(self.reference, self.sandbox)
        return Rule(self.reference.assignment, key, self.sandbox, limits, Bank(self.reference, key, self.sandbox))

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


def _refuse(lacking: str) -> None:
    from grader.sandbox.walls import remedy

    raise WallsError(f"refusing to run strangers' code without walls: {lacking}", remedy=remedy(lacking))
