"""Whose code is like whose beyond what many write: something to look at, never a finding.

Counted are the fingerprints that few of a class have: what many have is how one writes such a thing, and short functions leave no more
than that. A pair is named where it shares many such passages, and what it shares is most of the shorter one's own code, in which each
passage weighs by how rare it is in the class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from grader.likeness import Fingerprints, distinct

_FEW, _SHARE_OF_CLASS, _MOST = 3, 100, 10  # a passage is rare where 3 have it, or one in 100 of the class, but never more than 10
_PASSAGES = 12  # rare ones that a pair shares, at least: about fifty tokens
_SHARED = 0.75  # of the weight of the shorter one's own passages
_TOGETHER, _BLOCK = 1 << 15, 256  # fingerprints that are sorted together, and submissions whose fingerprints are looked through together


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
    leader: dict[int, int] = {}

    def lead(one: int) -> int:
        while (other := leader.get(one, one)) != one:
            leader[one] = leader.get(other, other)
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
    several, holders, met, passages = _met(code)
    found = []
    is_close = passages >= _PASSAGES
    for both, count in zip(met[is_close].tolist(), passages[is_close].tolist(), strict=True):
        first, second = divmod(both, len(code))
        pair = _pair(code, (first, second), count, (several, holders))
        if pair.share >= _SHARED:
            found.append(pair)
    return sorted(found, key=lambda pair: (-pair.weight, pair.first, pair.second))


def _pair(code: Sequence[Fingerprints], members: tuple[int, int], passages: int, known: tuple[np.ndarray, np.ndarray]) -> Pair:
    """Two submissions compared. known: the hashes that several have, sorted, and how many have them."""
    one, other = (distinct(np.frombuffer(code[member].hashes, dtype="<u4")) for member in members)
    both = np.intersect1d(one, other, assume_unique=True)
    first, second, shared = (_counts(hashes, *known) for hashes in (one, other, both))
    whole = min(_weight(first, len(code)), _weight(second, len(code)))
    share = _weight(shared, len(code)) / whole if whole else 0.0
    is_rare = shared <= rare_limit(len(code))
    telling = set(both[is_rare].tolist())
    cells = (_cells(code[members[0]], telling), _cells(code[members[1]], telling))
    return Pair(*members, passages, min(1.0, share), _weight(shared[is_rare], len(code)), cells)


def _counts(hashes: np.ndarray, several: np.ndarray, holders: np.ndarray) -> np.ndarray:
    """How many have each of the hashes: one, where it is not among those that several have."""
    counts = np.ones(len(hashes), dtype=np.int64)
    if len(several):
        places = np.minimum(np.searchsorted(several, hashes), len(several) - 1)
        is_known = several[places] == hashes
        counts[is_known] = holders[places[is_known]]
    return counts


def _weight(counts: np.ndarray, size: int) -> float:
    """What passages that so many of a class have weigh together."""
    return float(np.log2((size + 1) / counts).sum())


def _met(code: Sequence[Fingerprints]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The hashes that several submissions have, sorted, and how many have each; the pairs that have a rare one in common, each as
    first * size of the class + second, sorted, and how many they have in common.
    """
    several, holders = [np.empty(0, dtype=np.uint32)], [np.empty(0, dtype=np.int64)]
    met, passages = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for hashes, whose in _parts(code):
        starts = np.flatnonzero(np.diff(hashes, prepend=hashes[:1] + 1))
        counts = np.diff(starts, append=len(hashes))
        several.append(hashes[starts[counts > 1]])
        holders.append(counts[counts > 1])
        new = [met]
        for count in range(2, rare_limit(len(code)) + 1):
            together = whose[starts[counts == count, None] + np.arange(count)]
            first, second = np.triu_indices(count, 1)
            new.append((together[:, first] * len(code) + together[:, second]).ravel())
        times = np.ones(sum(map(len, new)), dtype=np.int64)
        times[: len(met)] = passages
        each = np.concatenate(new)
        met = distinct(each)
        passages = np.bincount(np.searchsorted(met, each), weights=times, minlength=len(met)).astype(np.int64)
    known = np.concatenate(several)
    order = np.argsort(known)
    return known[order], np.concatenate(holders)[order], met, passages


def _parts(code: Sequence[Fingerprints]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The hashes of a class, each with every submission that has it, sorted by both: some at a time, so that memory stays the same."""
    total, parts = sum(len(one.hashes) // 4 for one in code), 1
    while parts * _TOGETHER < total:
        parts *= 2
    for part in range(parts):
        keys = [np.empty(0, dtype=np.uint64)]
        for start in range(0, len(code), _BLOCK):
            block = code[start : start + _BLOCK]
            hashes = np.frombuffer(b"".join(one.hashes for one in block), dtype="<u4")
            chosen = np.flatnonzero(hashes & np.uint32(parts - 1) == part)
            ends = np.cumsum([len(one.hashes) // 4 for one in block])
            whose = np.searchsorted(ends, chosen, side="right").astype(np.uint64) + np.uint64(start)
            keys.append(hashes[chosen].astype(np.uint64) << np.uint64(32) | whose)
        found = distinct(np.concatenate(keys))
        yield (found >> np.uint64(32)).astype(np.uint32), (found & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _cells(code: Fingerprints, telling: set[int]) -> tuple[int, ...]:
    hashes = np.frombuffer(code.hashes, dtype="<u4").tolist()
    return tuple(sorted({cell for cell, one in zip(code.cells, hashes, strict=True) if one in telling}))
