"""Every code block of the README and of the book is run, in the order of its page, in a folder as its reader has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import parts
from tests.book import blocks, places
from tests.book.running import run_page
from tests.shared import shared_folder

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
WITH_BLOCKS = [page for page in PAGES if blocks.read(page)]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of this run: what pages are given is made there once."""
    return shared_folder(tmp_path_factory, "book")


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_do_what_the_page_says(page: Path, tmp_path: Path, shared: Path) -> None:
    parts.need_linux()
    text = page.read_text(encoding="utf-8")
    places.prepare(blocks.given(text), tmp_path, shared)
    run_page(text, page.relative_to(ROOT), tmp_path)
