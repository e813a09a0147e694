"""The book in a real browser, opened from its folder: it asks nothing of anyone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    subprocess.run(command, cwd=ROOT, check=True)
    return site


@pytest.mark.parametrize("page", ["index.html", "explanation/diagnosis.html", "reference/api.html", "reference/commands.html"])
def test_a_page_asks_nothing_of_the_network(browser: Browser, folder: Path, page: str) -> None:
    opened = browser.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(f"file://{folder}/{page}", wait_until="networkidle")
    assert opened.locator("h1").count() == 1
    opened.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_search_finds_without_a_server(browser: Browser, folder: Path) -> None:
    opened = browser.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(f"file://{folder}/reference/cli.html")
    opened.wait_for_function("document.querySelector('iframe') !== null")
    while not opened.evaluate("document.activeElement.matches('.md-search__input')"):  # its script listens a while after the page is there
        opened.keyboard.press("f")
        opened.wait_for_timeout(100)
    opened.keyboard.press("Control+A")  # where the key was heard twice
    opened.keyboard.type("truncation", delay=20)
    found = opened.locator(".md-search-result__link").first
    found.wait_for(timeout=60_000)
    assert "tolerances.html" in (found.get_attribute("href") or "")
    opened.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
