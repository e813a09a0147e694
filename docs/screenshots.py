"""Makes the pictures of the documentation: grades example submissions and photographs their pages with headless Chromium.

    python docs/screenshots.py [NAME...]

The class page is that of a thousand submissions that tests/benchmarks/classes.py makes, which takes a minute or two.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.classes import make_class

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
MAX_BYTES = 300_000
CLASS = 1_000
NOTE = "Watch **lecture 4** again, from minute 12: a copy of an array is not the array.\n\n* `np.copy` copies,\n* `=` does not."
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


class Picture(NamedTuple):
    """A student's page, the page of a class (student ""), or one element of it with everything unfolded; `height` cuts a page below.

    at: the id of what stands at the top.
    """

    name: str
    student: str
    height: int
    width: int = 900
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    element: str = ""
    at: str = ""


PICTURES = (
    Picture("feedback.png", "chloe", 1230),
    Picture("feedback-dark.png", "chloe", 1230, scheme="dark"),
    Picture("feedback-zh.png", "chloe", 1230, language="zh"),
    Picture("feedback-phone.png", "chloe", 1500, width=360),
    Picture("feedback-curve.png", "grace", 900, element="figure"),
    Picture("feedback-blocks.png", "chloe", 900, element=".reports figure"),
    Picture("feedback-theta-not-copied.png", "chloe", 2250),
    Picture("feedback-two-epsilon.png", "dmitri", 2250),
    Picture("feedback-hard-coded-gradient.png", "grace", 2250),
    Picture("feedback-planted-bugs.png", "ada", 1840),
    Picture("feedback-note.png", "chloe", 900, element=".diagnosis + .comment"),
    Picture("dashboard.png", "", 1500, width=1200),
    Picture("dashboard-dark.png", "", 900, width=1200, scheme="dark", at="students"),
    Picture("dashboard-phone.png", "", 1500, width=360),
)


CARDS = {"card.png": "vscode-light", "card-dark.png": "vscode-dark"}
CARD_STUDENT, CARD_WIDTH, CARD_HEIGHT = "chloe", 900, 900


def main(names: Sequence[str]) -> None:
    """Writes docs/pictures/*.png, or those that are named."""
    pictures = [picture for picture in PICTURES if not names or picture.name in names]
    with tempfile.TemporaryDirectory() as folder:
        for student in {picture.student for picture in pictures if picture.student}:
            shutil.copytree(EXAMPLES / student, f"{folder}/in/{student}")
        for language in {picture.language for picture in pictures if picture.student}:
            run("grade", f"{folder}/in", "-a", "gradient_checking", "-o", f"{folder}/{language}", "--lang", language)
        if any(not picture.student for picture in pictures):
            make_class(Path(folder) / "class", CLASS)
            run("grade", f"{folder}/class", "-a", "gradient_checking", "-o", f"{folder}/of-class")
        if any(".comment" in picture.element for picture in pictures):
            run("note", "exercise", "gradient_check_n", NOTE, "--out", f"{folder}/en")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for picture in pictures:
                take(browser, picture, Path(folder))
            for name in [name for name in CARDS if not names or name in names]:
                take_card(browser, name, Path(folder))
            browser.close()


def run(*arguments: str) -> None:
    """Runs grader."""
    subprocess.run([sys.executable, "-m", "grader", *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def take_card(browser: Browser, name: str, folder: Path) -> None:
    """Writes a picture of what `%check` shows of an example, in the theme of an editor."""
    notebook = nbformat.read(EXAMPLES / CARD_STUDENT / "notebook.ipynb", as_version=4)
    support = str(EXAMPLES.parent / "support")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"import sys; sys.path.insert(0, {support!r})"))
    notebook.cells.append(nbformat.v4.new_code_cell("%load_ext grader.magics\n%check -a gradient_checking"))
    NotebookClient(notebook, allow_errors=True).execute()
    (card,) = [output.data["text/html"] for output in notebook.cells[-1].outputs if "data" in output]
    page = browser.new_page(viewport={"width": CARD_WIDTH, "height": CARD_HEIGHT})
    page.set_content(f'<!doctype html><html lang="en"><meta charset="utf-8"><body class="{CARDS[name]}">{card}</body></html>')
    page.screenshot(path=ROOT / "docs" / "pictures" / name)
    page.close()
    print(ROOT / "docs" / "pictures" / name)


def take(browser: Browser, picture: Picture, folder: Path) -> None:
    """Writes one picture."""
    size = {"width": picture.width, "height": picture.height}
    look = {"color_scheme": picture.scheme, "device_scale_factor": 1, "reduced_motion": "reduce"}
    page = browser.new_page(viewport=size, **look)  # type: ignore[arg-type]
    shown = f"{picture.language}/{picture.student}/feedback.html" if picture.student else "of-class/index.html"
    page.goto(f"file://{folder}/{shown}")
    page.evaluate("id => document.getElementById(id)?.scrollIntoView()", picture.at)
    path = ROOT / "docs" / "pictures" / picture.name
    if picture.element:
        page.evaluate("document.querySelectorAll('section > details').forEach(details => details.open = true)")
        page.locator(picture.element).first.screenshot(path=path)
    else:
        page.screenshot(path=path)
    page.close()
    if path.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{path} is larger than {MAX_BYTES} bytes: cut it")
    print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
