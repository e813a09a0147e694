"""The class page: what it counts, whom it names, what it never obeys, and that it says nothing of who is who where it must not."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import random
import re
import tracemalloc
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.dashboard import Census, alike, census_of, render, take_census, write_index
from grader.dashboard.code import Code
from grader.dashboard.statistics import bars, discrimination, spread
from grader.feedback import Material, Texts
from grader.feedback.material import Traces
from grader.gradebook import Gradebook
from grader.likeness import Common, Fingerprints, common_of, fingerprints
from grader.model import Status, SubmissionRef, SubmissionResult
from grader.output import Output
from tests import gradebooks
from tests.classrooms import SHARED, classroom, graded
from tests.hostile import pages
from tests.unit.test_feedback import HOSTILE

GRADER = Path(__file__).parents[2] / "grader"
GOLDEN = Path(__file__).parents[1] / "golden" / "dashboard.txt"
SCRIPT = (GRADER / "dashboard" / "templates" / "dashboard.js").read_text(encoding="utf-8")
STYLE = "\n".join(
    (GRADER / name).read_text(encoding="utf-8") for name in ("feedback/templates/style.css", "dashboard/templates/dashboard.css")
)
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=3).map("".join)


def page(census: Census, title: str = "Circles", **options: Any) -> str:
    return "".join(render(census, Texts(title), **options))


def data_of(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(html.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
    return found


class Told(HTMLParser):
    """The words of a page but for its data, script and style, a line an element that begins one; and its links."""

    LINES = frozenset({"h1", "h2", "h3", "p", "li", "tr", "dt", "dd", "summary", "text", "label", "option", "button", "figure"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags = [""], list[str](), Counter[str]()
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.tags[tag] += 1
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag in self.LINES:
            self.words.append("")
        if tag in ("th", "td"):
            self.words[-1] += " | "

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open not in ("script", "style"):
            self.words[-1] += data

    @property
    def text(self) -> str:
        lines = (re.sub(r"\s+", " ", line).strip() for line in self.words)
        return "\n".join(filter(None, lines)) + "\n"


# Numbers


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50)), min_size=2, max_size=60))
def test_discrimination_is_pearsons_correlation(class_: list[tuple[bool, int]]) -> None:
    passed, rest = np.array([one for one, _ in class_]), np.array([one for _, one in class_], dtype=float)
    r = discrimination(passed, rest)
    if r is None:
        assert passed.all() or not passed.any() or len({*rest.tolist()}) == 1
    else:
        assert r == pytest.approx(np.corrcoef(passed, rest)[0, 1], abs=1e-9)
        assert -1 <= r <= 1
        assert discrimination(~passed, rest) == pytest.approx(-r)
        assert discrimination(passed, 3 * rest + 7) == pytest.approx(r)


def test_discrimination_where_there_is_none() -> None:
    assert discrimination(np.array([], dtype=bool), np.array([])) is None
    assert discrimination(np.array([True, False]), np.array([0.1 + 0.2, 0.3])) is None  # rounding is no difference
    assert discrimination(np.array([True, False]), np.array([np.nan, 1.0])) is None
    assert discrimination(np.array([True, False, False]), np.array([2.0, 1.0, 1.0])) == pytest.approx(1.0)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=40), st.floats(0.5, 100))
@example([0.5000000000000001], 0.5)
def test_every_score_is_in_one_bar(scores: list[float], points: float) -> None:
    found = spread(scores, points)
    assert found is not None
    assert sum(count for _, _, count in found.bars) == found.count == len(scores)
    assert len(found.bars) <= 21
    assert [low for low, _, _ in found.bars[1:]] == pytest.approx([high for _, high, _ in found.bars[:-1]])
    assert found.bars[-1][1] == max(points, *scores)
    assert found.least <= found.lower <= found.median <= found.upper <= found.most


def test_bars_have_round_ends() -> None:
    assert [low for low, _, _ in bars(np.array([7.0]), 50.0)] == [2.5 * place for place in range(20)]
    assert spread([], 10.0) is None


# Similar code


def seats(*sources: str, common: Common = Common()) -> list[Fingerprints]:  # noqa: B008
    return [fingerprints([(2, source)], common) for source in sources]


def own(number: int) -> str:
    """Code as nobody else's: constants and an order of its own."""
    draw = random.Random(number)
    return "\n".join(f"v{place} = f({draw.random()}) {draw.choice('+-*/')} g[{draw.randrange(99)}, {draw.random()}]" for place in range(12))


