"""What paths hold becomes submissions: whose files they are, and which notebook counts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.lms import manifest
from grader.lms.archive import File, Tree, read_tree
from grader.lms.intake.choice import ANOTHER, Found, Missing, choose
from grader.lms.intake.detection import READERS, Detected, detect
from grader.lms.intake.handin import Wanted
from grader.lms.manifest import Entry, Manifest, PassedOver, System
from grader.lms.names import shown
from grader.lms.roster import Match, match, read_roster
from grader.submissions import Submission, find, names_in, with_unique_names

_OTHER_ARCHIVES = (".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar")


class Gathered(msgspec.Struct, frozen=True):
    """What was found at all paths: submissions with names of their own, and where each path is from.

    refused: members that no file could be made of. strays: files that are nobody's. absent, unlisted: students of the roster without a
    submission, and submissions that no row of it is for.
    """

    found: tuple[Found, ...]
    refused: tuple[PassedOver, ...]
    strays: tuple[PassedOver, ...]
    origins: tuple[str, ...]
    absent: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    @property
    def submissions(self) -> list[Submission]:
        """The submissions, in the order of the paths, then by student."""
        return [one.submission for one in self.found]

    @property
    def manifest(self) -> Manifest:
        """Their manifest."""
        return Manifest(submissions=tuple(one.entry for one in self.found))


def gather(
    paths: Sequence[Path], wanted: Wanted, *, output: Path | None = None, system: System | None = None, roster: Path | None = None
) -> Gathered:
    """The submissions at the paths: notebooks, plain folders, those that `collect` made, archives and trees of platforms.

    output: a folder of results that may lie among them. system: the platform, where it is not to be told from the content. roster: a
    CSV with the course's own ids.
    Raises UsageError for a path that cannot be read at all, or holds nothing.
    """
    found: list[Found] = []
    refused: list[PassedOver] = []
    strays: list[PassedOver] = []
    origins: list[str] = []
    detected = _by_archive([(path, _detect_at(path, system, output)) for path in _expanded(paths)], wanted)
    for is_plain, group in itertools.groupby(detected, key=lambda pair: pair[1] is None):
        pairs = list(group)
        if is_plain:
            found += _find_plain([path for path, _ in pairs], wanted, output)
            origins += [f"{path}: folder" for path, _ in pairs]
        for path, one in pairs:
            if one is not None:
                handins = READERS[one.system](one.tree, wanted)
                found += choose(handins, wanted, one.tree.root)
                refused += one.tree.refused
                strays += handins.strays
                origins.append(f"{path}: {one.system} ({one.why})")
    if not found:
        what = ", ".join(map(str, paths))
        raise UsageError(f"there is no submission in {what}", remedy="name a notebook, a folder of them, or an archive")
    matched = match(found, read_roster(roster)) if roster else Match(tuple(found), (), ())
    return Gathered(tuple(_named(matched.found, output)), tuple(refused), tuple(strays), tuple(origins), matched.absent, matched.unlisted)


def _expanded(paths: Sequence[Path]) -> list[Path]:
    """The paths, each once; in the place of nbgrader's `downloaded/{assignment}/archive` the archives that lie there."""
    once: dict[Path, Path] = {}
    for path in paths:
        once.setdefault(path.absolute(), path)
    expanded: list[Path] = []
    for path in once.values():
        archives = sorted(path.glob("*.zip")) if path.resolve().match("downloaded/*/archive") else []
        expanded += archives or [path]
    return expanded


def _detect_at(path: Path, system: System | None, output: Path | None) -> Detected | None:
    """What a path holds, None for what `submissions.find` finds by itself."""
    if path.is_dir():
        if (path / manifest.NAME).is_file():
            return None
        tree = _without(read_tree(path), output)
        detected = detect(tree, system)
        return None if detected.system == "folder" and not _has_archives(detected.tree) else detected
    if path.suffix.lower() in _OTHER_ARCHIVES and path.exists():
        raise UsageError(f"{path} is an archive of a kind that is not read", remedy="unpack it and name the folder")
    return detect(read_tree(path), system) if path.suffix.lower() == ".zip" and path.exists() else None


