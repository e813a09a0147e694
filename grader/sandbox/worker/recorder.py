"""What the cells left: errors by cell, and where each function of interest was defined."""

from __future__ import annotations

import ast
import base64
import importlib.util
import inspect
import os
import sys
import traceback
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import codec, recover
from . import shell as dressing
from .support import Support

EXECUTED, DEFINITIONS_ONLY, RECOVERED = "executed", "definitions_only", "recovered"
MAX_MESSAGE = 2_000


class Candidate:
    """An object that was bound to a function's name, or to one of its aliases, by a cell."""

    __slots__ = ("cell", "how", "name", "value")

    def __init__(self, cell: int, how: str, name: str, value: Any) -> None:
        self.cell, self.how, self.name, self.value = cell, how, name, value


class Recorder:
    """Follows a shell through the cells of one notebook.

    cells: [{"index", "kind", "source"}] in the notebook's order.
    functions: [{"name", "aliases", "arity"}], the functions to find. skip: the code cells that will not be run.
    """

    def __init__(self, shell: Any, cells: list[dict[str, Any]], functions: list[dict[str, Any]], skip: Iterable[int] = ()) -> None:
        self.shell = shell
        self.namespace: dict[str, Any] = shell.user_ns
        self.sources = {cell["index"]: cell["source"] for cell in cells}
        self.code = [cell["index"] for cell in cells if cell["kind"] == "code"]
        self.texts = [cell["index"] for cell in cells if cell["kind"] != "code"]
        self.functions = functions
        self.names = {name for function in functions for name in (function["name"], *function["aliases"])}
        self.beside: list[str] = []  # modules that lie beside the notebook
        self.candidates: list[Candidate] = []
        self.errors: dict[int, dict[str, Any]] = {}
        left_out = set(skip)
        self.to_run = [index for index in self.code if index not in left_out and self.sources[index].strip()]
        self.current = -1
        self._waiting = list(reversed(self.to_run))
        self._depth = 0
        self._bound: dict[str, Any] = {}

    # Running

    def attach(self) -> None:
        """Follows the shell's cells through its events, and names their code after the cell."""
        self.shell.events.register("pre_run_cell", self._before)
        self.shell.events.register("post_run_cell", self._after)
        self.shell.compile.get_code_name = self._code_name

    def detach(self) -> None:
        """Follows the shell no longer."""
        self.shell.events.unregister("pre_run_cell", self._before)
        self.shell.events.unregister("post_run_cell", self._after)

    def cell_of(self, name: str) -> int | None:
        """The cell whose code was compiled under that file name, or None where it is no cell's."""
        return int(name[6:-1]) if name.startswith("<cell ") else None

    def _code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return filename(self.current)

    def _before(self, info: Any) -> None:
        """A cell begins: the notebook's next one, unless a cell has a cell of its own run, as %%capture does."""
        self._depth += 1
        if self._depth == 1 and self._waiting and self.sources[self._waiting[-1]] == info.raw_cell:
            self.current = self._waiting.pop()

    def _after(self, result: Any) -> None:
        """A cell ended. It has no result where it was cancelled, as an interrupted `await` is."""
        index = self.current
        self._depth = max(0, self._depth - 1)
        dressing.mend_streams()
        error = KeyboardInterrupt() if result is None else result.error_before_exec or result.error_in_exec
        self.snapshot(index, EXECUTED)
        if error is None:
            return
        self.errors[index] = {"type": codec.type_name(error), "message": error_message(error)}
        self._recover_rest(index, error)
        self.snapshot(index, RECOVERED)

    def _recover_rest(self, index: int, error: BaseException) -> None:
        """Runs the definitions of a cell that come after the statement that failed, or all of a cell that does not compile.

        Where what failed is a matter of this machine, as a missing module is, all that comes after it runs: elsewhere it did.
        """
        nodes = recover.parse(self.sources[index], self.shell.transform_cell)
        if nodes is None:
            nodes = list(recover.chunks(self.sources[index], self.shell.transform_cell))
            failed = 0
        else:
            failed = next((frame.lineno or 0 for frame in frames(error) if frame.filename == filename(index)), 0)
        goes_on = bool(failed) and any(node.lineno == failed and recover.is_of_place(node, error) for node in nodes)
        for node in nodes:
            if node.lineno > failed:
                goes_on = self.define(node, index, whole=goes_on) and goes_on
            elif node.lineno == failed:
                for one in recover.imports_one_by_one(node):
                    self.define(one, index)

    def define_all(self) -> None:
        """Runs every definition of every code cell, and nothing else of them."""
        for index in self.code:
            for node in recover.chunks(self.sources[index], self.shell.transform_cell):
                self.define(node, index)
            self.snapshot(index, DEFINITIONS_ONLY)

    def define(self, node: ast.stmt, index: int, *, whole: bool = False) -> bool:
        """Runs one statement in the notebook's namespace if it is a definition, or whatever it is if `whole`.

        Its exceptions are its own affair. Whether it was not interrupted.
        """
        try:
            if whole or recover.is_definition(node):
                exec(compile(ast.Module([node], []), filename(index), "exec", dont_inherit=True), self.namespace)
        except KeyboardInterrupt:
            return False
        except BaseException:
            return True
        return True

    def snapshot(self, index: int, how: str) -> None:
        """Notes which names of interest the cell bound anew."""
        for name in self.names:
            value = self.namespace.get(name)
            if value is not None and value is not self._bound.get(name):
                self._bound[name] = value
                if callable(value):
                    self.candidates.append(Candidate(index, how, name, value))

    # Finding

    def find(self, function: dict[str, Any]) -> Candidate | None:
        """The definition to call for `function`: the last that fits its parameters, canonical name first, then aliases, then recovered."""
        name, arity = function["name"], function["arity"]
        own = [candidate for candidate in self.candidates if candidate.name == name]
        aliased = [candidate for candidate in self.candidates if candidate.name in function["aliases"] and not self._belongs(candidate)]
        for candidates in (own, aliased):
            for candidate in reversed(candidates):
                if fits(candidate.value, arity):
                    return candidate
        return self._search_source(function) or (own[-1] if own else None)

    def _belongs(self, candidate: Candidate) -> bool:
        """Whether a function of interest has this very name and takes such a call: then it is no other's alias."""
        return any(entry["name"] == candidate.name and fits(candidate.value, entry["arity"]) for entry in self.functions)

    def _search_source(self, function: dict[str, Any]) -> Candidate | None:
        """A fitting def that no longer stands in the namespace: overwritten in its own cell, or in a text cell."""
        for indexes, read in ((self.code, str), (self.texts, recover.pasted)):
            for name in (function["name"], *function["aliases"]):
                for index in reversed(indexes):
                    candidate = self._search_cell(index, read(self.sources[index]), name, function["arity"])
                    if candidate is not None:
                        return candidate
        return None

    def _search_cell(self, index: int, source: str, name: str, arity: int) -> Candidate | None:
        if f"def {name}" not in source:
            return None
        nodes = [node for node in recover.chunks(source, self.shell.transform_cell) if is_def(node, name)]
        for node in reversed(nodes):
            least, most = recover.positional_arity(node)  # type: ignore[arg-type]
            if least <= arity <= most:
                before = self.namespace.get(name)
                self.define(node, index)
                value = self.namespace.get(name)
                if before is not None:
                    self.namespace[name] = before
                if callable(value) and value is not before:
                    return Candidate(index, RECOVERED, name, value)
        return None