def test_a_copy_is_seen_through_its_new_names_in_a_class_of_others() -> None:
    others = [own(number) for number in range(30)]
    copy = re.sub(r"\bv(\d)", r"other_\1", others[4].replace("f(", "calculate(")).replace("\n", "  # mine\n")
    (group,) = alike.groups(seats(*others, copy))
    assert group.members == (4, 30)
    assert group.closest.share == 1.0
    assert group.closest.passages >= 12
    assert group.closest.cells == ((2,), (2,))


def test_what_many_write_is_nothing_to_look_at() -> None:
    usual, rare = own(0), own(1)
    class_ = [usual] * 25 + [own(number) for number in range(2, 30)]
    assert alike.groups(seats(*class_)) == []
    assert [group.members for group in alike.groups(seats(*class_, rare, rare))] == [(len(class_), len(class_) + 1)]


def test_short_answers_and_what_was_handed_out_are_nothing_to_look_at() -> None:
    short = "def area(radius):\n    return 3.14159 * radius ** 2\n"
    assert alike.groups(seats(*[own(number) for number in range(20)], short, short)) == []
    handed_out, others = own(99), [own(number) for number in range(20)]
    assert alike.groups(seats(*others, handed_out, handed_out, common=common_of([handed_out]))) == []
    assert alike.groups(seats(*others, handed_out, handed_out)) != []


