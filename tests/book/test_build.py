"""The book builds without a warning; what it is made of the program names all of it; its pages ask nothing of anyone."""

from __future__ import annotations

import html.parser
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import NamedTuple

import pytest

from grader import api
from tests.book import blocks

ROOT = Path(__file__).parents[2]
# What loads when a page is opened; an `a` only loads when its reader wants it.
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
RELATIONS = {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}


class Page(html.parser.HTMLParser):
    """The ids of a page, where its links lead, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values.get("id", ""), values.get("name", "")}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in LOADING and LOADING[tag] in values and (tag != "link" or {*values.get("rel", "").split()} & RELATIONS):
            self.loads.append(values[LOADING[tag]])


class Book(NamedTuple):
    """The built book, and its pages by their paths in it."""

    folder: Path
    pages: dict[str, Page]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("book")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    paths = sorted(folder.rglob("*.html"))
    return Book(folder, {str(path.relative_to(folder)): Page(path.read_text(encoding="utf-8")) for path in paths})


def test_every_page_is_in_the_book(book: Book) -> None:
    sources = {str(path.relative_to(ROOT / "docs").with_suffix(".html")) for path in (ROOT / "docs").rglob("*.md")}
    assert {*book.pages} == sources | {"404.html"}


def test_every_block_of_code_is_one_that_the_tests_see(book: Book) -> None:
    """Code that is indented only is a block to the reader, and would be run by nobody."""
    generated = {"reference/api.html", "404.html"}
    for name in {*book.pages} - generated:
        shown = (book.folder / name).read_text(encoding="utf-8").count("<pre")
        assert shown == len(blocks.read(ROOT / "docs" / Path(name).with_suffix(".md"))), name


def test_no_link_of_the_book_is_dead(book: Book) -> None:
    dead = []
    for name, page in book.pages.items():
        for link in page.links if name != "404.html" else ():
            url = urllib.parse.urlsplit(link)
            if url.scheme or url.netloc:
                continue
            path = os.path.normpath(Path(name).parent / urllib.parse.unquote(url.path)) if url.path else name
            path = f"{path}/index.html" if (book.folder / path).is_dir() else path
            there = (book.folder / path).exists()
            if not there or (url.fragment and path in book.pages and urllib.parse.unquote(url.fragment) not in book.pages[path].ids):
                dead.append(f"{name}: {link}")
    assert dead == []


def test_no_page_loads_anything_from_elsewhere(book: Book) -> None:
    assert [(name, link) for name, page in book.pages.items() for link in page.loads if urllib.parse.urlsplit(link).netloc] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in book.folder.rglob("*.css"))
    assert "url(http" not in styles
    assert "@import" not in styles


def test_the_reference_has_all_that_a_program_calls(book: Book) -> None:
    ids = book.pages["reference/api.html"].ids
    assert [name for name in api.__all__ if f"grader.api.{name}" not in ids] == []
