"""The card of `%check` in the places that notebooks put it: legible in every theme, and nothing of it reaches outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from grader.feedback import Material, Texts
from grader.feedback.card import render_card
from tests.browser.test_pages import HOSTILE, PHONE, RULES, open_all
from tests.unit.test_feedback import full

# How a theme is told: attributes of the page's body, the reader's system, and whether the card is dark then.
PLACES = {
    "JupyterLab, light": ('data-jp-theme-light="true"', "dark", False),
    "JupyterLab, dark": ('data-jp-theme-light="false"', "light", True),
    "VS Code, light": ('class="vscode-light"', "dark", False),
    "VS Code, dark": ('class="vscode-dark"', "light", True),
    "VS Code, high contrast": ('class="vscode-high-contrast"', "light", True),
    "elsewhere, light": ("", "light", False),
    "elsewhere, dark": ("", "dark", True),
}
OUTSIDE = '<h2 id="outside">Mine</h2><table id="table"><tr><td class="badge">1</td></tr></table><p class="note next code">A text</p>'
LOOK = "['outside', 'table'].map(id => JSON.stringify({...getComputedStyle(document.getElementById(id))})).join()"


def wrapped(body: str, card: str) -> str:
    head = '<!doctype html><html lang="en"><head><title>A notebook</title></head>'
    return f"{head}<body {body}><main><h1>A notebook</h1>{OUTSIDE}{card}</main></body></html>"


@pytest.fixture(scope="module")
def cards() -> dict[str, str]:
    """A card whose every field is hostile, by language, and another beside it."""
    result = full(lambda field: field + HOSTILE)
    texts = Texts("My title" + HOSTILE)
    return {
        language: "".join(
            render_card(result, Material(), texts, language=language, changes=["A change" + HOSTILE], key=key) for key in ("1", "2")
        )
        for language in ("en", "zh")
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_is_legible_everywhere(browser: Browser, cards: dict[str, str], language: str, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    page = browser.new_page()
    said, asked = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for place, (body, scheme, is_dark) in PLACES.items():
        path.write_text(wrapped(body, cards[language]), encoding="utf-8")
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"file://{path}")
        open_all(page)
        ground = page.evaluate("getComputedStyle(document.querySelector('.grader-card')).backgroundColor")
        assert (ground == "rgb(28, 31, 35)") is is_dark, place
        results = Axe().run(page, context=".grader-card", options=RULES)
        assert results.violations_count == 0, (place, results.generate_report())
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.title() == "A notebook"
    assert said == []
    assert set(asked) == {f"file://{path}"}
    page.close()


def test_a_card_changes_nothing_around_it(browser: Browser, cards: dict[str, str]) -> None:
    with browser.new_page() as page:
        page.set_content(wrapped("", ""))
        before = page.evaluate(LOOK)
        page.set_content(wrapped("", cards["en"]))
        assert page.evaluate(LOOK) == before
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(it => it.id)")
    assert len(ids) == len(set(ids))
