"""What is another than it was at the check before: the first thing that whoever has just saved a change wants to know."""

from __future__ import annotations

from collections.abc import Iterator

from grader.feedback.views import SYMBOLS, WORDS, number
from grader.messages import message
from grader.messages.language import Language
from grader.model import CaseResult, ExerciseResult, Outcome, SubmissionResult, Visibility
from grader.values import bounded

_LENGTH = 120
_MOST = 12
_PASSES, _FAILS = message("{name} passes now: {case}"), message("{name} no longer passes: {case}")


def changes(before: SubmissionResult, after: SubmissionResult, language: Language) -> list[str]:
    """The sentences about two graded results, the score first; one that says so where nothing changed. Of public cases alone."""
    told = list(_changes(before, after, language))
    if not told:
        return [language.say("Nothing changed since the last check.")]
    rest = len(told) - _MOST
    return told if rest <= 0 else [*told[:_MOST], language.say_n("and {n} more change", "and {n} more changes", rest)]


def _changes(before: SubmissionResult, after: SubmissionResult, language: Language) -> Iterator[str]:
    if before.score != after.score:
        yield language.say(
            "{before} → {after} of {points} points",
            before=number(before.score), after=number(after.score), points=number(after.points),
        )  # fmt: skip
    known = {exercise.name: exercise for exercise in before.exercises}
    for exercise in after.exercises:
        if exercise.name in known:
            yield from _of_exercise(known[exercise.name], exercise, language)


def _of_exercise(before: ExerciseResult, after: ExerciseResult, language: Language) -> Iterator[str]:
    name = _short(after.name)
    if before.outcome is not after.outcome:
        words = [language.say(WORDS[outcome]) for outcome in (before.outcome, after.outcome)]
        told = language.say("{name}: {before} → {after}", name=name, before=words[0], after=words[1])
        yield f"{SYMBOLS[after.outcome]} {told}"
    else:
        old = {case.id: case for case in before.cases}
        for case in after.cases:
            if case.visibility is Visibility.PUBLIC and case.id in old:
                yield from _of_case(name, old[case.id], case, language)
    titles = [{diagnosis.title for diagnosis in result.diagnoses} for result in (before, after)]
    for diagnosis in after.diagnoses:
        if diagnosis.title not in titles[0]:
            yield language.say("{name}: recognised now: {title}", name=name, title=_short(language.retell(diagnosis.title)))
    for diagnosis in before.diagnoses:
        if diagnosis.title not in titles[1] and after.outcome is not Outcome.PASSED:
            yield language.say("{name}: no longer recognised: {title}", name=name, title=_short(language.retell(diagnosis.title)))


def _of_case(name: str, before: CaseResult, after: CaseResult, language: Language) -> Iterator[str]:
    """A case that passes or fails anew, or returns another wrong value."""
    what = _short(language.retell(after.title)) or _short(after.id)
    if (before.outcome is Outcome.PASSED) is not (after.outcome is Outcome.PASSED):
        template = _PASSES if after.outcome is Outcome.PASSED else _FAILS
        yield f"{SYMBOLS[after.outcome]} {language.say(template, name=name, case=what)}"
    elif after.outcome is Outcome.FAILED and before.actual != after.actual and before.actual and after.actual:
        values = [_short(language.retell(value)) for value in (before.actual, after.actual)]
        yield language.say(
            "{name}, {case}: your value was {before}, and is {after}", name=name, case=what, before=values[0], after=values[1]
        )


def _short(text: str) -> str:
    return bounded(text, _LENGTH, newlines=False)
