"""`submissions.json`, schema `grader.submissions/1`: where each submission came from, and what its platform calls it.

`collect` writes it beside the submissions and `grade` beside the results, so that an export can name students as their platform does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import OutputError, UsageError
from grader.files import write_atomically

NAME = "submissions.json"
SCHEMA: Literal["grader.submissions/1"] = "grader.submissions/1"
MAX_BYTES = 256 * 1024 * 1024
System = Literal["canvas", "moodle", "blackboard", "brightspace", "nbgrader", "github-classroom", "folder"]
SYSTEMS: tuple[System, ...] = ("canvas", "moodle", "blackboard", "brightspace", "nbgrader", "github-classroom", "folder")


class PassedOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a submission that is not graded, and why."""

    file: str
    why: str


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One submission; texts are as their authors wrote them.

    student: our id, which names the folder in DIR and OUT. name: the full name as the platform writes it, or "". ids: what the
    platform knows the student by, of `user_id`, `anonymous_id`, `participant_id`, `username`, `email`, `org_defined_id`,
    `attachment_id`, `folder_id`; with a roster all that it says, too. file: the notebook's name in the archive, which feedback
    archives need, or "" where there is no notebook. notebook: where `collect` put it, below the manifest's folder. attempt: None
    where the platform does not count. late: the platform's own flag. submitted_at: ISO 8601 with an offset, or None. notes: what
    the instructor should know. group: the team, or "".
    """

    student: str
    system: System
    name: str = ""
    ids: dict[str, str] = {}
    file: str = ""
    notebook: str = ""
    attempt: int | None = None
    late: bool = False
    submitted_at: str | None = None
    others: tuple[PassedOver, ...] = ()
    notes: tuple[str, ...] = ()
    group: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The submissions of a folder, by student. Every text in it may come from a student."""

    schema: Literal["grader.submissions/1"] = SCHEMA
    submissions: tuple[Entry, ...] = ()

    def by_student(self) -> Mapping[str, Entry]:
        """The entries by our id."""
        return {entry.student: entry for entry in self.submissions}

    def only(self, students: Collection[str]) -> Manifest:
        """The manifest of these students alone."""
        chosen = frozenset(students)
        return Manifest(submissions=tuple(entry for entry in self.submissions if entry.student in chosen))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder, None where it has none. Raises UsageError where it cannot be read."""
    path = folder / NAME
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than any list of submissions")
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no list of submissions: {error}", remedy="collect the submissions again") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, sorted by student: the same submissions give the same bytes. Raises OutputError where it cannot."""
    sorted_manifest = Manifest(submissions=tuple(sorted(manifest.submissions, key=lambda entry: entry.student)))
    data = msgspec.json.format(msgspec.json.encode(sorted_manifest, order="sorted"), indent=1)
    try:
        write_atomically(folder / NAME, data + b"\n")
    except OSError as error:
        raise OutputError(f"{folder / NAME} cannot be written: {error.strerror}") from error


def update_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, with what the folder's earlier one says of students whose folders are there and whom this one does not name."""
    earlier = read_manifest(folder) or Manifest()
    named = manifest.by_student()
    kept = (entry for entry in earlier.submissions if entry.student not in named and (folder / entry.student).is_dir())
    write_manifest(folder, Manifest(submissions=(*manifest.submissions, *kept)))
