"""Submissions on disk: which notebook is whose.

A folder of submissions is flat (`<student>.ipynb`), a folder a student (`<student>/….ipynb`, nested as systems do), or both.
Names come from strangers: a file is read only where it is a regular file inside the folder that was given.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath
from typing import Protocol, TypeVar

import msgspec

from grader.errors import SubmissionError, UsageError
from grader.late import Clock
from grader.messages import say
from grader.notebook import read_file
from grader.times import parse_moment

RESERVED = frozenset({".", "..", "index.html", "gradebook.db", "run.json", "submissions.json", "push.json"})
COLLECTED, ATTEMPTS = "submissions.json", "attempts"
MAX_FILES = 32
MAX_FILE_BYTES = 256 * 1024
MAX_DEPTH = 64  # of folders in a submission
TIMESTAMP = "timestamp.txt"
_HIDDEN = (".", "__MACOSX")
_NAMED = 3  # files of a folder without a notebook
_MAX_ID = 200  # bytes; folders' names may have 255
_COPY = re.compile(r"(?:-Copy\d+| \(\d+\)|-checkpoint)$")
P = TypeVar("P", PurePath, Path, PurePosixPath, str)


class Package(Protocol):
    """A notebook that is no file below a folder of submissions, but lies in an archive, say, with what is beside it."""

    def read(self) -> bytes:
        """The notebook's bytes. Raises SubmissionError."""

    def files(self) -> Mapping[str, str]:
        """The student's own modules beside the notebook, in bounded number and size."""


class Submission(msgspec.Struct, frozen=True, gc=False):
    """One student's notebook: `source` is its path below what the caller named, `root` the folder that it must not leave.

    `file` is the path below `root` as the file system spells it, None where a student's folder holds no notebook, or where the
    notebook is read from a `package`; `others` are notebooks beside it that were passed over. attempt, submitted_at, flagged_late:
    what the source of the submissions records; the moment is aware.
    """

    student: str
    source: str
    file: str | None
    root: Path
    others: tuple[str, ...] = ()
    attempt: int | None = None
    submitted_at: datetime | None = None
    flagged_late: bool = False
    package: Package | None = None

    @property
    def path(self) -> Path | None:
        """The notebook, where it is a file below `root`: made when it is wanted, since a class has thousands."""
        return None if self.file is None else Path(os.path.join(self.root, self.file))

    def read(self) -> bytes:
        """The notebook's bytes. Raises SubmissionError where there is none, or it is no file inside `root`."""
        if self.package is not None:
            return self.package.read()
        path = self.path
        if path is None:
            raise SubmissionError(_what_is_there(self.root / self.source))
        check_inside(path, self.root)
        return read_file(path)

    def handed_in_at(self, clock: Clock) -> datetime | None:
        """When it was handed in: the moment that is recorded or, where none is and the clock is `modified`, the notebook's own."""
        if self.submitted_at is not None or clock == "recorded" or (path := self.path) is None:
            return self.submitted_at
        try:
            check_inside(path, self.root)
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (OSError, OverflowError, ValueError, SubmissionError):
            return None

    def files(self) -> Mapping[str, str]:
        """The student's own modules beside the notebook, where it is the only one in its folder, in bounded number and size."""
        if self.package is not None:
            return self.package.files()
        notebook = self.path
        if notebook is None or not _is_alone(notebook):
            return {}
        found: dict[str, str] = {}
        for path in sorted(notebook.parent.glob("*.py"))[:MAX_FILES]:
            try:
                check_inside(path, self.root)
                if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
                    path.name.encode()  # a name that is no text is no module's
                    found[path.name] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeError, SubmissionError):
                continue
        return found


def _what_is_there(folder: Path) -> str:
    """That a folder holds no notebook, and what it holds: browsers save one as `.ipynb.json`, and editors as `.py`."""
    try:
        entries = sorted((".ipynb" not in entry.name, entry.name) for entry in folder.iterdir() if not _is_hidden(entry))
    except OSError:
        entries = []
    if not entries:
        return say("there is no notebook in the folder")
    named = ", ".join([_text(name)[:100] for _, name in entries[:_NAMED]] + ["…"] * (len(entries) > _NAMED))
    return say("there is no notebook in the folder: its name would end in .ipynb, and the folder holds {names}", names=named)


def _is_alone(path: Path) -> bool:
    """Whether the notebook is the only one in its folder: then what lies beside it is its student's."""
    with os.scandir(path.parent) as entries:  # it stops at the second one: a flat folder may hold thousands
        return len(list(itertools.islice((entry for entry in entries if _is_notebook(entry.name)), 2))) == 1


def _recorded_at(notebook: Path, root: Path) -> datetime | None:
    """The moment in the timestamp.txt that nbgrader writes beside a notebook; a time without a zone is in UTC there."""
    path = notebook.parent / TIMESTAMP
    try:
        check_inside(path, root)
        if not path.is_file() or path.stat().st_size > 200:
            return None
        return parse_moment(path.read_text(encoding="utf-8"), UTC)
    except (OSError, ValueError, SubmissionError):
        return None


