"""Notebooks as NumPy before 2.4 would run them, where an array of one element is stored as a number.

NumPy 2.4 ended that: `theta_plus[i][0] = theta_plus[i] + epsilon` only warned from 1.25 on, and was right before. Source: NumPy 2.4.0
release notes, expired deprecations.
"""

from __future__ import annotations

import ast

import msgspec

from grader.notebook import MAX_PARSED, Notebook, NotebookCell

_NAME = "_number_of"
_FUNCTION = f"""
def {_NAME}(value, place):
    import numpy
    is_one = isinstance(place, numpy.ndarray) and isinstance(value, numpy.ndarray) and value.ndim > 0 and value.size == 1
    return value.reshape(())[()] if is_one else value
"""
# What must not be evaluated a second time.
_ACTS = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def as_before(notebook: Notebook) -> Notebook:
    """The notebook whose arrays take an array of one element as the number in it; cells that are not Python alone stay as they are."""
    return msgspec.structs.replace(notebook, cells=tuple(map(_rewritten, notebook.cells)))


def _rewritten(cell: NotebookCell) -> NotebookCell:
    if cell.kind != "code" or len(cell.source) > MAX_PARSED or "__future__" in cell.source:
        return cell
    try:
        tree = _Stores().visit(ast.parse(cell.source))
        return msgspec.structs.replace(cell, source=_FUNCTION + ast.unparse(ast.fix_missing_locations(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return cell


class _Stores(ast.NodeTransformer):
    """Puts a call around what is stored in a place of an array."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if len(node.targets) == 1:
            node.value = _stored(node.targets[0], node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        node.value = _stored(node.target, node.value)
        return node


def _stored(target: ast.expr, value: ast.expr) -> ast.expr:
    if not isinstance(target, ast.Subscript) or any(isinstance(part, _ACTS) for part in ast.walk(target.value)):
        return value
    place = ast.parse(ast.unparse(target.value), mode="eval").body  # the same, read
    return ast.Call(ast.Name(_NAME, ast.Load()), [value, place], [])
