"""What a notebook's code looks like once names are seen through: fingerprints that a copy keeps, whatever its variables are called.

Code becomes tokens, without comments, layout and the texts of strings. Every run of `_GRAM` tokens is hashed. A name that is neither
Python's own nor an attribute counts as how far back it stood before in the run, so that renaming changes nothing (the parameterised
matching of B. Baker, "On finding duplication and near-duplication in large software systems", WCRE 1995). Of the hashes, winnowing
keeps the smallest of every `_WINDOW` neighbours (S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003): two texts that share a run of `_GRAM + _WINDOW - 1` tokens share a fingerprint.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

_GRAM, _WINDOW = 10, 6
_MAX_SOURCE = 40_000  # characters of a notebook that are looked at, and fingerprints that are kept: both bound what a stranger's file costs
_MAX_KEPT = 600
_BASE = np.uint64(0x9E3779B97F4A7C15)
_STRING = zlib.crc32(b'"')
_FAR = 1 << 30
# Strings, whole, then comments, then names (an attribute with its dot), then numbers, then any sign.
_TOKEN = re.compile(
    r"[rbfuRBFU]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?)"
    r"|#[^\n]*|^[ \t]*[%!][^\n]*|\.?[^\W\d]\w*|\.?\d[\w.]*|[^\s\w]",
    re.DOTALL | re.MULTILINE,
)
_BUILT_IN = [
    name for name in dir(builtins) if getattr(getattr(builtins, name), "__module__", "") == "builtins"
]  # not what others put there
_FIXED = {name: zlib.crc32(name.encode()) for name in (*keyword.kwlist, *_BUILT_IN, *"()[]{}:,.=+-*/%<>&|^~@;")}


class Common(msgspec.Struct, frozen=True):
    """What tells nothing of who wrote the code: whole cells that were handed out, and hashes of runs of tokens, sorted, 4 bytes each."""

    cells: frozenset[str] = frozenset()
    hashes: bytes = b""


class Fingerprints(msgspec.Struct, frozen=True):
    """A notebook's fingerprints in the order of its text: `hashes` are 4 bytes each, `cells` the index of the cell of each in one byte."""

    hashes: bytes = b""
    cells: bytes = b""


def fingerprints(cells: Iterable[tuple[int, str]], common: Common) -> Fingerprints:
    """The fingerprints of code cells, given as (index, source), without what is common."""
    kept: list[np.ndarray] = []
    places: list[bytes] = []
    left, room = _MAX_SOURCE, _MAX_KEPT
    known = np.frombuffer(common.hashes, dtype="<u4")
    for index, source in cells:
        if source in common.cells or left <= 0 or room <= 0:
            continue
        chosen = _winnow(_without(_grams(source[:left]), known))[:room]
        left, room = left - len(source), room - len(chosen)
        if len(chosen):
            kept.append(chosen)
            places.append(bytes([min(index, 255)]) * len(chosen))
    hashes = np.concatenate(kept) if kept else np.empty(0, dtype=np.uint32)
    return Fingerprints(hashes.astype("<u4").tobytes(), b"".join(places))


def common_of(cells: Sequence[str], others: Sequence[str] = ()) -> Common:
    """What is common where these cells were handed out, and every one of the other texts may be in anybody's code."""
    found = [np.empty(0, dtype=np.uint32), *map(_grams, (*cells, *others))]
    return Common(frozenset(cells), np.unique(np.concatenate(found)).astype("<u4").tobytes())


def _without(grams: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not len(known) or not len(grams):
        return grams
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    kept: np.ndarray = grams[known[places] != grams]
    return kept


def _grams(source: str) -> np.ndarray:
    """The hash of every run of `_GRAM` tokens, in order."""
    codes, steps = _codes(source)
    count = len(codes) - _GRAM + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint32)
    fixed = np.array(codes, dtype=np.uint64)
    back = np.array(steps, dtype=np.int64)
    total = np.zeros(count, dtype=np.uint64)
    for place in range(_GRAM):
        before = back[place : place + count]  # a name that was not in the run before counts as new
        total = total * _BASE + fixed[place : place + count] + np.where(before <= place, before, 0).astype(np.uint64)
    total ^= total >> np.uint64(29)
    total *= _BASE
    hashed: np.ndarray = (total >> np.uint64(32)).astype(np.uint32)
    return hashed


def _codes(source: str) -> tuple[list[int], list[int]]:
    """For each token its own code, and how many tokens ago the same name stood; 0 for what is no name that can be changed."""
    codes: list[int] = []
    steps: list[int] = []
    last: dict[str, int] = {}
    fixed = _FIXED
    place = 0
    for token in _TOKEN.findall(source):
        code = fixed.get(token)
        step = 0
        if code is None:
            first = token[0]
            if first.isalpha() or first == "_":
                if token[-1] in "\"'":
                    code = _STRING
                else:
                    code, step = 1, place - last.get(token, -_FAR)
                    last[token] = place
            elif first in "\"'":
                code = _STRING
            elif first in "#%!" or first.isspace():
                continue
            else:
                code = zlib.crc32(token.encode("utf-8", "surrogatepass"))
        codes.append(code)
        steps.append(step)
        place += 1
    return codes, steps


def _winnow(grams: np.ndarray) -> np.ndarray:
    """The smallest hash of every `_WINDOW` neighbours, the rightmost of equal ones, each place once."""
    if len(grams) <= _WINDOW:
        return grams[-1 - int(np.argmin(grams[::-1])) :][:1] if len(grams) else grams
    windows = np.lib.stride_tricks.sliding_window_view(grams[::-1], _WINDOW)
    places = np.unique(np.argmin(windows, axis=1) + np.arange(len(windows)))
    chosen: np.ndarray = grams[::-1][places][::-1]
    return chosen