def check_inside(path: Path, root: Path) -> None:
    """Raises SubmissionError where a path leads out of a folder, by a link for example."""
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:
        raise SubmissionError(say("it is a link that leads nowhere")) from error
    if not inside:
        raise SubmissionError(say("it is a link to a place outside of the submissions"))


def find(paths: Sequence[Path], notebook_name: str = "", output: Path | None = None) -> list[Submission]:
    """The submissions below the paths, in the order of the paths, then by student.

    notebook_name: the assignment's own file name, preferred where a student handed in several notebooks. output: a folder of
    results that may lie among the submissions and is none.
    Raises UsageError for a path that does not exist, is no notebook or folder, or holds no notebook.
    """
    found: list[list[Submission]] = []
    for path in paths:
        try:
            found.append(_find_at(path, notebook_name, output.resolve() if output else None))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    once = found[0] if len(found) == 1 else _without_repeats(itertools.chain.from_iterable(_by_folder(paths, found)))
    return with_unique_names(once, names_in(output))


def _by_folder(paths: Sequence[Path], found: Sequence[list[Submission]]) -> Sequence[list[Submission]]:
    """The same; students are called like their folders where these hold a notebook each and it is called alike, as of `submissions/*`."""
    own: dict[str, int] = {}
    for at, path in enumerate(paths):
        if len(found[at]) == 1 and path.is_dir() and not (path / COLLECTED).exists():
            own.setdefault(os.path.abspath(path), at)
    if len({found[at][0].student for at in own.values()}) == len(own):
        return found
    called = {at: msgspec.structs.replace(found[at][0], student=_text(paths[at].resolve().name)) for at in own.values()}
    return [[called[at]] if at in called else ones for at, ones in enumerate(found)]


def _without_repeats(submissions: Iterable[Submission]) -> list[Submission]:
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
        if all(one.file is None for one in found):
            raise UsageError(f"there is no notebook in {path}", remedy="name a notebook, or a folder of them")
        return found
    if not path.exists():
        raise UsageError(f"there is no such file or folder: {path}", remedy=_nearest(path))
    if path.suffix.lower() == ".zip":
        raise UsageError(f"{path} is an archive, not a notebook", remedy="unpack it, or give it to grader grade or grader collect")
    root = path.absolute().parent
    recorded = _recorded_at(root / path.name, root) if (root / TIMESTAMP).exists() and _is_alone(root / path.name) else None
    return [_of(_text(path.stem), path.name, root, (), recorded)]


def _of(student: str, file: str, root: Path, others: tuple[str, ...], recorded: datetime | None) -> Submission:
    """A student's submission; its file's name is kept once, where it can be written anywhere."""
    source = _text(file)
    return Submission(student, source, source if source == file else file, root, others, submitted_at=recorded)


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
    names = sorted(path.name for path in folder.iterdir())
    flat = [name for name in names if _is_notebook(name)]
    recorded = _recorded_at(folder / flat[0], folder) if len(flat) == 1 else None
    submissions = [_of(_text(os.path.splitext(name)[0]), name, folder, (), recorded) for name in without_copies(flat)]
    for child in (Path(os.path.join(folder, name)) for name in names):  # a path of parts would keep these for as long as their texts live
        if not child.is_dir() or _is_hidden(child) or child.suffix.lower() == ".ipynb" or _is_output(child):
            continue
        if child.is_symlink() or not os.access(child, os.R_OK | os.X_OK):  # reading it will say what is wrong with it
            submissions.append(Submission(_text(child.name), _text(child.name), child.name, folder))
            continue
        submission = _find_of_student(child, folder, notebook_name)
        if submission.file is not None or (not flat and child.name != "__pycache__"):
            submissions.append(submission)
    return sorted(submissions, key=lambda submission: submission.student)


def _find_of_student(child: Path, root: Path, notebook_name: str) -> Submission:
    everything = (Path(place, name) for place, folders, names in walk(child) for name in (*folders, *names))
    below = (path for path in sorted(everything) if path.suffix.lower() == ".ipynb")
    chosen = without_copies([path for path in below if not _is_passed_over(path.relative_to(child), (root / COLLECTED).exists())])
    student = _text(child.name)
    if not chosen:
        return Submission(student, student, None, root)
    chosen.sort(key=lambda path: (not path.is_file(), *rank(path, notebook_name)))
    file, *others = (path.relative_to(root).as_posix() for path in chosen)
    return _of(student, file, root, tuple(map(_text, others)), _recorded_at(chosen[0], root))


def walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """A stranger's folder as os.walk goes through it, behind no link and no deeper than MAX_DEPTH, where it would end for want of stack."""
    for place, folders, names in os.walk(folder):
        if len(Path(place).relative_to(folder).parts) >= MAX_DEPTH:
            folders.clear()
        yield place, folders, names


def rank(path: PurePath, notebook_name: str) -> tuple[bool, int, str]:
    """Of several notebooks of a student the smallest counts: the one named like the assignment's, else the outermost."""
    return path.name != notebook_name, len(path.parts), path.name


def _is_passed_over(path: Path, collected: bool) -> bool:
    """Whether a notebook of a student's folder is none to grade: hidden, or an earlier attempt as `collect` keeps them."""
    return any(_is_hidden(Path(part)) for part in path.parts) or (collected and path.parts[0] == ATTEMPTS)


def _is_output(folder: Path) -> bool:
    """Whether a folder holds the results of an earlier run."""
    return all((folder / name).exists() for name in ("run.json", "index.html", "gradebook.db"))


def _bounded(name: str) -> str:
    """A student's id that every file system takes as a folder's name; what is cut off is told apart by a digest."""
    if len(name.encode("utf-8", "surrogatepass")) <= _MAX_ID:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return name.encode("utf-8", "surrogatepass")[: _MAX_ID - 13].decode("utf-8", "ignore") + "~" + digest


def _text(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes of it that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_notebook(name: str) -> bool:
    return os.path.splitext(name)[1].lower() == ".ipynb" and not name.startswith(_HIDDEN)


def _is_hidden(path: PurePath) -> bool:
    return path.name.startswith(_HIDDEN)


def without_copies(paths: Sequence[P]) -> list[P]:
    """The notebooks without `-Copy1` and the like, where the one they were copied from is there too."""
    copies = {path: _COPY.sub("", stem) for path in paths if _COPY.search(stem := os.path.splitext(path)[0])}
    there = set(copies.values()).intersection(os.path.splitext(path)[0] for path in paths)
    return [path for path in paths if copies.get(path) not in there]


def names_in(output: Path | None) -> frozenset[str]:
    """Whose folders an output folder holds."""
    try:
        return frozenset(entry.name for entry in os.scandir(output) if entry.is_dir()) if output is not None else frozenset()
    except OSError:  # it is not there yet, or writing it will say what is wrong with it
        return frozenset()


def with_unique_names(submissions: list[Submission], there: Collection[str] = ()) -> list[Submission]:
    """Students' ids made different from each other and from the files of an output folder, whatever case they are in.

    there: the students of that folder. Of names that differ in case alone one stays as it is: the one that is there or, where none is,
    the one in small letters. The others get a mark of their spelling. So neither the order of submissions nor who else is among them
    decides, but for several submissions under one very name: these are counted, in the order of where they lie.
    """
    names, old = [_plain(one.student) for one in submissions], frozenset(there)
    unique = [
        one if one.student == name else msgspec.structs.replace(one, student=name) for one, name in zip(submissions, names, strict=True)
    ]
    shared = _shared(names, old)
    places = [at for at, name in enumerate(names) if name.casefold() in shared]
    if not places:  # as in most classes: no more is kept of each then
        return unique
    taken = {name.casefold() for name in RESERVED} | {name.casefold() for name in names if name.casefold() not in shared}
    spellings: dict[str, set[str]] = {}
    for name in {*(names[at] for at in places), *(name for name in old if name.casefold() in shared)}:
        spellings.setdefault(name.casefold(), set()).add(name)
    stays = {names[at]: _stays(names[at], spellings, old) for at in places}
    places.sort(key=lambda at: (names[at], submissions[at].source, str(submissions[at].root), at))
    firsts = {names[at]: at for at in reversed(places)}
    for at in sorted(places, key=lambda at: (firsts[names[at]] != at, not stays[names[at]])):  # nobody's own name is given away
        plain = names[at] if stays[names[at]] else _marked(names[at])
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[:60]}~{number}"
        taken.add(name.casefold())
        unique[at] = msgspec.structs.replace(submissions[at], student=name)
    return unique


def _shared(names: Sequence[str], old: frozenset[str]) -> frozenset[str]:
    """Which names are another's, too, or a file's of an output folder, or there in another spelling; all without their case."""
    folded = sorted(name.casefold() for name in itertools.chain(names, old.difference(names), RESERVED))
    return frozenset(one for one, other in itertools.pairwise(folded) if one == other)


def _plain(student: str) -> str:
    name = _bounded(student)
    return f"~{name}" if name.casefold().startswith("gradebook.db-") else name  # SQLite's own files


def _stays(name: str, spellings: Mapping[str, AbstractSet[str]], old: AbstractSet[str]) -> bool:
    """Whether a name stays as it is among its spellings."""
    same = spellings[name.casefold()]
    return len(same) == 1 or (name in old if same & old else name == name.casefold())


def _marked(name: str) -> str:
    return f"{name[:53]}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
