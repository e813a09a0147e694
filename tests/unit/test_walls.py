"""What the outer wall is made of, without raising it."""

from __future__ import annotations

import sys
import threading

import pytest

from grader.sandbox import walls


def test_packages_are_found_while_another_thread_changes_the_path() -> None:
    wanted = walls.site_folders()
    assert wanted
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            sys.path[:0] = ["/nowhere/a", "/nowhere/b"]
            del sys.path[:2]

    before = list(sys.path)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        assert all(walls.site_folders() == wanted for _ in range(300))
    finally:
        stop.set()
        thread.join()
        sys.path[:] = before


@pytest.mark.parametrize(
    ("lacking", "word"),
    [("bwrap is not installed", "bubblewrap"), ("namespaces are refused: x", "sysctl"), ("libseccomp cannot be used: x", "libseccomp2")]
)  # fmt: skip
def test_what_is_missing_has_a_remedy_of_its_own(lacking: str, word: str) -> None:
    assert word in walls.remedy(lacking)
    assert "--walls none" in walls.remedy(lacking)
