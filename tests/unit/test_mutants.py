"""Mutants of a function: the changes that are made, their ids, and that each is a definition of its own."""

from __future__ import annotations

import ast

import pytest

from grader.errors import AssignmentError
from grader.mutants import Mutant, make_mutants
from grader.operators import OPERATORS


def mutate(body: str, arguments: str = "x, y", *, name: str = "f") -> list[Mutant]:
    """The mutants of a function with these lines."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return list(make_mutants(f"def {name}({arguments}):\n{lines}", [name]))


def last_lines(mutants: list[Mutant], operator: str) -> set[str]:
    return {mutant.source.strip().splitlines()[-1].strip() for mutant in mutants if mutant.operator == operator}


RETURNS = {
    "operator": ("return x - y", {"return x + y", "return x * y"}),
    "operand order": ("return x / y", {"return y / x"}),
    "operand dropped": ("return x ** y", {"return x", "return y"}),
    "comparison": ("return x < y", {"return x <= y", "return x > y", "return x >= y", "return x == y", "return x != y"}),
    "constant": ("return x(5)", {"return x(0)", "return x(1)", "return x(-1)", "return x(10)", "return x(6)"}),
    "sign": ("return x", {"return -x"}),
    "return value": ("return x", {"return None", "return 0", "return 1"}),
    "attribute dropped": ("return x.T", {"return x"}),
    "name": ("return x", {"return y"}),
}


@pytest.mark.parametrize("operator", list(RETURNS))
def test_an_operator_changes_what_it_says(operator: str) -> None:
    line, expected = RETURNS[operator]
    assert last_lines(mutate(line), operator) == expected


def test_calls_lose_their_arguments_order_keywords_and_themselves() -> None:
    made = last_lines(mutate("return np.sum(x, y, axis=1)"), "call")
    assert made == {"return np.sum(y, x, axis=1)", "return x", "return y", "return np.sum(x, y)", "return np.mean(x, y, axis=1)"}


def test_a_module_is_no_value() -> None:
    assert "return np" not in last_lines(mutate("return np.pi"), "attribute dropped")
    assert "return np.linalg" not in last_lines(mutate("return np.linalg.norm(x)"), "call")
    assert last_lines(mutate("return x.copy()"), "call") == {"return x"}


def test_signs_are_taken_away_as_well() -> None:
    assert "return x" in last_lines(mutate("return -x"), "sign")
    assert "    if not x > y:" in {mutant.source.splitlines()[1] for mutant in mutate("if x > y:\n    return x\nreturn y")}


def test_indices_and_bounds_are_shifted() -> None:
    assert last_lines(mutate("return x[y]"), "index") == {"return x[y + 1]", "return x[y - 1]"}
    assert last_lines(mutate("return x[y:]"), "index") == {"return x[y + 1:]", "return x[y - 1:]", "return x[:]"}


def test_loops_turn_once_too_often_once_too_little_or_once() -> None:
    made = [mutant.source for mutant in mutate("for i in range(x):\n    y = y + i\nreturn y") if mutant.operator == "loop"]
    assert [source for source in made if "range(0, x - 1)" in source]
    assert [source for source in made if "range(0, x + 1)" in source]
    assert [source for source in made if "range(0 + 1, x)" in source]
    assert [source for source in made if "break" in source]
    turns = [mutant.source for mutant in mutate("for i in (x, y):\n    x = i\nreturn x") if mutant.operator == "loop"]
    assert [source for source in turns if "for i in (y,):" in source]
    assert [source for source in turns if "for i in (x,):" in source]


def test_statements_are_deleted_and_the_docstring_is_let_be() -> None:
    made = [mutant for mutant in mutate('"""Adds."""\nx = x + 1\nreturn x') if mutant.operator == "statement deletion"]
    assert [mutant.id for mutant in made] == ["f:L3:delete x = x + 1", "f:L4:delete return x"]
    assert all("Adds." in mutant.source for mutant in made)


def test_names_are_replaced_by_those_bound_before() -> None:
    made = {mutant.id for mutant in mutate("a = x\nb = a\nreturn b") if mutant.operator == "name"}
    assert "f:L2:x->y" in made
    assert "f:L4:b->a" in made
    assert "f:L2:x->b" not in made, "b is bound later"
    assert not [name for name in made if "np" in name]


def test_targets_change_places() -> None:
    assert "b, a = (x, y)" in "".join(mutant.source for mutant in mutate("a, b = x, y\nreturn a - b") if mutant.operator == "target order")


def test_signatures_stay_as_they_are() -> None:
    for mutant in mutate("return x * epsilon", "x, epsilon=1e-7"):
        assert mutant.source.startswith("def f(x, epsilon=1e-07):\n")


def test_no_mutant_is_the_function_itself_or_another_one() -> None:
    made = mutate("return -(x - y) / (2 * y)")
    sources = [mutant.source for mutant in made]
    assert len(set(sources)) == len(sources)
    assert ast.unparse(ast.parse("def f(x, y):\n    return -(x - y) / (2 * y)")) + "\n" not in sources
    assert len({mutant.id for mutant in made}) == len(made)
    assert all(mutant.diff for mutant in made)


def test_equal_changes_of_a_line_are_numbered() -> None:
    ids = [mutant.id for mutant in mutate("return x * x")]
    assert {"f:L2:x->y", "f:L2:x->y#2"} <= set(ids)


HELPED = """
def size(v):
    return abs(v)

def other(x):
    return x

def f(x, y):
    return size(x - y)

def g(x):
    return size(x) + f(x, 1) + other(x)
"""


def test_a_helper_is_a_part_of_each_function_that_calls_it() -> None:
    made = make_mutants(HELPED, ["f", "g"], ["other"])
    helpers = {mutant.id.split(":")[0] for mutant in made}
    assert helpers == {"f", "f.size", "g", "g.size"}, "neither f nor what cases replace is mutated as a part of g"
    for mutant in made:
        (definition,) = ast.parse(mutant.source).body
        assert isinstance(definition, ast.FunctionDef)
        assert definition.name == mutant.function
    namespace: dict[str, object] = {}
    (mutant,) = (mutant for mutant in made if mutant.id == "f.size:L2:minus abs(v)")
    exec(HELPED + mutant.source, namespace)
    assert namespace["f"](3, 1) == -2  # type: ignore[operator]
    assert namespace["size"](-2) == 2  # type: ignore[operator]
    assert "-    return abs(v)" in mutant.diff


def test_ids_do_not_depend_on_what_else_is_in_the_file() -> None:
    alone = make_mutants("def f(x):\n    return 2 * x\n", ["f"])
    below = make_mutants("import math\n\n\ndef g(x):\n    return x\n\n\ndef f(x):\n    return 2 * x\n", ["f"])
    assert alone == below


def test_the_order_is_the_text_s() -> None:
    assert make_mutants(HELPED, ["f", "g"]) == make_mutants(HELPED, ["f", "g"])
    lines = [int(mutant.id.split(":L")[1].split(":")[0]) for mutant in mutate("a = x + y\nb = a * x\nreturn b")]
    assert lines == sorted(lines)


def test_a_function_that_is_not_there_is_the_author_s_mistake() -> None:
    with pytest.raises(AssignmentError, match="no function g"):
        make_mutants("def f(x):\n    return x\n", ["g"])


def test_every_operator_makes_something_of_ordinary_code() -> None:
    body = "a, b = x, y\nfor i in range(x):\n    b[i] = np.sum(a.T, axis=1) * -2\nif a > b:\n    a = a - b[i]\nreturn a"
    assert {mutant.operator for mutant in mutate(body)} == set(OPERATORS)
