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
_FAR = 1 << 30  # further back than any run is long
_TEXT = r"\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
# Strings, whole, and names; comments; then attributes with their dots, numbers, and any sign. Alternatives that each begin with one
# character of few, without a choice, are ruled out at a glance.
_TOKEN = re.compile(
    rf"[rbfuRBFU][rbfuRBFU]?(?:{_TEXT})|[^\W\d]\w*|#[^\n]*|^[ \t]*[%!][^\n]*|{_TEXT}|\.[^\W\d]\w*|\d[\w.]*|\.\d[\w.]*|[^\s\w]",
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


class Fingerprints(msgspec.Struct, frozen=True, gc=False):
    """A notebook's fingerprints in the order of its text: `hashes` are 4 bytes each, `cells` the index of the cell of each in one byte."""

    hashes: bytes = b""
    cells: bytes = b""


def fingerprints(cells: Iterable[tuple[int, str]], common: Common) -> Fingerprints:
    """The fingerprints of code cells, given as (index, source), without what is common."""
    sources: list[tuple[int, str]] = []
    left = _MAX_SOURCE
    for index, source in cells:
        if source not in common.cells and left > 0:
            sources.append((min(index, 255), source[:left]))
            left -= len(source)
    grams, places = _grams(sources)
    own = _not_in(grams, np.frombuffer(common.hashes, dtype="<u4"))
    grams, places = grams[own], places[own]
    kept = _winnow(grams)[:_MAX_KEPT]
    return Fingerprints(grams[kept].astype("<u4").tobytes(), places[kept].astype(np.uint8).tobytes())


def common_of(cells: Sequence[str], others: Sequence[str] = ()) -> Common:
    """What is common where these cells were handed out, and every one of the other texts may be in anybody's code."""
    grams, _ = _grams(list(enumerate((*cells, *others))))
    return Common(frozenset(cells), distinct(grams).astype("<u4").tobytes())


def distinct(hashes: np.ndarray) -> np.ndarray:
    """The hashes, sorted, each once: what `np.unique` gives, which imports `numpy.ma` for it, a fortieth of the time to a first result."""
    ordered = np.sort(hashes)
    found: np.ndarray = ordered[np.diff(ordered, prepend=ordered[:1] + 1) != 0]
    return found


def _not_in(grams: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which of the hashes are not among the known ones, which are sorted."""
    if not len(known):
        return np.ones(len(grams), dtype=bool)
    found: np.ndarray = known[np.minimum(np.searchsorted(known, grams), len(known) - 1)] != grams
    return found


def _grams(sources: Sequence[tuple[int, str]]) -> tuple[np.ndarray, np.ndarray]:
    """The hash of every run of `_GRAM` tokens of a text, in order, and the number that the text was given with."""
    codes, steps, lengths = _codes([source for _, source in sources])
    count = len(codes) - _GRAM + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int64)
    fixed, back = np.array(codes, dtype=np.uint64), np.array(steps, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for place in range(_GRAM):
        before = back[place : place + count]  # a name that was not in the run before counts as new
        total = total * _BASE + fixed[place : place + count] + before * (before <= place)
    total ^= total >> np.uint64(29)
    total *= _BASE
    text = np.repeat(np.arange(len(sources)), lengths)
    within = text[:count] == text[_GRAM - 1 :]  # no run goes from one text into the next
    numbers = np.array([number for number, _ in sources], dtype=np.int64)
    return (total >> np.uint64(32)).astype(np.uint32)[within], numbers[text[:count][within]]


def _codes(sources: Sequence[str]) -> tuple[list[int], list[int], list[int]]:
    """For each token its own code, and how many tokens ago the same name stood, or 0 for what is no such name; and the texts' lengths."""
    codes: list[int] = []
    steps: list[int] = []
    lengths: list[int] = []
    last: dict[str, int] = {}
    fixed = _FIXED
    for source in sources:
        start = len(codes)
        for token in _TOKEN.findall(source):
            code, step = fixed.get(token), 0
            if code is None:
                first = token[0]
                if first in "\"'" or token[-1] in "\"'":
                    code = _STRING
                elif first.isalpha() or first == "_":
                    place = len(codes)
                    code, step = 1, place - last.get(token, place - _FAR)
                    last[token] = place
                elif first in "#%!" or first.isspace():
                    continue
                else:
                    code = zlib.crc32(token.encode("utf-8", "surrogatepass"))
            codes.append(code)
            steps.append(step)
        lengths.append(len(codes) - start)
    return codes, steps, lengths


def _winnow(grams: np.ndarray) -> np.ndarray:
    """The places of the smallest hash of every `_WINDOW` neighbours, the rightmost of equal ones, each once and in order."""
    if len(grams) <= _WINDOW:
        return np.arange(len(grams))[len(grams) - 1 - int(np.argmin(grams[::-1])) :][:1] if len(grams) else np.arange(0)
    windows = np.lib.stride_tricks.sliding_window_view(grams[::-1], _WINDOW)
    chosen = np.zeros(len(grams), dtype=bool)
    chosen[len(grams) - 1 - np.argmin(windows, axis=1) - np.arange(len(windows))] = True
    places: np.ndarray = np.flatnonzero(chosen)
    return places
