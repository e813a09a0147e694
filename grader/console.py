"""A result as text for a terminal: what `grader check` prints, and one line a submission for `grader grade`.

Student text reaches the terminal only through a story, in which nothing is left that a terminal would obey, and as `Text`,
which rich prints as it is: no markup, emoji codes or highlighting. rich is imported where it is used, since most commands do
without it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.feedback.card import headline, own_run
from grader.feedback.changes import changes
from grader.feedback.comments import comments_on
from grader.feedback.material import Material
from grader.feedback.story import tell
from grader.feedback.texts import Texts
from grader.feedback.views import SYMBOLS, WORDS, CaseView, Detail, DiagnosisView, ExerciseView, NextStep, Story, grouped, number
from grader.messages.language import Language
from grader.model import Note, Outcome, Status, SubmissionResult
from grader.values import bounded, shorten, visible

if TYPE_CHECKING:
    from rich.console import Console

_DETAIL = Detail(text=400, code=0, entries=40, exercises=100)
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.ERRORED: "red",
    Outcome.TIMED_OUT: "yellow",
    Outcome.KILLED: "yellow",
    Outcome.MISSING: "bold",
}
_LABEL_WIDTH = 12
_NAME_LENGTH = 60
_MIN_WIDTH = 40


def render_text(
    result: SubmissionResult, material: Material, texts: Texts, *, language: str | None = None, width: int = 80, color: bool = False
) -> str:
    """The story of `result` for its student, in lines of at most `width` columns; escape sequences only with `color`.

    `language` is its code; where it is None, the assignment's, else the notebook's own, else English.
    """
    spoken = texts.speak(language, material)
    printer = _Printer(width, color, spoken)
    story = tell(result, spoken, _DETAIL)
    _print_headline(printer, story, bounded(spoken.retell(texts.title), 4 * _NAME_LENGTH, newlines=False))
    comments = comments_on(result, material, texts.notes)
    _print_comments(printer, comments.student)
    for exercise in story.exercises:
        _print_exercise(printer, exercise, comments.functions.get(exercise.key, ()))
    _print_notebook(printer, story)
    return printer.text()


def render_own_run(
    result: SubmissionResult, material: Material, texts: Texts, *,
    language: str | None = None, changes: Sequence[str] = (), width: int = 80, color: bool = False,
) -> str:  # fmt: skip
    """The card of a student's own run in lines of at most `width` columns. `changes` are told below it, where the eye is."""
    spoken = texts.speak(language, material)
    printer = _Printer(width, color, spoken)
    story = tell(result, spoken, _DETAIL)
    printer.line(bounded(spoken.retell(texts.title), 4 * _NAME_LENGTH, newlines=False), style="bold")
    printer.line(headline(result, spoken), style="bold")
    printer.line(own_run(spoken), style="dim")
    printer.line()
    _print_next(printer, story.next_step)
    for exercise in story.exercises:
        _print_exercise(printer, exercise, is_own_run=True)
    _print_notebook(printer, story)
    if changes:
        _print_changes(printer, changes)
    return printer.text()


def render_changes(
    before: SubmissionResult, after: SubmissionResult, material: Material, texts: Texts, *,
    language: str | None = None, width: int = 80, color: bool = False,
) -> str:  # fmt: skip
    """What changed between two graded results of the same student, in lines of at most `width` columns."""
    printer = _Printer(width, color, texts.speak(language, material))
    _print_changes(printer, changes(before, after, printer.language))
    return printer.text()


def summary_line(result: SubmissionResult) -> str:
    """One line about a submission: who, the score (and the grade where it is another) or why there is none, and what failed."""
    student = bounded(result.submission.student, _NAME_LENGTH, newlines=False)
    grade = f", grade {number(result.grade)}" if result.grade != result.score else ""
    if result.status is not Status.GRADED:
        why = "not graded (our fault)" if result.status is Status.NOT_GRADED else "unreadable"
        return f"{student}  {why}{grade}"
    below = [exercise for exercise in result.exercises if exercise.outcome is not Outcome.PASSED]
    words = [
        f"{SYMBOLS[exercise.outcome]} {bounded(exercise.name, _NAME_LENGTH, newlines=False)} {WORDS[exercise.outcome]}"
        for exercise in below
    ]
    return f"{student}  {number(result.score)}/{number(result.points)}{grade}  {shorten(', '.join(words), 200) if words else '✓'}"


