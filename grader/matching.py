"""Which known mistake a submission's behaviour is: the same values and evaluation points in all cases, and no other mistake's.

Two mistakes that fit equally well are none: what cannot be told apart is not named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from grader.answer_key import Entry
from grader.bank import Behaviour, Prediction, Predictions, behaviour
from grader.compare import EQUAL, blocks_agree, compare, describe_blocks, first_part, is_close, real, wrong_blocks
from grader.messages import say, say_n
from grader.model import Below, Blocks, Case, Close, Diagnosis, Expectation, Parts, Visibility
from grader.points import compare_points, digits
from grader.sandbox.protocol import CallReply

Replies = Sequence[tuple[Case, CallReply, Entry]]
Points = Sequence[Mapping[str, str]]  # digests by observed function, in each case
# A prediction's rounding noise against its own case's scale: far below every step of truncation that tells mistakes apart.
_NOISE = 1e-6
_FACTS = 2  # about where it is evaluated; the observations have them all


def diagnose(bank: Predictions, function: str, replies: Replies) -> tuple[tuple[Diagnosis, ...], tuple[Fraction, ...]]:
    """The mistakes that the replies to a function's cases show, with their credits; none where nothing fits or several do."""
    if any(call.outcome in ("missing", "lost") for _, call, _ in replies) or not bank.predictions(function):
        return (), ()
    shown = [behaviour(call, entry) for _, call, entry in replies]
    found = [prediction for prediction in bank.predictions(function) if _fits(prediction, shown, replies)] or _pairs(
        bank, function, shown, replies
    )
    if len(found) != 1 or bank.says_little(found[0]) or _is_rounding(found[0], shown, replies, bank.right_points(function)):
        return (), ()
    mistakes = found[0].misconceptions
    evidence = _evidence(found[0], replies, bank.right_points(function))
    earned = found[0].credits
    told = [Diagnosis(item.id, item.title, evidence, item.hint, float(credit)) for item, credit in zip(mistakes, earned, strict=True)]
    return tuple(told), earned


def _pairs(bank: Predictions, function: str, shown: Sequence[Behaviour], replies: Replies) -> list[Prediction]:
    """The pairs of mistakes that fit: few fit in one case, and those are run in all."""
    position, screened = bank.screen(function, [item.points for item in shown])
    one = slice(position, position + 1)
    likely = [prediction.misconceptions for prediction in screened if _fits(prediction, shown[one], replies[one])]
    return [prediction for prediction in bank.predict_pairs(function, likely) if _fits(prediction, shown, replies)] if likely else []


def _fits(prediction: Prediction, shown: Sequence[Behaviour], replies: Replies) -> bool:
    return all(
        agree_in(case, entry, predicted, actual)
        for (case, _, entry), predicted, actual in zip(replies, prediction.behaviours, shown, strict=True)
    )


def _is_rounding(prediction: Prediction, shown: Sequence[Behaviour], replies: Replies, right: Points) -> bool:
    """Whether all that a mistake gives is 0 but for rounding, and neither the points nor values that vary like rounding tell it."""
    given = [real(item.value) for item in prediction.behaviours]
    values = [(case.expect, real(entry.value), value) for (case, _, entry), value in zip(replies, given, strict=True)]
    is_small = any(value != 0 for value in given) and all(
        isinstance(wanted, float) and isinstance(value, float) and abs(value) <= _most_rounding(expect, wanted)
        for expect, wanted, value in values
    )
    is_elsewhere = [item.points for item in prediction.behaviours] != list(right)
    return is_small and not (is_elsewhere and len({real(item.value) for item in shown}) > 1)


def _most_rounding(expect: Expectation, right: float) -> float:
    return expect.bound if isinstance(expect, Below) else _NOISE * abs(right)


