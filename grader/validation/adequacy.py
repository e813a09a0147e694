"""What the cases tell apart: misconceptions that look alike, and what each case alone notices or names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.answer_key import AnswerKey
from grader.bank import WHOLE, Bank, Prediction, behaviour
from grader.matching import agree_in
from grader.model import Case
from grader.validation.trials import Trial


class Likeness(msgspec.Struct, frozen=True):
    """The predictions of a function's misconceptions, and where they agree with what the misconceptions did when they were graded.

    agreement[i][j] has for each case whether prediction j agrees there with trial i.
    """

    predictions: tuple[Prediction, ...]
    agreement: tuple[tuple[tuple[bool, ...], ...], ...]
    points_are_right: tuple[tuple[bool, ...], ...]  # of each prediction, in each case

    @property
    def ids(self) -> tuple[str, ...]:
        """The misconceptions' ids."""
        return tuple(prediction.misconceptions[0].id for prediction in self.predictions)

    def alike(self, trial: int, without: int | None = None) -> tuple[str, ...]:
        """The misconceptions that fit a trial, with one case left out or none."""
        fitting = []
        for name, agreed in zip(self.ids, self.agreement[trial], strict=True):
            if all(agree for position, agree in enumerate(agreed) if position != without):
                fitting.append(name)
        return tuple(fitting)

    def says_little(self, trial: int, without: int | None = None) -> bool:
        """What Bank.says_little says, with one case left out or none."""
        prediction = self.predictions[trial]
        if any(item.aspect == WHOLE for item in prediction.misconceptions):
            return False
        kept = [position for position in range(len(prediction.behaviours)) if position != without]
        rest = Prediction(prediction.misconceptions, tuple(prediction.behaviours[position] for position in kept))
        return rest.is_constant and all(self.points_are_right[trial][position] for position in kept)

    def is_named(self, trial: int, without: int | None = None) -> bool:
        """Whether a trial would be named as itself alone."""
        return self.alike(trial, without) == (self.ids[trial],) and not self.says_little(trial, without)

    def only_namer(self, position: int) -> tuple[str, ...]:
        """The misconceptions that would lose their name with the case at that position."""
        return tuple(name for trial, name in enumerate(self.ids) if self.is_named(trial) and not self.is_named(trial, position))

    def confused(self) -> list[tuple[str, ...]]:
        """Groups of misconceptions of which each fits another's trial, or is fitted by it."""
        groups: list[set[str]] = []
        for trial in range(len(self.ids)):
            group = {self.ids[trial], *self.alike(trial)}
            touching = [other for other in groups if other & group]
            groups = [other for other in groups if not other & group]
            groups.append(group.union(*touching))
        return [tuple(name for name in self.ids if name in group) for group in groups if len(group) > 1]


def measure_likeness(bank: Bank, key: AnswerKey, function: str, cases: Sequence[Case], trials: Mapping[str, Trial]) -> Likeness:
    """How alike a function's misconceptions are; `trials` are by their ids."""
    predictions = tuple(bank.predictions(function))
    entries = [key.entries[function, case.id] for case in cases]
    shown = [tuple(map(behaviour, trials[item.misconceptions[0].id].calls, entries)) for item in predictions]
    agreement = tuple(
        tuple(tuple(map(agree_in, cases, entries, predicted.behaviours, actual)) for predicted in predictions) for actual in shown
    )
    right = bank.right_points(function)
    at_right = tuple(tuple(seen.points == points for seen, points in zip(item.behaviours, right, strict=True)) for item in predictions)
    return Likeness(predictions, agreement, at_right)


def only_killers(failed: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """For each case the implementations that fail it alone.

    >>> only_killers({"a": ["one"], "b": ["one", "two"], "c": []})
    {'one': ('a',)}
    """
    alone: dict[str, tuple[str, ...]] = {}
    for name, cases in failed.items():
        if len(cases) == 1:
            alone[cases[0]] = (*alone.get(cases[0], ()), name)
    return alone
