"""Saves are seen however they are made, once each, and never half of one."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import watch
from grader.watch import WHOLE_SECONDS, saves
from tests.saves import in_pieces, in_place, moved_away, renamed


def is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


class Watcher:
    """What `saves` gives, from a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: queue.Queue[bytes | None] = queue.Queue()
        self.ended = False
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        for data in saves(self.path, is_json):
            self.seen.put(data)
            if self.ended:
                return

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        """A last save ends it."""
        self.ended = True
        self.path.write_bytes(b'"the last"')
        self.thread.join(10)

    def next(self) -> bytes | None:
        return self.seen.get(timeout=30)

    def is_quiet(self) -> bool:
        time.sleep(0.5)
        return self.seen.empty()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a machine stands still in the middle of a save, its beginning is not taken for the whole."""
    monkeypatch.setattr(watch, "WHOLE_SECONDS", 60)


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "notebook.ipynb"
    path.write_bytes(b"1")
    with Watcher(path) as started:
        assert started.next() == b"1"
        yield started


@pytest.mark.parametrize("save", [in_place, renamed, moved_away, in_pieces])
def test_each_save_is_seen_once_and_whole(patient: None, watcher: Watcher, save: Callable[[Path, bytes], None]) -> None:
    for data in (b'{"a": 2}', b'{"a": 3}'):
        save(watcher.path, data)
        assert watcher.next() == data
    save(watcher.path, b'{"a": 3}')
    assert watcher.is_quiet(), "the same bytes again are no news"


def test_what_lies_beside_it_is_no_save(watcher: Watcher) -> None:
    (watcher.path.parent / "other.ipynb").write_bytes(b"2")
    checkpoints = watcher.path.parent / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / watcher.path.name).write_bytes(b"3")
    assert watcher.is_quiet()


def test_what_makes_no_sense_is_given_after_a_while(watcher: Watcher) -> None:
    start = time.monotonic()
    watcher.path.write_bytes(b"{")
    assert watcher.next() == b"{"
    assert time.monotonic() - start >= WHOLE_SECONDS


def test_a_file_or_folder_that_is_gone_is_waited_for(watcher: Watcher) -> None:
    watcher.path.unlink()
    assert watcher.next() is None
    watcher.path.write_bytes(b"2")
    assert watcher.next() == b"2"
    folder = watcher.path.parent
    folder.rename(folder.with_name("elsewhere"))
    assert watcher.next() is None
    assert watcher.is_quiet(), "it is told once"
    folder.mkdir()
    watcher.path.write_bytes(b"3")
    assert watcher.next() == b"3"
    watcher.path.write_bytes(b"4")
    assert watcher.next() == b"4"


def test_a_link_is_followed_and_may_lead_elsewhere(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notebook.ipynb").write_text(f'"{name}"')
    link = tmp_path / "link.ipynb"
    link.symlink_to(tmp_path / "one" / "notebook.ipynb")
    with Watcher(link) as watcher:
        assert watcher.next() == b'"one"'
        (tmp_path / "one" / "notebook.ipynb").write_text("1")
        assert watcher.next() == b"1"
        link.unlink()
        link.symlink_to(tmp_path / "two" / "notebook.ipynb")
        assert watcher.next() in (None, b'"two"')
        (tmp_path / "two" / "notebook.ipynb").write_text("2")
        while (data := watcher.next()) != b"2":
            assert data in (None, b'"two"')
