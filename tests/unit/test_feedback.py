"""The page of a submission: what it tells, what it never tells, and that it only tells."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grader.feedback
from grader.absence import NONE_RAN, PUBLIC_ONLY
from grader.console import render_text
from grader.feedback import Excerpt, Material, Texts, render
from grader.feedback.card import render_card
from grader.feedback.material import Block, BlockPlot, Curve
from grader.feedback.page import MAX_BYTES
from grader.feedback.story import OWN_ERROR, tell
from grader.feedback.views import SYMBOLS, WORDS
from grader.lms.export import told
from grader.messages.language import Language
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

GOLDEN = Path(__file__).parents[1] / "golden" / "feedback.html"
REGENERATE = "GRADER_REGENERATE_GOLDEN"
PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
SHAPES = {"rect", "line", "circle", "polyline"}
VOID = {"meta", "link", "img", "br", "hr", "input"}
SECRETS = ("hidden-title", "hidden-message", "hidden-expected", "hidden-actual", "hidden-error", "hidden-observation")
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "' onclick='alert(1)' x='",
    "</style><img src=x onerror=alert(1)>",
    "</title><svg/onload=alert(1)>",
    "</code></pre><iframe srcdoc=x>",
    "<!--",
    "]]>",
    "<a href='javascript:alert(1)'>",
    "{{ 7*7 }}{% raw %}",
    "&lt;b&gt;&#x3C;",
    "\x1b]8;;http://x\x07",
    "\u202e\u2066",
    "url(http://example.org/x)",
    "```",
    "\n\n",
]
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=3).map(lambda parts: "t" + "".join(parts))


def exercise(name: str = "my_function", outcome: Outcome = Outcome.PASSED, **fields: object) -> ExerciseResult:
    """An exercise worth 10 points."""
    score = 10.0 if outcome is Outcome.PASSED else 0.0
    base = ExerciseResult(name, 10.0, score, outcome, Found(3, "executed", name), ())
    return msgspec.structs.replace(base, **fields)


def case(id_: str, outcome: Outcome = Outcome.PASSED, visibility: Visibility = PUBLIC, **fields: object) -> CaseResult:
    """A case of weight 1."""
    return msgspec.structs.replace(CaseResult(id_, visibility, 1.0, outcome), **fields)


def submission(*exercises: ExerciseResult, **fields: object) -> SubmissionResult:
    """A graded submission."""
    score = sum(one.score for one in exercises)
    base = SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef("my_assignment", "3"),
        submission=SubmissionRef("ada", 1, "ada/my_notebook.ipynb", "9f86d081884c7d659a2feaa0c55ad015"),
        status=Status.GRADED,
        points=10.0 * len(exercises),
        score=score,
        notebook=NotebookResult(12),
        exercises=exercises,
        reports=(),
        notes=(),
        adjustments=(),
        grade=score,
        provenance=Provenance("0.1.0", "5e884898da28047151d0e56f8dc62927", "prefork", "bubblewrap+inner", "3.11.7", "2.4.6"),
    )
    return msgspec.structs.replace(base, **fields)


def full(text: Callable[[str], str] = lambda field: field) -> SubmissionResult:
    """A result in which every field that can hold text holds `text(field)`."""

    def author(field: str) -> str:
        return text(field).replace("`", "'")  # in an author's text, backticks are for code

    error = StudentError(text("public-type"), text("public-error"), 3, 2, text("public-line"))
    hidden_error = StudentError("ValueError", text("hidden-error"), 3, 3, text("own-line"))
    first = exercise(
        text("first-name"),
        Outcome.ERRORED,
        score=2.5,
        found=Found(3, "recovered", text("alias")),
        cases=(
            case(text("public-id"), Outcome.ERRORED, title=text("title"), message=text("message"), expected=text("expected"), error=error),
            case(text("other-id"), Outcome.FAILED, message=text("message"), expected=text("expected"), actual=text("actual")),
            case(
                text("hidden-id"),
                Outcome.ERRORED,
                HIDDEN,
                title=text("hidden-title"),
                message=text("hidden-message"),
                expected=text("hidden-expected"),
                actual=text("hidden-actual"),
                error=hidden_error,
            ),
        ),
        diagnoses=(Diagnosis("my_diagnosis", author("diagnosis"), text("evidence"), author("hint"), 0.25),),
        observations=(Observation("a", text("observation")), Observation("b", text("hidden-observation"), HIDDEN)),
        notes=(text("note"),),
    )
    return submission(
        first,
        exercise(text("second-name") + "2", Outcome.MISSING, found=None),
        submission=SubmissionRef(text("student"), 2, text("source"), text("sha256"), late=True),
        assignment=AssignmentRef(text("assignment"), text("version")),
        notebook=NotebookResult(3, (CellError(0, text("cell-type"), text("cell-message")),)),
        reports=(
            Report(
                text("function") + "3",
                text("state"),
                {"block": 2.0},
                text("report"),
                (Diagnosis("block_doubled", author("report-diagnosis"), text("evidence-of-report"), author("report-hint"), 0.5),),
            ),
        ),
        notes=(text("submission-note"),),
        adjustments=(Adjustment(text("kind"), -1.0, text("why")),),
        grade=1.5,
        provenance=Provenance(*(text(field) for field in ("grader", "key", "engine", "walls", "python", "numpy"))),
    )


def page(result: SubmissionResult, text: Callable[[str], str] = lambda field: field, **fields: object) -> str:
    """The page with a prompt and code for each exercise."""
    prompts = {one.name: text("prompt").replace("`", "'") for one in result.exercises}
    excerpts = {one.name: Excerpt(3, 1, "def my_function(x):\n    " + text("code") + "\n    return x") for one in result.exercises}
    excerpts = cast("dict[str, Excerpt]", fields.pop("excerpts", excerpts))
    texts = Texts(text("page-title"), prompts, (text("remember").replace("`", "'"),))
    return render(result, Material(excerpts, figures(result, text)), texts, **fields)  # type: ignore[arg-type]


def figures(result: SubmissionResult, text: Callable[[str], str]) -> tuple[Curve | BlockPlot, ...]:
    """A curve of the first exercise and blocks of the first report."""
    numbers = (1e-3, None, float(10**300), 0.0, -1e-5)
    curves = [
        Curve(one.name, text("parameter"), text("curve-title"), text("curve-text"), (1e-4, 1e-3, 1e-2, 0.1, 1.0), numbers, numbers[::-1])
        for one in result.exercises[:1]
    ]
    right, wrong = Block(text("block"), (1.0, 0.0), (1.0, 0.0), True), Block(text("other-block"), (2.0,), (1.0,), False, 2.0)
    plots = [BlockPlot(one.function, text("plot-title"), text("plot-text"), (right, wrong)) for one in result.reports[:1]]
    return (*curves, *plots)


class Parsed(HTMLParser):
    """The elements of a page in order, its texts by what they are in, and whether its tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.in_code: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if "pre" in self.open:
            self.in_code.add(tag)
        else:
            self.elements.append((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    @property
    def text(self) -> str:
        return "".join(self.texts)


def assert_only_tells(html: str) -> Parsed:
    """Nothing in it runs, nothing is loaded, and it leads only within itself."""
    parsed = Parsed(html)
    tags = {tag for tag, _ in parsed.elements} | parsed.in_code
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "image", "use", "input"}
    assert parsed.in_code <= {"code", "span", "mark"}
    names = {name for _, name, _ in parsed.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not names & {"src", "srcset", "srcdoc", "style", "action", "formaction", "xlink:href", "background", "ping", "data"}
    for href in parsed.values("href"):
        assert re.fullmatch(r"#[a-z0-9-]+", href), href
    assert html.count("<style>") == html.count("</style>") == 1
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    assert visible(html) == html
    return parsed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_text_becomes_markup(data: st.DataObject) -> None:
    drawn: dict[str, str] = {}

    def text(field: str) -> str:
        if field not in drawn:
            drawn[field] = data.draw(TEXTS, field)
        return drawn[field]

    for audience in (PUBLIC, HIDDEN):
        hostile = assert_only_tells(page(full(text), text, audience=audience))
        plain = assert_only_tells(page(full(), audience=audience))
        assert hostile.elements == plain.elements
        assert visible(drawn["evidence"]) in hostile.text
        assert visible(drawn["student"], newlines=False) in hostile.text


def test_a_student_sees_nothing_of_hidden_cases() -> None:
    student, instructor = page(full()), page(full(), audience=HIDDEN)
    for secret in SECRETS:
        assert secret not in student
        assert secret in instructor
    for shown in ("hidden-id", "ValueError", "own-line", "cell 4, line 3"):
        assert shown in student


def test_the_story_of_a_student_holds_nothing_of_hidden_cases() -> None:
    told = msgspec.json.encode(tell(full(), Language("en"))).decode()
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize(
    ("raised", "shown"),
    [("ValueError", "ValueError"), ("numpy.linalg.LinAlgError", "LinAlgError"), ("X_0x1p3_hidden", OWN_ERROR), ("print", OWN_ERROR)],
)
def test_an_exception_class_of_student_code_carries_nothing_out(raised: str, shown: str) -> None:
    hidden = case("h1", Outcome.ERRORED, HIDDEN, error=StudentError(raised, "hidden-error", 3, 2, "own-line"))
    html = page(submission(exercise(outcome=Outcome.ERRORED, cases=(hidden,))))
    assert shown in html
    assert raised in html or raised != shown
    assert "_hidden" not in html


def test_golden_page() -> None:
    html = page(full())
    if os.environ.get(REGENERATE):
        GOLDEN.write_text(html, encoding="utf-8", newline="\n")
    page_now, golden = Parsed(html), Parsed(GOLDEN.read_text("utf-8"))
    why = f"set {REGENERATE}=1 to accept the new page"
    assert page_now.text.split() == golden.text.split(), why
    assert page_now.elements == golden.elements, why
    # The style is looked at in a browser; here counts what the page says and how it is marked up.
    policy = [("meta", "content", value) for value in golden.values("content") if value.startswith("default-src")]
    assert [item for item in page_now.attributes if item not in policy] == [item for item in golden.attributes if item not in policy], why


def test_a_page_is_the_same_text_each_time_and_names_no_path() -> None:
    assert page(full()) == page(full())
    assert str(Path(grader.feedback.__file__).parent) not in page(full())


@pytest.mark.parametrize("char", ['"', "<", "\U0001f600", "\u202e", "\n"])
@pytest.mark.parametrize("count", [1, 12, 25])
def test_a_page_is_never_too_big(char: str, count: int) -> None:
    def text(field: str) -> str:
        return field + char * 3_000

    one = full(text).exercises[0]
    many = msgspec.structs.replace(
        one,
        cases=one.cases * count,
        diagnoses=one.diagnoses * count,
        observations=one.observations * count,
        notes=one.notes * count,
    )
    result = full(text)
    exercises = tuple(msgspec.structs.replace(many, name=f"{many.name}{number}") for number in range(count))
    notebook = NotebookResult(count, (CellError(0, text("type"), text("message")),) * count)
    result = msgspec.structs.replace(
        result,
        exercises=exercises,
        notes=result.notes * count,
        reports=result.reports * count,
        adjustments=result.adjustments * count,
        notebook=notebook,
    )
    html = page(result, text)
    assert len(html.encode()) <= MAX_BYTES
    assert_only_tells(html)
    if count > 1:
        assert "more entries are left out" in html


@pytest.mark.parametrize("code", ["x" * 1_000_000, "+\n" * 200_000, "a + b * c\n" * 5_000, "'" * 9_999, '"""' * 9_999 + "\\"])
def test_long_code_is_cut_with_a_note(code: str) -> None:
    result = submission(exercise(outcome=Outcome.FAILED))
    html = page(result, excerpts={"my_function": Excerpt(3, 1, code)})
    assert len(html.encode()) <= MAX_BYTES // 4
    assert "more line" in html or "…" in html
    assert_only_tells(html)


def test_code_has_the_numbers_of_its_cell_and_marks_the_line_that_raised() -> None:
    error = StudentError("NameError", "name 'dx' is not defined", 3, 8, "return dx")
    result = submission(exercise(outcome=Outcome.ERRORED, cases=(case("p1", Outcome.ERRORED, error=error),)))
    code = "def my_function(x):\n    # a comment\n    return dx\n"
    html = page(result, excerpts={"my_function": Excerpt(3, 6, code)})
    lines = html.partition("<pre")[2].partition("<code>")[2].partition("</code>")[0].split("\n")
    assert [re.sub("<[^>]+>", "", line) for line in lines] == [
        "6def my_function(x):",
        "7    # a comment",
        "▶ 8    return dx (raised here)",
    ]
    assert html.count("<mark>") == 1
    elsewhere = page(result, excerpts={"my_function": Excerpt(4, 6, code)})
    assert "<mark>" not in elsewhere


def test_a_diagnosis_points_at_its_lines_where_they_are_few_and_nothing_was_raised() -> None:
    result = submission(exercise(outcome=Outcome.FAILED, diagnoses=(ONE,)))
    material = Material({"my_function": Excerpt(3, 6, "def my_function(x):\n    y = x\n    return y")})
    html = render(result, material, Texts("t", lines={"theta_aliased": r"=\s*x$"}))
    assert html.count("<mark>") == 1
    assert "<mark>    y = x</mark>" in re.sub("<span[^>]*>|</span>", "", html)
    assert "(the mistake may be here)" in html
    assert "<mark>" not in render(result, material, Texts("t", lines={"another": r"=\s*x$"}))
    many = Material({"my_function": Excerpt(3, 6, "y = x\n" * 4)})
    assert "<mark>" not in render(result, many, Texts("t", lines={"theta_aliased": r"=\s*x$"}))


@settings(deadline=None)
@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters="\n\"'\\#")))
def test_highlighting_changes_no_text(code: str) -> None:
    html = page(submission(exercise(outcome=Outcome.FAILED)), excerpts={"my_function": Excerpt(3, 1, code)})
    shown = html.partition("<pre")[2].partition("<code>")[2].partition("</code></pre>")[0]
    numbered = Parsed(shown).text.split("\n")
    assert [line.removeprefix(str(number)) for number, line in enumerate(numbered, 1)] == code.rstrip().split("\n")


