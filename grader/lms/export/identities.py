"""What a roster says that a platform calls each student, by our own ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.lms.roster import read_roster


def read_identities(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Students' ids, and a `name`, by our own id. Raises UsageError where the file is no roster, or names a student twice."""
    found: dict[str, Mapping[str, str]] = {}
    for row in read_roster(path):
        if row.student in found:
            raise UsageError(f"{path.name} has two rows of the student {row.told!r}")
        if row.student:
            found[row.student] = {**row.ids, "name": row.name} if row.name else row.ids
    return found
