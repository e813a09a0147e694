"""Runs the blocks of a page one after the other, as its reader would, and compares what is shown."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import yaml

from grader import assignments
from tests import parts
from tests.book import blocks, places
from tests.book.blocks import Block

ROOT = Path(__file__).parents[2]
REASON_WORDS = 3
SECONDS = 300


def run_page(text: str, page: Path, folder: Path) -> None:
    """Runs the page's blocks in the folder. Raises AssertionError where one does not do what the page says, with its place."""
    output: str | None = None  # of the block before, where that was run
    for block in blocks.parse(text, page):
        if block.by_hand:
            _console(block._replace(text=block.by_hand, exits=0), folder)
        if block.why_not:
            assert len(block.why_not.split()) >= REASON_WORDS, f"{block.place}: why is it not run?"
            output = None
        elif block.file:
            _write(block, folder)
            output = None
        elif block.language == "text":
            assert output is not None, f"{block.place}: whose output is it? Say `<!-- not run: … -->` where it is none"
            lacking = blocks.missing(block.text, output)
            assert not lacking, f"{block.place} shows {lacking!r}; the output is\n{output}"
        else:
            assert block.language in RUN, f"{block.place}: nothing is known of {block.language!r}; say `<!-- not run: … -->` and why"
            output = RUN[block.language](block, folder)


def _write(block: Block, folder: Path) -> None:
    """The file that its reader makes of it."""
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if block.appends else "w", encoding="utf-8") as file:
        file.write(f"\n\n{block.text}" if block.appends else block.text)
    if block.language in PARSE:
        PARSE[block.language](block, folder)


def _run(block: Block, command: list[str], folder: Path) -> str:
    """What it says, after it ended with the exit code that the page says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "COLUMNS": "100", "LC_ALL": "C.UTF-8", "GRADER_USER": "you"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
    )
    if "pip download failed" in done.stdout:
        parts.lack(f"the package index cannot be reached: {done.stdout}")
    assert done.returncode == block.exits, f"{block.place} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def _console(block: Block, folder: Path) -> str:
    """In a shell that begins where the one before ended: in its folder, with what it exported."""
    kept = shlex.quote(str(folder.with_name(f"{folder.name}.shell")))
    begin = f"[ ! -e {kept} ] || . {kept}\ntrap '{{ export -p; echo cd \"${{PWD@Q}}\"; }} > {kept}' EXIT\n"
    return _run(block, ["bash", "-euo", "pipefail", "-c", begin + block.text], folder)


def _python(block: Block, folder: Path) -> str:
    return _run(block, [sys.executable, "-c", block.text], folder)


def _settings(block: Block, folder: Path) -> None:
    """Lines of `assignment.toml`: the assignment that is here loads with them in the place of its own."""
    places.prepare(["assignment"], folder / "with-settings", folder)
    path = folder / "with-settings" / "assignments" / "gradient_checking" / "assignment.toml"
    top, bracket, tables = ("\n" + block.text).partition("\n[")
    own = path.read_text(encoding="utf-8")
    for table in tomllib.loads(block.text):
        own = re.sub(rf"^\[{table}\]\n.*?(?=^\[|\Z)", "", own, flags=re.MULTILINE | re.DOTALL)
    path.write_text(f"{top}\n{own}{bracket}{tables}", encoding="utf-8")
    assignment = assignments.load("gradient_checking", folder / "with-settings" / "assignments")
    assert assignments.load_reference(assignment, folder / "with-settings" / "reference")
    shutil.rmtree(folder / "with-settings")


def _parses(parse: Callable[[str], object]) -> Callable[[Block, Path], None]:
    def check(block: Block, folder: Path) -> None:
        parse(block.text)

    return check


PARSE: dict[str, Callable[[Block, Path], str | None]] = {
    "toml": _parses(tomllib.loads),
    "json": _parses(json.loads),
    "yaml": _parses(yaml.safe_load),
    "xml": _parses(ET.fromstring),
}
RUN = {**PARSE, "toml": _settings, "console": _console, "python": _python}
