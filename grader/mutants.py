"""Wrong variants of a reference, made by small changes of its text: what a set of cases must notice.

The usual operators of mutation testing (grader.operators), one at a time, in the bodies of some functions. Signatures stay as they
are, since every case gives every argument. What a function calls of the reference's own further functions is mutated as a part of it.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from grader.errors import AssignmentError
from grader.operators import OPERATORS, Scope, Site


class Mutant(msgspec.Struct, frozen=True):
    """One changed implementation of `function`: a single definition, and how it differs from the reference's.

    The id is stable under changes of other functions: it counts lines from the function's own first one.
    """

    id: str
    function: str
    operator: str
    source: str
    diff: str


def make_mutants(solution: str, functions: Sequence[str], given: Collection[str] = ()) -> tuple[Mutant, ...]:
    """The mutants of each of `functions`, in the order of the text. `given` are further functions that cases replace.

    Raises AssignmentError where the solution does not define one of them.

    >>> [mutant.id for mutant in make_mutants("def double(x):\\n    return 2 * x\\n", ["double"])][:3]
    ['double:L2:delete return 2 * x', 'double:L2:return None', 'double:L2:return 0']
    """
    defined = {node.name: node for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef)}
    made: list[Mutant] = []
    for function in functions:
        if function not in defined:
            raise AssignmentError(f"the reference defines no function {function}")
        main = defined[function]
        parts = _parts(main, {name: node for name, node in defined.items() if name not in {*functions, *given}})
        made += _mutate(main, function, (), function)
        for part in parts:
            made += _mutate(part, f"{function}.{part.name}", parts, function, main)
    return tuple(_distinct(made))


def _parts(main: ast.FunctionDef, helpers: Mapping[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    """The helpers that a function calls, and what those call, in the order of the text."""
    reached: set[str] = set()
    waiting: list[ast.FunctionDef] = [main]
    while waiting:
        names = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        new = [name for name in helpers if name in names and name not in reached]
        reached.update(new)
        waiting += [helpers[name] for name in new]
    return [node for name, node in helpers.items() if name in reached]


def _mutate(
    node: ast.FunctionDef, prefix: str, parts: Sequence[ast.FunctionDef], function: str, main: ast.FunctionDef | None = None
) -> Iterator[Mutant]:
    """The mutants of one definition. One that is a part of `main` is made its own, together with the other `parts`."""
    before = ast.unparse(node).splitlines()
    scope = _scope(node)
    for site in list(_sites(node)):
        for operator, apply in OPERATORS.items():
            for label, new in apply(site, scope):
                site.put(new)
                try:
                    after = ast.unparse(node)
                    source = after if main is None else ast.unparse(_owning(main, parts))
                finally:
                    site.put(site.node)
                line = getattr(site.node, "lineno", node.lineno) - node.lineno + 1
                diff = "\n".join(list(difflib.unified_diff(before, after.splitlines(), lineterm="", n=1))[2:])
                yield Mutant(f"{prefix}:L{line}:{label}", function, operator, source + "\n", diff)


def _owning(main: ast.FunctionDef, parts: Sequence[ast.FunctionDef]) -> ast.FunctionDef:
    owner = copy.copy(main)
    owner.body = [*parts, *main.body]
    return owner


def _distinct(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """Without repetitions and what changes nothing; equal ids are numbered."""
    texts, ids = set(), dict[str, int]()
    for mutant in mutants:
        if not mutant.diff or (mutant.function, mutant.source) in texts:
            continue
        texts.add((mutant.function, mutant.source))
        ids[mutant.id] = ids.get(mutant.id, 0) + 1
        number = ids[mutant.id]
        yield mutant if number == 1 else msgspec.structs.replace(mutant, id=f"{mutant.id}#{number}")


def _sites(node: ast.AST, is_function: bool = True) -> Iterator[Site]:
    """What is below a node, in the order of the text; of a function its body alone, without a docstring."""
    for field, value in ast.iter_fields(node):
        if is_function and field != "body":
            continue
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield Site(child, node, field, position)
                yield from _sites(child, isinstance(child, (ast.FunctionDef, ast.Lambda)))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _scope(function: ast.FunctionDef) -> Scope:
    arguments = function.args
    bound = dict.fromkeys([item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)], (0, 0))
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets):
                _bind(bound, targets, node)
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                _bind(bound, [target], node)
            case ast.For(target=target, iter=after):
                _bind(bound, [target], after)
    return Scope(dict(sorted(bound.items(), key=lambda item: item[1])))


def _bind(bound: dict[str, tuple[int, int]], targets: Sequence[ast.expr], after: ast.expr | ast.stmt) -> None:
    place = after.end_lineno or after.lineno, after.end_col_offset or 0
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id != "_":
                bound[node.id] = min(place, bound.get(node.id, place))
