"""What there is to tell of a result, in words: the page and the console lay out the same story.

This is the one place that decides what a reader may see. A closed case (hidden, and the reader is the student) keeps its id,
outcome, exception type and the student's own line; nothing else of it enters the story, so no template can show it. Every
text in a story is `visible` and of bounded length.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from grader.absence import PUBLIC_ONLY
from grader.feedback.advice import next_step
from grader.feedback.views import (
    FULL_DETAIL,
    AdjustmentView,
    CaseView,
    Detail,
    DiagnosisView,
    ExerciseView,
    ReportView,
    Story,
    cell_name,
    number,
)
from grader.messages import message
from grader.messages.language import Language
from grader.model import (
    Adjustment,
    CaseResult,
    CellError,
    Diagnosis,
    ExerciseResult,
    Found,
    NotebookResult,
    Outcome,
    Provenance,
    Report,
    Status,
    StudentError,
    SubmissionResult,
    Visibility,
)
from grader.values import bounded

_Item = TypeVar("_Item")
_View = TypeVar("_View")
_BANNERS = {
    Status.GRADED: "",
    Status.NOT_GRADED: message("Not graded. This is our fault, not yours, and nothing is lost."),
    Status.UNREADABLE: message("This file cannot be read as a notebook."),
}
_FOUND = {
    "executed": message("Found in {place}, which ran."),
    "recovered": message("Recovered from {place}, which did not run to its end: the function was taken from its text."),
    "definitions_only": message("Found in {place}. Only the definitions of the notebook were run to get it."),
}
_STATES = {
    "right": message("right"),
    "wrong": message("wrong"),
    "errored": message("raised an error"),
    "timed_out": message("out of time"),
    "killed": message("stopped"),
    "missing": message("not found"),
}
_KINDS = {"late": message("late"), "override": message("override"), "penalty": message("penalty")}
_LEFT_OUT = re.compile(r"… \(([\d,]+) more characters?\)\Z")  # as grader.values.shorten writes it
_LIMITS = frozenset({"TimeoutError", "Killed"})  # what the sandbox says of a cell that it ended
_HASH_LENGTH = 12
_WHOLE = 2_000  # characters that a case's message has of its error
_HINT_FACTOR = 4  # an author's words are rarely too long
OWN_ERROR = message("an exception of its own class")
# The name of an exception's class is text that student code can choose, and so could carry a hidden input out.
_KNOWN_ERRORS = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException))
_KNOWN_ERRORS |= {"AxisError", "LinAlgError"}


def tell(result: SubmissionResult, language: Language, detail: Detail = FULL_DETAIL, audience: Visibility = Visibility.PUBLIC) -> Story:
    """The story of `result` for `audience`: `HIDDEN` is the instructor, who sees everything."""
    teller = _Teller(detail, audience, language)
    submission, line = result.submission, teller.line
    exercises = tuple(teller.exercise(exercise) for exercise in result.exercises[: detail.exercises])
    teller.left_out += len(result.exercises) - len(exercises)
    reports = teller.many(result.reports, teller.report)
    notes = teller.many([note for note in result.notes if note != PUBLIC_ONLY], teller.told)
    late = (language.say("late"),) if submission.late else ()
    attempt = language.say("attempt {attempt}", attempt=submission.attempt)
    return Story(
        student=line(submission.student),
        meta=(line(f"{result.assignment.id} {result.assignment.version}"), line(submission.source), attempt, *late),
        status=result.status,
        banner=language.say(_BANNERS[result.status]) if _BANNERS[result.status] else "",
        score=number(result.score),
        points=number(result.points),
        caveat=language.retell(PUBLIC_ONLY) if PUBLIC_ONLY in result.notes else "",
        grade=number(result.grade) if result.adjustments or result.grade != result.score else "",
        adjustments=teller.many(result.adjustments, teller.adjustment),
        next_step=next_step(result.status, exercises, reports, notes, language),
        exercises=exercises,
        reports=reports,
        cells=_cells(result.notebook, language),
        cell_errors=teller.many(result.notebook.errors if result.notebook else (), teller.cell_error),
        cell_errors_mattered=_mattered(exercises, language) if result.notebook and result.notebook.errors else "",
        notes=notes,
        provenance=tuple((language.say(name), line(value)) for name, value in _provenance(result.provenance, submission.sha256)),
        left_out=teller.left_out,
    )


class _Teller:
    """Cuts and cleans to one level of detail, for one audience, and counts what it leaves out."""

    def __init__(self, detail: Detail, audience: Visibility, language: Language) -> None:
        self.detail = detail
        self.audience = audience
        self.language = language
        self.say = language.say
        self.left_out = 0

    def text(self, text: str) -> str:
        return self.noted(bounded(text, self.detail.text))

    def told(self, text: str) -> str:
        """One of our own sentences, in the reader's language."""
        return self.text(self.language.retell(text))

    def line(self, text: str) -> str:
        return self.noted(bounded(text, self.detail.text, newlines=False))

    def noted(self, shown: str) -> str:
        """A text with the note of how much of it is left out in the reader's language."""
        if self.language.code == "en" or not shown.endswith(")"):
            return shown
        return _LEFT_OUT.sub(lambda note: self.say("… ({number} more characters)", number=note[1]), shown)

    def many(self, items: Iterable[_Item], view: Callable[[_Item], _View]) -> tuple[_View, ...]:
        items = tuple(items)
        kept = items[: self.detail.entries]
        self.left_out += len(items) - len(kept)
        return tuple(map(view, kept))

    def is_closed(self, visibility: Visibility) -> bool:
        return visibility is Visibility.HIDDEN and self.audience is Visibility.PUBLIC

    def exercise(self, exercise: ExerciseResult) -> ExerciseView:
        seen = [observation.text for observation in exercise.observations if not self.is_closed(observation.visibility)]
        errors = [case.error for case in exercise.cases if case.error is not None]
        return ExerciseView(
            key=exercise.name,
            name=self.line(exercise.name),
            points=number(exercise.points),
            score=number(exercise.score),
            worth=exercise.points,
            share=exercise.score / exercise.points if exercise.points > 0 else float(exercise.outcome is Outcome.PASSED),
            outcome=exercise.outcome,
            is_found=exercise.found is not None,
            found=self.found(exercise.found, exercise.name),
            open_cases=self.once(self.many((case for case in exercise.cases if not self.is_closed(case.visibility)), self.open_case)),
            closed_cases=self.many((case for case in exercise.cases if self.is_closed(case.visibility)), self.closed_case),
            diagnoses=self.many(exercise.diagnoses, partial(self.diagnosis, self.shares(exercise))),
            evidence=self.evidence(exercise.diagnoses),
            credit=self.credit(exercise),
            observations=self.many(seen, self.told),
            notes=self.many(self.notes(exercise), self.told),
            marked=tuple((error.cell, error.line) for error in errors if error.cell is not None and error.line is not None),
        )

    def once(self, cases: Sequence[CaseView]) -> tuple[CaseView, ...]:
        """The cases, with an error told in the first that has it, and named after that one in the others."""
        first: dict[tuple[str, str, str], str] = {}
        told = []
        for case in cases:
            key = (case.error, case.place, case.source)
            if case.error and key in first:
                same = self.say("the same error as in case {id}", id=first[key])
                case = msgspec.structs.replace(case, message=same, error="", place="", source="")
            first.setdefault(key, case.id)
            told.append(case)
        return tuple(told)

    def open_case(self, case: CaseResult) -> CaseView:
        error = case.error
        raised = f"{error.type}: {error.message}" if error and error.message else error.type if error else ""
        is_said = error is not None and case.message == raised[:_WHOLE]
        return CaseView(
            id=self.line(case.id),
            outcome=case.outcome,
            is_closed=False,
            is_hidden=case.visibility is Visibility.HIDDEN,
            title=self.told(case.title),
            message="" if is_said else self.text(case.message) if error else self.told(case.message),
            expected=self.told(case.expected or ""),
            actual=self.told(case.actual or ""),
            error=self.text(raised),
            place=self.place(error),
            source=self.source(error),
        )

    def closed_case(self, case: CaseResult) -> CaseView:
        error = case.error
        kind = error.type.rpartition(".")[2] if error else ""
        return CaseView(
            id=self.line(case.id),
            outcome=case.outcome,
            is_closed=True,
            is_hidden=True,
            error=(kind if kind in _KNOWN_ERRORS else self.say(OWN_ERROR)) if error else "",
            place=self.place(error),
            source=self.source(error),
        )

    def source(self, error: StudentError | None) -> str:
        return self.line((error.source or "").strip()) if error else ""

    def found(self, found: Found | None, name: str) -> str:
        if found is None:
            return self.line(self.say("There is no function named {name} after the notebook has run.", name=name))
        place = cell_name(found.cell, self.language) if found.cell is not None else self.say("the notebook")
        sentence = self.say(_FOUND.get(found.how, _FOUND["executed"]), place=place)
        if found.name in ("", name):
            return sentence
        accepted = self.say("It is named {name} there, which is accepted.", name=found.name)
        return self.line(f"{sentence} {accepted}")

    def place(self, error: StudentError | None) -> str:
        if error is None or error.cell is None:
            return ""
        if error.line is None:
            return cell_name(error.cell, self.language)
        return self.say("cell {cell}, line {line}", cell=error.cell + 1, line=error.line)

    def diagnosis(self, shares: Mapping[str, str], diagnosis: Diagnosis) -> DiagnosisView:
        hint = bounded(self.language.retell(diagnosis.hint), _HINT_FACTOR * self.detail.text)
        return DiagnosisView(self.line(self.language.retell(diagnosis.title)), hint, shares.get(diagnosis.id, ""))

    def evidence(self, diagnoses: Iterable[Diagnosis]) -> tuple[str, ...]:
        return self.many(dict.fromkeys(diagnosis.evidence for diagnosis in diagnoses if diagnosis.evidence), self.told)

    def credit(self, exercise: ExerciseResult) -> str:
        """Why the score is what it is, where diagnoses decide it."""
        if not exercise.diagnoses:
            return ""
        return self.language.say_n(
            "This mistake is given {score} of {points} points, however many cases pass.",
            "Of {n} mistakes at once the smallest credit counts: {score} of {points} points, however many cases pass.",
            len(exercise.diagnoses), score=number(exercise.score), points=number(exercise.points),
        )  # fmt: skip

    def shares(self, exercise: ExerciseResult) -> dict[str, str]:
        """What each of several mistakes alone would be given; nothing where it is the same, as where a constant value caps all of them."""
        if len({diagnosis.credit for diagnosis in exercise.diagnoses}) < 2:
            return {}
        points = number(exercise.points)
        alone = ((item.id, number(item.credit * exercise.points)) for item in exercise.diagnoses)
        return {id_: self.say("{score} of {points}", score=score, points=points) for id_, score in alone}

    def notes(self, exercise: ExerciseResult) -> tuple[str, ...]:
        """Those of the exercise; an instructor's also say which entries of the assignment's file its credit comes from."""
        if self.audience is Visibility.PUBLIC or not exercise.diagnoses:
            return exercise.notes
        entries = ", ".join(f"{diagnosis.id} = {diagnosis.credit:g}" for diagnosis in exercise.diagnoses)
        told = self.say("Credit: {entries}. To change it, set it under [credits] in assignment.toml.", entries=entries)
        return (*exercise.notes, told)

    def adjustment(self, change: Adjustment) -> AdjustmentView:
        sign = "−" if change.points < 0 else "+"
        return AdjustmentView(
            self.line(self.say(_KINDS.get(change.kind, change.kind))),
            sign + number(abs(change.points)),
            self.line(self.language.retell(change.why)),
        )

    def report(self, report: Report) -> ReportView:
        told = not any(diagnosis.evidence.startswith(report.text) for diagnosis in report.diagnoses)
        return ReportView(
            key=report.function,
            function=self.line(report.function),
            is_wrong=report.state == "wrong",
            state=self.line(self.say(_STATES.get(report.state, report.state))),
            text=(self.text if report.state == "errored" else self.told)(report.text) if told else "",
            diagnoses=self.many(report.diagnoses, partial(self.diagnosis, {})),
            evidence=self.evidence(report.diagnoses),
        )

    def cell_error(self, error: CellError) -> tuple[str, str]:
        why = self.language.retell(error.message) if error.type in _LIMITS else error.message
        return cell_name(error.cell, self.language).capitalize(), self.line(f"{error.type}: {why}" if why else error.type)


def _cells(notebook: NotebookResult | None, language: Language) -> str:
    if notebook is None:
        return ""
    count = len(notebook.errors)
    if not count:
        return language.say_n("{n} code cell, none ended with an error.", "{n} code cells, none ended with an error.", notebook.code_cells)
    return language.say_n(
        "{n} code cell, {errors} ended with an error.", "{n} code cells, {errors} ended with an error.", notebook.code_cells, errors=count
    )


def _mattered(exercises: tuple[ExerciseView, ...], language: Language) -> str:
    lost = [exercise.name for exercise in exercises if not exercise.is_found]
    if not lost:
        return language.say("Your functions were still found and graded.")
    if len(lost) == len(exercises):
        return language.say("No graded function was found.")
    return language.say("Not found: {names}. The other functions were still graded.", names=language.listed(", ".join(lost)))


def _provenance(made: Provenance, sha256: str) -> Iterable[tuple[str, str]]:
    return (
        ("grader", made.grader),
        (message("engine"), made.engine),
        (message("walls"), made.walls),
        ("Python", made.python),
        ("NumPy", made.numpy),
        (message("answer key"), made.answer_key_sha256[:_HASH_LENGTH]),
        (message("file"), sha256[:_HASH_LENGTH]),
    )
