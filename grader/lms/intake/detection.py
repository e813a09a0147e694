"""Which platform a tree of files is from, told by how its files are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from grader.errors import UsageError
from grader.lms.archive import Tree
from grader.lms.intake import blackboard, brightspace, canvas, folder, github_classroom, moodle, nbgrader
from grader.lms.intake.handin import Handins, Wanted
from grader.lms.manifest import System

_SIGNS: Mapping[System, Callable[[Tree], float]] = {
    "canvas": canvas.sign,
    "moodle": moodle.sign,
    "blackboard": blackboard.sign,
    "brightspace": brightspace.sign,
    "nbgrader": nbgrader.sign,
    "github-classroom": github_classroom.sign,
}
READERS: Mapping[System, Callable[[Tree, Wanted], Handins]] = {
    "canvas": canvas.read,
    "moodle": moodle.read,
    "blackboard": blackboard.read,
    "brightspace": brightspace.read,
    "nbgrader": nbgrader.read,
    "github-classroom": github_classroom.read,
    "folder": folder.read,
}


class Detected(msgspec.Struct, frozen=True):
    """The platform that a tree is from, why that is thought, and the part of the tree that its rules hold for."""

    system: System
    why: str
    tree: Tree


def detect(tree: Tree, system: System | None = None) -> Detected:
    """The platform that a tree is from, or how `system` reads it; the folder that an archive keeps everything in is looked into.

    Raises UsageError where two platforms name files so.
    """
    trees = [tree, *([below] if (below := tree.below()) else [])]
    if system == "folder":
        return Detected("folder", "as told", _plain(tree))
    if system is not None:
        return Detected(system, "as told", max(trees, key=_SIGNS[system]))
    for one in trees:
        signs = {name: share for name, sign in _SIGNS.items() if (share := sign(one)) >= 0.5}
        if len(signs) > 1:
            could = " or ".join(f"{name} ({share:.0%} of the files are named so)" for name, share in signs.items())
            raise UsageError(f"{tree.name} could be from {could}", remedy=f"say which: {' or '.join(f'--from {name}' for name in signs)}")
        for name, share in signs.items():
            return Detected(name, f"{share:.0%} of the files are named so", one)
    return Detected("folder", "no platform names files so", _plain(tree))


def _plain(tree: Tree) -> Tree:
    """The tree without the folder that packing puts around it: one called like the archive, or with several folders of notebooks."""
    below = tree.below()
    if below is None:
        return tree
    holders = {file.parts[0] for file in below.files if len(file.parts) > 1 and file.own.suffix.lower() == ".ipynb"}
    return below if below.name == tree.name or len(holders) > 1 else tree
