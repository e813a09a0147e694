"""What known wrong implementations do: each runs through the sandbox with the same calls as the reference.

Like the answer key this is made once, outside every submission, and cached under a hash of all that it depends on. Pairs of
mistakes are run when a submission is met that no single one explains.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from grader.answer_key import AnswerKey, Entry, hash_inputs
from grader.assignments import Reference
from grader.compare import real
from grader.files import cache_folder, write_atomically
from grader.implementations import implementation, run_implementations
from grader.model import Case, Misconception, Visibility
from grader.points import align
from grader.sandbox.protocol import CallReply, Observed, Sandbox
from grader.sandbox.worker import codec

SCHEMA = "grader.bank/2"
WHOLE = "whole"  # the aspect of a mistake that leaves room for no second one
TRIVIAL = Fraction(1, 10)
_NEVER = "0 calls"  # a digest


class Behaviour(msgspec.Struct, frozen=True):
    """What an implementation does in one case: its value or the type of its exception, and a digest of the evaluation points."""

    outcome: str
    value: object = None
    raised: str = ""
    points: Mapping[str, str] = {}


class Prediction(msgspec.Struct, frozen=True):
    """What one mistake, or two at once, do in each case of their function, in the order of the cases."""

    misconceptions: tuple[Misconception, ...]
    behaviours: tuple[Behaviour, ...]
    given: frozenset[str] = frozenset()  # ids of those whose credits hold whatever the value

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same in every case."""
        return len(self.behaviours) > 1 and len({_rounded(item.value) for item in self.behaviours}) == 1

    @property
    def credits(self) -> tuple[Fraction, ...]:
        """The mistakes' credits; a value that is the same in every case earns a tenth at most, unless the assignment's file says else."""
        most = TRIVIAL if self.is_constant else Fraction(1)
        return tuple(item.credit if item.id in self.given else min(item.credit, most) for item in self.misconceptions)


class Stored(msgspec.Struct, forbid_unknown_fields=True):
    """A behaviour as it is cached."""

    outcome: str
    value: list[object]
    raised: str
    points: dict[str, str]


class Predictions(Protocol):
    """What known mistakes do, as far as it is known here. `sha256` is of the mistakes and their credits."""

    sha256: str

    def predictions(self, function: str) -> Sequence[Prediction]:
        """Those of single mistakes."""
        ...

    def screen(self, function: str, points: Sequence[Mapping[str, str]]) -> tuple[int, Sequence[Prediction]]:
        """Those of pairs that may evaluate at `points`, in one case alone, and the position of that case."""
        ...

    def predict_pairs(self, function: str, pairs: Sequence[tuple[Misconception, ...]]) -> Sequence[Prediction]:
        """What pairs do in every case."""
        ...

    def right_points(self, function: str) -> Sequence[Mapping[str, str]]:
        """Where the reference evaluates what each case observes."""
        ...

    def says_little(self, prediction: Prediction) -> bool:
        """Whether much else behaves like this."""
        ...


