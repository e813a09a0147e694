"""Instructors' notes: kept, replaced and taken back; on the pages of whom they concern, and nothing that a page must not hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import assignments
from grader.attempts import Kept
from grader.cli.note import command as note_command
from grader.cli.report import command as report_command
from grader.console import render_text
from grader.errors import GradebookError, UsageError
from grader.feedback import Material, Texts, render
from grader.feedback.comments import Comments, as_html, comments_on, digest, rendered
from grader.feedback.material import Traces
from grader.gradebook import open_gradebook
from grader.model import Diagnosis, Note, Outcome, Report, SubmissionResult
from grader.output import Output, RunNote
from tests import gradebooks
from tests.hostile import pages
from tests.unit.test_feedback import HOSTILE, exercise, submission

ASSIGNMENT = "gradient_checking"
TEXTS = st.lists(
    st.sampled_from([*HOSTILE, "[a](javascript:b)", "![p](http://x/y)", "[r]: http://x", "<http://x>", "# h", "    code"]) | st.text()
)
GRADER = Path(__file__).parents[2] / "grader"
STYLE = (GRADER / "feedback" / "templates" / "style.css").read_text(encoding="utf-8")


def diagnosed(name: str, id_: str, **fields: object) -> SubmissionResult:
    wrong = exercise(name, Outcome.FAILED, diagnoses=(Diagnosis(id_, "title", "evidence", "hint", 0.5),))
    return msgspec.structs.replace(submission(wrong, exercise("other")), **fields)


# Kept


def test_the_newest_is_in_force_and_nothing_is_changed(database: str) -> None:
    with gradebooks.open_test(database) as book:
        gradebooks.start(book)
        book.record(1, [gradebooks.item(gradebooks.result("ada"))])
        before = book.verify()
        book.note("checks", "misconception", "halves", "first", "teacher")
        book.note("checks", "misconception", "halves", " second\n", "other")
        book.note("checks", "student", "ada", "come and see me", "teacher")
        book.note("checks", "cluster", "0a1b2c3d", "x", "teacher")
        book.note("checks", "cluster", "0a1b2c3d", None, "teacher")
        assert [(note.kind, note.name, note.text, note.who) for note in book.notes("checks")] == [
            ("misconception", "halves", "second", "other"),
            ("student", "ada", "come and see me", "teacher"),
        ]
        assert book.notes("another") == ()
        assert book.verify() == before
        for statement in ("UPDATE notes SET text = 'else'", "DELETE FROM notes"):
            with pytest.raises(GradebookError, match="notes are never changed"), book._store.writing() as connection:
                connection.exec_driver_sql(statement)
    with open_gradebook(database) as book:
        assert len(book.notes("checks")) == 2


@pytest.mark.parametrize(
    ("asked", "said", "remedy"),
    [
        (("checks", "exercise", "frist", "x"), "there is no exercise frist", "did you mean first?"),
        (("checks", "student", "adda", "x"), "there is no student adda", "did you mean ada?"),
        (("cheks", "student", "ada", "x"), "there is no assignment cheks", "did you mean checks?"),
        (("checks", "student", "ada", " \n"), "needs a text", "--remove takes one back"),
        (("checks", "student", "ada", "x" * 4001), "longer than 4,000 characters", ""),
        (("checks", "student", "ada", None), "there is no note on student ada", ""),
    ],
)
def test_what_cannot_be_noted(tmp_path: Path, asked: tuple[str, str, str, str | None], said: str, remedy: str) -> None:
    with gradebooks.open_test(f"sqlite:///{tmp_path / 'g.db'}") as book:
        gradebooks.start(book)
        book.record(1, [gradebooks.item(gradebooks.result("ada"))])
        with pytest.raises(UsageError, match=said) as caught:
            book.note(*asked, who="teacher")
        assert caught.value.remedy == remedy
        assert book.notes("checks") == ()


# Whom they concern


def test_whom_they_concern() -> None:
    result = diagnosed("area", "halves", reports=(Report("extra", "wrong", {}, "text", (Diagnosis("as_given", "", "", "", 1.0),)),))
    material = Material(traces=Traces(behaviours={"area": "0a1b2c3d"}))
    notes = [
        Note(kind, name, f"{kind} {name}")
        for kind, name in [
            ("student", "ada"), ("student", "bob"), ("exercise", "area"), ("exercise", "other"),
            ("cluster", "0a1b2c3d"), ("cluster", "ffffffff"),
            ("misconception", "halves"), ("misconception", "doubles"), ("misconception", "as_given"), ("cluster", ""),
        ]
    ]  # fmt: skip
    found = comments_on(result, material, notes)
    assert [note.text for note in found.student] == ["student ada"]
    assert {name: [note.text for note in chosen] for name, chosen in found.functions.items()} == {
        "area": ["misconception halves", "cluster 0a1b2c3d", "exercise area"],
        "other": ["exercise other"],
        "extra": ["misconception as_given"],
    }
    assert comments_on(result, material, ()) == Comments()
    assert digest(()) == ""
    assert digest(notes) != digest(notes[1:])


@pytest.mark.parametrize(("language", "label"), [("en", "From your instructor"), ("zh", "教师留言")])
def test_page_and_console_show_them(language: str, label: str) -> None:
    notes = (Note("misconception", "halves", "See **lecture 4**."), Note("exercise", "other", "well done"), Note("student", "ada", "hello"))
    html = render(diagnosed("area", "halves"), Material(), Texts("t", notes=notes), language=language)
    assert "<p>See <strong>lecture 4</strong>.</p>" in html
    assert html.count(f'aria-label="{label}"') == 3
    assert html.index("<p>hello</p>") < html.index('id="exercise-1"') < html.index("lecture 4") < html.index('id="exercise-2"')
    assert html.index('id="exercise-2"') < html.index("<p>well done</p>") < html.rindex("<details><summary>")
    text = render_text(diagnosed("area", "halves"), Material(), Texts("t", notes=notes), language=language)
    assert all(said in text for said in ("See **lecture 4**.", "well done", "hello"))
    assert label not in render(diagnosed("area", "halves"), Material(), Texts("t"), language=language)


# Markdown


def test_markdown_is_shown() -> None:
    told = rendered("# A\n\n*b* `c` [d](https://example.org/e)\n\n1. f\n\n> g\n\n```\nh <i>\n```\n")
    for part in ('<p class="title">A</p>', "<em>b</em>", "<code>c</code>", '<a href="https://example.org/e">d</a>', "<ol>", "<blockquote>"):
        assert part in told
    assert "h &lt;i&gt;" in told
    assert rendered('![a "b"](https://x/y "c")') == '<p><a href="https://x/y">a &#34;b&#34;</a></p>\n'
    assert rendered("[![a](https://x/y)](https://z)") == '<p><a href="https://z">a</a></p>\n'
    assert rendered("![a](javascript:b)") == "<p>![a](javascript:b)</p>\n"


@settings(max_examples=200, deadline=None)
@given(TEXTS.map("".join))
def test_no_note_runs_or_asks_for_anything(text: str) -> None:
    told = str(rendered(text))
    html = render(submission(exercise()), Material(), Texts("t", notes=(Note("student", "ada", text),)))
    problems = [
        problem for problem in pages.check_page(html, STYLE) if not problem.startswith("a link 'http") and "a link 'mailto" not in problem
    ]
    assert problems == []
    assert {*re.findall(r"<(\w+)", told)} <= {"p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br"}
    assert all(re.match(r"https?://|mailto:", href, re.IGNORECASE) for href in re.findall(r'href="([^"]*)"', told))


def test_notes_do_not_crowd_out_the_page() -> None:
    notes = tuple(Note("misconception", f"m{number}", "&" * 4000) for number in range(30))
    wrong = exercise("area", Outcome.FAILED, diagnoses=tuple(Diagnosis(note.name, "t", "e", "h", 0.5) for note in notes))
    _, told = as_html(comments_on(submission(wrong), Material(), notes))
    assert 0 < sum(map(len, told["area"])) <= 60_000
    html = render(submission(wrong), Material(), Texts("t", notes=notes))
    assert len(html.encode()) <= 300_000


# The commands


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder of results of three students, two of which have one mistake."""
    output = Output(tmp_path / "out")
    assignment = assignments.load(ASSIGNMENT)
    names = [one.name for one in assignment.graded]
    with open_gradebook(output.folder / "gradebook.db") as book:
        run = gradebooks.start(book, ASSIGNMENT, exercises={one.name: one.points for one in assignment.graded})
        for position, student in enumerate(("ada", "bob", "eve")):
            result = gradebooks.result(student, assignment=ASSIGNMENT)
            mistakes = (Diagnosis("halves", "it halves", "evidence", "hint", 0.5),) if student != "ada" else ()
            wrong = msgspec.structs.replace(result.exercises[0], name=names[0], diagnoses=mistakes)
            result = msgspec.structs.replace(result, exercises=(wrong, result.exercises[1]))
            material = Material(traces=Traces(behaviours={names[0]: "0a1b2c3d"} if mistakes else {}))
            kept = msgspec.msgpack.encode(Kept(material, None, False))
            book.record(run, [msgspec.structs.replace(gradebooks.item(result, position), material=kept)])
            output.write(result, "the page of before")
        book.finish_run(run, "done", 0.0)
    output.write_note(RunNote(run, ASSIGNMENT, {"language": "", "grader": "0.1.0", "notes": ""}, "done"))
    return output.folder


