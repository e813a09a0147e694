"""Notebooks as NumPy before 2.4 would run them, where an array of one element is stored as a number.

NumPy 2.4 ended that: `theta_plus[i][0] = theta_plus[i] + epsilon` only warned from 1.25 on, and was right before. Source: NumPy 2.4.0
release notes, expired deprecations. Only what is stored is seen to; `float` and `math` take such arrays no more, either.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping

import msgspec

from grader.notebook import Notebook

_MOST = 64 * 1024  # characters of code that are rewritten: this bounds what a stranger's file costs
_NAME = "_number_of"
_FUNCTION = f"""
def {_NAME}(value, place):
    import numpy
    takes = isinstance(place, numpy.ndarray) and not place.dtype.hasobject
    is_one = isinstance(value, numpy.ndarray) and value.ndim > 0 and value.size == 1
    return value.reshape(())[()] if takes and is_one else value
"""
# What must not be evaluated a second time.
_ACTS = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
# What IPython takes beside Python: magics of a cell that run its text, of a line, commands and questions.
_CELL_MAGIC = re.compile(r"\A\s*%%(?:time|timeit|capture)\b.*")
_LINE_MAGIC = re.compile(r"^([ \t]*)(?:(?:%(?!%)|[!?]).*|\S.*\?[ \t]*)$", re.MULTILINE)


def as_before(notebook: Notebook, files: Mapping[str, str]) -> tuple[Notebook, Mapping[str, str]] | None:
    """The notebook and the student's modules, whose arrays take an array of one element as the number in it; None where nothing is stored.

    What is not Python stays as it is. Magics are left out of the cells that are rewritten.
    """
    code = [cell.source for cell in notebook.cells if cell.kind == "code"]
    modules = {name: text for name, text in files.items() if name.endswith(".py")}
    if sum(map(len, (*code, *modules.values()))) > _MOST:
        return None
    cells = [
        msgspec.structs.replace(cell, source=_rewritten(cell.source) or cell.source) if cell.kind == "code" else cell
        for cell in notebook.cells
    ]
    others = {**files, **{name: _rewritten(text) or text for name, text in modules.items()}}
    if tuple(cells) == notebook.cells and others == files:
        return None
    return msgspec.structs.replace(notebook, cells=tuple(cells)), others


def _rewritten(source: str) -> str:
    """The text, or "" where it stores nothing in a place of an array, or is not Python."""
    for text in (source, _LINE_MAGIC.sub(r"\1pass", _CELL_MAGIC.sub("", source))):
        try:
            tree, stores = ast.parse(text), _Stores()
            stores.visit(tree)
            head = [isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body]
            after = len(head) - head[::-1].index(True) if True in head else 0
            tree.body[after:after] = ast.parse(_FUNCTION).body
            return ast.unparse(ast.fix_missing_locations(tree)) if stores.found else ""
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ""


class _Stores(ast.NodeTransformer):
    """Puts a call around what is stored in a place of an array."""

    found = False

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if len(node.targets) == 1:
            node.value = self._stored(node.targets[0], node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        node.value = self._stored(node.target, node.value)
        return node

    def _stored(self, target: ast.expr, value: ast.expr) -> ast.expr:
        match target, value:
            case ast.Tuple(elts=places), ast.Tuple(elts=values) if len(places) == len(values):
                value.elts = list(map(self._stored, places, values))
            case ast.Subscript(), _ if not any(isinstance(part, _ACTS) for part in ast.walk(target.value)):
                self.found = True
                return ast.Call(ast.Name(_NAME, ast.Load()), [value, copy.deepcopy(target.value)], [])
        return value
