"""Whose code is like whose beyond what many write: something to look at, never a finding.

Counted are the fingerprints that few of a class have: what many have is how one writes such a thing, and short functions leave no more
than that. A pair is named where it shares many such passages, and they share a good part of the shorter one's own code.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from grader.likeness import Fingerprints

_FEW, _SHARE_OF_CLASS, _MOST = 3, 50, 20  # a passage is rare where 3 have it, or one in 50 of the class, but never more than 20
_PASSAGES = 10  # rare ones that a pair shares, at least: about forty tokens
_SHARED = 0.5  # of the shorter one's own passages


class Pair(msgspec.Struct, frozen=True):
    """Two submissions, by position: rare passages that both have, and the share of the shorter one's own passages that the other has, too.

    `weight` is how surprising that is in this class: the sum of log2(class size / those who have it) over the rare passages. `cells`
    are those of each in which they lie, by index.
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
    whose = np.repeat(np.arange(len(own)), [len(one) for one in own])
    hashes = np.concatenate([np.empty(0, dtype=np.uint32), *own])
    order = np.argsort(hashes, kind="stable")
    hashes, whose = hashes[order], whose[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.empty(0, dtype=int)
    counts = np.diff(np.r_[starts, len(hashes)])
    shared: Counter[tuple[int, int]] = Counter()
    weights: dict[tuple[int, int], float] = {}
    for place in np.flatnonzero((counts >= 2) & (counts <= rare_limit(len(code)))):
        holders = whose[starts[place] : starts[place] + counts[place]].tolist()
        weight = math.log2(len(code) / len(holders))
        for index, first in enumerate(holders):
            for second in holders[index + 1 :]:
                shared[first, second] += 1
                weights[first, second] = weights.get((first, second), 0.0) + weight
    rare = set(hashes[starts[(counts >= 2) & (counts <= rare_limit(len(code)))]].tolist())
    found = [_pair(code, own, pair, number, weights[pair], rare) for pair, number in sorted(shared.items()) if number >= _PASSAGES]
    return sorted((pair for pair in found if pair.share >= _SHARED), key=lambda pair: (-pair.weight, pair.first, pair.second))


def _pair(
    code: Sequence[Fingerprints], own: Sequence[np.ndarray], pair: tuple[int, int], passages: int, weight: float, rare: set[int]
) -> Pair:
    first, second = pair
    both = np.intersect1d(own[first], own[second], assume_unique=True)
    share = len(both) / min(len(own[first]), len(own[second]))
    telling = rare & set(both.tolist())
    return Pair(first, second, passages, share, weight, (_cells(code[first], telling), _cells(code[second], telling)))


def _cells(code: Fingerprints, telling: set[int]) -> tuple[int, ...]:
    hashes = np.frombuffer(code.hashes, dtype="<u4").tolist()
    return tuple(sorted({cell for cell, one in zip(code.cells, hashes, strict=True) if one in telling}))
