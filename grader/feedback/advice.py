"""The one thing to do next, chosen by rules from what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence

from grader.feedback.views import CaseView, ExerciseView, NextStep, ReportView
from grader.model import Outcome, Status

_NAMED_IDS = 6


def next_step(status: Status, exercises: Sequence[ExerciseView], reports: Sequence[ReportView] = ()) -> NextStep:
    """A confirmed diagnosis' hint comes first, else the most useful fact of the first exercise below full points."""
    if status is Status.NOT_GRADED:
        return NextStep("Nothing for you to do: your file is kept, and it will be graded again.")
    if status is Status.UNREADABLE:
        return NextStep("Open the file in Jupyter. If it opens there, save it again and hand in that file; if not, restore an older copy.")
    below = [(number, exercise) for number, exercise in enumerate(exercises, 1) if not exercise.is_complete]
    for number, exercise in below:
        for diagnosis in exercise.diagnoses:
            text = diagnosis.hint or "".join(exercise.evidence[:1])
            return NextStep(text, number, exercise.name, is_hint=bool(diagnosis.hint), recognised=diagnosis.title)
    for number, exercise in below:
        return _of_exercise(number, exercise)
    if not exercises:
        return NextStep("There is nothing to grade in this assignment yet.")
    for report in reports:
        if report.state == "wrong":
            told = "".join(diagnosis.title for diagnosis in report.diagnoses[:1])
            text = f"Everything that is graded passed. {report.function} is worth no points, but it is not right yet: see below."
            return NextStep(text, name=report.function, recognised=told)
    return NextStep("Nothing: everything passed.")


def _of_exercise(number: int, exercise: ExerciseView) -> NextStep:
    name = exercise.name
    if exercise.outcome is Outcome.MISSING:
        seen = f": {exercise.observations[0]}" if exercise.observations else ""
        return NextStep(f"Have a function with exactly the name {name}{seen}.", number, name)
    failing = exercise.failing_open + exercise.failing_closed
    for case in failing:
        if case.outcome is Outcome.ERRORED:
            where = f" in {case.place}" if case.place else ""
            return NextStep(f"{name} raises {case.error or 'an exception'}{where}.", number, name, place=case.place, source=case.source)
    for case in exercise.failing_open:
        if case.outcome is Outcome.FAILED:
            return _of_wrong_value(number, name, case)
    for case in failing:
        if case.outcome is not Outcome.FAILED:
            return NextStep(_ended(name, case.outcome), number, name, place=case.place, source=case.source)
    return NextStep(_of_closed(name, exercise), number, name)


def _of_wrong_value(number: int, name: str, case: CaseView) -> NextStep:
    what = case.title or f"case {case.id}"
    message = "" if case.expected and case.actual else f" {case.message}"
    return NextStep(f"{name} returns a wrong value: {what}.{message}", number, name, case.expected, case.actual)


def _ended(name: str, outcome: Outcome) -> str:
    if outcome is Outcome.TIMED_OUT:
        return f"{name} did not return in time. Look for a loop that does not end, or for work repeated at each step."
    if outcome is Outcome.MISSING:
        return f"{name} was not there when it was called. Check that no later cell deletes or replaces it."
    return f"{name} was stopped: it ended its process, or took more memory or output than is allowed."


def _of_closed(name: str, exercise: ExerciseView) -> str:
    ids = [case.id for case in exercise.failing_closed]
    if not ids:
        facts = exercise.observations + exercise.notes
        return f"{name} is below full points. {facts[0] if facts else ''}".rstrip()
    named = ", ".join(ids[:_NAMED_IDS]) + (f" and {len(ids) - _NAMED_IDS} more" if len(ids) > _NAMED_IDS else "")
    public = f"{name} passes its public cases, but " if exercise.open_cases else f"{name}: "
    start = f"{public}hidden cases fail: {named}."
    if exercise.observations:
        return f"{start} What was seen: {exercise.observations[0]}"
    return f"{start} Try inputs of other sizes and signs than those of the public cases."