def agree_in(case: Case, entry: Entry, predicted: Behaviour, actual: Behaviour) -> bool:
    """Whether what was predicted for a case and what was seen there are the same, in evaluation points and in value.

    In a public case both are right or neither is: the evidence says so, and noise that makes one of them wrong is a matter of its own.
    """
    if (predicted.outcome, predicted.raised, predicted.points) != (actual.outcome, actual.raised, actual.points):
        return False
    if predicted.outcome != "returned":
        return True
    return _agree(case.expect, predicted.value, actual.value, entry.value) and (
        case.visibility is not Visibility.PUBLIC or _is_right(case, entry, predicted) == _is_right(case, entry, actual)
    )


def _is_right(case: Case, entry: Entry, shown: Behaviour) -> bool:
    return compare(case.expect, entry.value, shown.value).equal


def _agree(expect: Expectation, predicted: object, actual: object, right: object) -> bool:
    """Whether two values are one within the case's tolerance, as far as rounding lets a value be known."""
    if isinstance(expect, Parts):
        return _agree_parts(expect, predicted, actual, right)
    if isinstance(expect, Blocks) and isinstance(predicted, dict):
        keys = tuple(key for key in expect.keys if key in predicted)
        return bool(keys) and blocks_agree(predicted, actual, keys, expect.rtol)
    number = real(predicted)
    if isinstance(expect, Blocks):
        return number == real(actual)
    if isinstance(number, str):
        return number == real(actual) and _agree_array(predicted, actual)
    if number != number or number in (float("inf"), float("-inf")):
        return repr(number) == repr(real(actual))
    seen = real(actual)
    if isinstance(seen, str):
        return False
    if isinstance(expect, Below):
        return is_close(number, seen, 1e-4, expect.bound)
    if number == 0:  # returned as it stands, or left by what cancels wholly: rounding, however small, is of another mistake
        return seen == 0
    scale = real(right)
    return is_close(number, seen, expect.rtol, _NOISE * abs(scale) if isinstance(scale, float) else 0.0)


def _agree_parts(expect: Parts, predicted: object, actual: object, right: object) -> bool:
    """Part by part, where what was predicted has as many as it should."""
    count = len(expect.expect)
    if not all(isinstance(value, (tuple, list)) and len(value) == count for value in (predicted, right)):
        return _agree_inside(predicted, actual)
    if not isinstance(actual, (tuple, list)) or len(actual) != count:
        return False
    return all(
        _agree(part, predicted[position], actual[position], right[position])  # type: ignore[index]
        for position, part in enumerate(expect.expect)
    )


def _agree_inside(predicted: object, actual: object) -> bool:
    first, second = real(predicted), real(actual)
    if isinstance(first, float) and isinstance(second, float):
        return compare(Close(1e-4, _NOISE), first, second).equal
    return first == second and _agree_array(predicted, actual)


def _agree_array(predicted: object, actual: object) -> bool:
    """Whether two arrays of real numbers, or containers of values, are one; other values have agreed in their kind already."""
    if isinstance(predicted, dict) and isinstance(actual, dict):
        return predicted.keys() == actual.keys() and all(_agree_inside(value, actual[key]) for key, value in predicted.items())
    if isinstance(predicted, (tuple, list)) and isinstance(actual, (tuple, list)) and len(predicted) == len(actual):
        return all(_agree_inside(one, other) for one, other in zip(predicted, actual, strict=True))
    if isinstance(predicted, (tuple, list)) or isinstance(actual, (tuple, list)):
        return False
    if not isinstance(predicted, np.ndarray) or predicted.dtype.kind not in "iuf":
        return True
    if not isinstance(actual, np.ndarray) or actual.dtype.kind not in "iuf" or actual.shape != predicted.shape:
        return False
    finite = np.isfinite(predicted)
    if not np.array_equal(predicted[~finite], actual[~finite], equal_nan=True):
        return False
    scale = float(np.abs(predicted[finite]).max(initial=0.0))
    return compare(Close(1e-4, _NOISE * scale), predicted[finite], actual[finite]).equal


