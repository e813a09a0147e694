"""Which known mistake is named: one that agrees in every value and evaluation point, and never one of several."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import cast

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.answer_key import Entry
from grader.bank import WHOLE, Bank, Behaviour, Prediction, behaviour
from grader.matching import diagnose
from grader.model import Below, Blocks, Case, Close, Diagnosis, Expectation, Misconception, Parts, Visibility
from grader.sandbox.protocol import CallReply, Observed, Raised

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
RTOL = 1e-6
CLOSE = Close(RTOL)
BASE, WIDTH = np.array([1.0, 2.0]), 0.01
LAYOUT: tuple[tuple[str, tuple[int, ...]], ...] = (("theta", (2,)),)
RIGHT = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)]
DRIFT = [(1.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (1.0, -1.0)]
SECRETS = (7.34512986, 9.87654321, 5.5554321)
# What is right in the cases, and what two mistakes and both at once give there; the first case is public.
TRUTH, DOUBLED, SHIFTED, BOTH = (0.25, *SECRETS), *(tuple(map(wrong, (0.25, *SECRETS))) for wrong in (
    lambda value: 2 * value, lambda value: value + 1, lambda value: 2 * value + 1,
))  # fmt: skip
Values = Sequence[object]


def mistake(name: str, aspect: str = "", credit: Fraction = Fraction(1, 2)) -> Misconception:
    return Misconception(name, "slope", f"title of {name}", f"hint of {name}", credit, aspect or name)


def observed(moves: Sequence[tuple[float, float]] | None) -> tuple[Observed, ...]:
    return () if moves is None else (Observed("cost", len(moves), LAYOUT, BASE + WIDTH * np.array(moves)),)


def calls(values: Values, moves: Sequence[tuple[float, float]] | None = None) -> list[CallReply]:
    """What returns `values` one by one; an exception is raised, text says that the call was lost or missing."""
    made = []
    for value in values:
        if isinstance(value, Exception):
            made.append(CallReply("raised", raised=Raised(type(value).__name__, "of the student"), observed=observed(moves)))
        elif isinstance(value, str):
            made.append(CallReply("lost" if value == "lost" else "missing", reason="ended"))
        else:
            made.append(CallReply("returned", value, observed=observed(moves)))
    return made


def cases(expect: Expectation = CLOSE, count: int = len(TRUTH)) -> list[Case]:
    public = Case("p1", "slope", (1.0,), expect, title="the first input")
    return [public, *(Case(f"h{number}", "slope", SECRETS, expect, visibility=HIDDEN, title=f"{SECRETS}") for number in range(1, count))]


class Assignment:
    """The cases of a function, what is right there, and a bank of mistakes as a `Predictions`."""

    def __init__(self, truth: Values = TRUTH, expect: Expectation = CLOSE, moves: Sequence[tuple[float, float]] | None = None) -> None:
        self.sha256 = ""
        self.cases = cases(expect, len(truth))
        self.entries = [Entry(value, {item.name: item for item in observed(moves)}) for value in truth]
        self.singles: list[Prediction] = []
        self.pairs: list[Prediction] = []

    def knows(self, values: Values, *mistakes: Misconception, moves: Sequence[tuple[float, float]] | None = None) -> Assignment:
        behaviours = tuple(map(behaviour, calls(values, moves), self.entries))
        (self.singles if len(mistakes) == 1 else self.pairs).append(Prediction(mistakes, behaviours))
        return self

    def diagnose(self, values: Values, moves: Sequence[tuple[float, float]] | None = None) -> tuple[Diagnosis, ...]:
        replies = list(zip(self.cases, calls(values, moves), self.entries, strict=True))
        diagnoses, earned = diagnose(self, "slope", replies)
        assert [diagnosis.credit for diagnosis in diagnoses] == [float(credit) for credit in earned]
        return diagnoses

    def names(self, values: Values, moves: Sequence[tuple[float, float]] | None = None) -> list[str]:
        return [diagnosis.id for diagnosis in self.diagnose(values, moves)]

    def predictions(self, function: str) -> Sequence[Prediction]:
        return self.singles

    def screen(self, function: str, points: Sequence[Mapping[str, str]]) -> tuple[int, Sequence[Prediction]]:
        return 1, [msgspec.structs.replace(pair, behaviours=pair.behaviours[1:2]) for pair in self.pairs]

    def predict_pairs(self, function: str, pairs: Sequence[tuple[Misconception, ...]]) -> Sequence[Prediction]:
        return [pair for pair in self.pairs if pair.misconceptions in pairs]

    def right_points(self, function: str) -> Sequence[Mapping[str, str]]:
        return [behaviour(CallReply("returned", observed=tuple(entry.observed.values())), entry).points for entry in self.entries]

    def says_little(self, prediction: Prediction) -> bool:
        return Bank.says_little(cast("Bank", self), prediction)


def known(moves: Sequence[tuple[float, float]] | None = None) -> Assignment:
    made = Assignment(moves=moves).knows(DOUBLED, mistake("doubled"), moves=moves).knows(SHIFTED, mistake("shifted"), moves=moves)
    return made.knows(BOTH, mistake("doubled"), mistake("shifted", credit=Fraction(1, 4)), moves=moves)


# What is named


def test_one_that_agrees_in_every_value() -> None:
    (diagnosis,) = known().diagnose(DOUBLED)
    assert diagnosis == Diagnosis(
        id="doubled",
        title="title of doubled",
        evidence="Your value 0.5 is what this mistake gives; right is 0.25 (the first input). All 4 cases agree.",
        hint="hint of doubled",
        credit=0.5,
    )


@pytest.mark.parametrize("position", range(len(TRUTH)))
def test_none_where_one_value_differs(position: int) -> None:
    assert known().names([*DOUBLED[:position], TRUTH[position], *DOUBLED[position + 1 :]]) == []
    assert known().names([*DOUBLED[:position], ValueError(), *DOUBLED[position + 1 :]]) == []


@settings(max_examples=200)
@given(st.sampled_from([DOUBLED, SHIFTED]), st.integers(0, len(TRUTH) - 1), st.floats(1.1e-5, 1e6), st.sampled_from([-1.0, 1.0]))
def test_a_value_beyond_the_tolerance_removes_the_name(values: tuple[float, ...], position: int, far: float, sign: float) -> None:
    moved = list(values)
    moved[position] *= 1 + sign * far
    assert known().names(moved) == []


@given(st.sampled_from([DOUBLED, SHIFTED]), st.lists(st.floats(-0.9 * RTOL, 0.9 * RTOL), min_size=4, max_size=4))
def test_values_within_the_tolerance_keep_it(values: tuple[float, ...], off: list[float]) -> None:
    assert len(known().names([value * (1 + part) for value, part in zip(values, off, strict=True)])) == 1


def test_what_is_right_in_a_public_case_is_no_mistakes_noise() -> None:
    exact = Close(1e-12)
    quotient = [value * (1 + 1e-9) for value in TRUTH]
    made = Assignment(expect=exact).knows(quotient, mistake("quotient"))
    assert made.names([value * (1 + 3e-8) for value in TRUTH]) == ["quotient"], "another rounding of the same mistake"
    single = [0.25, *(float(np.float32(value)) for value in SECRETS)]
    assert made.names(single) == [], "the mistake fails the public case, and this does not"
    assert made.names([quotient[0], *TRUTH[1:]]) == ["quotient"], "noise may be right by chance where nobody is told of it"


def test_none_where_two_fit() -> None:
    made = known().knows(DOUBLED, mistake("also doubled"))
    assert made.names(DOUBLED) == []
    assert made.names(SHIFTED) == ["shifted"]


def test_none_where_nothing_is_known_or_nothing_fits() -> None:
    assert Assignment().names(DOUBLED) == []
    assert known().names([3 * value for value in TRUTH]) == []


@pytest.mark.parametrize("outcome", ["missing", "lost"])
def test_none_where_a_call_was_lost_or_missing(outcome: str) -> None:
    made = known().knows([*DOUBLED[:3], outcome], mistake("lost"))
    assert made.names([*DOUBLED[:3], outcome]) == []


PAIRS = Parts((Close(RTOL), Close(RTOL, 1e-9)))
SLOPES = np.array([1.0, -2.0])


def pairs(differences: Sequence[float], slopes: np.ndarray = SLOPES) -> list[object]:
    return [(difference, slopes) for difference in differences]


def known_pairs() -> Assignment:
    made = Assignment(pairs(TRUTH), PAIRS)
    made.knows(pairs(DOUBLED), mistake("doubled")).knows(pairs(TRUTH, -SLOPES), mistake("flipped"))
    made.knows(list(TRUTH), mistake("alone")).knows([{"a": value * SLOPES} for value in TRUTH], mistake("dictionary"))
    return made.knows([(SLOPES, difference) for difference in TRUTH], mistake("swapped"))


def test_values_of_several_parts_agree_part_by_part() -> None:
    made = known_pairs()
    assert made.names(pairs(DOUBLED)) == ["doubled"]
    assert made.names(pairs(DOUBLED, SLOPES * 1.01)) == []
    assert made.names(pairs(TRUTH, -SLOPES)) == ["flipped"]
    assert made.names(list(TRUTH)) == ["alone"]
    assert made.names([{"a": value * SLOPES} for value in TRUTH]) == ["dictionary"]
    assert made.names([{"b": value * SLOPES} for value in TRUTH]) == []
    assert made.names([{"a": 2 * value * SLOPES} for value in TRUTH]) == []
    assert made.names([(SLOPES, difference) for difference in TRUTH]) == ["swapped"]
    assert made.names([None] * 4) == []


def test_the_evidence_of_several_parts_tells_of_the_one_that_is_wrong() -> None:
    made = known_pairs()
    assert "Your value 0.5 is what this mistake gives; right is 0.25 (the first input)." in made.diagnose(pairs(DOUBLED))[0].evidence
    flipped = made.diagnose(pairs(TRUTH, -SLOPES))[0].evidence
    assert flipped.startswith(
        "Your value is not right (value 1: 2 of 2 components are off, the first at [0]): that is what this mistake gives"
    )
    assert "Your value is not right (it should be a tuple of 2 values)" in made.diagnose(list(TRUTH))[0].evidence


# Two at once


def test_a_pair_is_named_where_no_single_one_fits() -> None:
    diagnoses = known().diagnose(BOTH)
    assert [(diagnosis.id, diagnosis.credit) for diagnosis in diagnoses] == [("doubled", 0.5), ("shifted", 0.25)]
    (evidence,) = {diagnosis.evidence for diagnosis in diagnoses}
    assert evidence == "Your value 1.5 is what these two mistakes give together; right is 0.25 (the first input). All 4 cases agree."


def test_a_single_one_goes_before_a_pair() -> None:
    assert known().knows(BOTH, mistake("alone")).names(BOTH) == ["alone"]


def test_none_where_two_pairs_fit() -> None:
    assert known().knows(BOTH, mistake("third"), mistake("fourth")).names(BOTH) == []


def test_a_pair_that_fits_in_one_case_alone_is_not_named() -> None:
    assert known().names([0.0, *BOTH[1:]]) == []
    assert known().names([*BOTH[:2], 0.0, 0.0]) == []


# Evaluation points


def test_the_points_must_agree() -> None:
    made = Assignment(moves=RIGHT).knows(DOUBLED, mistake("drift"), moves=DRIFT)
    assert made.names(DOUBLED, DRIFT) == ["drift"]
    assert made.names(DOUBLED, RIGHT) == []
    assert made.names(DOUBLED, DRIFT[:3]) == []
    assert made.names(DOUBLED, [*DRIFT[::-1], DRIFT[0]]) == ["drift"], "in any order, and however often"


def test_the_evidence_says_where() -> None:
    (diagnosis,) = Assignment(moves=RIGHT).knows(DOUBLED, mistake("drift"), moves=DRIFT).diagnose(DOUBLED, DRIFT)
    assert diagnosis.evidence.endswith(
        "All 4 cases agree, and the evaluation points agree, too: theta[0] is still moved when theta[1] is tested; "
        "up to 2 of 2 numbers are moved at once (1 expected)."
    )
    (diagnosis,) = known(RIGHT).diagnose(DOUBLED, RIGHT)
    assert diagnosis.evidence.endswith("All 4 cases agree, and the evaluation points that were observed are the right ones.")


def test_right_in_the_public_cases() -> None:
    (diagnosis,) = Assignment().knows([TRUTH[0], *DOUBLED[1:]], mistake("hidden")).diagnose([TRUTH[0], *DOUBLED[1:]])
    assert diagnosis.evidence == "The public cases pass and hidden ones fail, as they do with this mistake. All 4 cases agree."


# What says little


def test_a_constant_with_right_points_names_nobody() -> None:
    made = Assignment(moves=RIGHT).knows([1.0] * 4, mistake("constant"), moves=RIGHT)
    assert made.names([1.0] * 4, RIGHT) == []


def test_a_constant_is_named_where_its_points_or_its_whole_text_tell() -> None:
    made = Assignment(moves=RIGHT).knows([1.0] * 4, mistake("drift"), moves=DRIFT)
    assert made.names([1.0] * 4, DRIFT) == ["drift"]
    whole = Assignment().knows([1.0] * 4, mistake("constant", WHOLE, Fraction(0)))
    assert whole.names([1.0] * 4) == ["constant"]


def test_a_constant_earns_a_tenth_at_most() -> None:
    made = Assignment(moves=RIGHT).knows([1.0] * 4, mistake("drift"), moves=DRIFT)
    assert [diagnosis.credit for diagnosis in made.diagnose([1.0] * 4, DRIFT)] == [0.1]


# Values of every kind

KINDS: list[tuple[str, Callable[[], object]]] = [
    ("none", lambda: None),
    ("nan", lambda: math.nan),
    ("inf", lambda: math.inf),
    ("minus inf", lambda: -math.inf),
    ("array", lambda: np.array([1.0, 2.0])),
    ("other array", lambda: np.array([1.0, 2.1])),
    ("array with nan", lambda: np.array([1.0, math.nan])),
    ("other array with nan", lambda: np.array([1.1, math.nan])),
    ("nan elsewhere", lambda: np.array([math.nan, 1.0])),
    ("longer array", lambda: np.array([1.0, 2.0, 3.0])),
    ("complex", lambda: 1j),
    ("text", lambda: Raised),
    ("tuple", lambda: (1.0, 2.0)),
    ("other tuple", lambda: (1.0, 3.0)),
    ("raises", ValueError),
    ("raises something else", KeyError),
    ("number", lambda: 3.0),
]


@pytest.mark.parametrize(("kind", "make"), KINDS, ids=[kind for kind, _ in KINDS])
def test_kinds_of_values_are_told_apart(kind: str, make: Callable[[], object]) -> None:
    made = Assignment().knows([*DOUBLED[:3], make()], mistake(kind))
    for other, make_other in KINDS:
        assert made.names([*DOUBLED[:3], make_other()]) == ([kind] if other == kind else []), other


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "Your value is None, which is what this mistake gives (the first input)."),
        (np.zeros((2, 1)), "Your value (it is an array of shape (2, 1), not one number) is what this mistake gives (the first input)."),
        (ValueError(), "It raises ValueError, which is what this mistake gives (the first input)."),
        (math.nan, "Your value nan is what this mistake gives; right is 0.25 (the first input)."),
        (0.25 * (1 + 1.2e-5), "Your value 0.250003 is what this mistake gives; right is 0.25 (the first input)."),
        (1e-9, "Your value 1e-09 is what this mistake gives; right is 0.25 (the first input)."),
    ],
)
def test_evidence_of_any_value(value: object, said: str) -> None:
    (diagnosis,) = Assignment().knows([value, *DOUBLED[1:]], mistake("any")).diagnose([value, *DOUBLED[1:]])
    assert diagnosis.evidence == f"{said} All 4 cases agree."


def test_below_a_bound() -> None:
    made = Assignment((1e-10, 2e-10), Below(1e-7)).knows((0.25, 0.5), mistake("large"))
    assert made.names((0.25, 0.5)) == ["large"]
    assert made.names((0.25, 0.501)) == []
    (diagnosis,) = made.diagnose((0.25, 0.5))
    assert diagnosis.evidence.startswith("Your value 0.25 is what this mistake gives; right is below 1e-07 (the first input).")
    (diagnosis,) = made.knows((-2e-10, 0.7), mistake("signed")).diagnose((-2e-10, 0.7))
    assert diagnosis.evidence.startswith(
        "Your value -2e-10 is what this mistake gives; right is 0 or more, and below 1e-07 (the first input)."
    )


def test_blocks() -> None:
    truth = {"dW": np.ones((2, 2)), "db": np.ones((2, 1))}
    wrong = {**truth, "dW": 2 * truth["dW"]}
    made = Assignment([truth], Blocks(("dW", "db"), RTOL)).knows([wrong], mistake("doubled"))
    (diagnosis,) = made.diagnose([wrong])
    assert diagnosis.evidence == "dW is 2.000 times the true value: that is what this mistake gives (the first input). One case was run."
    assert made.names([{**wrong, "db": 2 * truth["db"]}]) == []
    assert made.names([{"dW": wrong["dW"]}]) == []
    assert made.names([None]) == []


# What is hidden stays hidden

OF_HIDDEN = st.sampled_from([*SECRETS, *(2 * secret for secret in SECRETS), None, ValueError(), np.array(SECRETS)])


@pytest.mark.parametrize("moves", [None, RIGHT, DRIFT])
@given(st.sampled_from([0.25, 0.5, None, math.nan, ValueError()]), st.lists(OF_HIDDEN, min_size=3, max_size=3))
def test_no_hidden_number_is_in_the_evidence(moves: list[tuple[float, float]] | None, first: object, rest: list[object]) -> None:
    made = Assignment(moves=RIGHT).knows([first, *rest], mistake("any", WHOLE), moves=moves)
    (diagnosis,) = made.diagnose([first, *rest], moves)
    for secret in (*SECRETS, *(2 * secret for secret in SECRETS)):
        assert f"{secret:.4g}"[:4] not in diagnosis.evidence
    assert "h1" not in diagnosis.evidence


def test_points_of_hidden_cases_stay_hidden() -> None:
    made = Assignment(moves=RIGHT)
    far = (Observed("cost", 4, LAYOUT, BASE + 7.34512986),)
    replies = [
        (case, msgspec.structs.replace(call, observed=call.observed if case.visibility is PUBLIC else far), entry)
        for case, call, entry in zip(made.cases, calls(DOUBLED, RIGHT), made.entries, strict=True)
    ]
    made.singles.append(Prediction((mistake("far"),), tuple(behaviour(call, entry) for _, call, entry in replies)))
    ((diagnosis,), _) = diagnose(made, "slope", replies)
    assert diagnosis.evidence.endswith("All 4 cases agree.")


def test_a_function_without_public_cases() -> None:
    made = known()
    replies = list(zip(made.cases, calls(DOUBLED), made.entries, strict=True))[1:]
    made.singles = [msgspec.structs.replace(item, behaviours=item.behaviours[1:]) for item in made.singles]
    made.entries = made.entries[1:]
    ((diagnosis,), _) = diagnose(made, "slope", replies)
    assert diagnosis.evidence == "What hidden cases show is what this mistake gives. All 3 cases agree."


def test_behaviours_of_equal_calls_are_equal() -> None:
    call, entry = calls([1.0], DRIFT)[0], Entry(1.0, {item.name: item for item in observed(RIGHT)})
    assert behaviour(call, entry) == behaviour(call, entry)
    assert isinstance(behaviour(call, entry), Behaviour)
