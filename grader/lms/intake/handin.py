"""What every platform's reader gives: hand-ins, as the platform says that they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from grader.lms.archive import File, Tree
from grader.lms.manifest import PassedOver, System
from grader.times import fix

Order = tuple[int | str, ...]


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for: the assignment's id and the file name of its notebook, either may be "".

    zone: of a platform that writes local times; where it is None these times are not known.
    """

    assignment: str = ""
    notebook: str = ""
    zone: tzinfo | None = None


class Handin(msgspec.Struct, frozen=True, kw_only=True):
    """What one student handed in at one time. student: our id of them, before a roster names them otherwise.

    order: of a student's hand-ins the greatest is the latest. attempt: where the platform numbers them.
    """

    student: str
    name: str = ""
    ids: Mapping[str, str] = {}
    files: tuple[File, ...] = ()
    order: Order = ()
    attempt: int | None = None
    late: bool = False
    submitted_at: datetime | None = None
    notes: tuple[str, ...] = ()
    group: str = ""
    passed_over: tuple[PassedOver, ...] = ()


class Handins(msgspec.Struct, frozen=True):
    """The hand-ins of a tree, and the files of it that are nobody's, with the reason."""

    system: System
    handins: tuple[Handin, ...]
    strays: tuple[PassedOver, ...] = ()


def renamed(file: File, *parts: str) -> File:
    """The file under the path that its owner gave it."""
    return msgspec.structs.replace(file, parts=parts)


def share(tree: Tree, matches: Iterable[object]) -> float:
    """The share of a tree's files that are as a platform names them, of 0 to 1."""
    return sum(map(bool, matches)) / len(tree.files) if tree.files else 0.0


def in_zone(moment: datetime | None, zone: tzinfo | None) -> datetime | None:
    """A platform's local time as a moment; None where its zone is not known, or where no clock there showed it."""
    try:
        return fix(moment, zone) if moment and zone else None
    except ValueError:
        return None


def by_owner(items: Iterable[tuple[tuple[str, ...], File]]) -> Iterator[tuple[tuple[str, ...], tuple[File, ...]]]:
    """The files of each owner, owners sorted."""
    owned: dict[tuple[str, ...], list[File]] = {}
    for owner, file in items:
        owned.setdefault(owner, []).append(file)
    for owner in sorted(owned):
        yield owner, tuple(owned[owner])


def beginning(names: Sequence[str], end: str) -> str:
    """What all of several names begin with, up to the last `end` in it; of a single name, all up to its last `end`.

    >>> beginning(["hw_1_ada", "hw_1_adam"], "_"), beginning(["hw_1_ada"], "_"), beginning(["x", "y"], "_")
    ('hw_1_', 'hw_1_', '')
    """
    first, last = min(names, default=""), max(names, default="")
    same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind(end, 0, same) + 1]
