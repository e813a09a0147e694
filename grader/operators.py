"""The operators that make mutants: what could stand in the place of a node of a function's tree, each with a label.

Source: Offutt et al., An experimental determination of sufficient mutant operators, TOSEM 5 (1996), and the operators of mutmut and
Cosmic Ray for Python.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_LABEL = 40
_ARITHMETIC: Mapping[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
_COMMUTING = (ast.Add, ast.Mult)
_COMPARISONS: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_CALLEES = {"sum": "mean", "mean": "sum", "maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max",
            "zeros_like": "ones_like", "ones_like": "zeros_like", "zeros": "ones", "ones": "zeros"}  # fmt: skip
_NUMERIC = (ast.Name, ast.Call, ast.BinOp, ast.Attribute, ast.Subscript)
Change = tuple[str, ast.AST]


class Site(NamedTuple):
    """A node, and where it hangs."""

    node: ast.AST
    parent: ast.AST
    field: str
    position: int | None

    def put(self, node: ast.AST) -> None:
        """Hangs another node there."""
        if self.position is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.position] = node


class Scope(NamedTuple):
    """The names that a function binds, in order, each with the place (line, column) from which it is bound."""

    bound: Mapping[str, tuple[int, int]]

    def others(self, name: ast.Name) -> list[str]:
        """Other local names that could stand there; none in the place of a name that is not local."""
        if name.id not in self.bound:
            return []
        return [other for other, place in self.bound.items() if other != name.id and place <= (name.lineno, name.col_offset)]


def _delete(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.stmt) and not isinstance(site.node, ast.Pass):
        yield f"delete {_text(site.node)}", ast.Pass()


def _return(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.Return):
        for value in (None, 0, 1):
            yield f"return {value}", ast.Return(ast.Constant(value))


def _replace_operator(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, (ast.BinOp, ast.AugAssign)):
        for other in _ARITHMETIC.get(type(site.node.op), ()):
            yield f"{_name(site.node.op)}->{other.__name__.lower()}", _with(site.node, op=other())
    if isinstance(site.node, ast.BoolOp):
        yield "and<->or", _with(site.node, op=ast.Or() if isinstance(site.node.op, ast.And) else ast.And())


def _swap_operands(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.BinOp) and not isinstance(site.node.op, _COMMUTING):
        yield f"swap {_text(site.node)}", _with(site.node, left=site.node.right, right=site.node.left)


def _drop_operand(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.BinOp):
        for kept in (site.node.left, site.node.right):
            yield f"{_text(site.node)}->{_text(kept)}", kept


def _compare(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.Compare) and type(site.node.ops[0]) in _COMPARISONS:
        for other in _COMPARISONS:
            yield f"{_name(site.node.ops[0])}->{other.__name__.lower()}", _with(site.node, ops=[other(), *site.node.ops[1:]])
    if site.field == "test" and isinstance(site.node, ast.expr):
        yield f"not {_text(site.node)}", ast.UnaryOp(ast.Not(), site.node)


def _constant(site: Site, scope: Scope) -> Iterator[Change]:
    value = site.node.value if isinstance(site.node, ast.Constant) else None
    if isinstance(value, bool):
        yield f"{value}->{not value}", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        for other in dict.fromkeys((0, 1, -1, 2 * value, value + 1)):
            yield f"{value}->{other}", ast.Constant(other)


def _minus(site: Site, scope: Scope) -> Iterator[Change]:
    node, parent = site.node, site.parent
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield f"{_text(node)}->{_text(node.operand)}", node.operand
    is_operand = isinstance(parent, (ast.BinOp, ast.Return)) or (isinstance(parent, (ast.Assign, ast.AugAssign)) and site.field == "value")
    if isinstance(node, _NUMERIC) and (is_operand or (isinstance(parent, ast.Call) and site.field == "args")):
        yield f"minus {_text(node)}", ast.UnaryOp(ast.USub(), node)


def _call(site: Site, scope: Scope) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for first in range(len(node.args) - 1):
        swapped = [*node.args[:first], node.args[first + 1], node.args[first], *node.args[first + 2 :]]
        yield f"swap {first}, {first + 1} of {_text(node.func)}", _with(node, args=swapped)
    for argument in node.args:
        yield f"{_text(node)}->{_text(argument)}", argument
    for position, keyword in enumerate(node.keywords):
        yield f"without {keyword.arg}", _with(node, keywords=[*node.keywords[:position], *node.keywords[position + 1 :]])
    if isinstance(node.func, ast.Attribute):
        if _is_local(node.func.value, scope):
            yield f"{_text(node)}->{_text(node.func.value)}", node.func.value
        if node.func.attr in _CALLEES:
            other = _CALLEES[node.func.attr]
            yield f"{node.func.attr}->{other}", _with(node, func=_with(node.func, attr=other))


def _attribute(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.Attribute) and site.field != "func" and _is_local(site.node.value, scope):
        yield f"{_text(site.node)}->{_text(site.node.value)}", site.node.value


def _shift(site: Site, scope: Scope) -> Iterator[Change]:
    """Indices and bounds of slices, one on and one back; constants have an operator of their own."""
    is_index = isinstance(site.parent, ast.Subscript) and site.field == "slice"
    if isinstance(site.node, (ast.Name, ast.BinOp)) and (is_index or isinstance(site.parent, ast.Slice)):
        for operator, sign in ((ast.Add(), "+"), (ast.Sub(), "-")):
            yield f"[{_text(site.node)} {sign} 1]", ast.BinOp(site.node, operator, ast.Constant(1))
    if isinstance(site.node, ast.Slice):
        for bound in ("lower", "upper"):
            if getattr(site.node, bound) is not None:
                yield f"[{_text(site.node)}] without {bound}", _with(site.node, **{bound: None})


def _loop(site: Site, scope: Scope) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.For):
        yield "one turn", _with(node, body=[*node.body, ast.Break()])
    if site.field == "iter" and isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) > 1:
        yield "without the first turn", _with(node, elts=node.elts[1:])
        yield "without the last turn", _with(node, elts=node.elts[:-1])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
        start, stop, *step = node.args if len(node.args) > 1 else (ast.Constant(0), *node.args)
        one = ast.Constant(1)
        for label, bounds in (
            ("stop - 1", (start, ast.BinOp(stop, ast.Sub(), one))),
            ("stop + 1", (start, ast.BinOp(stop, ast.Add(), one))),
            ("start + 1", (ast.BinOp(start, ast.Add(), one), stop)),
        ):
            yield f"range {label}", _with(node, args=[*bounds, *step])


def _rename(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.Name) and isinstance(site.node.ctx, ast.Load):
        for other in scope.others(site.node):
            yield f"{site.node.id}->{other}", ast.Name(other, ast.Load())


def _swap_targets(site: Site, scope: Scope) -> Iterator[Change]:
    if isinstance(site.node, ast.Tuple) and isinstance(site.node.ctx, ast.Store):
        for first, (one, other) in enumerate(zip(site.node.elts, site.node.elts[1:], strict=False)):
            swapped = [*site.node.elts[:first], other, one, *site.node.elts[first + 2 :]]
            yield f"{_text(one)}<->{_text(other)}", _with(site.node, elts=swapped)


OPERATORS = {
    "statement deletion": _delete,
    "return value": _return,
    "operator": _replace_operator,
    "operand order": _swap_operands,
    "operand dropped": _drop_operand,
    "comparison": _compare,
    "constant": _constant,
    "sign": _minus,
    "call": _call,
    "attribute dropped": _attribute,
    "index": _shift,
    "loop": _loop,
    "name": _rename,
    "target order": _swap_targets,
}


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _is_local(node: ast.expr, scope: Scope) -> bool:
    """Whether it is made of a local name, so no module."""
    root: ast.AST = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    return not isinstance(root, ast.Name) or root.id in scope.bound


def _name(node: ast.AST) -> str:
    return type(node).__name__.lower()


def _text(node: ast.AST) -> str:
    """A node's text on one line, for a label."""
    text = " ".join(ast.unparse(node).split()).replace('"', "'")
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"
