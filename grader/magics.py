"""`%check` in a notebook: the public cases on the functions as they stand in the kernel, and the same card that a page shows.

%load_ext grader.magics
%check                  all exercises
%check my_function      one of them
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from IPython.core.error import UsageError as MagicError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from grader import assignments, recognition, self_check
from grader.api import Grader
from grader.assignments import Assignment, Exercise
from grader.console import render_own_run
from grader.errors import GraderError, UsageError
from grader.feedback import Material, texts_of
from grader.feedback.card import render_card
from grader.feedback.changes import changes
from grader.messages import say
from grader.messages.language import CODES
from grader.model import ExerciseResult, Outcome, SubmissionRef, SubmissionResult
from grader.notebook import MAX_CELLS, Notebook, NotebookCell
from grader.sandbox.live import LiveSandbox
from grader.sandbox.untouched import keep_chance

_TERMINAL = "TerminalInteractiveShell"
_RUN_AGAIN = say("this kernel has none, though a cell defines it; run that cell again and see whether it ends with an error")
# What a notebook's being without a function is called in a kernel, by the id of the observation.
_ABSENT = {
    "not_defined": say("this kernel has none; run the cell that defines it, then check again"),
    "not_left": _RUN_AGAIN,  # of what ran before nothing is known
    "not_runnable": _RUN_AGAIN,
}


@magics_class
class CheckMagics(Magics):
    """`%check`, and what it remembers: the assignment that was asked for, and each one's last result."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._shell = shell
        self._sandbox = LiveSandbox(shell)
        self._graders: dict[str, Grader] = {}
        self._chosen = ""
        self._last: dict[str, dict[str, ExerciseResult]] = {}
        self._keys = itertools.count(1)

    @magic_arguments()
    @argument("exercises", nargs="*", help="The functions to check, all of them if none is named.")
    @argument("-a", "--assignment", default="", metavar="ID", help="The assignment; it is remembered for the next check.")
    @argument("--lang", choices=CODES, help="The language of what you read, in the place of the assignment's or the notebook's own.")
    @line_magic
    def check(self, line: str) -> None:
        """Run the public cases on your functions as they are now.

        Nothing is handed in, nothing of yours is changed, and it is no official grade. The kernel's interrupt button ends it.
        """
        words = line.replace(",", " ")
        if not {"-h", "--help"}.isdisjoint(words.split()):
            print(self.check.__doc__)
            return
        asked = parse_argstring(self.check, words)
        with keep_chance():  # libraries that make the card draw numbers, too
            self._check(asked)

    def _check(self, asked: Namespace) -> None:
        try:
            grader = self._grader(asked.assignment)
            names = _named(grader.assignment, asked.exercises)
            self._sandbox.wanted = names
            parsed = history(self._shell)
            result, material = grader.examine(parsed, SubmissionRef("", 1, "", parsed.sha256))
        except GraderError as error:
            raise MagicError(f"{error}" + (f"\n  {error.remedy}" if error.remedy else "")) from None
        except KeyboardInterrupt:
            print("check: stopped; your variables are as they were", file=sys.stderr)
            raise
        self._show(grader.assignment, own_run(result, names), material, asked.lang)

    def _grader(self, asked: str) -> Grader:
        """The grader of the assignment that is meant. Raises GraderError where that is none, or cannot be used."""
        beside = None if asked or self._chosen else self_check.find(Path.cwd() / "notebook")  # in the folder that students get
        chosen = asked or self._chosen or (str(beside) if beside else self._likely())
        if chosen not in self._graders:
            assignment = chosen if beside is None else self_check.load(beside)
            self._graders[chosen] = Grader(assignment, public_only=True, walls="none", sandbox=self._sandbox)
        self._chosen = asked or self._chosen
        return self._graders[chosen]

    def _likely(self) -> str:
        """The assignment that the functions in the kernel fit best. Raises GraderError where there are several and that does not tell."""
        known = assignments.list_ids()
        if len(known) == 1:
            return known[0]
        names = {name for name, value in self._shell.user_ns.items() if callable(value)}
        fits = recognition.rank(names, assignments.list_profiles())
        leading = recognition.best(fits)
        if len(leading) != 1:
            raise UsageError("which assignment?", remedy=recognition.tell(fits, known))
        return leading[0].id

    def _show(self, assignment: Assignment, result: SubmissionResult, material: Material, language: str | None) -> None:
        """Displays the card, as HTML and as text; a frontend takes what it can."""
        texts = texts_of(assignment)
        before = self._before(result)
        told = changes(before, result, texts.speak(language, material)) if before is not None else []
        key = f"{os.getpid()}-{next(self._keys)}"
        color = type(self._shell).__name__ == _TERMINAL and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text = render_own_run(result, material, texts, language=language, changes=told, color=color)
        html = render_card(result, material, texts, language=language, changes=told, key=key)
        display({"text/html": html, "text/plain": text}, raw=True)

    def _before(self, result: SubmissionResult) -> SubmissionResult | None:
        """What the exercises of the result were when each was last checked, or None where none was; remembers what they are now."""
        known = self._last.setdefault(result.assignment.id, {})
        exercises = tuple(known[exercise.name] for exercise in result.exercises if exercise.name in known)
        known.update({exercise.name: exercise for exercise in result.exercises})
        return msgspec.structs.replace(result, exercises=exercises) if exercises else None

    def complete(self, _: object, event: Any) -> list[str]:
        """The exercises of the assignment that is meant, for the Tab key."""
        try:
            return [exercise.name for exercise in self._grader("").assignment.exercises]
        except GraderError:
            return []


