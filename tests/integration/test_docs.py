"""What the documentation promises exists."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import cast

import click
import pytest
from markdown.extensions import toc

from grader import cli, errors
from grader.errors import GraderError
from tests.book import blocks

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "assignments").rglob("*.md")])


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"`grader {name}" not in text] == []


def test_every_error_has_an_exit_code_of_its_own_choosing() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GraderError) and kind is not GraderError]
    assert len(kinds) >= 6
    for kind in kinds:
        assert cli.exit_code(kind("")) in (cli.USAGE, cli.UNREADABLE, cli.NOT_GRADED)
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """To a file that is there and, with a #, to a heading of it."""
    dead = []
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", without_blocks(document)):
        path = document.parent / target if target else document
        if ":" in target or (path.exists() and (not anchor or anchor in anchors(path))):
            continue
        dead.append(f"{target}#{anchor}")
    assert dead == []


def without_blocks(document: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """What the book calls the headings, as GitHub does."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(document), re.MULTILINE)
    return {toc.slugify(heading.replace("`", ""), "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_options_that_are_shown_exist(document: Path) -> None:
    """In blocks and in the midst of sentences."""
    commands = r"grader ((?:[^`\n|&<>]|\\\n)*)"
    lines = re.findall(rf"`{commands}", without_blocks(document))
    lines += [
        line for block in blocks.read(document) if block.language == "console" for line in re.findall(rf"^{commands}", block.text, re.M)
    ]
    assert [line for line in lines if wrong_words(line.replace("\\\n", " "))] == []


def wrong_words(line: str) -> list[str]:
    """The commands and options of a command line that do not exist."""
    words, command = line.split(), cast(click.Command, cli.group)
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0].strip(","))
        if found is None:
            return [words[0]] if words[0].islower() else []
        command, words = found, words[1:]
    known = {"--help", "--version", *(option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts))}
    return [word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word) and word not in known]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("grade x -a y --walls full", []),
        ("grade x --wall full", ["--wall"]),
        ("grad x", ["grad"]),
        ("assignment freez x", ["freez"]),
        ("assignment show x --jsn", ["--jsn"]),
        ("assignment show x --json", []),
        ("COMMAND --help", []),
    ],
)
def test_wrong_words_are_found(line: str, wrong: list[str]) -> None:
    assert wrong_words(line) == wrong


def test_every_verb_for_developers_exists_and_is_told() -> None:
    verbs = {node.name for node in ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}
    told = {document: set(re.findall(r"nox -s (\w+)", document.read_text(encoding="utf-8"))) for document in DOCUMENTS}
    assert {document: names - verbs for document, names in told.items() if names - verbs} == {}
    assert verbs - told[ROOT / "CONTRIBUTING.md"] == set()


def test_the_benchmarks_and_scripts_that_are_told_exist() -> None:
    text = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    paths = set(re.findall(r"`?python ((?:docs|tests)/[\w/]+\.py)", text))
    assert len(paths) > 2
    assert [path for path in sorted(paths) if not (ROOT / path).is_file()] == []
    named = re.findall(r"nox -s bench -- (\w+)", text)
    assert [name for name in named if not (ROOT / "tests" / "benchmarks" / f"{name}.py").is_file()] == []


def test_contributing_is_one_page() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split()) < 700


def test_the_tests_that_the_book_names_exist() -> None:
    text = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    files = set(re.findall(r"`(?:tests/[\w/]*/)?(test_\w+\.py)`", text))
    names = set(re.findall(r"`(test_\w+)`", text))
    assert len(files) > 5
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    assert files - {*sources} == set()
    assert [name for name in sorted(names) if f"def {name}(" not in "".join(sources.values())] == []