ERROR = StudentError("TypeError", "bad operand", 3, 2, "return x + y")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (submission(exercise()), ["Nothing: everything passed."]),
        (submission(status=Status.NOT_GRADED, score=None, grade=None), ["our fault", "nothing is lost", "graded again"]),
        (submission(status=Status.UNREADABLE, score=0.0), ["cannot be read as a notebook", "Open the file in Jupyter"]),
        (submission(exercise(outcome=Outcome.MISSING, found=None)), ["exactly the name my_function"]),
        (
            submission(exercise(outcome=Outcome.ERRORED, cases=(case("p1", Outcome.ERRORED, error=ERROR),))),
            ["raises TypeError: bad operand in cell 4, line 2", "return x + y"],
        ),
        (
            submission(exercise(outcome=Outcome.ERRORED, cases=(case("h1", Outcome.ERRORED, HIDDEN, error=ERROR),))),
            ["raises TypeError in cell 4, line 2", "return x + y"],
        ),
        (
            submission(
                exercise(outcome=Outcome.FAILED, cases=(case("p1", Outcome.FAILED, title="small x", expected="2.0", actual="3.0"),))
            ),
            ["returns a wrong value: small x", "expected", "2.0", "your value", "3.0"],
        ),
        (
            submission(
                exercise(
                    outcome=Outcome.FAILED,
                    cases=(case("p1"), case("h1", Outcome.FAILED, HIDDEN), case("h2", Outcome.PASSED, HIDDEN)),
                    observations=(Observation("o", "The second argument is never read."),),
                )
            ),
            ["hidden cases fail: h1.", "The second argument is never read."],
        ),
        (submission(exercise(outcome=Outcome.TIMED_OUT, cases=(case("p1", Outcome.TIMED_OUT),))), ["did not return in time"]),
        (submission(exercise(outcome=Outcome.KILLED, cases=(case("p1", Outcome.KILLED),))), ["was stopped"]),
        (
            submission(
                exercise("first", outcome=Outcome.MISSING, found=None),
                exercise("second", Outcome.FAILED, score=5.0, diagnoses=(Diagnosis("d", "Title", "Evidence", "Copy `x` first.", 0.5),)),
            ),
            ["second", "Title", "a hint if you want one", "Go to second", "Copy x first."],
        ),
        (
            submission(exercise(outcome=Outcome.FAILED, diagnoses=(Diagnosis("d", "Title", "Evidence", "", 0.5),))),
            ["Title", "Evidence"],
        ),
        (
            submission(exercise(), reports=(Report("helper", "wrong", {}, "wrong", (Diagnosis("d", "Title", "Evidence", "Hint", 0.5),)),)),
            ["helper: Title", "Everything that is graded passed.", "worth no points"],
        ),
        (submission(exercise(), reports=(Report("helper", "right", {}, "it agrees"),)), ["Nothing: everything passed."]),
    ],
)
def test_what_to_do_next(result: SubmissionResult, words: list[str]) -> None:
    text = Parsed(page(result)).text
    start = text.partition("Skip to the result")[2]
    for word in words:
        assert word in start