def own_run(result: SubmissionResult, names: Sequence[str]) -> SubmissionResult:
    """The result of a live kernel's functions: of those named alone, and without what only a notebook that was run can say."""
    exercises = tuple(_present(exercise) for exercise in result.exercises if exercise.name in names)
    score, points = sum(exercise.score for exercise in exercises), sum(exercise.points for exercise in exercises)
    return msgspec.structs.replace(
        result, exercises=exercises, reports=tuple(report for report in result.reports if report.function in names),
        notebook=None, notes=(), score=score, grade=score, points=points,
    )  # fmt: skip


def _present(exercise: ExerciseResult) -> ExerciseResult:
    """The exercise; where its function is missing, without cases, and with the advice to run its cell if no other name is near."""
    if exercise.outcome is not Outcome.MISSING:
        return exercise
    seen = tuple(msgspec.structs.replace(one, text=_ABSENT.get(one.id, one.text)) for one in exercise.observations)
    return msgspec.structs.replace(exercise, observations=seen, cases=(), notes=())


def _named(assignment: Assignment, asked: Sequence[str]) -> list[str]:
    """The names of the exercises that are meant, in the assignment's order. Raises GraderError for a name that is none."""
    if not asked:
        return [exercise.name for exercise in assignment.exercises]
    meant = {_exercise(assignment, name).name for name in asked}
    return [exercise.name for exercise in assignment.exercises if exercise.name in meant]


def _exercise(assignment: Assignment, name: str) -> Exercise:
    plain = name.removesuffix("()").casefold()
    for exercise in assignment.exercises:
        if plain == exercise.name.casefold():
            return exercise
    for exercise in assignment.exercises:
        if plain in (alias.casefold() for alias in exercise.aliases):
            return exercise
    known = [exercise.name for exercise in assignment.exercises]
    near = difflib.get_close_matches(plain, known, 1, 0.5)
    raise UsageError(
        f"there is no exercise called {name} in {assignment.id}",
        remedy=f"did you mean {near[0]}?" if near else f"its exercises: {', '.join(known)}",
    )


def history(shell: Any) -> Notebook:
    """The cells that ran in the kernel, each with its execution number less one as its index: what a person calls cell 7 is [7]."""
    sources = list(enumerate(shell.history_manager.input_hist_raw))[-MAX_CELLS:]
    cells = tuple(NotebookCell(number - 1, "code", source) for number, source in sources if number > 0)
    return Notebook(cells, hashlib.sha256("\0".join(cell.source for cell in cells).encode("utf-8", "replace")).hexdigest())


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext grader.magics`"""
    magics = CheckMagics(shell)
    shell.register_magics(magics)
    shell.set_hook("complete_command", magics.complete, str_key="%check")


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext grader.magics`"""
    shell.magics_manager.magics["line"].pop("check", None)
