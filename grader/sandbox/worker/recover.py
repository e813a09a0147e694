"""Definitions taken out of source that cannot be run as it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from IPython.core.error import StdinNotImplementedError

MAX_CHUNKS = 400
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)[ \t]*$", re.MULTILINE | re.DOTALL)
# What a constant is made of; nothing here calls anything but operators.
_SIMPLE = (
    ast.Lambda, ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.List, ast.Tuple, ast.Set, ast.Dict,
    ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def is_definition(node: ast.stmt) -> bool:
    """Whether `node` only brings names in: an import, a def, a class, a name bound to a constant, a lambda or another name, or an
    if, try or with around nothing but such."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    if isinstance(node, (ast.If, ast.Try, ast.With)):
        handlers = [statement for handler in getattr(node, "handlers", []) for statement in handler.body]
        inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", []), *handlers]
        return all(isinstance(statement, ast.Pass) or is_definition(statement) for statement in inner)
    if isinstance(node, ast.Assign):
        return _is_simple(node.value) and all(isinstance(target, ast.Name) for target in node.targets)
    return False


def _is_simple(value: ast.expr) -> bool:
    if isinstance(value, ast.Lambda):
        return True
    return all(isinstance(part, _SIMPLE) for part in ast.walk(value))


def is_of_place(node: ast.stmt, error: BaseException) -> bool:
    """Whether a statement failed for what this place lacks: a module, a file or folder, a person to ask, or what a magic needs."""
    return isinstance(error, (ImportError, OSError, StdinNotImplementedError)) or _is_magic(node)


def _is_magic(node: ast.stmt) -> bool:
    """
    >>> _is_magic(ast.parse("get_ipython().run_line_magic('cd', '/content')").body[0]), _is_magic(ast.parse("f().run(1)").body[0])
    (True, False)
    """
    match node:
        case ast.Expr(ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("get_ipython"))))):
            return True
    return False


def imports_one_by_one(node: ast.stmt) -> list[ast.stmt]:
    """An import of several names as imports of one name each, so that one that is missing takes none of the others with it.

    >>> [ast.unparse(one) for one in imports_one_by_one(ast.parse("import pandas as pd, numpy as np").body[0])]
    ['import pandas as pd', 'import numpy as np']
    """
    if isinstance(node, ast.Import):
        return [ast.copy_location(ast.Import([alias]), node) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node) for alias in node.names]
    return []


def parse(source: str, transform: Callable[[str], str]) -> list[ast.stmt] | None:
    """The top-level statements of a cell after IPython's `transform`, or None where it does not compile."""
    try:
        return ast.parse(transform(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def chunks(source: str, transform: Callable[[str], str]) -> Iterator[ast.stmt]:
    """The top-level statements of `source` that compile when taken one by one; line numbers count in `source`.

    >>> [type(node).__name__ for node in chunks("import os\\nJ = \\ndef f():\\n    return 1\\n", str)]
    ['Import', 'FunctionDef']
    """
    lines = source.splitlines()
    starts = [i for i, line in enumerate(lines) if line and not line[0].isspace() and line[0] not in "#)]}"]
    starts = [*starts[:MAX_CHUNKS], len(lines)]
    position = 0
    while position < len(starts) - 1:
        first = starts[position]
        for ahead in range(position + 1, min(position + 40, len(starts))):
            body = "\n".join(lines[first : starts[ahead]])
            nodes = parse("\n" * first + body, lambda text: text) or parse("\n" * first + body, transform)
            if nodes and not lines[first].startswith("@"):
                yield from nodes
                break
            if nodes and isinstance(nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from nodes
                break
        else:
            ahead = position + 1
        position = ahead


def pasted(text: str) -> str:
    """The code pasted into a markdown or raw cell: its fenced blocks, or from its first def on; the line numbers stay.

    >>> pasted("Look:\\n```python\\ndef f():\\n    pass\\n```\\n")
    '\\n\\ndef f():\\n    pass\\n'
    """
    fenced = list(_FENCE.finditer(text))
    if fenced:
        kept = [""] * (text.count("\n") + 1)
        for match in fenced:
            first = text.count("\n", 0, match.start(1))
            for offset, line in enumerate(match.group(1).splitlines()):
                kept[first + offset] = line
        return "\n".join(kept).rstrip("\n") + "\n"
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if re.match(r"\s*(?:>\s*)?(def|class|import|from)\b", line)), None)
    if start is None:
        return ""
    indent = len(lines[start]) - len(lines[start].lstrip())
    return "\n" * start + "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines[start:]) + "\n"


def positional_arity(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[int, float]:
    """How many positional arguments a def takes: at least, at most."""
    parameters = len(node.args.posonlyargs) + len(node.args.args)
    required = parameters - len(node.args.defaults)
    return required, float("inf") if node.args.vararg else parameters
