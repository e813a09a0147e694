"""Definitions taken out of source that cannot be run as it stands."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.worker.recover import chunks, is_definition, parse, pasted, positional_arity


def names(source: str) -> list[str]:
    """What the recovered statements define, in order."""
    return [getattr(node, "name", type(node).__name__) for node in chunks(source, str)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    return 1\n", ["f"]), ("J = \ndef f():\n    return 1\n", ["f"]), ("def f(:\n    pass\ndef g():\n    pass\n", ["g"]),
        ("def f():\n    x = (\n\ndef g():\n    return 2", ["g"]), ("def f(a,\n      b\n):\n    return a\n", ["f"]),
        ("@dec\ndef f():\n    pass\n", ["f"]),
        ("x = 1\n# note\ny = 2\n", ["Assign", "Assign"]), ("class A:\n    def m(self):\n        return (\n", []), ("", []), ("\x00", []),
        ("def f():\n    '''\ndef g(): pass\n    '''\n    return 3\n", ["f"]), ("if x:\n    pass\nelse:\n    pass\n", ["If"]),
        ("    indented\n", []),
    ],
)  # fmt: skip
def test_what_compiles_on_its_own_is_found(source: str, expected: list[str]) -> None:
    assert names(source) == expected


def test_line_numbers_count_in_the_source() -> None:
    assert [node.lineno for node in chunks("J = \n\ndef f():\n    return 1\n\ndef g(): pass\n", str)] == [3, 6]


def test_a_transform_is_tried_where_plain_python_fails() -> None:
    nodes = list(chunks("!ls\ndef f(): pass\n", lambda text: text.replace("!ls", "pass")))
    assert [type(node) for node in nodes] == [ast.Pass, ast.FunctionDef]


def test_a_transform_that_fails_is_no_matter() -> None:
    def transform(text: str) -> str:
        raise SyntaxError(text)

    assert parse("1", transform) is None
    assert [type(node) for node in chunks("!ls\ndef f(): pass\n", transform)] == [ast.FunctionDef]


@given(st.text(st.sampled_from("def f():\n x=(1]'\"\\#@\t"), max_size=200))
def test_any_text_can_be_searched(source: str) -> None:
    assert all(isinstance(node, ast.stmt) for node in chunks(source, str))
    assert isinstance(pasted(source), str)


@pytest.mark.parametrize("source", ["(\n" * 3000, "x\n" * 20_000, "def f(:\n    pass\n" * 2000, "(" * 5000, "a = " * 2000])
def test_long_rubbish_takes_no_time(source: str) -> None:
    begun = time.process_time()
    list(chunks(source, str))
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import os", True), ("from os import path", True), ("def f(): pass", True), ("async def f(): pass", True),
        ("class A: pass", True), ("f = g", True),
        ("f = lambda x: x", True), ("n = -1", True), ("f = a.b", True), ("f = g()", False), ("a.b = 1", False), ("a, b = c", False),
        ("print(1)", False),
        ("f += 1", False), ("while True: pass", False), ("x = [1]", True), ("x = {1: 2 * N}", True), ("x = [f()]", False),
    ],
)  # fmt: skip
def test_definitions(statement: str, expected: bool) -> None:
    assert is_definition(ast.parse(statement).body[0]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```\ndef f():\n    pass\n```", "\ndef f():\n    pass\n"),
        ("~~~py\nx = 1\n~~~\ntext\n```\ny = 2\n```\n", "\nx = 1\n\n\n\ny = 2\n"),
        ("My answer:\n\n    def f():\n        pass\n", "\n\ndef f():\n    pass\n"), ("no code at all", ""), ("", ""),
        ("import os\nos", "import os\nos\n"),
    ],
)  # fmt: skip
def test_pasted_code(text: str, expected: str) -> None:
    assert pasted(text) == expected


@pytest.mark.parametrize(
    ("definition", "arity"),
    [
        ("def f(): pass", (0, 0)), ("def f(a, b=1): pass", (1, 2)), ("def f(a, /, b, *, c): pass", (2, 2)),
        ("def f(*a): pass", (0, float("inf"))),
        ("def f(a, **k): pass", (1, 1)),
    ],
)  # fmt: skip
def test_positional_arity(definition: str, arity: tuple[int, float]) -> None:
    node = ast.parse(definition).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert positional_arity(node) == arity