ONE = Diagnosis("theta_aliased", "theta is not copied", "Your value 3 is what this mistake gives.", "Print it.", 0.5)
TWO = Diagnosis("two_epsilon", "2 is forgotten", ONE.evidence, "Look at the distance.", 0.25)


def flat(html: str) -> str:
    return re.sub(r"\s+", " ", Parsed(html).text)


def test_a_diagnosis_says_what_it_is_given() -> None:
    failed = (case("p1", Outcome.FAILED, expected="2", actual="3"), case("h1", Outcome.PASSED, HIDDEN))
    result = submission(exercise(outcome=Outcome.FAILED, score=5.0, cases=failed, diagnoses=(ONE,)))
    html = page(result)
    text = flat(html).partition("What was asked")[0]
    assert "Recognised theta is not copied Your value 3 is what this mistake gives. This mistake is given 5 of 10 points" in text
    assert '<details class="hint"><summary>Show a hint</summary>' in html
    assert "theta_aliased" not in html
    assert "Credit: theta_aliased = 0.5. To change it" in flat(page(result, audience=HIDDEN))
    assert "is given" not in page(submission(exercise(outcome=Outcome.FAILED, score=5.0, cases=failed)))


def test_two_mistakes_at_once_share_their_evidence() -> None:
    result = submission(exercise(outcome=Outcome.FAILED, score=2.5, diagnoses=(ONE, TWO)))
    text = flat(page(result))
    assert text.count(ONE.evidence) == 1
    assert "Recognised: 2 mistakes at once theta is not copied alone: 5 of 10 2 is forgotten alone: 2.5 of 10 Your value 3" in text
    assert "Of 2 mistakes at once the smallest credit counts: 2.5 of 10 points" in text
    assert "Show a hint on mistake 1" in text
    assert "Show a hint on mistake 2" in text
    assert "theta_aliased = 0.5, two_epsilon = 0.25" in flat(page(result, audience=HIDDEN))