@settings(max_examples=30)
@given(st.permutations(range(12)))
def test_groups_do_not_depend_on_the_order(order: list[int]) -> None:
    sources = [own(number // 2 if number < 6 else number) for number in range(12)]
    found = alike.groups(seats(*[sources[number] for number in order]))
    named = {frozenset(order[member] for member in group.members) for group in found}
    assert named == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}


def test_no_class_at_all() -> None:
    assert alike.groups([]) == alike.groups([Fingerprints()]) == alike.groups([Fingerprints()] * 5) == []


# The page


def test_the_page_tells_what_the_class_did() -> None:
    """By content: words, numbers and links; GRADER_REGENERATE_GOLDEN=1 makes the file anew."""
    told = Told(page(census_of(classroom(40)))).text
    if os.environ.get("GRADER_REGENERATE_GOLDEN"):
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [0, 1, 2, 30])
def test_classes_of_every_size_have_a_page(size: int, language: str) -> None:
    html = page(census_of(classroom(size)), language=language)
    assert pages.check_page(html, STYLE, SCRIPT) == []
    assert len(data_of(html)["rows"]) == size
    assert not re.search(r"\bnan\b|\bNone\b(?! of the)|Undefined|[{}]", Told(html).text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_class_in_which_nothing_stands_out_is_told_so(language: str) -> None:
    right = next(result for result, _ in classroom(200) if result.score == result.points and "recovered" not in result.to_json())
    right = msgspec.structs.replace(right, notebook=None)
    late = msgspec.structs.replace(right, submission=SubmissionRef("b", 1, "", "", True))
    for class_ in ([], [right], [right, late]):
        html = page(census_of((one, Material()) for one in class_), language=language)
        assert html.count({"en": "Nothing stands out.", "zh": "没有特别需要留意的。"}[language]) == 1
        looks = html.partition('<ul class="looks">')[2].partition("</ul>")[0]
        assert looks.count("<li") == 1


def test_counts_are_those_of_the_results() -> None:
    class_ = list(classroom(200))
    html = page(census_of(class_))
    text = Told(html).text
    results = [result for result, _ in class_]
    done = [result for result in results if result.status is Status.GRADED]
    assert f"{len(results)} submissions" in text
    mean = sum(result.score or 0 for result in done) / len(done)
    assert f"{mean:.2f}".rstrip("0").rstrip(".") + " of 30" in text
    behind = Counter(id_ for result in done for id_ in {one.id for exercise in result.exercises for one in exercise.diagnoses})
    for id_, count in behind.items():
        assert f"{count} it {id_.replace('_', ' ')}" in re.sub(r"\n", " ", text.replace(f"{count}it", f"{count} it"))
    passed = sum(result.exercises[0].cases[1].outcome.value == "passed" for result in done)
    assert f"{passed} of {len(done)} students" in text
    tags = data_of(html)["tags"]
    rows = data_of(html)["rows"]
    late = tags.index("Late")
    assert sum(late in row[9] for row in rows) == sum(result.submission.late for result in results)


def test_without_its_script_everyone_is_named_and_linked() -> None:
    html = page(census_of(classroom(25)))
    told = Told(html.partition("<noscript>")[2].partition("</noscript>")[0])
    assert told.links == [f"student-{number:05d}/feedback.html" for number in range(25)]
    assert told.tags["tr"] == 26
    rows = data_of(html)["rows"]
    assert [row[0] for row in rows] == [f"student-{number:05d}" for number in range(25)]
    assert [row[1] for row in rows] == told.links


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_text_becomes_markup_or_script(data: st.DataObject) -> None:
    drawn: dict[str, str] = {}

    def text(field: str) -> str:
        return drawn.setdefault(field, field + data.draw(TEXTS, field)) if field not in ("area", "volume") else field

    html, plain = (page(census_of(classroom(12, made)), title=made("title")) for made in (text, str))
    assert pages.check_page(html, STYLE, SCRIPT) == []
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert html.count("<script") == html.count("</script>") == 2
    assert Told(html).tags["tr"] == Told(plain).tags["tr"]
    assert len(data_of(html)["rows"]) == 12


@given(st.lists(TEXTS | st.sampled_from(["", ".", "..", "a/b", "a b", "é", "\ud800", "javascript:alert(1)", "//example.org"]), max_size=4))
def test_no_name_leads_away(names: list[str]) -> None:
    made = [graded("x", random.Random(0)) for _ in names]
    class_ = [
        (msgspec.structs.replace(one, submission=SubmissionRef(name, 1, "", "")), what)
        for (one, what), name in zip(made, names, strict=True)
    ]
    census = Census()
    for result, material in class_:
        inner = census_of([(msgspec.structs.replace(result, submission=SubmissionRef("x", 1, "", "")), material)])
        census.seats.append(msgspec.structs.replace(inner.seats[0], student=result.submission.student, folder=result.submission.student))
        census.__dict__.update({name: value for name, value in inner.__dict__.items() if name != "seats"})
    html = page(census)
    assert pages.check_page(html.encode("utf-8", "replace").decode(), STYLE, SCRIPT) == []
    links = [link for link in Told(html.partition("<noscript>")[2]).links if not link.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9%._~-]+/feedback\.html", link) for link in links)
    linked = sorted(unquote(link.removesuffix("/feedback.html"), errors="surrogatepass") for link in links)
    assert linked == sorted(name for name in names if name not in ("", ".", ".."))


# Anonymous


def test_an_anonymous_page_names_nobody_and_its_order_tells_nothing() -> None:
    class_ = list(classroom(60, lambda field: f"{field}-SECRET" if field.startswith("student") else field))
    found = page(census_of(class_), anonymous=random.Random(1), base="out/")
    assert "SECRET" not in found
    assert "feedback.html" not in found
    rows = data_of(found)["rows"]
    assert [row[0] for row in rows] == [f"student {number:02d}" for number in range(1, 61)]
    scores = [result.score for result, _ in class_]
    assert [row[3] for row in rows] != scores
    assert Counter(row[3] for row in rows) == Counter(scores)
    other = page(census_of(class_), anonymous=random.Random(2))
    assert [row[3] for row in data_of(other)["rows"]] != [row[3] for row in rows]
    for people in re.findall(r'<ul class="people">(.*?)</ul>', found, re.DOTALL):
        listed = re.findall(r"student \d+", people)
        assert listed == sorted(listed)


# From a gradebook


def record(book: Gradebook, class_: list[tuple[SubmissionResult, Material]]) -> None:
    from grader.attempts import Kept

    run = gradebooks.start(book, "circles")
    items = []
    for position, (result, material) in enumerate(class_):
        result = msgspec.structs.replace(result, submission=msgspec.structs.replace(result.submission, attempt=1))
        kept = msgspec.msgpack.encode(Kept(material, None, False))
        items.append(msgspec.structs.replace(gradebooks.item(result, position), material=kept))
    book.record(run, items)
    book.finish_run(run, "done", 0.0)


def test_the_same_class_from_a_gradebook_and_from_results(database: str, tmp_path: Path) -> None:
    class_ = [(one, what) for one, what in classroom(130)]  # more than are read together
    with gradebooks.open_test(database) as book:
        record(book, class_)
        census = take_census(book, "circles", "last")
        again = take_census(book, "circles", "best")
    firsts = [(msgspec.structs.replace(one, submission=msgspec.structs.replace(one.submission, attempt=1)), what) for one, what in class_]
    direct = census_of(firsts)
    without = [msgspec.structs.replace(seat, folder="") for seat in direct.seats]
    assert census.seats == again.seats == without
    assert list(census.code) == list(again.code) == list(direct.code)
    assert (census.items, census.exercises, census.titles, census.seen) == (direct.items, direct.exercises, direct.titles, direct.seen)


def test_a_folder_names_its_class_and_what_the_gradebook_does_not_know_counts(database: str, tmp_path: Path) -> None:
    class_ = [(one, what) for one, what in classroom(12, seed=3)]
    output = Output(tmp_path / "out")
    stranger = gradebooks.result("zoe", assignment="circles")
    for result in [*(one for one, _ in class_[:5]), stranger, gradebooks.result("other", assignment="another")]:
        output.write(result, "page")
    with gradebooks.open_test(database) as book:
        record(book, class_)
        census = take_census(book, "circles", "last", output.folder)
    assert [(seat.student, seat.folder) for seat in census.seats] == [
        (name, name) for name in [*(f"student-{n:05d}" for n in range(5)), "zoe"]
    ]


def test_who_could_not_be_graded_in_the_newest_run_is_named_and_keeps_the_grade(database: str) -> None:
    fine = gradebooks.result("ada", assignment="circles")
    failed = gradebooks.result("ada", assignment="circles", status=Status.NOT_GRADED)
    new = gradebooks.result("bob", assignment="circles", status=Status.NOT_GRADED)
    kept = msgspec.msgpack.encode({"material": {}, "submitted_at": None, "flagged_late": False})
    with gradebooks.open_test(database) as book:
        first, second = gradebooks.start(book, "circles"), gradebooks.start(book, "circles")
        book.record(first, [msgspec.structs.replace(gradebooks.item(fine), material=kept)])
        book.record(second, [gradebooks.item(failed, 0), gradebooks.item(new, 1)])
        census = take_census(book, "circles", "last")
    assert [(seat.student, seat.status, seat.score, seat.failed) for seat in census.seats] == [
        ("ada", Status.GRADED, 30.0, True),
        ("bob", Status.NOT_GRADED, None, True),
    ]
    text = Told(page(census)).text
    assert "2 Not graded, through no fault of theirs" in text.replace("2Not", "2 Not")


def test_the_index_is_written_whole(tmp_path: Path) -> None:
    from grader import assignments

    assignment = msgspec.structs.replace(assignments.load("gradient_checking"), id="circles")
    output = Output(tmp_path / "out")
    class_ = list(classroom(3))
    for result, _ in class_:
        output.write(result, "page")
    with gradebooks.open_test(f"sqlite:///{tmp_path / 'g.db'}") as book:
        record(book, class_)
        write_index(output, book, assignment)
        first = (output.folder / "index.html").read_bytes()
        write_index(output, book, assignment)
    assert (output.folder / "index.html").read_bytes() == first
    assert data_of(first.decode())["rows"][2][0] == "student-00002"


def test_memory_hardly_grows_with_the_class(tmp_path: Path) -> None:
    """Of a gradebook's class, while its page is made: bytes a student of Python's own memory."""
    from grader import assignments

    assignment = msgspec.structs.replace(assignments.load("gradient_checking"), id="circles")
    peaks = []
    for size in (600, 2400):
        output = Output(tmp_path / str(size))
        with gradebooks.open_test(f"sqlite:///{tmp_path / f'{size}.db'}") as book:
            class_ = classroom(size)
            while window := list(itertools.islice(class_, 200)):
                record(book, window)
            for number in range(size):
                (output.folder / f"student-{number:05d}").mkdir()
                (output.folder / f"student-{number:05d}" / "result.json").touch()
            write_index(output, book, assignment)  # what is made once is not counted
            tracemalloc.start()
            try:
                write_index(output, book, assignment)
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 1800 < 1200, peaks


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12), st.data())
def test_code_in_a_file_is_as_in_memory(hashes: list[list[int]], data: st.DataObject) -> None:
    class_ = [Fingerprints(np.array(one, dtype="<u4").tobytes(), bytes(len(one))) for one in hashes]
    kept = Code(class_)
    assert list(kept) == kept[:] == class_
    start = data.draw(st.integers(0, 12))
    assert kept[start : start + 4] == class_[start : start + 4]
    order = data.draw(st.permutations(range(len(class_))))
    assert list(kept.ordered(order)) == [class_[place] for place in order]


def test_more_code_than_memory_is_meant_to_hold() -> None:
    class_ = [Fingerprints(random.Random(number).randbytes(2400), bytes(600)) for number in range(120)]
    kept = Code(class_)
    assert list(kept) == kept[:] == class_
    kept.append(class_[0])
    assert kept[119:] == [class_[119], class_[0]]


def test_shared_code_is_found_in_a_class() -> None:
    class_ = list(classroom(80))
    for place in (7, 41):
        result, material = class_[place]
        traces = Traces(fingerprints([(5, SHARED)], Common()), material.traces.behaviours)
        class_[place] = result, msgspec.structs.replace(material, traces=traces)
    text = Told(page(census_of(class_))).text
    assert "student-00007, student-00041" in text
    assert "student-00007 (cells 6) · student-00041 (cells 6)" in text