def note(*arguments: str | Path) -> Result:
    return CliRunner().invoke(note_command, [*map(str, arguments)], catch_exceptions=False, standalone_mode=False)


def shown(out: Path) -> list[str]:
    return [student for student in ("ada", "bob", "eve") if "instructor" in (out / student / "feedback.html").read_text(encoding="utf-8")]


def test_a_note_is_on_the_pages_of_whom_it_concerns_until_it_is_removed(out: Path, tmp_path: Path) -> None:
    results = {path: path.read_bytes() for path in out.glob("*/result.json")}
    done = note("misconception", "halves", "See **lecture 4**.", "--out", out)
    assert done.output == "misconception halves: concerns 2 students; 2 pages made anew\n"
    assert shown(out) == ["bob", "eve"]
    assert (out / "ada" / "feedback.html").read_text() == "the page of before"
    held = json.loads((out / "run.json").read_text())["pages"]["notes"]
    assert held == digest([Note("misconception", "halves", "See **lecture 4**.")])
    (tmp_path / "note.md").write_text("*again*", encoding="utf-8")
    assert "2 pages" in note("cluster", "0a1b2c3d", "--file", tmp_path / "note.md", "--out", out).output
    assert "<em>again</em>" in (out / "bob" / "feedback.html").read_text(encoding="utf-8")
    listed = note("--out", out).output
    assert re.search(r"misconception halves, by \S+, \d{4}-\d\d-\d\d \d\d:\d\d\n    See \*\*lecture 4\*\*\.\ncluster 0a1b2c3d", listed)
    assert [one["name"] for one in json.loads(note("--out", out, "--format", "json").output)["notes"]] == ["halves", "0a1b2c3d"]
    assert "the note is removed; 2 pages" in note("misconception", "halves", "--remove", "--out", out).output
    assert shown(out) == ["bob", "eve"]
    note("cluster", "0a1b2c3d", "--remove", "--out", out)
    assert shown(out) == []
    assert note("--out", out).output == "no note is in force\n"
    assert {path: path.read_bytes() for path in out.glob("*/result.json")} == results


