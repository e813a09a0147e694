"""The code blocks of a page, and what is said of them in comments that readers do not see.

A block is run, or checked by its language, unless the comment above its fence says why not:

    <!-- not run: it needs an account at Canvas -->   the reason, in words
    <!-- exits 1 -->                                  of commands: the last one's exit code
    <!-- file: my_notebook.py -->                     it is written to that file, as its reader does
    <!-- append: cases.py -->                         it is put at that file's end
    <!-- by hand: cp mended.ipynb my_notebook.ipynb --> what the reader does before it in an editor, as a command

A page says with `<!-- given: class, graded -->` what lies in its folder when its reader begins; tests/book/places.py makes it.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(
    r"(?P<marks>(?:^[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n\s*?)*)"
    r"^(?P<indent>[ \t]*)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"<!--\s*(not run|exits|file|append|by hand|given)(?::|\s)\s*(.*?)\s*-->")


class Block(NamedTuple):
    """One fenced block: where its text begins, its language, and what is said of it. `why_not` is empty where it is run."""

    page: Path
    line: int
    language: str
    text: str
    why_not: str = ""
    exits: int = 0
    file: str = ""
    appends: bool = False
    by_hand: str = ""

    @property
    def place(self) -> str:
        """For messages: the page and the line."""
        return f"{self.page}:{self.line}"


def read(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    return parse(page.read_text(encoding="utf-8"), page)


def parse(text: str, page: Path = Path("page.md")) -> list[Block]:
    """The blocks of a page's text."""
    blocks = []
    for fence in _FENCE.finditer(text):
        marks = dict(_MARK.findall(fence["marks"]))
        line = text.count("\n", 0, fence.start("text")) + 1
        content = textwrap.dedent(fence["text"]) if fence["indent"] else fence["text"]
        blocks.append(
            Block(
                page,
                line,
                fence["language"].strip(),
                content,
                why_not=marks.get("not run", ""),
                exits=int(marks.get("exits", 0)),
                file=marks.get("file") or marks.get("append", ""),
                appends="append" in marks,
                by_hand=marks.get("by hand", ""),
            )
        )
    return blocks


def given(text: str) -> list[str]:
    """What lies in the page's folder when its reader begins."""
    return [name.strip() for mark, names in _MARK.findall(text) if mark == "given" for name in names.split(",")]


def missing(shown: str, output: str) -> str:
    """The first shown line that the output lacks, or "". Lines come in order, others may lie between; `…` stands for anything."""
    lines = iter(" ".join(line.split()) for line in output.splitlines())
    for line in shown.splitlines():
        words = " ".join(line.split())
        pattern = re.compile(".*".join(re.escape(part) for part in words.split("…")))
        if words and not any(pattern.fullmatch(other) for other in lines):
            return line
    return ""
