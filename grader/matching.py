"""Which known mistake a submission's behaviour is: the same values and evaluation points in all cases, and no other mistake's.

Two mistakes that fit equally well are none: what cannot be told apart is not named.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from grader.answer_key import Entry
from grader.bank import Bank, Behaviour, Prediction, behaviour
from grader.compare import compare, describe_factor, real, wrong_blocks
from grader.model import Below, Blocks, Case, Close, Diagnosis, Expectation, Visibility
from grader.sandbox.protocol import CallReply

Replies = Sequence[tuple[Case, CallReply, Entry]]
# A prediction's rounding noise against its own case's scale: far below every step of truncation that tells mistakes apart.
_NOISE = 1e-6


def diagnose(bank: Bank, function: str, replies: Replies) -> tuple[tuple[Diagnosis, ...], tuple[Fraction, ...]]:
    """The mistakes that the replies to a function's cases show, with their credits; none where nothing fits or several do."""
    if any(call.outcome in ("missing", "lost") for _, call, _ in replies) or not bank.predictions(function):
        return (), ()
    shown = [behaviour(call, entry) for _, call, entry in replies]
    found = [prediction for prediction in bank.predictions(function) if _fits(prediction, shown, replies)] or _pairs(
        bank, function, shown, replies
    )
    if len(found) != 1 or bank.says_little(found[0]):
        return (), ()
    mistakes = found[0].misconceptions
    evidence = _evidence(found[0], replies)
    if len(mistakes) > 1:
        evidence = f"Both mistakes at once: {evidence}"
    elif evidence[:2].islower():
        evidence = evidence[0].upper() + evidence[1:]
    diagnoses = tuple(Diagnosis(item.id, item.title, evidence, item.hint, float(item.credit)) for item in mistakes)
    return diagnoses, tuple(item.credit for item in mistakes)


def _pairs(bank: Bank, function: str, shown: Sequence[Behaviour], replies: Replies) -> list[Prediction]:
    """The pairs of mistakes that fit: few fit in one case, and those are run in all."""
    position, screened = bank.screen(function, [item.points for item in shown])
    one = slice(position, position + 1)
    likely = [prediction.misconceptions for prediction in screened if _fits(prediction, shown[one], replies[one])]
    return [prediction for prediction in bank.predict_pairs(function, likely) if _fits(prediction, shown, replies)] if likely else []


def _fits(prediction: Prediction, shown: Sequence[Behaviour], replies: Replies) -> bool:
    for (case, _, entry), predicted, actual in zip(replies, prediction.behaviours, shown, strict=True):
        if (predicted.outcome, predicted.raised, predicted.points) != (actual.outcome, actual.raised, actual.points):
            return False
        if predicted.outcome == "returned" and not _agree(case.expect, predicted.value, actual.value, entry.value):
            return False
    return True


def _agree(expect: Expectation, predicted: object, actual: object, right: object) -> bool:
    """Whether two values are one within the case's tolerance, as far as rounding lets a value be known."""
    number = real(predicted)
    if isinstance(expect, Blocks):
        if not isinstance(predicted, dict):
            return number == real(actual)
        return not wrong_blocks(predicted, actual, tuple(key for key in expect.keys if key in predicted), expect.rtol)
    if isinstance(number, str):
        return number == real(actual) and _agree_array(predicted, actual)
    if number != number or number in (float("inf"), float("-inf")):
        return repr(number) == repr(real(actual))
    if isinstance(expect, Below):
        return compare(Close(1e-4, expect.bound), number, actual).equal
    scale = real(right)
    return compare(Close(expect.rtol, _NOISE * abs(scale) if isinstance(scale, float) else 0.0), number, actual).equal


def _agree_array(predicted: object, actual: object) -> bool:
    """Whether two arrays of real numbers are one; other values have agreed in their kind already."""
    if not isinstance(predicted, np.ndarray) or predicted.dtype.kind not in "iuf" or not np.isfinite(predicted).all():
        return True
    return compare(Close(1e-4, _NOISE * float(np.abs(predicted).max(initial=0.0))), predicted, actual).equal


def _evidence(prediction: Prediction, replies: Replies) -> str:
    """What agrees, in numbers; those of hidden cases stay hidden."""
    total = len(replies)
    whole = f"in all {total} cases" if total > 1 else "in the case that was run"
    for (case, call, entry), predicted in zip(replies, prediction.behaviours, strict=True):
        if case.visibility is not Visibility.PUBLIC:
            continue
        if call.outcome == "raised" and call.raised is not None:
            return f"it raises {call.raised.type} where this mistake does, {whole}"
        if not compare(case.expect, entry.value, call.value).equal:
            where = f" ({case.title})" if case.title else ""
            return f"{_numbers(case, call, entry, predicted)}{where}, and so {whole}.{_where(prediction, replies)}"
    return f"what it returns is what this mistake gives, {whole}.{_where(prediction, replies)}"


def _numbers(case: Case, call: CallReply, entry: Entry, predicted: Behaviour) -> str:
    if isinstance(case.expect, Blocks):
        factors = wrong_blocks(entry.value, call.value, case.expect.keys, case.expect.rtol)
        if isinstance(factors, dict):
            return "; ".join(f"{key} is {describe_factor(factor)}" for key, factor in factors.items()) + ": what this mistake gives"
    actual, goal, number = real(call.value), real(entry.value), real(predicted.value)
    if isinstance(actual, float) and isinstance(goal, float) and isinstance(number, float):
        right = f"below {case.expect.bound:g}" if isinstance(case.expect, Below) else f"{goal:.10g}"
        return f"your value {actual:.10g} is the one that this mistake gives ({number:.10g}); right would be {right}"
    return "what it returns is what this mistake gives"


def _where(prediction: Prediction, replies: Replies) -> str:
    """Whether the evaluation points tell the mistake as well."""
    for (case, _, entry), predicted in zip(replies, prediction.behaviours, strict=True):
        right = behaviour(CallReply("returned", observed=tuple(entry.observed.values())), entry).points
        if case.visibility is Visibility.PUBLIC and predicted.points != right:
            return " The cost is evaluated where this mistake evaluates it, too, and not where it should be."
    return ""
