"""What there is to tell of a result, in words: the page and the console lay out the same story.

This is the one place that decides what a reader may see. A closed case (hidden, and the reader is the student) keeps its id,
outcome, exception type and the student's own line; nothing else of it enters the story, so no template can show it. Every
text in a story is `visible` and of bounded length.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

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
    counted,
    number,
)
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
    Status.NOT_GRADED: "Not graded. This is our fault, not yours, and nothing is lost.",
    Status.UNREADABLE: "This file cannot be read as a notebook.",
}
_FOUND = {
    "executed": "Found in {place}, which ran.",
    "recovered": "Recovered from {place}, which did not run to its end: the function was taken from its text.",
    "definitions_only": "Found in {place}. Only the definitions of the notebook were run to get it.",
}
_HASH_LENGTH = 12
_HINT_FACTOR = 4  # an author's words are rarely too long
OWN_ERROR = "an exception of its own class"
# The name of an exception's class is text that student code can choose, and so could carry a hidden input out.
_KNOWN_ERRORS = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException))
_KNOWN_ERRORS |= {"AxisError", "LinAlgError"}


def tell(result: SubmissionResult, detail: Detail = FULL_DETAIL, audience: Visibility = Visibility.PUBLIC) -> Story:
    """The story of `result` for `audience`: `HIDDEN` is the instructor, who sees everything."""
    teller = _Teller(detail, audience)
    submission, line = result.submission, teller.line
    exercises = tuple(teller.exercise(exercise) for exercise in result.exercises[: detail.exercises])
    teller.left_out += len(result.exercises) - len(exercises)
    reports = teller.many(result.reports, teller.report)
    late = ("late",) if submission.late else ()
    return Story(
        student=line(submission.student),
        meta=(line(f"{result.assignment.id} {result.assignment.version}"), line(submission.source), f"attempt {submission.attempt}", *late),
        status=result.status,
        banner=_BANNERS[result.status],
        score=number(result.score),
        points=number(result.points),
        grade=number(result.grade) if result.adjustments or result.grade != result.score else "",
        adjustments=teller.many(result.adjustments, teller.adjustment),
        next_step=next_step(result.status, exercises, reports),
        exercises=exercises,
        reports=reports,
        cells=_cells(result.notebook),
        cell_errors=teller.many(result.notebook.errors if result.notebook else (), teller.cell_error),
        cell_errors_mattered=_mattered(exercises) if result.notebook and result.notebook.errors else "",
        notes=teller.many(result.notes, teller.text),
        provenance=tuple((name, line(value)) for name, value in _provenance(result.provenance, submission.sha256)),
        left_out=teller.left_out,
    )


class _Teller:
    """Cuts and cleans to one level of detail, for one audience, and counts what it leaves out."""

    def __init__(self, detail: Detail, audience: Visibility) -> None:
        self.detail = detail
        self.audience = audience
        self.left_out = 0

    def text(self, text: str) -> str:
        return bounded(text, self.detail.text)

    def line(self, text: str) -> str:
        return bounded(text, self.detail.text, newlines=False)

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
            open_cases=self.many((case for case in exercise.cases if not self.is_closed(case.visibility)), self.open_case),
            closed_cases=self.many((case for case in exercise.cases if self.is_closed(case.visibility)), self.closed_case),
            diagnoses=self.many(exercise.diagnoses, partial(self.diagnosis, _shares(exercise))),
            evidence=self.evidence(exercise.diagnoses),
            credit=self.credit(exercise),
            observations=self.many(seen, self.text),
            notes=self.many(self.notes(exercise), self.text),
            marked=tuple((error.cell, error.line) for error in errors if error.cell is not None and error.line is not None),
        )

    def open_case(self, case: CaseResult) -> CaseView:
        error = case.error
        return CaseView(
            id=self.line(case.id),
            outcome=case.outcome,
            is_closed=False,
            is_hidden=case.visibility is Visibility.HIDDEN,
            title=self.text(case.title),
            message=self.text(case.message),
            expected=self.text(case.expected or ""),
            actual=self.text(case.actual or ""),
            error=self.text(f"{error.type}: {error.message}" if error.message else error.type) if error else "",
            place=_place(error),
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
            error=(kind if kind in _KNOWN_ERRORS else OWN_ERROR) if error else "",
            place=_place(error),
            source=self.source(error),
        )

    def source(self, error: StudentError | None) -> str:
        return self.line((error.source or "").strip()) if error else ""

    def found(self, found: Found | None, name: str) -> str:
        if found is None:
            return self.line(f"There is no function named {name} after the notebook has run.")
        place = cell_name(found.cell) if found.cell is not None else "the notebook"
        sentence = _FOUND.get(found.how, "Found in {place}.").format(place=place)
        return sentence if found.name in ("", name) else self.line(f"{sentence} It is named {found.name} there, which is accepted.")

    def diagnosis(self, shares: Mapping[str, str], diagnosis: Diagnosis) -> DiagnosisView:
        hint = bounded(diagnosis.hint, _HINT_FACTOR * self.detail.text)
        return DiagnosisView(self.line(diagnosis.title), hint, shares.get(diagnosis.id, ""))

    def evidence(self, diagnoses: Iterable[Diagnosis]) -> tuple[str, ...]:
        return self.many(dict.fromkeys(diagnosis.evidence for diagnosis in diagnoses if diagnosis.evidence), self.text)

    def credit(self, exercise: ExerciseResult) -> str:
        """Why the score is what it is, where diagnoses decide it."""
        if not exercise.diagnoses:
            return ""
        count = len(exercise.diagnoses)
        who = "This mistake is given" if count == 1 else f"Of {count} mistakes at once the smallest credit counts:"
        return f"{who} {number(exercise.score)} of {number(exercise.points)} points, however many cases pass."

    def notes(self, exercise: ExerciseResult) -> tuple[str, ...]:
        """Those of the exercise; an instructor's also say which entries of the assignment's file its credit comes from."""
        if self.audience is Visibility.PUBLIC or not exercise.diagnoses:
            return exercise.notes
        entries = ", ".join(f"{diagnosis.id} = {diagnosis.credit:g}" for diagnosis in exercise.diagnoses)
        return (*exercise.notes, f"Credit: {entries}. To change it, set it under [credits] in assignment.toml.")

    def adjustment(self, change: Adjustment) -> AdjustmentView:
        sign = "−" if change.points < 0 else "+"
        return AdjustmentView(self.line(change.kind), sign + number(abs(change.points)), self.line(change.why))

    def report(self, report: Report) -> ReportView:
        told = not any(diagnosis.evidence.startswith(report.text) for diagnosis in report.diagnoses)
        return ReportView(
            function=self.line(report.function),
            state=self.line(report.state.replace("_", " ")),
            text=self.text(report.text) if told else "",
            diagnoses=self.many(report.diagnoses, partial(self.diagnosis, {})),
            evidence=self.evidence(report.diagnoses),
        )

    def cell_error(self, error: CellError) -> tuple[str, str]:
        return cell_name(error.cell).capitalize(), self.line(f"{error.type}: {error.message}" if error.message else error.type)


def _shares(exercise: ExerciseResult) -> dict[str, str]:
    """What each of several mistakes alone would be given."""
    if len(exercise.diagnoses) < 2:
        return {}
    of = f"of {number(exercise.points)}"
    return {diagnosis.id: f"{number(diagnosis.credit * exercise.points)} {of}" for diagnosis in exercise.diagnoses}


def _place(error: StudentError | None) -> str:
    if error is None or error.cell is None:
        return ""
    return cell_name(error.cell) + (f", line {error.line}" if error.line is not None else "")


def _cells(notebook: NotebookResult | None) -> str:
    if notebook is None:
        return ""
    return f"{counted(notebook.code_cells, 'code cell')}, {len(notebook.errors) or 'none'} ended with an error."


def _mattered(exercises: tuple[ExerciseView, ...]) -> str:
    lost = [exercise.name for exercise in exercises if not exercise.is_found]
    if not lost:
        return "Your functions were still found and graded."
    if len(lost) == len(exercises):
        return "No graded function was found."
    return f"Not found: {', '.join(lost)}. The other functions were still graded."


def _provenance(made: Provenance, sha256: str) -> Iterable[tuple[str, str]]:
    return (
        ("grader", made.grader),
        ("engine", made.engine),
        ("walls", made.walls),
        ("Python", made.python),
        ("NumPy", made.numpy),
        ("answer key", made.answer_key_sha256[:_HASH_LENGTH]),
        ("file", sha256[:_HASH_LENGTH]),
    )