def _without(tree: Tree, output: Path | None) -> Tree:
    """The tree without a folder of results that lies in it."""
    if output is None:
        return tree
    place = output.absolute()
    return msgspec.structs.replace(tree, files=tuple(file for file in tree.files if place not in file.path.absolute().parents))


def _has_archives(tree: Tree) -> bool:
    """Whether some student of a plain folder handed in an archive and no notebook: such are looked into."""
    archived = {_owner(file) for file in tree.files if file.own.suffix.lower() == ".zip"}
    return bool(archived - {_owner(file) for file in tree.files if archived and file.own.suffix.lower() == ".ipynb"})


def _owner(file: File) -> str:
    return file.parts[0] if len(file.parts) > 1 else file.own.stem


def _by_archive(detected: Sequence[tuple[Path, Detected | None]], wanted: Wanted) -> list[tuple[Path, Detected | None]]:
    """The same; where each archive is one student's own, the student is called like the archive, since notebooks are all called alike."""
    own = [(path, one) for path, one in detected if one is not None and one.system == "folder" and not path.is_dir()]
    if not own or not all(_is_of_one(one.tree, wanted, several=len(own) > 1) for _, one in own):
        return list(detected)
    return [(path, _owned(path, one) if one is not None and (path, one) in own else one) for path, one in detected]


def _is_of_one(tree: Tree, wanted: Wanted, several: bool) -> bool:
    notebooks = [file for file in tree.files if file.own.suffix.lower() == ".ipynb"]
    is_named = any(len(file.parts) == 1 and file.parts[0] == wanted.notebook for file in notebooks)
    return is_named or (several and len(notebooks) <= 1)


def _owned(path: Path, one: Detected) -> Detected:
    files = tuple(msgspec.structs.replace(file, parts=(path.stem, *file.parts)) for file in one.tree.files)
    return msgspec.structs.replace(one, tree=msgspec.structs.replace(one.tree, files=files), why="an archive a student")


def _find_plain(paths: Sequence[Path], wanted: Wanted, output: Path | None) -> list[Found]:
    manifests = {path.absolute(): collected.by_student() for path in paths if path.is_dir() and (collected := manifest.read_manifest(path))}
    found: list[Found] = []
    for submission in find(paths, wanted.notebook, output):
        entry = manifests.get(submission.root.absolute(), {}).get(submission.student)
        found.append(_collected(submission, entry) if entry else Found(submission))
    return found


def _collected(submission: Submission, entry: Entry) -> Found:
    """A submission that `collect` put there, with what the platform said of it."""
    why = entry.notes[-1] if submission.file is None and entry.notes else ""
    return Found(
        msgspec.structs.replace(
            submission,
            others=tuple(shown(one.file) for one in entry.others if one.why == ANOTHER),
            attempt=entry.attempt,
            submitted_at=_moment(entry),
            flagged_late=entry.late,
            package=Missing(why) if why else None,
        ),
        entry,
    )


def _moment(entry: Entry) -> datetime | None:
    try:
        moment = datetime.fromisoformat(entry.submitted_at) if entry.submitted_at else None
    except ValueError as error:
        raise UsageError(f"{manifest.NAME}: {shown(entry.student)}: {shown(str(error))}", remedy="collect the submissions again") from error
    return moment if moment and moment.tzinfo else None


def _named(found: Sequence[Found], output: Path | None) -> list[Found]:
    """The submissions with students' ids made different, also in their manifest."""
    unique = with_unique_names([one.submission for one in found], names_in(output))
    return [one if one.submission is submission else _renamed(one, submission) for one, submission in zip(found, unique, strict=True)]


def _renamed(one: Found, submission: Submission) -> Found:
    line = None if one.line is None else msgspec.structs.replace(one.line, student=submission.student)
    return msgspec.structs.replace(one, submission=submission, line=line)
