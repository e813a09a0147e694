"""The program knows no assignment: no file under grader/ names a function, a support module, an id or a published value of any.

The words are taken from the assignments themselves, so that a new one is kept out from the day it is added:

* ids, and the names of exercises, helpers and their aliases, from assignment.toml;
* the support modules' names, and the functions that they define;
* published values: the numbers of eight digits and more in their files and in the references.

A name of several parts (`vector_to_dict`, `gradientCheck`, `my_ANN`) is a word of that assignment wherever it stands, comments and texts
included, also as the beginning of a longer name. A plain word (`forward`, `relu`) may mean something else in a sentence, so it is looked
for where it is a name: in Python as an identifier, an attribute, a parameter, a text that is nothing else, or a call or definition in a
text; in other files as a call, or in quotes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from grader import assignments

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "grader"
FILES = sorted(path for path in PROGRAM.rglob("*") if path.is_file() and path.suffix != ".pyc")
IDS = assignments.list_ids(ROOT / "assignments")
_NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]?\d+)?(?![\w.])")
_DIGITS = 8  # and more: numbers of fewer are anybody's


def is_compound(name: str) -> bool:
    """Whether a name has several parts, so that no sentence holds it by chance.

    >>> [is_compound(name) for name in ("vector_to_dict", "testCases", "forward", "relu")]
    [True, True, False, False]
    """
    return "_" in name or any(character.isupper() or character.isdigit() for character in name[1:])


@cache
def names() -> frozenset[str]:
    """The names of all assignments."""
    found = set(IDS)
    for key in IDS:
        assignment = assignments.load(key, ROOT / "assignments")
        for function in assignment.functions:
            found |= {function.name, *function.aliases}
        for name, text in assignment.files.items():
            found.add(Path(name).stem)
            found |= {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    return frozenset(found)


def significant(number: str) -> str:
    """The digits of a number without zeros at its ends: what is left of it in another notation."""
    return number.partition("e")[0].replace(".", "").strip("0")


@cache
def values() -> dict[str, str]:
    """The published values by their digits, as they are written."""
    found: set[str] = set()
    for key in IDS:
        for path in sorted((ROOT / "assignments" / key).rglob("*")) + sorted((ROOT / "reference" / key).glob("*.py")):
            if path.suffix in (".py", ".toml", ".po", ".md", ".ipynb") and path.is_file():
                found |= set(_NUMBER.findall(path.read_text(encoding="utf-8")))
    return {digits: number for number in sorted(found) if len(digits := significant(number)) >= _DIGITS}


def identifiers(text: str) -> Iterator[str]:
    """What stands for a name in a Python text."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(name=name) | ast.MatchAs(name=str(name)):
                yield name
            case ast.Constant(value=str(content)):
                yield content
                yield from re.findall(r"\b(?:def +)?(\w+)\(", content)


def found_in(text: str, is_python: bool) -> set[str]:
    """The words of assignments in a text of the program."""
    compound = {name for name in names() if is_compound(name)}
    seen = set(re.findall(rf"(?<![A-Za-z0-9_])(?:{'|'.join(sorted(compound, key=len, reverse=True))})", text))
    plain = names() - compound
    used = set(identifiers(text)) if is_python else set(re.findall(r"\b(\w+)\(|[\"'`](\w+)[\"'`]", text))
    seen |= plain & {part for item in used for part in (item if isinstance(item, tuple) else (item,))}
    return seen | {values()[digits] for number in _NUMBER.findall(text) if (digits := significant(number)) in values()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROGRAM)))
def test_the_program_names_nothing_of_an_assignment(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    assert found_in(text, path.suffix == ".py") == set()
    assert not [name for name in names() if is_compound(name) and path.stem.startswith(name)]


def test_the_words_are_those_of_the_assignments() -> None:
    assert {"gradient_checking", "gradient_checking_ann"} <= names()
    assert {"gradient_check_n", "forward_propagation", "vector_to_dict", "check_gradient", "gradientCheck"} <= names()
    assert {"testCases", "gc_utils", "public_tests", "my_ANN", "sigmoid", "forward", "initialize_params"} <= names()
    assert {"0.2850931567761623", "1.1890913024229996e-07", "1.1890417878730741e-07", "7.814075313343006e-11"} <= set(values().values())


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("# as gradient_check does\n", "gradient_check"),
        ("def call(forward):\n    pass\n", "forward"),
        ("module.backward = 1\n", "backward"),
        ("TEXT = 'def forward(x): ...'\n", "forward"),
        ("NAMES = ['relu']\n", "relu"),
        ("import my_ANN\n", "my_ANN"),
        ("# about 0.2850931567761623\n", "0.2850931567761623"),
        ("NUMBER = 0.0000011890417878730741\n", "1.1890417878730741e-07"),
    ],
)
def test_a_word_is_found_in_python(text: str, word: str) -> None:
    assert word in found_in(text, is_python=True)


def test_a_plain_word_in_a_sentence_is_none() -> None:
    assert found_in("# Going forward, one step backward.\nTEXT = 'moved backward and forward'\n", is_python=True) == set()
    assert found_in("<p>forward</p>", is_python=False) == set()
    assert found_in("<code>{{ call('forward') }}</code>", is_python=False) == {"forward"}