def test_of_two_mistakes_that_are_given_the_same_none_is_said_to_give_that_alone() -> None:
    both = tuple(msgspec.structs.replace(item, credit=0.1) for item in (ONE, TWO))
    text = flat(page(submission(exercise(outcome=Outcome.FAILED, score=1.0, diagnoses=both))))
    assert "alone" not in text
    assert "Of 2 mistakes at once the smallest credit counts: 1 of 10 points" in text


def test_a_report_shows_its_diagnoses_and_nothing_twice() -> None:
    evidence = "dW2 is 2.000 times the true value: that is what this mistake gives."
    diagnosis = Diagnosis("d", "dW2 is doubled", evidence, "Compare with dW1.", 0.5)
    report = Report("helper", "wrong", {"dW2": 2.0}, "dW2 is 2.000 times the true value", (diagnosis,))
    text = flat(page(submission(exercise(), reports=(report,)))).partition("Looked at, not graded")[2]
    assert text.count("dW2 is 2.000 times") == 1
    assert "Recognised dW2 is doubled dW2 is 2.000" in text
    assert "Compare with dW1." in text
    assert "is given" not in text


def test_hidden_cases_that_ended_alike_are_one_row() -> None:
    hidden = [case(f"h{number}", Outcome.FAILED, HIDDEN) for number in (1, 2)]
    other = case("h3", Outcome.ERRORED, HIDDEN, error=ERROR)
    html = page(submission(exercise(outcome=Outcome.ERRORED, cases=(*hidden, other))))
    assert '<span class="id">h1, h2</span>' in html
    assert '<span class="id">h3</span>' in html


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found(9, "executed", "my_function"), "Found in cell 10, which ran."),
        (Found(9, "executed", "my_alias"), "It is named my_alias there, which is accepted."),
        (Found(9, "recovered"), "Recovered from cell 10, which did not run to its end"),
        (Found(9, "definitions_only"), "Only the definitions of the notebook were run"),
        (Found(None, "executed"), "Found in the notebook, which ran."),
        (None, "There is no function named my_function after the notebook has run."),
    ],
)
def test_where_a_function_was_found(found: Found | None, words: str) -> None:
    assert words in page(submission(exercise(outcome=Outcome.FAILED, found=found)))