def test_without_the_folder_pages_follow_later(out: Path) -> None:
    url = f"sqlite:///{out / 'gradebook.db'}"
    assert note("student", "bob", "x", "--gradebook", url).output.endswith("their pages follow with the next grader grade\n")
    assert shown(out) == []
    assert note("student", "eve", "x", "--out", out).output == "student eve: concerns 1 student; 1 page made anew\n"
    assert shown(out) == ["eve"]  # and the run's note still says that the pages are not those of today's notes
    assert json.loads((out / "run.json").read_text())["pages"]["notes"] == ""


@pytest.mark.parametrize(
    ("arguments", "said", "remedy"),
    [
        (("misconception", "halfs", "x"), "there is no misconception halfs", "did you mean halves?"),
        (("cluster", "0a1b2c3e", "x"), "there is no cluster 0a1b2c3e", "did you mean 0a1b2c3d?"),
        (("misconception", "halves"), "what is to be said", "grader note KIND NAME TEXT, or --file FILE"),
        (("misconception", "halves", "x", "--remove"), "--remove takes no TEXT", ""),
        (("misconception",), "on what", "grader note KIND NAME TEXT, or grader note alone for those in force"),
        (("misconception", "halves", "--file", "none.md"), "none.md cannot be read", ""),
    ],
)
def test_usage(out: Path, arguments: tuple[str, ...], said: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        note(*arguments, "--out", out)
    assert caught.value.remedy == remedy


# The report's command


def report(*arguments: str | Path) -> str:
    done = CliRunner().invoke(report_command, [*map(str, arguments)], catch_exceptions=False, standalone_mode=False)
    return done.output


def test_report_writes_the_index_or_where_it_is_told(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(out) == f"3 submissions: {out / 'index.html'}\n"
    html = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="bob/feedback.html"' in html
    elsewhere = tmp_path / "else where" / "class.html"
    elsewhere.parent.mkdir()
    assert report("--out", out, "-o", elsewhere, "--lang", "zh") == f"3 submissions: {elsewhere}\n"
    assert 'href="../out/bob/feedback.html"' in elsewhere.read_text(encoding="utf-8")
    assert report(out, "-o", out / "again.html")
    assert (out / "again.html").read_text(encoding="utf-8") == html
    anonymous = tmp_path / "anonymous.html"
    report(out, "--anonymous", "-o", anonymous)
    told = anonymous.read_text(encoding="utf-8")
    assert "student 1" in told
    assert "bob" not in told
    report("--gradebook", f"sqlite:///{out / 'gradebook.db'}", "-o", anonymous)
    assert "bob" in (told := anonymous.read_text(encoding="utf-8"))
    assert "feedback.html" not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no folder nowhere"),
        (("OUT", "--out", "OUT"), "OUT is given twice"),
        (("OUT", "-a", "circles"), "no assignment"),
    ],
)
def test_report_usage(out: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        report(*[str(out) if argument == "OUT" else argument for argument in arguments])
