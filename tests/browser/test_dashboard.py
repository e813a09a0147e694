"""The class page of a thousand in a real browser: its script and nothing else runs, nothing is asked for, everyone finds their way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from grader.dashboard import census_of, render
from grader.feedback import Texts
from tests.browser.test_pages import DESK, HOSTILE, LANGUAGES, Visit
from tests.classrooms import classroom

SIZE = 1_000
KINDS = ("thousand", "hostile")


@pytest.fixture(scope="session")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """KIND.LANGUAGE.html: a class of a thousand, and one of sixty with markup in every field."""
    folder = tmp_path_factory.mktemp("classes")
    thousand, hostile = census_of(classroom(SIZE)), census_of(classroom(60, lambda field: field + HOSTILE))
    for language in LANGUAGES:
        for kind, census, title in (("thousand", thousand, "Circles"), ("hostile", hostile, HOSTILE)):
            html = "".join(render(census, Texts(title), language=language))
            (folder / f"{kind}.{language}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser: Browser, classes: Path, kind: str, language: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
    yield Visit(context.new_page(), f"file://{classes}/{kind}.{language}.html")
    context.close()


def rows(page: Page) -> list[list[str]]:
    """The words of the rows that the table shows."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('#table tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_class(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    assert page.title() != "gone"
    assert len(rows(page)) == 50
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    visit.check()


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["thousand"])
def test_sorting_searching_and_turning_by_keyboard_alone(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    sorted_by = "[...document.querySelectorAll('#table th[aria-sort]')].map(it => [it.textContent, it.getAttribute('aria-sort')])"
    assert page.evaluate(sorted_by) == [["Student", "ascending"]]
    assert rows(page)[0][0].startswith("student-00000")
    page.locator("#search").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the choice and the reset, into the table's own scrolling box
    assert page.evaluate("document.activeElement.id") == "box"
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Score"
    page.keyboard.press("Enter")
    assert page.evaluate(sorted_by) == [["Score", "descending"]]
    scores = [float(row[2]) for row in rows(page)]
    assert scores == sorted(scores, reverse=True)
    assert page.locator("#told").inner_text() == "1–50 of 1,000 · sorted by Score, descending"
    page.keyboard.press("Space")
    assert page.evaluate(sorted_by) == [["Score", "ascending"]]
    assert page.evaluate("document.activeElement.textContent") == "Score"
    page.locator("#search").focus()
    page.keyboard.type("00042")
    assert [row[0].split()[0] for row in rows(page)] == ["student-00042"]
    assert page.locator("#told").inner_text() == "1–1 of 1"
    page.keyboard.type("xyz")
    assert rows(page) == []
    assert page.locator("#told").inner_text() == "No student is found."
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the reset
    assert page.locator("#told").inner_text() == "1–50 of 1,000"
    page.locator("#after").focus()
    page.keyboard.press("Enter")
    assert page.locator("#place").inner_text() == "51–100 of 1,000"
    assert page.evaluate("document.activeElement.id") == "box"


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["thousand"])
def test_who_is_behind_something_is_found_in_the_table(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    summary = page.locator("#mistakes ~ ol.things summary").first
    count = int(summary.locator(".big").inner_text())
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") == "A":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "choice"
    assert page.locator("#told").inner_text().endswith(f" of {count}")
    title = summary.locator(".told").inner_text()
    assert all(title in row[-1] for row in rows(page))
    select = page.locator("#choice")
    label = next(text for text in select.locator("option").all_inner_texts() if text.startswith("Unreadable file"))
    select.select_option(label=label)
    assert {row[1] for row in rows(page)} == {"unreadable"}


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_column_is_squeezed_and_no_name_pushes_the_others_away(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1000, "height": 800})
    page.evaluate("document.querySelector('#table tbody th bdi').textContent = 'x'.repeat(200)")
    widths = "[...document.querySelector('#table tbody tr').cells].map(it => it.getBoundingClientRect().width)"
    name, *_, mistakes = page.evaluate(widths)
    assert name < 400
    assert mistakes > 200
    if kind == "thousand":
        page.reload()
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.getElementById('box'))")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["thousand"])
def test_everything_that_takes_the_focus_has_a_name_and_an_outline(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    stops: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => { const it = document.activeElement, box = it.getBoundingClientRect();
                return {tag: it.tagName, top: box.top + scrollY, left: box.left, outline: getComputedStyle(it).outlineWidth} }"""
            )
        )
    assert {stop["outline"] for stop in stops} == {"3px"}
    tops = [stop["top"] for stop in stops[6:]]  # after the way around, what is beside something comes after it
    assert sum(later < earlier - 400 for earlier, later in itertools.pairwise(tops)) <= 2
    nodes = visit.nodes(60)
    assert [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "searchbox"] == [
        {"en": "Search", "zh": "搜索"}[language]
    ]
    headings = [int(level) for level in page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(it => it.tagName[1])")]
    assert headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(headings))


@pytest.mark.parametrize("kind", KINDS)
def test_without_script(browser: Browser, classes: Path, kind: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{classes}/{kind}.en.html")
    lines = page.locator("noscript table tbody tr")
    assert lines.count() == (SIZE if kind == "thousand" else 60)
    assert lines.nth(7).locator("a").is_visible()
    assert not page.locator("#search").is_visible()
    assert not page.locator("#table").is_visible()
    assert not page.locator("button.find").first.is_visible()
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    context.close()


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["thousand"])
def test_the_whole_table_is_printed(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    page.locator("#search").fill("student-0000")
    assert len(rows(page)) == 10
    page.locator("form.tools button").click()
    page.evaluate(
        "window.printed = 0;addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('#table tbody tr').length })"
    )
    assert page.pdf().startswith(b"%PDF-")
    assert page.evaluate("window.printed") == SIZE
    assert len(rows(page)) == 50
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
