"""Blackboard, "Assignment File Download": `{assignment}_{user name}_{attempt}_{YYYY-MM-DD-HH-MM-SS}[_{file}]`, and a `.txt` an attempt.

"attempt" is in the site's language. Assignments' and users' names may have underscores: the two are told apart by the `.txt`, whose first
line is a label (localised, too), a colon, the full name and the user name in brackets, else by what all names of the archive begin with.
Times have no offset. Every attempt that was downloaded is in the archive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from grader.errors import SubmissionError
from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, beginning, by_owner, in_zone, renamed, share
from grader.lms.manifest import PassedOver

_MEMBER = re.compile(r"(?P<owner>.+?)_[^\W\d_]+_(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<text>\.txt))", re.DOTALL)
_NAME = re.compile(r"[^:：]{1,40}[:：]\s*(?P<name>.*?)\s*\((?P<user>[^()]+)\)\s*")
MAX_TEXT = 1024 * 1024


def sign(tree: Tree) -> float:
    """The share of files that are named as Blackboard names them."""
    return share(tree, map(_match, tree.files))


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins, one an attempt, in the order of their times."""
    matches = {file.name: match for file in tree.files if (match := _match(file))}
    strays = tuple(PassedOver(file.name, "it is not named as Blackboard names files") for file in tree.files if file.name not in matches)
    owned = [((match["owner"], match["stamp"]), file) for file in tree.files if (match := matches.get(file.name))]
    texts: dict[tuple[str, ...], tuple[str, str]] = {owner: _read_text(file) for owner, file in owned if matches[file.name]["text"]}
    users = _users(sorted({owner for (owner, _), _ in owned}), texts)
    handins = []
    for (owner, stamp), files in by_owner(owned):
        handins.append(
            Handin(
                student=users[owner],
                name=texts.get((owner, stamp), ("", ""))[0],
                ids={"username": users[owner]},
                files=tuple(renamed(file, matches[file.name]["file"]) for file in files if not matches[file.name]["text"]),
                order=(stamp,),
                submitted_at=in_zone(_time(stamp), wanted.zone),
            )
        )
    return Handins("blackboard", tuple(handins), strays)


def _match(file: File) -> re.Match[str] | None:
    return _MEMBER.fullmatch(file.parts[0]) if len(file.parts) == 1 else None


def _time(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None


def _read_text(file: File) -> tuple[str, str]:
    """The full name and the user name that an attempt's text gives, "" where it gives none."""
    try:
        first = file.read(MAX_TEXT).decode("utf-8-sig", "replace").lstrip().split("\n", 1)[0]
    except SubmissionError:
        return "", ""
    match = _NAME.fullmatch(first.strip())
    return (match["name"], match["user"]) if match else ("", "")


def _users(owners: Sequence[str], texts: Mapping[tuple[str, ...], tuple[str, str]]) -> dict[str, str]:
    """The user name at the end of each `{assignment}_{user name}`: from the texts, else what is left of the common beginning."""
    told = {owner: user for (owner, _), (_, user) in texts.items() if user and owner.endswith(f"_{user}")}
    beginnings = {owner[: -len(user)] for owner, user in told.items()}
    common = beginnings.pop() if len(beginnings) == 1 else beginning(owners, "_")
    return {owner: told.get(owner) or owner.removeprefix(common) or owner for owner in owners}
