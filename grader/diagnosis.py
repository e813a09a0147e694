"""What was observed of a function that is not right: facts, with no claim about their cause.

What students see comes from public cases or from the student's own text alone: a value or an evaluation point of a hidden
case could carry the hidden input out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader import absence
from grader.answer_key import Entry
from grader.assignments import Assignment, Exercise
from grader.compare import compare, first_part, real
from grader.messages import message, say, say_n
from grader.model import Below, Case, CaseResult, Close, Observation, Outcome, Parts, Visibility
from grader.notebook import Notebook
from grader.points import compare_points, digits, names
from grader.sandbox.protocol import CallReply, Observed, Reply
from grader.values import join

Replies = Sequence[tuple[Case, CallReply, Entry]]
_RIGHT = "evaluated_"  # starts the ids of what is as it should be
# By whose values they are of. Each is a whole sentence, since a translation may put the words in another order.
_CLOSE = {
    None: message("what is wrong is off by little: by up to {off:.2g} of the expected value"),
    Visibility.PUBLIC: message("what is wrong in the public cases is off by little: by up to {off:.2g} of the expected value"),
    Visibility.HIDDEN: message("what is wrong in the hidden cases is off by little: by up to {off:.2g} of the expected value"),
}
_FACTOR = {
    None: message("every wrong value is {factor:.4g} times the expected one"),
    Visibility.PUBLIC: message("every wrong value in the public cases is {factor:.4g} times the expected one"),
    Visibility.HIDDEN: message("every wrong value in the hidden cases is {factor:.4g} times the expected one"),
}


def observe(
    assignment: Assignment, exercise: Exercise, notebook: Notebook, reply: Reply, replies: Replies, results: Sequence[CaseResult]
) -> tuple[Observation, ...]:
    """The facts about an exercise below full marks; never none."""
    if all(result.outcome is Outcome.MISSING for result in results):
        return absence.missing(assignment, exercise, notebook, reply)
    seen: list[Observation] = _whole(exercise, replies, results)
    for visibility in (Visibility.PUBLIC, Visibility.HIDDEN):
        chosen = [(case, call, entry) for case, call, entry in replies if case.visibility is visibility]
        judged = [result for result in results if result.visibility is visibility]
        errors = absence.errors(assignment, exercise, notebook, reply, judged)
        for observation in (*errors, *_values(chosen, judged), *_evaluations(chosen)):
            if not any(observation.id == other.id for other in seen):
                seen.append(Observation(observation.id, observation.text, visibility))
    seen += _relations(assignment, replies)
    if all(observation.visibility is Visibility.HIDDEN or observation.id.startswith(_RIGHT) for observation in seen):
        seen.insert(0, _count(results))
    return tuple(seen)


def watch(replies: Replies, results: Sequence[CaseResult]) -> tuple[Observation, ...]:
    """What is to be told of cases that cost nothing, where they fail: by their titles alone, since a hidden one tells no value."""
    failed = [
        case for (case, _, _), result in zip(replies, results, strict=True) if result.outcome not in (Outcome.PASSED, Outcome.MISSING)
    ]
    told = message("{said_case}: what comes of it is not as expected. This costs no points.")
    return tuple(Observation(f"case_{case.id}", say(told, said_case=case.title), case.visibility) for case in failed)


def carried(functions: Sequence[str]) -> Observation:
    """That an exercise is right itself, and wrong through those that it builds on."""
    told = say(
        "with the course's own {names} in the place of yours every case passes: what is wrong here comes from there, and costs a tenth",
        names=join(functions),
    )
    return Observation("comes_from_elsewhere", told)


def _numbers(replies: Replies) -> list[tuple[float, float]]:
    """(expected, actual) of the cases that both have one finite number."""
    pairs = []
    for case, call, entry in replies:
        expected = real(first_part(case.expect, entry.value))
        actual = real(first_part(case.expect, call.value)) if call.outcome == "returned" else "no value"
        if isinstance(expected, float) and isinstance(actual, float) and np.isfinite(actual):
            pairs.append((expected, actual))
    return pairs


def _whole(exercise: Exercise, replies: Replies, results: Sequence[CaseResult]) -> list[Observation]:
    """What holds in every case, hidden ones too: then saying it gives away nothing of any."""
    pairs = _numbers(replies)
    if len(pairs) < 2 or len(pairs) != len(replies):
        return []
    values = {actual for _, actual in pairs}
    if any(isinstance(case.expect, Parts) for case, _, _ in replies):  # a number is a part of the value alone
        return []
    if len(values) == 1:
        return [Observation("constant", say("it returns {value:.10g} whatever it is given", value=values.pop()))]
    for position, name in enumerate(exercise.parameters):
        arguments = [real(case.arguments[position]) for case, _, _ in replies]
        if arguments == [actual for _, actual in pairs]:
            return [Observation("returns_argument", say("it returns its argument {name} unchanged", name=name))]
    wrong = _wrong(replies, results)
    public = _numbers([reply for reply in wrong if reply[0].visibility is Visibility.PUBLIC])
    if any(expected for expected, _ in public):  # the factor that is told is that of a public case
        hidden = _numbers([reply for reply in wrong if reply[0].visibility is Visibility.HIDDEN])
        return [item for item in _sizes([*public, *hidden]) if item.id == "factor"]
    return []


def _wrong(replies: Replies, results: Sequence[CaseResult]) -> Replies:
    """The wrong ones, of which sizes can be told; none where one exceeds a bound: what is expected there is rounding noise, which
    nothing is a multiple of, or near to."""
    failed = [reply for reply, result in zip(replies, results, strict=True) if result.outcome is Outcome.FAILED]
    return [] if any(_misses_a_bound(case, call) for case, call, _ in failed) else [reply for reply in failed if _is_wrong_number(*reply)]


def _misses_a_bound(case: Case, call: CallReply) -> bool:
    part = case.expect.expect[0] if isinstance(case.expect, Parts) else case.expect
    value = first_part(case.expect, call.value)
    return isinstance(part, Below) and isinstance(real(value), float) and not compare(part, None, value).equal


def _is_wrong_number(case: Case, call: CallReply, entry: Entry) -> bool:
    """Whether a value that failed is a number, or begins with one, that is wrong itself and has an exact goal."""
    goal = first_part(case.expect, entry.value)
    if not isinstance(real(goal), float):
        return False
    if isinstance(case.expect, Parts):
        part, is_several = case.expect.expect[0], isinstance(call.value, (tuple, list))
        return isinstance(part, Close) and is_several and not compare(part, goal, first_part(case.expect, call.value)).equal
    return isinstance(case.expect, Close)


def _values(replies: Replies, results: Sequence[CaseResult]) -> list[Observation]:
    observations: list[Observation] = []
    if any(call.outcome == "returned" and call.value is None for _, call, _ in replies):
        observations.append(Observation("returns_nothing", say("it returns None: a return statement is missing, or returns nothing")))
    kinds = {kind for reply, result in zip(replies, results, strict=True) if (kind := _kind(*reply, result))}
    if len(kinds) == 1 and not observations:
        observations.append(Observation("kind", say("what it returns is not what is asked for: {said}", said=kinds.pop())))
    if replies:
        observations += _sizes(_numbers(_wrong(replies, results)), replies[0][0].visibility)
    return observations


def _kind(case: Case, call: CallReply, entry: Entry, result: CaseResult) -> str:
    """What is wrong with the kind of a value, or in a value that is no number; or nothing."""
    if call.outcome != "returned":
        return ""
    if isinstance(real(entry.value), str):
        return result.message if result.outcome is Outcome.FAILED and not _is_wrong_number(case, call, entry) else ""
    kind = real(call.value)
    return kind if isinstance(kind, str) else ""


def _sizes(pairs: Sequence[tuple[float, float]], where: Visibility | None = None) -> list[Observation]:
    """How far off the values are that are wrong: by little, or by a common factor. `where`: of which cases they are, else of all."""
    pairs = [(expected, actual) for expected, actual in pairs if expected]
    if not pairs:
        return []
    with np.errstate(over="ignore"):
        factors = np.array([actual for _, actual in pairs]) / np.array([expected for expected, _ in pairs])
        off = float(np.abs(factors - 1).max())
    if off < 1e-2:
        return [Observation("close", say(_CLOSE[where], off=off))]
    if len(pairs) > 1 and factors[0] and float(np.ptp(factors)) <= 1e-3 * abs(factors[0]):
        return [Observation("factor", say(_FACTOR[where], factor=factors[0]))]
    return []


def _evaluations(replies: Replies) -> list[Observation]:
    """How a function that cases observe was called, against how the reference calls it: as it should be only where it is so in all."""
    facts: dict[str, Observation] = {}
    wrong = set[str]()
    for _, call, entry in replies:
        if call.outcome != "returned":
            continue
        for observed in call.observed:
            expected = entry.observed.get(observed.name)
            fact = _evaluation(observed, expected) if expected is not None else None
            if fact is not None:
                facts.setdefault(fact.id, fact)
                if not fact.id.startswith(_RIGHT):
                    wrong.add(_RIGHT + observed.name)
    return [fact for fact in facts.values() if fact.id not in wrong]


def _times(calls: int, expected: int) -> str:
    if calls == expected:
        return say_n("once, as expected", "{n} times, as expected", calls)
    return say_n("once ({expected} expected)", "{n} times ({expected} expected)", calls, expected=expected)


def _evaluation(observed: Observed, expected: Observed) -> Observation | None:
    name = observed.name
    evaluation = compare_points(observed, expected)
    counted = {"name": name, "said_times": _times(observed.calls, expected.calls)}
    match evaluation.kind:
        case "right":
            return Observation(
                f"{_RIGHT}{name}", say("{name} is evaluated {said_times}, and at the expected {names}", names=names(expected), **counted)
            )
        case "not_called":
            return Observation(f"not_called_{name}", say("it never calls {name}, so it cannot notice what {name} does", name=name))
        case "layout":
            return Observation(f"layout_{name}", say("it calls {name} with arguments of another shape than expected", name=name))
        case "points":
            facts = "; ".join(evaluation.facts)
            told = say("{name} is evaluated {said_times}, but not at the expected points: {said}", said=facts, **counted)
            return Observation(f"evaluation_points_{name}", told)
        case _:
            return None


def _relations(assignment: Assignment, replies: Replies) -> list[Observation]:
    values = {case.id: real(first_part(case.expect, call.value)) for case, call, _ in replies if call.outcome == "returned"}
    functions = {case.function for case, _, _ in replies}
    observations = []
    for relation in assignment.relations:
        first, second = values.get(relation.first), values.get(relation.second)
        if relation.function not in functions or not isinstance(first, float) or not isinstance(second, float) or not second:
            continue
        ratio = first / second
        if abs(ratio - relation.ratio) <= relation.rtol * abs(relation.ratio):
            continue
        told = {"said_relation": relation.text, "ratio": digits(ratio, relation.ratio)}
        text = say("{said_relation}; here the ratio is {ratio}", **told)
        for known, meaning in relation.explained.items():
            if abs(ratio - known) <= relation.rtol * abs(known):
                text = say("{said_relation}; here the ratio is {ratio}: {said_meaning}", said_meaning=meaning, **told)
        observations.append(Observation(f"relation_{relation.id}", text, Visibility.HIDDEN))
    return observations


def _count(results: Sequence[CaseResult]) -> Observation:
    passed = sum(result.outcome is Outcome.PASSED for result in results)
    public = [result for result in results if result.visibility is Visibility.PUBLIC]
    told = say_n("{passed} of {n} case passed", "{passed} of {n} cases passed", len(results), passed=passed)
    if all(result.outcome is Outcome.PASSED for result in public):
        told = say(
            "{passed} of {number} cases passed, all public ones among them: it is right on the inputs that were shown, "
            "and not on all others",
            passed=passed, number=len(results),
        )  # fmt: skip
    return Observation("cases", told)