class _Printer:
    """Lines with an indent, wrapped to the width."""

    def __init__(self, width: int, color: bool, language: Language) -> None:
        self.language, self.say = language, language.say
        self._file = io.StringIO()
        self._console = make_console(self._file, max(_MIN_WIDTH, width), color)

    def line(self, text: str = "", *, indent: int = 0, style: str = "") -> None:
        """`text`, wrapped under its own first column."""
        from rich.padding import Padding
        from rich.text import Text

        shown = Text(text, style=style, overflow="fold")
        self._console.print(Padding(shown, (0, 0, 0, indent), expand=False) if text else shown)

    def entry(self, label: str, text: str, *, indent: int = 0, style: str = "", width: int = _LABEL_WIDTH) -> None:
        """`text` beside a label, wrapped in its own column."""
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=width)
        grid.add_column(overflow="fold")
        grid.add_row(Text(label, style=style or "dim"), Text(text, style=style, overflow="fold"))
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def text(self) -> str:
        """What was printed, without the blanks that rich fills lines with."""
        return "\n".join(line.rstrip(" ") for line in self._file.getvalue().split("\n"))


def make_console(file: io.StringIO, width: int, color: bool) -> Console:
    """A console that writes the same text for the same content, whatever the machine."""
    from rich.console import Console

    return Console(
        file=file,
        width=width,
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def _print_headline(printer: _Printer, story: Story, title: str) -> None:
    printer.line(f"{title} · {story.student}", style="bold")
    printer.line(" · ".join(story.meta), style="dim")
    printer.line()
    printer.line(story.banner or printer.say("{score} of {points} points", score=story.score, points=story.points), style="bold")
    if story.caveat:
        printer.line(story.caveat, style="dim")
    if story.grade:
        printer.line(printer.say("Grade: {grade} of {points}", grade=story.grade, points=story.points), style="bold")
    for change in story.adjustments:
        printer.line(f"{change.points} {change.kind}" + (f": {change.why}" if change.why else ""), indent=2)
    printer.line()
    _print_next(printer, story.next_step)


def _print_changes(printer: _Printer, told: Sequence[str]) -> None:
    printer.line()
    printer.line(printer.say("Since the last check"), style="bold")
    for change in told:
        printer.line(change, indent=2)


def _print_next(printer: _Printer, step: NextStep) -> None:
    if step.recognised:
        printer.entry(printer.say("Next"), f"{step.name}: {step.recognised}", style="bold")
        printer.entry("", step.text)
    else:
        printer.entry(printer.say("Next"), step.text, style="bold")
    if step.expected and step.actual:
        _print_pair(printer, step.expected, step.actual, indent=_LABEL_WIDTH + 1)
    if step.source:
        printer.entry("", f"{step.place or printer.say('your line')}: {step.source}")


def _print_pair(printer: _Printer, expected: str, actual: str, *, indent: int) -> None:
    printer.entry(printer.say("expected"), expected, indent=indent)
    printer.entry(printer.say("your value"), actual, indent=indent)


def _print_comments(printer: _Printer, comments: Sequence[Note], indent: int = 0) -> None:
    """What the instructor has to say, in Markdown as it was written."""
    for note in comments:
        printer.entry(printer.say("instructor"), visible(note.text), indent=indent)


def _print_exercise(printer: _Printer, exercise: ExerciseView, comments: Sequence[Note] = (), *, is_own_run: bool = False) -> None:
    """An exercise; without points where it is a student's own run, since those are given by all cases."""
    printer.line()
    style = _STYLES[exercise.outcome]
    outcome = printer.say(WORDS[exercise.outcome])
    if not is_own_run:
        earned = printer.say("{score} of {points}", score=exercise.score, points=exercise.points)
        outcome = f"{outcome}, {earned}"
    printer.line(f"{SYMBOLS[exercise.outcome]} {exercise.name}: {outcome}", style=f"bold {style}" if style != "bold" else style)
    _print_comments(printer, comments, indent=2)
    if exercise.is_complete:
        _print_observations(printer, exercise)
        return
    if not exercise.is_found:
        _print_missing(printer, exercise)
        return
    if exercise.outcome is not Outcome.MISSING:
        printer.line(exercise.found, indent=2, style="dim")
    _print_recognised(printer, exercise.diagnoses, exercise.evidence)
    if exercise.credit and not is_own_run:
        printer.entry(printer.say("score"), exercise.credit, indent=2)
    _print_observations(printer, exercise)
    for case in exercise.failing_open:
        _print_open_case(printer, case)
    for case in grouped(exercise.failing_closed):
        _print_closed_case(printer, case)
    for note in exercise.notes:
        printer.entry(printer.say("note"), note, indent=2)


def _print_observations(printer: _Printer, exercise: ExerciseView) -> None:
    for observation in exercise.observations:
        printer.entry(printer.say("seen"), observation, indent=2)


def _print_missing(printer: _Printer, exercise: ExerciseView) -> None:
    for told in exercise.observations or (exercise.found,):
        printer.line(told, indent=2)


def _print_recognised(printer: _Printer, diagnoses: Sequence[DiagnosisView], evidence: Sequence[str], indent: int = 2) -> None:
    for diagnosis in diagnoses:
        alone = printer.say("alone: {score}", score=diagnosis.credit)
        title = f"{diagnosis.title} ({alone})" if diagnosis.credit else diagnosis.title
        printer.entry(printer.say("recognised"), title, indent=indent)
    for sentence in evidence:
        printer.entry("", sentence, indent=indent)
    for diagnosis in diagnoses:
        if diagnosis.hint:
            printer.entry(printer.say("hint"), diagnosis.hint, indent=indent)


def _print_open_case(printer: _Printer, case: CaseView) -> None:
    title = f": {case.title}" if case.title else ""
    named = printer.say("case {id}", id=case.id)
    printer.line(f"{SYMBOLS[case.outcome]} {named}{title}", indent=2, style=_STYLES[case.outcome])
    if case.outcome is Outcome.FAILED and (case.expected or case.actual):
        _print_pair(printer, case.expected or "–", case.actual or "–", indent=4)
    elif not case.error:
        printer.line(printer.say(WORDS[case.outcome]), indent=4)
    for text in dict.fromkeys(filter(None, (case.message, case.error))):
        printer.line(text, indent=4)
    if case.source or case.place:
        printer.line(": ".join(filter(None, (case.place, case.source))), indent=4)


def _print_closed_case(printer: _Printer, case: CaseView) -> None:
    error = f": {case.error}" if case.error else ""
    named = printer.language.say_n("hidden case {ids}", "hidden cases {ids}", 1 + case.id.count(", "), ids=case.id)
    printer.line(f"{SYMBOLS[case.outcome]} {named}: {printer.say(WORDS[case.outcome])}{error}", indent=2, style=_STYLES[case.outcome])
    if case.source or case.place:
        printer.line(": ".join(filter(None, (case.place, case.source))), indent=4)


def _print_notebook(printer: _Printer, story: Story) -> None:
    if story.reports:
        printer.line()
        printer.line(printer.say("Looked at, not graded"), style="bold")
    for report in story.reports:
        printer.line(f"{report.function} ({report.state}) {report.text}", indent=2)
        _print_recognised(printer, report.diagnoses, report.evidence, indent=4)
    if story.cells or story.notes:
        printer.line()
        printer.line(printer.say("What happened in the notebook"), style="bold")
    if story.cells:
        printer.line(f"{story.cells} {story.cell_errors_mattered}".rstrip(), indent=2)
    for place, error in story.cell_errors:
        printer.entry(place, error, indent=2)
    for note in story.notes:
        printer.line(note, indent=2)
    if story.left_out:
        left_out = printer.language.say_n(
            "{n} more entry is left out here. It counts all the same.",
            "{n} more entries are left out here. They count all the same.",
            story.left_out,
        )
        printer.line(left_out, indent=2, style="dim")
