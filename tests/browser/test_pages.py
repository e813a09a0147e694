"""The feedback page in a real browser: it loads nothing, runs nothing, and everyone can read it and find their way in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from grader import notebook
from grader.api import Grader
from grader.feedback import render, texts_of
from grader.model import SubmissionRef
from tests.notebooks import build, to_notebook
from tests.parts import need_linux
from tests.unit.test_feedback import full
from tests.unit.test_feedback import page as synthetic

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
SUBMISSIONS = ROOT / "tests" / "submissions"
HOSTILE = '<script>document.title="gone"</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"\'`</style></pre>\u202e&amp;' + "W" * 300
LANGUAGES = ("en", "zh")
KINDS = ("right", "wrong", "crashed", "empty", "hostile")
SCHEMES = ("light", "dark")
RULES = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}  # WCAG 2.2's own rule is off in axe-core unless asked for
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1200, "height": 900}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """KIND.LANGUAGE.html, of real submissions but for the hostile one, which has markup in every field."""
    need_linux()
    target = tmp_path_factory.mktemp("pages")
    notebooks = {
        "right": (EXAMPLES / "ada" / "notebook.ipynb").read_bytes(),
        "wrong": (EXAMPLES / "grace" / "notebook.ipynb").read_bytes(),
        "crashed": build(SUBMISSIONS / "trap_recursion_1d"),
        "empty": to_notebook([]),
    }
    with Grader("gradient_checking", public_only=True, walls="none") as grader:
        texts = texts_of(grader.assignment)
        for kind, data in notebooks.items():
            parsed = notebook.parse(data)
            result, material = grader.examine(parsed, SubmissionRef(kind, 1, f"{kind}.ipynb", parsed.sha256))
            for language in LANGUAGES:
                (target / f"{kind}.{language}.html").write_text(render(result, material, texts, language=language), encoding="utf-8")
    for language in LANGUAGES:
        html = synthetic(full(lambda field: field + HOSTILE), lambda field: field + HOSTILE, language=language)
        (target / f"hostile.{language}.html").write_text(html, encoding="utf-8")
    return target


class Visit:
    """A page that is open, what it said, and what it asked for."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.said, self.asked = page, list[str](), list[str]()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        self.address = address
        page.goto(address)

    def check(self) -> None:
        """Everyone can read it, in both schemes and on a phone; it asked for nothing but itself, and nothing went wrong."""
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            results = Axe().run(self.page, options=RULES)
            assert results.violations_count == 0, results.generate_report()
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"the page is {width} px wide"
        assert self.asked == [self.address]
        assert self.said == []

    def nodes(self, count: int) -> list[dict[str, Any]]:
        """What a screen reader gets; at least `count` of it take the focus, and each of these has a name."""
        nodes: list[dict[str, Any]] = self.page.context.new_cdp_session(self.page).send("Accessibility.getFullAXTree")["nodes"]
        focusable = [
            node for node in nodes if any(item["name"] == "focusable" and item["value"]["value"] for item in node.get("properties", []))
        ]
        assert len(focusable) >= count
        assert [node for node in focusable if not node["name"]["value"]] == []
        return nodes


@pytest.fixture
def visit(browser: Browser, folder: Path, kind: str, language: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    yield Visit(context.new_page(), f"file://{folder}/{kind}.{language}.html")
    context.close()


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    assert page.title() != "gone"
    open_all(page)
    visit.check()
    assert page.pdf().startswith(b"%PDF-")


def test_axe_sees_what_is_wrong(browser: Browser) -> None:
    with browser.new_page() as page:
        page.set_content(
            """<html lang="en"><main><h1 style="color: #aaa">Grey on white</h1><img src="x">
            <p style="line-height: 6px"><button style="all: unset; width: 6px">a</button><br>
            <button style="all: unset; width: 6px">b</button>
            </main></html>"""
        )
        found = {violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]}
    assert {"color-contrast", "image-alt", "document-title", "target-size"} <= found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["wrong"])
def test_by_keyboard(visit: Visit, kind: str, language: str) -> None:
    """The tab order is the order of reading, and each stop has a name."""
    page = visit.page
    stops: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const it = document.activeElement, box = it.getBoundingClientRect();
            return {tag: it.tagName, href: it.getAttribute('href'), top: box.top + scrollY, outline: getComputedStyle(it).outlineWidth} }"""
        )
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    assert stops[0]["href"] == "#main"
    assert [stop["href"] for stop in stops[1:6]] == ["#exercise-3", *(f"#exercise-{number}" for number in range(1, 5))]
    assert {"A", "SUMMARY", "PRE"} == {stop["tag"] for stop in stops}
    tops = [stop["top"] for stop in stops[1:]]
    assert tops == sorted(tops)
    assert all(stop["outline"] == "3px" for stop in stops)
    nodes = visit.nodes(len(stops))
    # What a screen reader reads: headings in the order of the page, none skipped.
    headings = [node for node in nodes if node.get("role", {}).get("value") == "heading"]
    levels = [item["value"]["value"] for node in headings for item in node["properties"] if item["name"] == "level"]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    visible = "[...document.querySelectorAll('h1, h2, h3')].filter(it => it.checkVisibility())"
    shown = page.evaluate(f"{visible}.map(it => it.getBoundingClientRect().top)")
    assert shown == sorted(shown)
    assert len(levels) == len(shown)
    images = [node for node in nodes if node.get("role", {}).get("value") == "image"]
    assert images
    assert all(node["name"]["value"] for node in images)


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["wrong"])
def test_summaries_open_by_keyboard_and_hints_are_folded(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    hint = page.locator("details.hint > p").first
    assert not hint.is_visible()
    summary = page.locator("details.hint > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert hint.is_visible()
    stronger = page.locator("details.hint details > ul").first
    assert not stronger.is_visible()
    page.locator("details.hint details > summary").first.press("Enter")
    assert stronger.is_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_without_script(browser: Browser, folder: Path, kind: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{folder}/{kind}.en.html")
    assert page.locator("h1").is_visible()
    assert page.locator("main section").count() >= 3
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    context.close()


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["wrong"])
def test_nothing_moves_for_those_who_want_it_so(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.locator(".jump a").click()
    open_all(page)
    assert page.evaluate("document.getAnimations().length") == 0
    moving = "[...document.querySelectorAll('*')].filter(it => getComputedStyle(it).transitionDuration != '0s').length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("kind", ["wrong"])
def test_what_is_folded_is_printed(visit: Visit, kind: str, language: str) -> None:
    page = visit.page
    page.emulate_media(media="print")
    assert page.locator("details.hint > p").first.is_visible()
    assert not page.locator(".skip").is_visible()