def test_cells_that_raised_and_whether_it_mattered() -> None:
    notebook = NotebookResult(12, (CellError(0, "FileNotFoundError", "no such file"),))
    assert "Your functions were still found and graded." in page(submission(exercise(), notebook=notebook))
    lost = exercise("lost", Outcome.MISSING, found=None)
    assert "Not found: lost. The other functions" in page(submission(exercise(), lost, notebook=notebook))
    assert "No graded function was found." in page(submission(lost, notebook=notebook))
    assert "12 code cells, none ended with an error." in page(submission(exercise()))


def test_the_grade_is_told_only_where_it_is_not_the_score() -> None:
    assert "Grade:" not in page(submission(exercise()))
    late = submission(exercise(), grade=8.0, adjustments=(Adjustment("late", -2.0, "one day"),))
    assert "Grade: 8 of 10" in page(late)
    assert "−2" in page(late)


def test_the_page_is_accessible() -> None:
    html = page(full(), language="zh")
    parsed = Parsed(html)
    tags = [tag for tag, _ in parsed.elements]
    assert '<html lang="zh-Hans">' in html
    assert '<h3 id="figure-1-1" lang="en">' in html
    assert tags.count("h1") == tags.count("main") == tags.count("header") == tags.count("footer") == 1
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    for target in [href[1:] for href in parsed.values("href")] + parsed.values("aria-labelledby"):
        assert target in ids
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert set(WORDS) == set(SYMBOLS) == set(Outcome)
    assert len(set(WORDS.values())) == len(set(SYMBOLS.values())) == len(Outcome)