def begin(live_shell: Any, request: dict[str, Any], home: Path, held: Support | None = None) -> Recorder:
    """Writes the support modules, goes to their folder, and starts to follow the shell. held: files that the request may leave out."""
    files = {name: text.encode("utf-8") for name, text in request["files"].items()}
    if request["held"]:
        if held is None or held.sha256 != request["held"]:
            raise ValueError("the request leaves out other files than are held")
        files |= held.files
    for name, data in files.items():
        _write(f"{home}/{name}", data)
    for name, data in request["bytecode"].items():
        cache = importlib.util.cache_from_source(f"{home}/{name}")
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        _write(cache, base64.b64decode(data))
    os.chdir(home)
    sys.path[:] = [str(home), "", *(entry for entry in sys.path if entry)]
    sys.argv = ["worker"]
    sys.dont_write_bytecode = True
    if request["held"] and held is not None:
        held.offer()
    dressing.seed()
    session = Recorder(live_shell, request["cells"], request["functions"], request["skip"])
    session.beside = [name.removesuffix(".py") for name in files if name.endswith(".py")]
    session.attach()
    return session


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def filename(index: int) -> str:
    """The file name that a cell's code is compiled under."""
    return f"<cell {index}>"


def is_def(node: ast.stmt, name: str) -> bool:
    """Whether `node` is a def of `name`."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name


def fits(function: Any, arity: int) -> bool:
    """Whether `function` can be called with `arity` positional arguments."""
    if type(function) is types.FunctionType and not function.__dict__:  # as its signature says, which takes longer than a small call
        code, given = function.__code__, function.__kwdefaults__ or {}
        keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        if any(name not in given for name in keywords) or arity < code.co_argcount - len(function.__defaults__ or ()):
            return False
        return arity <= code.co_argcount or bool(code.co_flags & inspect.CO_VARARGS)
    try:
        inspect.signature(function).bind(*(None,) * arity)
    except TypeError:
        return False
    except Exception:
        return True  # no signature to be had: the call will tell
    return True


def error_message(error: BaseException) -> str:
    """The text of a student's exception, bounded, whatever its __str__ does."""
    try:
        if type(error).__module__ == "builtins" and isinstance(error, SyntaxError):  # its str names our file, which counts cells from 0
            return codec.clean_text(f"{error.msg} (line {error.lineno})", MAX_MESSAGE)
        return codec.clean_text(str(error), MAX_MESSAGE)
    except BaseException as failure:
        return f"<{codec.type_name(failure)} while reading the message>"


def frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of an exception's traceback, outermost first, without looking up their lines."""
    pairs = list(traceback.walk_tb(error.__traceback__))[-200:]
    return [traceback.FrameSummary(frame.f_code.co_filename, line or 0, frame.f_code.co_name, lookup_line=False) for frame, line in pairs]
