"""GitHub Classroom: a folder of clones `{assignment}-{user}`, as `gh classroom clone student-repos` makes it.

The repositories are strangers': git is never run in them, since their configuration and hooks could run anything. The time of the last
commit is read from the files of `.git`; it is what the student's own machine said.
"""

from __future__ import annotations

import re

from grader.lms.archive import Tree
from grader.lms.intake.commit import last_commit
from grader.lms.intake.handin import Handin, Handins, Wanted, beginning, by_owner, renamed
from grader.lms.manifest import PassedOver


def sign(tree: Tree) -> float:
    """The share of folders that are clones."""
    tops = {file.parts[0] for file in tree.files if len(file.parts) > 1}
    clones = [top for top in tops if tree.folder and (tree.folder / top / ".git").is_dir()]
    return len(clones) / len(tops) if tops else 0.0


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins, one a clone."""
    strays = tuple(PassedOver(file.name, "it lies in no repository") for file in tree.files if len(file.parts) == 1)
    owned = [((file.parts[0],), file) for file in tree.files if len(file.parts) > 1]
    prefix = _prefix(sorted({top for (top,), _ in owned}), tree.name, wanted.assignment)
    handins = []
    for (top,), files in by_owner(owned):
        user = top[len(prefix) :] or top
        handins.append(
            Handin(
                student=user,
                ids={"username": user},
                files=tuple(renamed(file, *file.parts[1:]) for file in files),
                submitted_at=last_commit(tree.folder / top / ".git") if tree.folder else None,
            )
        )
    return Handins("github-classroom", tuple(handins), strays)


def _prefix(tops: list[str], folder: str, assignment: str) -> str:
    """What all clones' names begin with: the assignment, by the folder's name, by our id of it, or by what they have in common."""
    for name in (re.sub(r"-submissions$", "", folder), assignment, assignment.replace("_", "-"), re.sub(r"[\W_]", "", assignment)):
        if name and all(top.casefold().startswith(f"{name}-".casefold()) for top in tops):
            return f"{name}-"
    return beginning(tops, "-")
