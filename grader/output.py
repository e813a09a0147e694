"""The folder that a run writes: a folder a student, the class page, and what is known of the run."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from grader.errors import OutputError, UsageError
from grader.files import write_atomically, write_pieces
from grader.model import Status, SubmissionResult

RUN_SCHEMA = "grader.run/2"


class RunNote(msgspec.Struct, frozen=True):
    """run.json: the run's number in the gradebook, what came of it, and what its pages were made by and for.

    seconds: of the whole run. submission_seconds: the median, the 95th of a hundred and the longest of those graded in it.
    """

    run: int
    assignment: str
    pages: Mapping[str, str]
    ended: str = "open"  # open | done | interrupted
    submissions: int = 0
    graded: int = 0
    kept: int = 0
    seconds: float = 0.0
    submission_seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cores: int | None = None
    schema: str = RUN_SCHEMA


def read_note(folder: Path) -> RunNote | None:
    """The note of the run that wrote a folder, where there is one that can be read."""
    try:
        return msgspec.json.decode((folder / "run.json").read_bytes(), type=RunNote)
    except (OSError, msgspec.MsgspecError):
        return None


class Output:
    """An output folder. Every method raises OutputError where it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}") from error

    def write(self, result: SubmissionResult, page: str) -> None:
        """Writes one submission's files; the result last, so that where it is there the page is, too."""
        place = self.folder / result.submission.student
        with _writing(place):
            place.mkdir(exist_ok=True)
            write_atomically(place / "feedback.html", page.encode("utf-8"))
            write_atomically(place / "result.json", _text(result))

    def has(self, result: SubmissionResult) -> bool:
        """Whether a submission's files are there, with this very result."""
        place = self.folder / result.submission.student
        with contextlib.suppress(OSError):
            return (place / "result.json").read_bytes() == _text(result) and (place / "feedback.html").stat().st_size > 0
        return False

    def read(self, student: str) -> bytes:
        """A student's result as it was written."""
        with _writing(self.folder / student):
            return (self.folder / student / "result.json").read_bytes()

    def note(self) -> RunNote | None:
        """The note of the run before, where there is one that can be read."""
        return read_note(self.folder)

    def write_note(self, note: RunNote) -> None:
        """Writes run.json."""
        with _writing(self.folder):
            write_atomically(self.folder / "run.json", msgspec.json.format(msgspec.json.encode(note), indent=1) + b"\n")

    def write_index(self, pieces: Iterable[str]) -> None:
        """Writes index.html."""
        with _writing(self.folder):
            write_pieces(self.folder / "index.html", (piece.encode("utf-8") for piece in pieces))


def count(statuses: Mapping[Status, int]) -> str:
    """How many there are of each status, in words."""
    return ", ".join(f"{number} {status.value.replace('_', ' ')}" for status in Status if (number := statuses.get(status, 0)))


def _text(result: SubmissionResult) -> bytes:
    return result.to_json().encode("utf-8") + b"\n"


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "make room and run this again; it goes on from there" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise OutputError(f"{place} cannot be written: {error.strerror}", remedy=remedy) from error
