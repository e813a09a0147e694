"""Whose code is like whose beyond what many write: something to look at, never a finding.

Counted are the fingerprints that few of a class have: what many have is how one writes such a thing, and short functions leave no more
than that. A pair is named where it shares many such passages, and what it shares is most of the shorter one's own code, in which each
passage weighs by how rare it is in the class.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from grader.likeness import Fingerprints

_FEW, _SHARE_OF_CLASS, _MOST = 3, 100, 10  # a passage is rare where 3 have it, or one in 100 of the class, but never more than 10
_PASSAGES = 12  # rare ones that a pair shares, at least: about fifty tokens
_SHARED = 0.75  # of the weight of the shorter one's own passages


class Pair(msgspec.Struct, frozen=True):
    """Two submissions, by position: how many rare passages both have, and the share of the shorter one's own code that the other has, too.

    A passage weighs log2((class size + 1) / those who have it). weight: of the rare ones together. cells: of each, where they lie.
    """

    first: int
    second: int
    passages: int
    share: float
    weight: float
    cells: tuple[tuple[int, ...], tuple[int, ...]]


class Group(msgspec.Struct, frozen=True):
    """Submissions that hang together by pairs: their positions in order, and the pair that is most alike."""

    members: tuple[int, ...]
    closest: Pair


def rare_limit(size: int) -> int:
    """How many of a class of this size may have a passage that still counts as rare."""
    return min(_MOST, max(_FEW, size // _SHARE_OF_CLASS))


def groups(code: Sequence[Fingerprints]) -> list[Group]:
    """The groups in a class, the most surprising first; the order of submissions decides among equal ones, and nothing else."""
    found = pairs(code)
    leader = list(range(len(code)))

    def lead(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for pair in found:
        low, high = sorted((lead(pair.first), lead(pair.second)))
        leader[high] = low
    members: dict[int, set[int]] = {}
    closest: dict[int, Pair] = {}
    for pair in found:  # the most alike come first
        members.setdefault(lead(pair.first), set()).update((pair.first, pair.second))
        closest.setdefault(lead(pair.first), pair)
    return [Group(tuple(sorted(members[one])), closest[one]) for one in closest]


def pairs(code: Sequence[Fingerprints]) -> list[Pair]:
    """The pairs that are named, the most surprising first."""
    own = [np.unique(np.frombuffer(one.hashes, dtype="<u4")) for one in code]
    known, counts = np.unique(np.concatenate([np.empty(0, dtype=np.uint32), *own]), return_counts=True)
    surprise = np.log2((len(code) + 1) / counts) if len(counts) else counts.astype(float)
    is_rare = (counts >= 2) & (counts <= rare_limit(len(code)))
    places = [np.searchsorted(known, one) for one in own]
    shared = Counter(_meetings([place[is_rare[place]] for place in places]))
    found = []
    for (first, second), passages in sorted(shared.items()):
        both = np.intersect1d(places[first], places[second], assume_unique=True)
        whole = min(float(surprise[places[first]].sum()), float(surprise[places[second]].sum()))
        share = float(surprise[both].sum()) / whole if whole else 0.0
        if passages >= _PASSAGES and share >= _SHARED:
            rare = both[is_rare[both]]
            telling = set(known[rare].tolist())
            cells = (_cells(code[first], telling), _cells(code[second], telling))
            found.append(Pair(first, second, passages, min(1.0, share), float(surprise[rare].sum()), cells))
    return sorted(found, key=lambda pair: (-pair.weight, pair.first, pair.second))


def _meetings(rare: Sequence[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Every two submissions that have a rare passage, once for each of these."""
    whose = np.repeat(np.arange(len(rare)), [len(one) for one in rare])
    passages = np.concatenate([np.empty(0, dtype=np.int64), *rare])
    order = np.argsort(passages, kind="stable")
    ends = np.flatnonzero(np.diff(passages[order])) + 1
    for holders in np.split(whose[order], ends):
        yield from itertools.combinations(holders.tolist(), 2)


def _cells(code: Fingerprints, telling: set[int]) -> tuple[int, ...]:
    hashes = np.frombuffer(code.hashes, dtype="<u4").tolist()
    return tuple(sorted({cell for cell, one in zip(code.cells, hashes, strict=True) if one in telling}))
