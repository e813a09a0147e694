"""Every exception that may leave a grader module.

GraderError
├── AssignmentError      the author's: an assignment or a reference that cannot be loaded or used
├── SubmissionError      the student's file: it cannot be read as a notebook
├── OutputError          ours: what was graded cannot be written
├── GradebookError       ours: the gradebook cannot be opened, or is of a newer version
├── UsageError           the caller's: a path, name or option that does not exist
└── SandboxError         ours: the sandbox could not start or broke; retry, never a zero
    └── WallsError       ours: the walls that were asked for cannot be raised on this machine

What student code does (an exception, a hang, a crash) is an outcome in a reply, never an exception here.
"""


class GraderError(Exception):
    """Base of all errors that the grader raises on purpose.

    `remedy` is what the person who reads the message can do about it, or an empty string.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class AssignmentError(GraderError):
    """An assignment, its cases or its reference is missing or wrong."""


class SubmissionError(GraderError):
    """A student's file cannot be read as a notebook."""


class UsageError(GraderError):
    """A path, a name or an option that the caller gave does not exist."""


class OutputError(GraderError):
    """A result could not be written: a full disk, a folder that may not be written to."""


class GradebookError(GraderError):
    """The gradebook cannot be opened, read or written, or is of a newer version."""


class SandboxError(GraderError):
    """The sandbox could not start, or failed in a way that is not the student's doing."""


class WallsError(SandboxError):
    """The walls that were asked for cannot be raised on this machine."""
