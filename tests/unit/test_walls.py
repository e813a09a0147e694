"""What the outer wall is made of, without raising it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.sandbox import walls


def test_packages_are_found_while_another_thread_changes_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an author's file puts folders in front of sys.path for a while; a worker that starts meanwhile must miss none."""
    wanted = walls.site_folders()
    assert wanted
    place = next(number for number, entry in enumerate(sys.path) if Path(entry).resolve() == wanted[0])
    monkeypatch.setattr(sys, "path", [*sys.path[:place], "/nowhere/author", *sys.path[place:]])

    def path(entry: str) -> Path:
        if entry == "/nowhere/author":
            sys.path.remove(entry)  # the other thread is done just now
        return Path(entry)

    monkeypatch.setattr(walls, "Path", path)
    assert walls.site_folders() == wanted


@pytest.mark.parametrize(
    ("lacking", "word"),
    [("bwrap is not installed", "bubblewrap"), ("namespaces are refused: x", "sysctl"), ("libseccomp cannot be used: x", "libseccomp2")]
)  # fmt: skip
def test_what_is_missing_has_a_remedy_of_its_own(lacking: str, word: str) -> None:
    assert word in walls.remedy(lacking)
    assert "--walls none" in walls.remedy(lacking)