def _evidence(prediction: Prediction, replies: Replies, right: Points) -> str:
    """What agrees, in numbers; those of hidden cases stay hidden."""
    many = len(prediction.misconceptions) > 1
    cause = say("what these two mistakes give together") if many else say("what this mistake gives")
    told = next(filter(None, (_value(*reply, cause) for reply in replies)), "")
    if not told and not any(case.visibility is Visibility.PUBLIC for case, _, _ in replies):
        told = say("What hidden cases show is {said}.", said=cause)
    elif not told:
        told = say_n(
            "The public cases pass and hidden ones fail, as they do with this mistake.",
            "The public cases pass and hidden ones fail, as they do with these two mistakes.",
            len(prediction.misconceptions),
        )
    return f"{told} {_agreement(prediction, replies, right)}"


def _value(case: Case, call: CallReply, entry: Entry, cause: str) -> str:
    """What is wrong in a public case, or nothing."""
    if case.visibility is not Visibility.PUBLIC:
        return ""
    named = {"said_cause": cause, "said_case": case.title or say("case {id}", id=case.id)}
    if call.outcome == "raised" and call.raised is not None:
        return say("It raises {type}, which is {said_cause} ({said_case}).", type=call.raised.type, **named)
    comparison = compare(case.expect, entry.value, call.value) if call.outcome == "returned" else EQUAL
    if comparison.equal:
        return ""
    if call.value is None:
        return say("Your value is None, which is {said_cause} ({said_case}).", **named)
    if isinstance(case.expect, Blocks):
        factors = wrong_blocks(entry.value, call.value, case.expect.keys, case.expect.rtol)
        if isinstance(factors, dict):
            return say("{said}: that is {said_cause} ({said_case}).", said=describe_blocks(entry.value, call.value, factors), **named)
    expect, actual, right = _head(case.expect), real(first_part(case.expect, call.value)), real(first_part(case.expect, entry.value))
    is_elsewhere = expect is not case.expect and isinstance(actual, float) and compare(expect, right, actual).equal
    if isinstance(right, str) or is_elsewhere or (expect is not case.expect and isinstance(actual, str)):  # no number tells what is wrong
        return say("Your value is not right ({said}): that is {said_cause} ({said_case}).", said=comparison.why, **named)
    if isinstance(actual, str):
        return say("Your value ({said}) is {said_cause} ({said_case}).", said=actual, **named)
    if isinstance(expect, Below):
        goal = say("0 or more, and below {bound:g}", bound=expect.bound) if actual < 0 else say("below {bound:g}", bound=expect.bound)
    else:
        goal = digits(right, actual)
    named |= {"actual": digits(actual, right), "said_goal": goal}
    return say("Your value {actual} is {said_cause}; right is {said_goal} ({said_case}).", **named)


def _head(expect: Expectation) -> Expectation:
    """The expectation, or of several parts that of the first one."""
    return expect.expect[0] if isinstance(expect, Parts) else expect


def _agreement(prediction: Prediction, replies: Replies, right: Points) -> str:
    """In how many cases the mistake was seen, and whether the evaluation points tell it as well: where they are, in public cases."""
    count = len(replies)
    for (case, call, entry), predicted, wanted in zip(replies, prediction.behaviours, right, strict=True):
        if case.visibility is not Visibility.PUBLIC or predicted.points == wanted:
            continue
        seen = [compare_points(item, entry.observed[item.name]) for item in call.observed if item.name in entry.observed]
        facts = [fact for evaluation in seen for fact in evaluation.facts]
        if facts:
            return say_n(
                "One case was run, and the evaluation points agree, too: {said}.",
                "All {n} cases agree, and the evaluation points agree, too: {said}.",
                count, said="; ".join(facts[:_FACTS]),
            )  # fmt: skip
    if any(right) and [predicted.points for predicted in prediction.behaviours] == list(right):
        return say_n(
            "One case was run, and the evaluation points that were observed are the right ones.",
            "All {n} cases agree, and the evaluation points that were observed are the right ones.",
            count,
        )
    return say_n("One case was run.", "All {n} cases agree.", count)
