"""The calls of a submission that have no reply yet, whose turn it is, and how long they may take, whichever engine runs them."""

from __future__ import annotations

from collections.abc import Mapping

from . import lost
from .lost import Lost


class Pending:
    """The calls left, the next one first. A call is a position in the request; functions and stages have an entry for each.

    They come stage by stage. Where a function ran out of time, its other calls come last in their stage, with less time each, so that one
    that loops for ever costs the others nothing, as long as the submission's budget lasts for them.

    >>> pending = Pending(["f", "f", "g"], [0, 0, 0])
    >>> pending.lose(Lost("it ran longer than 5 s", "case_seconds"))
    0
    >>> pending.positions
    [2, 1]
    """

    def __init__(self, functions: list[str], stages: list[int]) -> None:
        self.functions, self.stages = functions, stages
        self.positions = sorted(range(len(functions)), key=stages.__getitem__)
        self.late: set[str] = set()  # functions that were out of time
        self.has_begun = False  # the next one

    def __bool__(self) -> bool:
        return bool(self.positions)

    @property
    def next(self) -> int:
        """The call whose turn it is."""
        return self.positions[0]

    @property
    def stage(self) -> int:
        """The stage of the next call."""
        return self.stages[self.next]

    def allowed(self, limits: Mapping[str, int]) -> Mapping[str, int]:
        """The limits of the next call."""
        return lost.allowed(limits, self.functions[self.next], self.late)

    def answer(self) -> None:
        """The next call has its reply."""
        self.positions.pop(0)
        self.has_begun = False

    def lose(self, loss: Lost) -> int:
        """The next call will have none; its position."""
        position, function = self.next, self.functions[self.next]
        self.answer()
        if loss.limit == "case_seconds":
            self.late.add(function)
            self.positions.sort(key=lambda call: (self.stages[call], self.functions[call] == function))
        return position
