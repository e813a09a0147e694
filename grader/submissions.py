"""Submissions on disk: which notebook is whose.

A folder of submissions is flat (`<student>.ipynb`), a folder a student (`<student>/….ipynb`, nested as systems do), or both.
Names come from strangers: a file is read only where it is a regular file inside the folder that was given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from grader.errors import SubmissionError, UsageError
from grader.messages import say
from grader.notebook import read_file

RESERVED = frozenset({".", "..", "index.html", "gradebook.db", "run.json"})
MAX_FILES = 32
MAX_FILE_BYTES = 256 * 1024
_COPY = re.compile(r"(?:-Copy\d+| \(\d+\)|-checkpoint)$")


class Submission(msgspec.Struct, frozen=True):
    """One student's notebook: `source` is its path below what the caller named, `root` the folder that it must not leave.

    `path` is None where a student's folder holds no notebook; `others` are notebooks beside it that were passed over.
    """

    student: str
    source: str
    path: Path | None
    root: Path
    others: tuple[str, ...] = ()

    def read(self) -> bytes:
        """The notebook's bytes. Raises SubmissionError where there is none, or it is no file inside `root`."""
        if self.path is None:
            raise SubmissionError(say("there is no notebook in the folder"))
        _check_inside(self.path, self.root)
        return read_file(self.path)

    def files(self) -> Mapping[str, str]:
        """The student's own modules beside the notebook, where it is the only one in its folder, in bounded number and size."""
        if self.path is None or sum(_is_notebook(path) for path in self.path.parent.glob("*")) != 1:
            return {}
        found: dict[str, str] = {}
        for path in sorted(self.path.parent.glob("*.py"))[:MAX_FILES]:
            try:
                _check_inside(path, self.root)
                if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
                    found[path.name] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError, SubmissionError):
                continue
        return found


def _check_inside(path: Path, root: Path) -> None:
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:
        raise SubmissionError(say("it is a link that leads nowhere")) from error
    if not inside:
        raise SubmissionError(say("it is a link to a place outside of the submissions"))


def find(paths: Iterable[Path], notebook_name: str = "", output: Path | None = None) -> list[Submission]:
    """The submissions below the paths, in the order of the paths, then by student.

    notebook_name: the assignment's own file name, preferred where a student handed in several notebooks. output: a folder of
    results that may lie among the submissions and is none.
    Raises UsageError for a path that does not exist, is no notebook or folder, or holds no notebook.
    """
    submissions: list[Submission] = []
    for path in paths:
        try:
            submissions += _find_at(path, notebook_name, output.resolve() if output else None)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return _with_unique_names(_without_repeats(submissions))


def _without_repeats(submissions: list[Submission]) -> list[Submission]:
    """The submissions, each file once however often it was named."""
    once: dict[object, Submission] = {}
    for submission in submissions:
        place = os.path.abspath(submission.path or submission.root / submission.source)
        once.setdefault(place, submission)
    return list(once.values())


def _find_at(path: Path, notebook_name: str, output: Path | None) -> list[Submission]:
    if path.is_dir():
        inside = output is not None and output != path.resolve() and output.is_relative_to(path.resolve())
        found = [one for one in _find_in_folder(path, notebook_name) if not inside or not _lies_in(one, output or path)]
        if all(one.path is None for one in found):
            raise UsageError(f"there is no notebook in {path}", remedy="name a notebook, or a folder of them")
        return found
    if not path.exists():
        raise UsageError(f"there is no such file or folder: {path}", remedy=_nearest(path))
    if path.suffix.lower() == ".zip":
        raise UsageError(f"{path} is an archive; archives cannot be graded yet", remedy="unpack it and name the folder")
    return [Submission(_text(path.stem), _text(path.name), path, path.absolute().parent)]


def _lies_in(submission: Submission, folder: Path) -> bool:
    try:
        return (submission.path or submission.root / submission.source).resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a link that leads nowhere: reading it says so
        return False


def _nearest(path: Path) -> str:
    import difflib

    try:
        near = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], 1)
    except OSError:
        return ""
    return f"did you mean {path.parent / near[0]}?" if near else ""


def _find_in_folder(folder: Path, notebook_name: str) -> list[Submission]:
    flat = [path for path in sorted(folder.iterdir()) if _is_notebook(path)]
    submissions = [Submission(_text(path.stem), _text(path.name), path, folder) for path in _without_copies(flat)]
    for child in sorted(folder.iterdir()):
        if not child.is_dir() or _is_hidden(child) or child.suffix.lower() == ".ipynb" or _is_output(child):
            continue
        if child.is_symlink() or not os.access(child, os.R_OK | os.X_OK):  # reading it will say what is wrong with it
            submissions.append(Submission(_text(child.name), _text(child.name), child, folder))
            continue
        submission = _find_of_student(child, folder, notebook_name)
        if submission.path is not None or (not flat and child.name != "__pycache__"):
            submissions.append(submission)
    return sorted(submissions, key=lambda submission: submission.student)


def _find_of_student(child: Path, root: Path, notebook_name: str) -> Submission:
    below = (path for path in sorted(child.rglob("*")) if path.suffix.lower() == ".ipynb")
    chosen = _without_copies([path for path in below if not any(_is_hidden(part) for part in _parts(path, child))])
    student = _text(child.name)
    if not chosen:
        return Submission(student, student, None, root)
    chosen.sort(key=lambda path: (not path.is_file(), path.name != notebook_name, len(path.parts), path.name))
    source, *others = (_text(path.relative_to(root).as_posix()) for path in chosen)
    return Submission(student, source, chosen[0], root, tuple(others))


def _is_output(folder: Path) -> bool:
    """Whether a folder holds the results of an earlier run."""
    return (folder / "run.json").exists() and (folder / "index.html").exists()


def _text(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes of it that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _parts(path: Path, below: Path) -> list[Path]:
    return [Path(part) for part in path.relative_to(below).parts]


def _is_notebook(path: Path) -> bool:
    return path.suffix.lower() == ".ipynb" and not _is_hidden(path)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "__MACOSX"))


def _without_copies(paths: list[Path]) -> list[Path]:
    """The notebooks without `-Copy1` and the like, where the one they were copied from is there too."""
    names = {path.parent / path.stem for path in paths}
    return [path for path in paths if not (_COPY.search(path.stem) and path.parent / _COPY.sub("", path.stem) in names)]


def _with_unique_names(submissions: list[Submission]) -> list[Submission]:
    """Students' ids made different from each other and from the files of an output folder, whatever case they are in."""
    taken = {name.casefold() for name in RESERVED}
    unique: list[Submission] = []
    for submission in submissions:
        name, number = submission.student, 1
        while name.casefold() in taken:
            number += 1
            name = f"{submission.student[:60]}~{number}"
        taken.add(name.casefold())
        unique.append(msgspec.structs.replace(submission, student=name))
    return unique
