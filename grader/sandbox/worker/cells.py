"""Runs a notebook's cells as IPython does, without what nobody sees here.

IPython runs a cell as a coroutine, copies what it prints into a history of its own, and compiles through layers of context managers:
around a small cell that is several times the cell's own work, and every object on the way is a page of memory that a fork copies.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any
from warnings import warn

import numpy as np
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

# Bound before student code can replace them.
_compile, _exec = compile, exec
# Words of cells that are IPython's affair: they may await something, change what compiles, or are not kept in its history.
_RARE = ("await", "async", "__future__", "paste")
# Nothing but one def or class: its first line, and then lines that are indented, comments or blank.
_ONE_DEFINITION = re.compile(r"(?:[ \t]*(?:#[^\n\r\f]*)?\n)*(?:@[^\n\r\f]*\n)*(?:def|class) [^\n\r\f]*\n(?:(?:[ \t#][^\n\r\f]*)?\n)*\Z")
_LEAVES = re.compile(r"(exit|quit)(\s*\(.*\))?$")  # cells that IPython's history leaves out
_PLAIN = frozenset((bool, int, float, complex, str, np.float64, np.int64, np.bool_))
_WAYS = frozenset(("run_cell", "_run_cell", "run_cell_async", "run_ast_nodes", "run_code", "transform_ast"))  # what a shell runs a cell by


def run(shell: Any, raw_cell: str, filename: str) -> None:
    """Runs one cell, whose code is compiled under the file name; what it raises is told to those who follow the shell's events."""
    if _is_rare(raw_cell) or is_changed(shell):
        shell.run_cell(raw_cell, store_history=True)
        return
    info = ExecutionInfo.__new__(ExecutionInfo)  # what it is to be initialised with differs between versions
    info.raw_cell, info.store_history, info.silent, info.shell_futures, info.cell_id = raw_cell, True, False, True, None
    result: Any = ExecutionResult(info)  # type: ignore[no-untyped-call]
    succeeded: bool | None = False
    try:
        succeeded = _run(shell, raw_cell, filename, info, result)
        if succeeded is not None:
            shell.last_execution_succeeded, shell.last_execution_result = succeeded, result
    except BaseException as error:
        result.error_in_exec = error
    finally:
        if succeeded is not None:
            if not is_counted_before(shell):
                shell.execution_count += 1
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
    if succeeded is None:
        shell.run_cell(raw_cell, store_history=True)


def _is_rare(cell: str) -> bool:
    return any(word in cell for word in _RARE)


def is_counted_before(shell: Any) -> bool:
    """Whether IPython counts a cell before it runs, as it does now, or after that: the values that are shown are numbered so."""
    return bool(shell.displayhook.prompt_count != shell.execution_count)


def is_changed(shell: Any) -> bool:
    """Whether the notebook has changed how IPython runs its cells."""
    if shell.trio_runner or shell.custom_exceptions or shell.ast_transformers or not _WAYS.isdisjoint(vars(shell)):
        return True
    return bool(shell.ast_node_interactivity != "last_expr")


def _run(shell: Any, raw_cell: str, filename: str, info: Any, result: Any) -> bool | None:
    """Whether nothing was raised, or None where it is IPython's affair after all: a macro or a notebook's own transformer made it one."""
    code = _one_definition(shell, raw_cell, filename)
    cell, failure = raw_cell if raw_cell.endswith("\n") else raw_cell + "\n", None
    if code is None:
        try:
            cell = shell.transform_cell(raw_cell)
        except Exception as error:
            cell, failure = raw_cell, error
        if _is_rare(cell):
            return None
    info.transformed_cell = cell
    result.execution_count = count = shell.execution_count
    if is_counted_before(shell):
        shell.execution_count += 1
    shell.events.trigger("pre_execute")
    shell.events.trigger("pre_run_cell", info)
    shell.history_manager.store_inputs(count, cell, raw_cell)
    shell.logger.log(cell, raw_cell)
    if failure is not None:
        result.error_before_exec = failure
        return False
    with shell.builtin_trap:
        shell.compile.cache(cell, count, raw_code=raw_cell)
        with shell.display_trap:
            if code is not None:
                return _execute(shell, code, result)
            return _run_statements(shell, cell, filename, result)


