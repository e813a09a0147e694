"""The fingerprints of a class, in a file that has no name instead of in memory: they are most of what a student leaves for a class page."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Sequence
from typing import overload

from grader.errors import OutputError
from grader.likeness import Fingerprints

_IN_MEMORY = 1 << 17  # bytes, from which on it is a file


class Code(Sequence[Fingerprints]):
    """Fingerprints by position. Raises OutputError where they cannot be kept."""

    def __init__(self, given: Iterable[Fingerprints] = ()) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it lives as long as this
        self._ends = array("Q", [0])
        for one in given:
            self.append(one)

    def __del__(self) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Fingerprints: ...
    @overload
    def __getitem__(self, place: slice) -> list[Fingerprints]: ...
    def __getitem__(self, place: int | slice) -> Fingerprints | list[Fingerprints]:
        if isinstance(place, int):
            return self._read(range(len(self))[place], 1)[0]
        places = range(len(self))[place]
        return self._read(places.start, len(places)) if places.step == 1 else [self[one] for one in places]

    def append(self, one: Fingerprints) -> None:
        """Keeps one more."""
        try:
            self._file.write(one.hashes + one.cells)
        except OSError as error:
            raise OutputError(f"{tempfile.gettempdir()} cannot be written: {error.strerror}") from error
        self._ends.append(self._ends[-1] + len(one.hashes) + len(one.cells))

    def ordered(self, places: Sequence[int]) -> Code:
        """The same in another order, given by the position that each one had."""
        return self if all(place == now for now, place in enumerate(places)) else Code(self[place] for place in places)

    def _read(self, start: int, count: int) -> list[Fingerprints]:
        first = self._ends[start]
        try:
            self._file.seek(first)
            data = self._file.read(self._ends[start + count] - first)
            self._file.seek(self._ends[-1])
        except OSError as error:
            raise OutputError(f"{tempfile.gettempdir()} cannot be read: {error.strerror}") from error
        found, begin = [], 0
        for end in self._ends[start + 1 : start + count + 1]:
            middle = begin + (end - first - begin) * 4 // 5  # four bytes a hash, one a cell
            found.append(Fingerprints(data[begin:middle], data[middle : end - first]))
            begin = end - first
        return found