def luminance(color: str) -> float:
    """The relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TEXT_ON = [
    *((text, ground) for text in ("text", "muted", "link") for ground in ("page", "card")),
    *((name, f"{name}-soft") for name in ("good", "bad", "warn", "gone")),
    *((text, ground) for text in ("text", "keyword", "string", "number", "comment", "name", "bad", "muted") for ground in ("soft", "card")),
    *((text, "mark") for text in ("text", "keyword", "string", "number", "comment", "name")),
    *((text, "next") for text in ("text", "link")),
    *((text, "warn-soft") for text in ("text", "warn")),
]


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_contrast(theme: int, text: str, ground: str) -> None:
    style = (Path(grader.feedback.__file__).parent / "templates" / "style.css").read_text("utf-8")
    blocks = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)]
    assert len(blocks) == 3
    colors = blocks[0] | blocks[theme]
    lighter, darker = sorted((luminance(colors[text]), luminance(colors[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


# What is said once


def test_a_score_by_public_cases_alone_says_so_beside_it() -> None:
    result = submission(exercise(outcome=Outcome.PASSED, score=10.0), notes=(PUBLIC_ONLY, "another note"))
    text = flat(page(result))
    assert text.count(PUBLIC_ONLY) == 1
    assert text.index("10 of 10 points") < text.index(PUBLIC_ONLY) < text.index("What to do next") < text.index("another note")
    assert "只运行了公开测试" in page(result, language="zh")
    printed = " ".join(render_text(result, Material(), Texts("My title")).split())
    assert printed.count(PUBLIC_ONLY) == 1
    assert printed.index("10 of 10 points") < printed.index(PUBLIC_ONLY) < printed.index("Next")


def test_an_error_of_several_cases_is_told_in_the_first() -> None:
    error = StudentError("ValueError", "a long message " * 200, 3, 1, "raise it")
    message = f"{error.type}: {error.message}"[:2_000]
    cases = tuple(case(name, Outcome.ERRORED, message=message, expected="1", error=error) for name in ("p1", "p2", "p3"))
    result = submission(exercise(outcome=Outcome.ERRORED, cases=cases))
    text = flat(page(result))
    table = text.partition("Public cases")[2]
    assert table.count("a long message a long message") == table[:1_000].count("a long message a long message") > 0
    assert table.count("the same error as in case p1") == 2
    assert " ".join(render_text(result, Material(), Texts("My title")).split()).count("the same error as in case p1") == 2


def test_of_a_function_that_is_not_there_only_what_helps_is_told() -> None:
    missing = exercise(
        outcome=Outcome.MISSING,
        found=None,
        cases=(case("p1", Outcome.MISSING, message="there is no such function in the notebook"), case("h1", Outcome.MISSING, HIDDEN)),
        observations=(Observation("near_name", "there is one called my_functoin"),),
        notes=("how it is graded",),
    )
    other = exercise("other", outcome=Outcome.PASSED, score=10.0)
    text = flat(page(submission(missing, other)))
    assert "my_function was not found: there is one called my_functoin." in text
    assert "Public cases: 0 of 1 passed" in text
    assert "Hidden cases: 0 of 1 passed" in text
    assert "how it is graded" not in text
    assert "h1" not in text
    printed = render_text(submission(missing, other), Material(), Texts("My title"))
    assert "○ my_function: not found, 0 of 10\n  there is one called my_functoin\n\n" in printed


def test_what_is_remarked_of_what_passed_is_seen_before_anything_is_opened() -> None:
    remarked = submission(exercise(observations=(Observation("o", "The default is another one."),)))
    html = page(remarked)
    start = html.index('<section class="exercise"')
    assert start < html.index("The default is another one.") < html.index("<details>", start)
    assert html.count("The default is another one.") == 1
    assert "✓ my_function: passed, 10 of 10\n  seen         The default is another one.\n" in render_text(
        remarked, Material(), Texts("My title")
    )
    (view,) = told.story_of(remarked).exercises
    assert told.details(view) == "Seen: The default is another one."


def test_where_nothing_is_found_the_file_is_asked_about() -> None:
    missing = exercise(outcome=Outcome.MISSING, found=None, observations=(Observation("not_defined", "no cell defines it"),))
    for note, said in {
        "the notebook has no cells": "No function that is asked for was found: the notebook has no cells. Is this the file",
        NONE_RAN: "my_function was not found: no cell defines it.",
    }.items():
        assert said in flat(page(submission(missing, notes=(note,))))
    assert "这是你想提交的文件吗" in page(submission(missing, notes=("the notebook has no cells",)), language="zh")


def test_lines_that_the_material_left_out_are_counted() -> None:
    html = page(submission(exercise(outcome=Outcome.FAILED)), excerpts={"my_function": Excerpt(3, 1, "one\ntwo", 40)})
    assert "… 40 more lines" in html


def test_a_card_is_never_too_big() -> None:
    one = full(lambda field: field + "<" * 3_000).exercises[0]
    many = msgspec.structs.replace(one, cases=one.cases * 40, observations=one.observations * 40, notes=one.notes * 40)
    result = submission(*(msgspec.structs.replace(many, name=f"f{number}") for number in range(40)))
    assert len(render_card(result, Material(), Texts("My title")).encode()) <= MAX_BYTES