class Bank:
    """The predictions of an assignment's misconceptions.

    Raises AssignmentError where an edit does not fit the reference, SandboxError where the sandbox failed.
    """

    def __init__(self, reference: Reference, key: AnswerKey, sandbox: Sandbox, folder: Path | None = None) -> None:
        self.reference, self.key, self.sandbox = reference, key, sandbox
        self._folder = folder or cache_folder()
        texts = {item.id: implementation(reference.solution, (item,)) for item in reference.misconceptions}
        described = msgspec.json.encode([(item, texts[item.id]) for item in reference.misconceptions], enc_hook=str)
        self.sha256 = hashlib.sha256(described).hexdigest()
        self._inputs = SCHEMA + hash_inputs(reference.assignment, reference.solution, sandbox) + self.sha256
        self._singles: dict[str, list[Prediction]] = {}
        self._right: dict[str, list[Mapping[str, str]]] = {}
        self._screens: dict[tuple[str, str], list[Prediction]] = {}
        for function in dict.fromkeys(item.function for item in reference.misconceptions):
            own = [(item,) for item in reference.misconceptions if item.function == function]
            self._singles[function] = self._predict(function, own, self._cases(function))

    def moved(self, sandbox: Sandbox) -> Bank:
        """The same predictions, pairs run in another sandbox."""
        other = copy.copy(self)
        other.sandbox = sandbox
        return other

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "sandbox": None}  # a sandbox belongs to its process

    def predictions(self, function: str) -> Sequence[Prediction]:
        """Those of single mistakes."""
        return self._singles.get(function, [])

    def screen(self, function: str, points: Sequence[Mapping[str, str]]) -> tuple[int, Sequence[Prediction]]:
        """Pairs of mistakes that may evaluate at `points`, run in one case alone, and the position of that case.

        Where all functions are evaluated right, neither mistake of a pair moves that. Else one of them does, or both do: where such a
        pair evaluates is not known before it is run, so those are screened once for all points.
        """
        cases = self._cases(function)
        position = next((index for index, case in enumerate(cases) if case.visibility is Visibility.HIDDEN), 0)
        screened: list[Prediction] = []
        for where in (points,) if list(points) == self.right_points(function) else (points, None):
            group = function, repr(where)
            if group not in self._screens:
                self._screens[group] = self._predict(function, self._pairs(function, where), cases[position : position + 1])
            screened += self._screens[group]
        return position, screened

    def predict_pairs(self, function: str, pairs: Sequence[tuple[Misconception, ...]]) -> Sequence[Prediction]:
        """What pairs of mistakes do in every case."""
        return self._predict(function, pairs, self._cases(function))

    def says_little(self, prediction: Prediction) -> bool:
        """Whether a mistake shows only as one and the same value in every case, evaluated where it should be: much else gives that."""
        if any(item.aspect == WHOLE for item in prediction.misconceptions) or not prediction.is_constant:
            return False
        return [item.points for item in prediction.behaviours] == self.right_points(prediction.misconceptions[0].function)

    def _pairs(self, function: str, points: Sequence[Mapping[str, str]] | None) -> list[tuple[Misconception, ...]]:
        """Pairs that evaluate at `points`, of different aspects; or with None pairs that both move the same function."""
        right = self.right_points(function)
        singles = [item for item in self.predictions(function) if item.misconceptions[0].aspect != WHOLE]
        moving = {item.misconceptions[0].id: [behaviour.points for behaviour in item.behaviours] for item in singles}
        chosen: list[tuple[Misconception, ...]] = []
        for (first,), (second,) in itertools.combinations((item.misconceptions for item in singles), 2):
            where = list(map(points_of_both, right, moving[first.id], moving[second.id]))
            is_meant = None in where if points is None else first.aspect != second.aspect and where == list(points)
            if is_meant and implementation(self.reference.solution, (first, second)):
                chosen.append((first, second))
        return chosen

    def right_points(self, function: str) -> list[Mapping[str, str]]:
        """Where the reference evaluates what each case observes."""
        if function not in self._right:
            self._right[function] = right_points(self.key, self._cases(function))
        return self._right[function]

    def _cases(self, function: str) -> list[Case]:
        return [case for case in self.reference.assignment.cases if case.function == function and case.counts]

    def _predict(self, function: str, groups: Sequence[tuple[Misconception, ...]], cases: Sequence[Case]) -> list[Prediction]:
        """From the cache, or run in the sandbox and cached."""
        ids = repr([[item.id for item in group] for group in groups] + [case.id for case in cases])
        path = self._folder / f"{hashlib.sha256((self._inputs + function + ids).encode()).hexdigest()}.bank.json"
        behaviours = None
        with contextlib.suppress(OSError, msgspec.MsgspecError, codec.CodecError):
            behaviours = _decode(path.read_bytes())
        if behaviours is None or len(behaviours) != len(groups):
            texts = [implementation(self.reference.solution, group) for group in groups]
            replies = run_implementations(self.reference, function, texts, self.sandbox, cases)
            entries = [self.key.entries[function, case.id] for case in cases]
            behaviours = [tuple(map(behaviour, calls, entries)) for calls in replies]
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_atomically(path, _encode(behaviours))
        given = frozenset(self.reference.assignment.credits)
        return [Prediction(group, found, given) for group, found in zip(groups, behaviours, strict=True)]


