"""The part of the bank of known mistakes that a student's machine has: what they do in the public cases, beside the answer key.

It holds no implementation, only values, texts and credits; pairs of mistakes are for the official grade.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from grader import answer_key, bank
from grader.answer_key import AnswerKey
from grader.assignments import Assignment, Reference
from grader.bank import Bank, Prediction
from grader.errors import AssignmentError
from grader.model import Misconception, Visibility
from grader.sandbox.protocol import Sandbox

SCHEMA = "grader.misconceptions/1"
FROZEN = "misconceptions.json"


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    function: str
    title: str
    hint: str
    credit: str
    behaviours: list[bank.Stored]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    inputs_sha256: str
    misconceptions: list[_Entry]


class FrozenBank:
    """What single mistakes do in the public cases."""

    def __init__(self, key: AnswerKey, assignment: Assignment, predictions: Sequence[Prediction], sha256: str) -> None:
        self._key, self._assignment, self._predictions, self.sha256 = key, assignment, predictions, sha256

    def moved(self, sandbox: Sandbox) -> FrozenBank:
        """The same: it runs nothing."""
        return self

    def predictions(self, function: str) -> Sequence[Prediction]:
        """Those of the function's mistakes."""
        return [prediction for prediction in self._predictions if prediction.misconceptions[0].function == function]

    def screen(self, function: str, points: Sequence[Mapping[str, str]]) -> tuple[int, Sequence[Prediction]]:
        """None: pairs are not frozen."""
        return 0, ()

    def predict_pairs(self, function: str, pairs: Sequence[tuple[Misconception, ...]]) -> Sequence[Prediction]:
        """None: pairs are not frozen."""
        return ()

    def right_points(self, function: str) -> Sequence[Mapping[str, str]]:
        """Where the reference evaluates what each public case observes."""
        return bank.right_points(self._key, [case for case in self._assignment.cases if case.function == function and case.counts])

    def says_little(self, prediction: Prediction) -> bool:
        """No: such mistakes are not frozen."""
        return False


def freeze(reference: Reference, sandbox: Sandbox) -> bytes:
    """The frozen bank, as the bytes of misconceptions.json. Credits are those that all cases give."""
    whole = Bank(reference, answer_key.build(reference, sandbox), sandbox)
    cases = reference.assignment.cases
    entries = []
    for item in reference.misconceptions:
        (prediction,) = (found for found in whole.predictions(item.function) if found.misconceptions == (item,))
        own = [case for case in cases if case.function == item.function and case.counts]
        shown = [found for case, found in zip(own, prediction.behaviours, strict=True) if case.visibility is Visibility.PUBLIC]
        if not whole.says_little(prediction):
            entries.append(_Entry(item.id, item.function, item.title, item.hint, str(prediction.credits[0]), list(map(bank.stored, shown))))
    return (
        msgspec.json.format(
            msgspec.json.encode(_File(SCHEMA, answer_key.hash_cases(answer_key.public_part(reference.assignment)), entries)), indent=1
        )
        + b"\n"
    )


def _misconception(entry: _Entry, assignment: Assignment) -> Misconception:
    credit = assignment.credits.get(entry.id, Fraction(entry.credit))
    return Misconception(entry.id, entry.function, entry.title, entry.hint, credit, "")


def load(assignment: Assignment, key: AnswerKey) -> FrozenBank | None:
    """The bank that lies beside the assignment, or None where there is none. Raises AssignmentError where it is older than the cases."""
    path = assignment.folder / FROZEN
    remedy = f"grader assignment freeze {assignment.id} makes it anew"
    try:
        data = path.read_bytes()
        file = msgspec.json.decode(data, type=_File)
        predictions = [
            Prediction(
                (_misconception(entry, assignment),),
                tuple(map(bank.loaded, entry.behaviours)),
                frozenset({entry.id}),  # found with all cases, not the public ones alone
            )
            for entry in file.misconceptions
        ]
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{path} cannot be read: {error}", remedy=remedy) from error
    if file.schema != SCHEMA or file.inputs_sha256 != answer_key.hash_cases(assignment):
        raise AssignmentError(f"{path} does not belong to the cases", remedy=remedy)
    changed = repr(sorted(assignment.credits.items()))
    return FrozenBank(key, assignment, predictions, hashlib.sha256(data + changed.encode()).hexdigest())
