"""The console tells the story of the page, in the width it has, and nothing of a student's acts on the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader import cli
from grader.console import render_text, summary_line
from grader.feedback import Material, Texts
from grader.feedback.views import SYMBOLS
from grader.model import (
    RESULT_SCHEMA,
    Adjustment,
    AssignmentRef,
    CaseResult,
    CellError,
    Diagnosis,
    ExerciseResult,
    Found,
    NotebookResult,
    Observation,
    Outcome,
    Provenance,
    Report,
    Status,
    StudentError,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)
from grader.values import visible

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
ESCAPES = [
    "\x1b[31m",
    "\x1b]8;;http://x\x1b\\",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\r",
    "\x08\x08",
    "\u202e",
    "\u2066",
    "[bold red]",
    "[/]",
    ":smile:",
    "[link=x]",
]
TEXTS = st.lists(st.sampled_from(ESCAPES) | st.text(max_size=30), min_size=1, max_size=4).map("".join)

EXPECTED = """\
My title · ada
my_assignment 3 · ada/my_notebook.ipynb · attempt 1 · late

12.5 of 40 points
Grade: 10.5 of 40
  −2 late: one day

Next         third_function: The argument is changed
             What shows it is told below, and there is a hint if you want one.

✓ first_function: passed, 10 of 10

! second_function: raised an error, 0 of 10
  Recovered from cell 4, which did not run to its end: the function was taken
  from its text.
  ! case p1: two numbers
    NameError: name 'dx' is not defined
    cell 4, line 3: return dx
  ! hidden case h1: raised an error: NameError
    cell 4, line 3: return dx
  note         A note.

✗ third_function: wrong value, 2.5 of 10
  Found in cell 8, which ran.
  recognised   The argument is changed
               Your value is 3.
  hint         Copy `x` before you change it.
  score        This mistake is given 2.5 of 10 points, however many cases pass.
  seen         The second argument is never read.
  ✗ case p1: small numbers
    expected     2.0
    your value   3.0
    off by 50 %
  ◔ hidden case h1: out of time

○ fourth_function: not found, 0 of 10
  There is no function named fourth_function after the notebook has run.

Looked at, not graded
  my_helper (wrong) block is 2.000× the true value.
    recognised   The block is doubled
                 It is doubled in the one case.
    hint         Look for a 2.

What happened in the notebook
  12 code cells, 1 ended with an error. Not found: fourth_function. The other
  functions were still graded.
  Cell 1       FileNotFoundError: no such file
  A note about the file.