def _rounded(value: object) -> object:
    number = real(value)
    if isinstance(number, float):
        return round(number, 9)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        return np.round(value.astype(float), 9).tobytes()
    return repr(value) if isinstance(value, (dict, tuple, list)) else number


def right_points(key: AnswerKey, cases: Iterable[Case]) -> list[Mapping[str, str]]:
    """Where the reference evaluates what each case observes."""
    entries = [key.entries[case.function, case.id] for case in cases]
    return [_digests(entry.observed.values(), entry) for entry in entries]


def points_of_both(right: Mapping[str, str], first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str] | None:
    """Where two mistakes at once evaluate, by where each does alone; None where both move the same function: that would have to be run.

    A function that one of them never calls is not called by both, and then nothing shows what the other does there.
    """
    never = {name for name in right if _NEVER in (first.get(name), second.get(name)) and right[name] != _NEVER}
    moved = [{name for name in right if points.get(name) != right[name]} for points in (first, second)]
    if moved[0] & moved[1] - never:
        return None
    return {name: _NEVER if name in never else (second if name in moved[1] else first)[name] for name in right}


def behaviour(call: CallReply, entry: Entry) -> Behaviour:
    """What a call did, its evaluation points told by those of the reference."""
    return Behaviour(call.outcome, call.value, call.raised.type if call.raised else "", _digests(call.observed, entry))


def _digests(observed: Iterable[Observed], entry: Entry) -> dict[str, str]:
    return {item.name: digest(item, entry.observed[item.name]) for item in observed if item.name in entry.observed}


def digest(observed: Observed, expected: Observed) -> str:
    """Where a function was evaluated, as text that is equal for equal points, in whatever order and however often.

    In units of the widest of the reference's own steps around their middle, to a thousandth.
    """
    points, wanted = align(observed, expected).points, expected.points
    if not isinstance(points, np.ndarray) or not isinstance(wanted, np.ndarray) or points.dtype.kind not in "iuf" or not points.size:
        return f"{min(observed.calls, 1)} calls"
    if points.shape[1:] != wanted.shape[1:] or not np.isfinite(points).all():
        return "another layout"
    middle = (wanted.min(axis=0) + wanted.max(axis=0)) / 2
    width = float(np.abs(wanted - middle).max())
    if width <= 1e-12 * (1 + float(np.abs(middle).max())):
        width = 1.0
    with np.errstate(over="ignore"):
        steps = np.round((points - middle) / width, 3) + 0.0  # no -0
    return hashlib.sha256(b"".join(sorted({step.tobytes() for step in steps}))).hexdigest()[:16]


def _encode(groups: Iterable[Iterable[Behaviour]]) -> bytes:
    return msgspec.json.encode([[stored(item) for item in group] for group in groups])


def stored(item: Behaviour) -> Stored:
    """A behaviour in the form that is cached."""
    return Stored(item.outcome, _wire(item.value), item.raised, dict(item.points))


def loaded(item: Stored) -> Behaviour:
    """The behaviour that was stored. Raises CodecError where its value is damaged."""
    return Behaviour(item.outcome, codec.decode(item.value), item.raised, item.points)


def _wire(value: object) -> list[object]:
    return ["x", value.type_name] if isinstance(value, codec.Opaque) else codec.encode(value)


def _decode(data: bytes) -> list[tuple[Behaviour, ...]]:
    groups = msgspec.json.decode(data, type=list[list[Stored]])
    return [tuple(map(loaded, group)) for group in groups]