def _one_definition(shell: Any, raw_cell: str, filename: str) -> CodeType | None:
    """The code of a cell that is one definition, which need not be taken apart into statements."""
    cell = raw_cell + "\n"
    if "\n" not in raw_cell.strip() or _ONE_DEFINITION.match(cell) is None:  # a cell of one line may be a magic's name
        return None
    try:
        return _compile(cell, filename, "exec", shell.compile.flags, True)  # type: ignore[no-any-return]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _run_statements(shell: Any, cell: str, filename: str, result: Any) -> bool:
    """Each statement is compiled when its turn comes; the last one shows its value if it is an expression."""
    try:
        nodes = shell.compile.ast_parse(cell, filename=filename).body
        shown = nodes[-1] if nodes and isinstance(nodes[-1], ast.Expr) else None
        if shown is not None:
            shell.displayhook.exec_result = result
        for node in nodes:
            mode = "single" if node is shown else "exec"
            unit: ast.Module | ast.Interactive = ast.Interactive([node]) if mode == "single" else ast.Module([node], [])
            if not _execute(shell, _compile(unit, filename, mode, shell.compile.flags, True), result):
                return False
    except BaseException as error:  # a SyntaxError, or what interrupted the compiler
        result.error_before_exec = error
        return False
    finally:
        if shell.displayhook.exec_result is not None:
            shell.displayhook.exec_result = None
    return True


def _execute(shell: Any, code: CodeType, result: Any) -> bool:
    """Whether nothing was raised."""
    before = shell.sys_excepthook = sys.excepthook
    sys.excepthook = shell.excepthook
    try:
        _exec(code, shell.user_global_ns, shell.user_ns)
        return True
    except BaseException as error:
        result.error_in_exec = error
    finally:
        sys.excepthook = before
    _answer(shell, result.error_in_exec)
    return False


def _answer(shell: Any, error: BaseException) -> None:
    """What IPython does about an exception beside showing it: a notebook may have its own handler, or make errors of warnings."""
    if isinstance(error, SystemExit):
        warn("To exit: use 'exit', 'quit', or Ctrl-D.", stacklevel=1)
    elif isinstance(error, shell.custom_exceptions):  # of this very cell: see `is_changed`
        shell.CustomTB(type(error), error, error.__traceback__)


def lighten(shell: Any) -> None:
    """Spares a shell of our own what costs time around a cell and changes nothing for it."""
    # Its names come and go with every cell, and with them what the interpreter has learned of the built-in ones.
    shell.builtin_trap.__enter__()
    shell.history_manager.store_inputs = _Inputs(shell)
    displayhook = shell.displayhook
    displayhook.quiet, displayhook.compute_format_data = _quiet(displayhook), _format(displayhook)


def forget(shell: Any) -> None:
    """The next cell is the first: `_i` and its like have nothing of those before, as IPython's own reset would let them."""
    shell.history_manager.store_inputs.last = ("", "", "")


class _Inputs:
    """Keeps `In`, `_i` and their like, without a database to write to."""

    def __init__(self, shell: Any) -> None:
        self.shell, self.history = shell, shell.history_manager
        self.last = ("", "", "")

    def __call__(self, number: int, source: str, raw: str | None = None) -> None:
        source, raw = source.rstrip("\n"), (source if raw is None else raw).rstrip("\n")
        if _LEAVES.match(raw.strip()):
            return
        self.history.input_hist_parsed.append(source)
        self.history.input_hist_raw.append(raw)
        before, self.last = self.last, (raw, *self.last[:2])
        names = dict(zip(("_i", "_ii", "_iii"), before, strict=True))
        names[f"_i{number}"] = raw
        self.shell.user_ns.update(names)
        self.shell.user_ns_hidden.update(names)


def _quiet(displayhook: Any) -> Callable[[], bool]:
    """Whether a cell ends in a semicolon, and so shows no value: IPython takes each apart into tokens to find out."""
    tokenize, history = displayhook.quiet, displayhook.shell.history_manager

    def quiet() -> bool:
        parsed = history.input_hist_parsed
        return ";" in parsed[-1] and bool(tokenize()) if parsed else False

    return quiet


def _format(displayhook: Any) -> Callable[[object], tuple[dict[str, Any], dict[str, Any]]]:
    """The forms of a value that is shown. Nobody looks at them, so only what code of a student's could take part in is formed."""
    form, shell = displayhook.compute_format_data, displayhook.shell
    before = _printers(shell)

    def compute_format_data(value: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return ({}, {}) if type(value) in _PLAIN and _printers(shell) == before else form(value)

    return compute_format_data


def _printers(shell: Any) -> list[object]:
    """Who forms plain values, by format."""
    formatters = shell.display_formatter.formatters.values()
    return [(len(one.deferred_printers), *map(one.type_printers.get, _PLAIN)) for one in formatters]