"""


HELPER = Diagnosis("doubled", "The block is doubled", "It is doubled in the one case.", "Look for a 2.", 0.5)


def submission(**fields: object) -> SubmissionResult:
    """A result with something of everything."""
    error = StudentError("NameError", "name 'dx' is not defined", 3, 3, "    return dx")
    hidden = CaseResult("h1", HIDDEN, 1.0, Outcome.ERRORED, "hidden-title", "hidden-message", "hidden-expected", "hidden-actual", error)
    exercises = (
        ExerciseResult("first_function", 10, 10, Outcome.PASSED, Found(1, "executed"), (CaseResult("p1", PUBLIC, 1.0, Outcome.PASSED),)),
        ExerciseResult(
            "second_function",
            10,
            0,
            Outcome.ERRORED,
            Found(3, "recovered"),
            (CaseResult("p1", PUBLIC, 1.0, Outcome.ERRORED, "two numbers", "", "2.0", None, error), hidden),
            notes=("A note.",),
        ),
        ExerciseResult(
            "third_function",
            10,
            2.5,
            Outcome.FAILED,
            Found(7, "executed"),
            (
                CaseResult("p1", PUBLIC, 1.0, Outcome.FAILED, "small numbers", "off by 50 %", "2.0", "3.0"),
                CaseResult("h1", HIDDEN, 1.0, Outcome.TIMED_OUT, "hidden-title", "hidden-message"),
            ),
            (Diagnosis("my_diagnosis", "The argument is changed", "Your value is 3.", "Copy `x` before you change it.", 0.25),),
            (Observation("a", "The second argument is never read."), Observation("b", "hidden-observation", HIDDEN)),
        ),
        ExerciseResult("fourth_function", 10, 0, Outcome.MISSING, None, ()),
    )
    base = SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef("my_assignment", "3"),
        submission=SubmissionRef("ada", 1, "ada/my_notebook.ipynb", "9f86", late=True),
        status=Status.GRADED,
        points=40,
        score=12.5,
        notebook=NotebookResult(12, (CellError(0, "FileNotFoundError", "no such file"),)),
        exercises=exercises,
        reports=(Report("my_helper", "wrong", {"block": 2.0}, "block is 2.000× the true value.", (HELPER,)),),
        notes=("A note about the file.",),
        adjustments=(Adjustment("late", -2.0, "one day"),),
        grade=10.5,
        provenance=Provenance("0.1.0", "5e88", "prefork", "none", "3.11.7", "2.4.6"),
    )
    return msgspec.structs.replace(base, **fields)


def hostile(text: str) -> SubmissionResult:
    """A result whose texts are all `text`."""
    error = StudentError(text, text, 3, 3, text)
    cases = (
        CaseResult(text, PUBLIC, 1.0, Outcome.ERRORED, text, text, text, text, error),
        CaseResult(text, PUBLIC, 1.0, Outcome.FAILED, text, text, text, text),
        CaseResult(text, HIDDEN, 1.0, Outcome.ERRORED, error=error),
    )
    exercise = ExerciseResult(
        text,
        10,
        0,
        Outcome.ERRORED,
        Found(1, "executed", text + "x"),
        cases,
        (Diagnosis(text, text, text, text, 0),),
        (Observation(text, text),),
        (text,),
    )
    return submission(
        submission=SubmissionRef(text, 1, text, text),
        assignment=AssignmentRef(text, text),
        exercises=(exercise,),
        notebook=NotebookResult(1, (CellError(0, text, text),)),
        reports=(Report(text, text, {}, text, (Diagnosis(text, text, text, text, 0),)),),
        notes=(text,),
        adjustments=(Adjustment(text, 1.0, text),),
    )


def test_the_whole_story() -> None:
    assert render_text(submission(), Material(), Texts("My title")) == EXPECTED


def test_two_mistakes_and_hidden_cases_that_ended_alike() -> None:
    evidence = "Your value 3 is what these two mistakes give together."
    both = tuple(Diagnosis(title, title, evidence, f"hint {title}", credit) for title, credit in (("first", 0.5), ("second", 0.25)))
    cases = tuple(CaseResult(id_, HIDDEN, 1.0, Outcome.FAILED) for id_ in ("h1", "h2"))
    exercise = ExerciseResult("f", 10, 2.5, Outcome.FAILED, Found(1, "executed"), cases, both)
    text = render_text(submission(exercises=(exercise,)), Material(), Texts("t"), width=120)
    assert text.count(evidence) == 1
    for line in (
        "recognised   first (alone: 5 of 10)",
        "recognised   second (alone: 2.5 of 10)",
        "hint         hint first",
        "hint         hint second",
        "score        Of 2 mistakes at once the smallest credit counts: 2.5 of 10 points, however many cases pass.",
        "✗ hidden cases h1, h2: wrong value",
    ):
        assert f"\n  {line}\n" in text, line


def test_nothing_of_hidden_cases() -> None:
    text = render_text(submission(), Material(), Texts("My title"), width=200)
    assert "hidden-" not in text


def test_only_color_has_escapes_and_it_tells_the_same() -> None:
    colored = render_text(submission(), Material(), Texts("My title"), color=True)
    assert "\x1b[" in colored
    plain = visible(colored).replace("␛", "")
    assert [line.rstrip() for line in plain.split("\n")] == EXPECTED.split("\n")


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.sampled_from([40, 80, 120]))
def test_no_text_acts_on_the_terminal_or_leaves_the_width(text: str, width: int) -> None:
    shown = render_text(hostile(text), Material(), Texts(text), width=width)
    assert "\x1b" not in shown
    assert visible(shown) == shown
    assert all(cell_len(line) <= width for line in shown.split("\n"))
    line = summary_line(hostile(text))
    assert visible(line, newlines=False) == line


@pytest.mark.parametrize("text", ["[bold]x[/bold]", ":smile:", "[/]", "\\[x]", "[link=http://x]y[/link]"])
def test_markup_of_rich_is_shown_as_it_is(text: str) -> None:
    assert render_text(hostile(text), Material(), Texts("t"), width=200).count(text) > 10


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": Status.NOT_GRADED, "score": None, "grade": None}, ["our fault", "nothing is lost"]),
        ({"status": Status.UNREADABLE, "score": 0.0, "grade": 0.0}, ["cannot be read as a notebook", "Open the file"]),
    ],
)
def test_nothing_was_graded(fields: dict[str, object], words: list[str]) -> None:
    text = render_text(submission(exercises=(), reports=(), notes=(), adjustments=(), notebook=None, **fields), Material(), Texts("t"))
    for word in words:
        assert word in text
    assert "points" not in text


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (
            submission(grade=12.5),
            "ada  12.5/40  ! second_function raised an error, ✗ third_function wrong value, ○ fourth_function not found",
        ),
        (submission(exercises=submission().exercises[:1], score=10.0, points=10, grade=10.0), "ada  10/10  ✓"),
        (submission(exercises=submission().exercises[:1], score=10.0, points=10, grade=8.0), "ada  10/10, grade 8  ✓"),
        (submission(status=Status.NOT_GRADED, score=None, grade=None), "ada  not graded (our fault)"),
        (submission(status=Status.NOT_GRADED, score=None, grade=8.0), "ada  not graded (our fault), grade 8"),
        (submission(status=Status.UNREADABLE, score=0.0, grade=0.0), "ada  unreadable"),
        (submission(status=Status.UNREADABLE, score=0.0, grade=8.0), "ada  unreadable, grade 8"),
    ],
)
def test_summary_line(result: SubmissionResult, line: str) -> None:
    assert summary_line(result) == line


def test_symbols_take_one_column() -> None:
    assert {cell_len(symbol) for symbol in SYMBOLS.values()} == {1}


def test_importing_it_imports_neither_rich_nor_jinja() -> None:
    code = "import sys, grader.console; print({'rich', 'jinja2', 'pygments'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize(("name", "value", "colored"), [("TERM", "xterm", True), ("TERM", "dumb", False), ("NO_COLOR", "1", False)])
def test_a_terminal_gets_colours_unless_it_has_none_or_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, colored: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.has_color(None) is colored
    assert not cli.has_color(Path("page"))
