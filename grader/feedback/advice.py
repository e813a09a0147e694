"""The one thing to do next, chosen by rules from what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence

from grader.absence import NONE_RAN
from grader.feedback.views import CaseView, ExerciseView, NextStep, ReportView
from grader.messages.language import Language
from grader.model import Outcome, Status

_NAMED_IDS = 6


def next_step(
    status: Status, exercises: Sequence[ExerciseView], reports: Sequence[ReportView], notes: Sequence[str], language: Language
) -> NextStep:
    """A confirmed diagnosis comes first, else the most useful fact of the first exercise below full points.

    Where no exercise's function was found, the file may be another than was meant; `notes` say what it looks like.
    """
    say = language.say
    if status is Status.NOT_GRADED:
        return NextStep(say("Nothing for you to do: your file is kept, and it will be graded again."))
    if status is Status.UNREADABLE:
        told = say("Open the file in Jupyter. If it opens there, save it again and hand in that file; if not, restore an older copy.")
        return NextStep(told)
    below = [(number, exercise) for number, exercise in enumerate(exercises, 1) if not exercise.is_complete]
    for number, exercise in below:
        for diagnosis in exercise.diagnoses:
            text = say("What shows it is told below, and there is a hint if you want one.")
            return NextStep(text, number, exercise.name, recognised=diagnosis.title)
    if notes and exercises and not any(exercise.is_found for exercise in exercises) and notes[-1] != language.retell(NONE_RAN):
        told = say("No function that is asked for was found: {fact}. Is this the file that you meant to hand in?", fact=notes[-1])
        return NextStep(told)
    for number, exercise in below:
        return _of_exercise(number, exercise, language)
    if not exercises:
        return NextStep(say("There is nothing to grade in this assignment yet."))
    for report in reports:
        if report.is_wrong:
            told = "".join(diagnosis.title for diagnosis in report.diagnoses[:1])
            text = say(
                "Everything that is graded passed. {name} is worth no points, but it is not right yet: see below.", name=report.function
            )
            return NextStep(text, name=report.function, recognised=told)
    return NextStep(say("Nothing: everything passed."))


def _of_exercise(number: int, exercise: ExerciseView, language: Language) -> NextStep:
    name = exercise.name
    if exercise.outcome is Outcome.MISSING:
        if exercise.observations:
            text = language.say("{name} was not found: {fact}.", name=name, fact=exercise.observations[0])
        else:
            text = language.say("Have a function with exactly the name {name}.", name=name)
        return NextStep(text, number, name)
    failing = exercise.failing_open + exercise.failing_closed
    for case in failing:
        if case.outcome is Outcome.ERRORED:
            return NextStep(_of_error(name, case, language), number, name, place=case.place, source=case.source)
    for case in exercise.failing_open:
        if case.outcome is Outcome.FAILED:
            return _of_wrong_value(number, name, case, language)
    for case in failing:
        if case.outcome is not Outcome.FAILED:
            return NextStep(_ended(name, case.outcome, language), number, name, place=case.place, source=case.source)
    return NextStep(_of_closed(name, exercise, language), number, name)


def _of_error(name: str, case: CaseView, language: Language) -> str:
    error = case.error or language.say("an exception")
    if case.place:
        return language.say("{name} raises {error} in {place}.", name=name, error=error, place=case.place)
    return language.say("{name} raises {error}.", name=name, error=error)


def _of_wrong_value(number: int, name: str, case: CaseView, language: Language) -> NextStep:
    what = case.title or language.say("case {id}", id=case.id)
    text = language.say("{name} returns a wrong value: {case}.", name=name, case=what)
    if not (case.expected and case.actual):
        text = f"{text} {case.message}"
    return NextStep(text, number, name, case.expected, case.actual)


def _ended(name: str, outcome: Outcome, language: Language) -> str:
    if outcome is Outcome.TIMED_OUT:
        return language.say(
            "{name} did not return in time. Look for a loop that does not end, or for work repeated at each step.", name=name
        )
    if outcome is Outcome.MISSING:
        return language.say("{name} was not there when it was called. Check that no later cell deletes or replaces it.", name=name)
    return language.say("{name} was stopped: it ended its process, or took more memory or output than is allowed.", name=name)


def _of_closed(name: str, exercise: ExerciseView, language: Language) -> str:
    ids = [case.id for case in exercise.failing_closed]
    if not ids:
        facts = exercise.observations + exercise.notes
        return " ".join((language.say("{name} is below full points.", name=name), *facts[:1]))
    named = ", ".join(ids[:_NAMED_IDS])
    if len(ids) > _NAMED_IDS:
        named = language.say("{before} and {number} more", before=named, number=len(ids) - _NAMED_IDS)
    if exercise.open_cases:
        start = language.say("{name} passes its public cases, but hidden cases fail: {ids}.", name=name, ids=named)
    else:
        start = language.say("{name}: hidden cases fail: {ids}.", name=name, ids=named)
    if exercise.observations:
        rest = language.say("What was seen: {fact}", fact=exercise.observations[0])
    else:
        rest = language.say("Try inputs of other sizes and signs than those of the public cases.")
    return f"{start} {rest}"
