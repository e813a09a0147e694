"""What a run of `grade` left in OUT, one submission after the other, and the little of it that a gradebook needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.lms.export.told import is_graded
from grader.lms.manifest import Entry, read_manifest
from grader.model import RESULT_SCHEMA, Status, SubmissionResult

MAX_RESULT_BYTES = 64 * 1024 * 1024
STUDENT = "student"
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:[.,][0-9]{1,20})?")


class Graded(msgspec.Struct, frozen=True):
    """A submission's result, where it lies, and what its platform calls the student, where that is known.

    `identity` is what a roster says of the student: ids, and a `name`.
    """

    result: SubmissionResult
    folder: Path
    entry: Entry | None = None
    identity: Mapping[str, str] = {}

    @property
    def student(self) -> str:
        """Our id."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The full name, or ""."""
        return self.identity.get("name", "") or (self.entry.name if self.entry else "")

    @property
    def ids(self) -> Mapping[str, str]:
        """All that the student is known by, our own id among it."""
        return {**(self.entry.ids if self.entry else {}), **self.identity, STUDENT: self.student}


class Mark(msgspec.Struct, frozen=True):
    """A student and a grade of `points`; the grade is None where our fault left none.

    is_missing: nothing that could be graded was handed in, so a grade that somebody gave for what was is not ours to change.
    """

    student: str
    name: str
    ids: Mapping[str, str]
    grade: Fraction | None
    points: Fraction
    is_missing: bool = False


class Results:
    """The submissions of OUT, read one by one in the order of their students, as often as asked for.

    `unreadable` gathers the students whose result could not be read, and why. Raises UsageError where OUT holds no result.
    """

    def __init__(self, out: Path, identities: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.identities = identities or {}
        self.unreadable: dict[str, str] = {}
        try:
            self.folders = sorted(path.parent for path in out.glob("*/result.json"))
        except OSError as error:
            raise UsageError(f"{out} cannot be read: {error.strerror}") from error
        if not self.folders:
            raise UsageError(f"there is no result in {out}", remedy="name the folder that grader grade wrote")
        manifest = read_manifest(out)
        self.entries: Mapping[str, Entry] = manifest.by_student() if manifest else {}

    def __iter__(self) -> Iterator[Graded]:
        for folder in self.folders:
            try:
                result = _read(folder / "result.json")
            except (OSError, ValueError) as error:
                reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
                self.unreadable[folder.name] = reason
                continue
            yield Graded(result, folder, self.entries.get(folder.name), self.identities.get(folder.name, {}))


def _read(path: Path) -> SubmissionResult:
    if path.stat().st_size > MAX_RESULT_BYTES:
        raise ValueError("the result is too large")
    result = SubmissionResult.from_json(path.read_bytes())
    if result.schema != RESULT_SCHEMA:
        raise ValueError(f"the result is none of {RESULT_SCHEMA}")
    return result


def mark(graded: Graded) -> Mark:
    """What a gradebook needs of a submission."""
    result = graded.result
    grade = exact(result.grade) if is_graded(result) and result.grade is not None else None
    is_missing = result.status is Status.UNREADABLE and not result.submission.sha256 and not result.adjustments
    return Mark(graded.student, graded.name, graded.ids, grade, exact(result.points), is_missing)


def exact(number: float) -> Fraction:
    """The decimal that a float is written as.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(number))


def parse_number(text: str) -> Fraction | None:
    """A number as platforms write it, with a decimal point or comma; None where it is none.

    >>> parse_number("12,50"), parse_number(" 7.5 "), parse_number("EX")
    (Fraction(25, 2), Fraction(15, 2), None)
    """
    match = _NUMBER.fullmatch(text.strip())
    return Fraction(match[0].replace(",", ".")) if match else None
