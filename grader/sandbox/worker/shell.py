"""The IPython shell that cells run in, dressed for a place without a person, a network or a display."""

from __future__ import annotations

import _sitebuiltins
import ast
import builtins
import functools
import getpass
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from . import cells

SEED = 20170801
# Magics that would wait for a person or a network, or cost time and change nothing here; and those of Jupyter's own kernel, of Colab and of
# Databricks, so that a cell that begins with one goes on.
_IDLE_MAGICS = (
    "autoreload", "aimport", "pip", "conda", "mamba", "micromamba", "uv", "debug", "pdb", "autosave", "connect_info", "qtconsole", "edit",
    "less", "man", "more", "tensorflow_version", "python", "store", "notebook",
)  # fmt: skip
_OPTIONS = re.compile(r"\s*(?:-[a-zA-Z]\s*\d*(?:\s+|$))*")
_COUNTS = re.compile(r"-[nr]\s*\d+(?:\s+|$)")
_LINE_MAGIC = re.compile(r"%([A-Za-z_][A-Za-z_0-9]*)(?: ([A-Za-z_0-9][A-Za-z_0-9.,=-]*))?\Z")
_IDLE_EXTENSIONS = ("autoreload", "IPython.extensions.autoreload")


def create() -> InteractiveShell:
    """One bare shell, without history, that writes where sys.stdout points and leaves no profile folder behind."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Minimal"
    config.InteractiveShell.enable_tip = False
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        shell: InteractiveShell = InteractiveShell.instance(config=config, ipython_dir=folder)
    mute(shell)
    cells.lighten(shell)
    return shell


def mute(shell: Any) -> None:
    """Nothing is displayed: values and errors are read from the cells' results, by whoever wants them."""
    shell.enable_gui = _ignore
    shell.showtraceback = shell.showsyntaxerror = shell._format_exception_for_storage = _ignore
    shell.displayhook.write_output_prompt = shell.displayhook.write_format_data = _ignore
    shell.display_pub.publish = shell.display_pub.clear_output = _ignore
    shell.system = _system(shell)


class _ParseOnce:
    """Spares what IPython would do again: a cell that is Python already is not transformed, and is parsed once.

    IPython parses a cell to transform it, compiles it to see whether it awaits anything, and parses it to run it.
    """

    def __init__(self, shell: Any) -> None:
        self._transform, self._parse, self._is_async = shell.transform_cell, shell.compile.ast_parse, shell.should_run_async
        self._parsed: tuple[str, ast.Module] | None = None
        shell.transform_cell, shell.compile.ast_parse, shell.should_run_async = self.transform, self.parse, self.is_async

    def transform(self, raw_cell: str) -> str:
        """The cell as Python. One of several lines that is Python already would not be changed by IPython's own way."""
        self._parsed = None
        if "\n" in raw_cell.strip():
            cell = raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
            self._parsed = _parse(cell) or _parse_with_magics(cell)
        return self._parsed[0] if self._parsed else self._transform(raw_cell)

    def parse(self, source: str, *arguments: Any, **keywords: Any) -> Any:
        """The cell's tree, once: whoever runs it may change it."""
        parsed, self._parsed = self._parsed, None
        return parsed[1] if parsed and parsed[0] == source else self._parse(source, *arguments, **keywords)

    def is_async(self, raw_cell: str, **keywords: Any) -> bool:
        """Whether the cell has an await, or async for or with, outside of a function."""
        text = keywords.get("transformed_cell") or raw_cell
        return ("await" in text or "async" in text) and bool(self._is_async(raw_cell, **keywords))


def _parse(cell: str) -> tuple[str, ast.Module] | None:
    """The cell and its tree, or None where it is not Python."""
    try:
        return cell, ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parse_with_magics(cell: str) -> tuple[str, ast.Module] | None:
    """The same where nothing but lines like `%autoreload 2` is not Python: IPython takes the cell apart into tokens for each of them.

    >>> _parse_with_magics("%autoreload 2\\nx = 1\\n")[0]
    "get_ipython().run_line_magic('autoreload', '2')\\nx = 1\\n"
    """
    lines, places = cell.split("\n"), set()
    for place, line in enumerate(lines):
        if magic := _LINE_MAGIC.match(line):
            lines[place] = f"get_ipython().run_line_magic({magic[1]!r}, {magic[2] or ''!r})"
            places.add(place + 1)
    parsed = _parse("\n".join(lines)) if places else None
    if parsed is None or places - {node.lineno for node in parsed[1].body if isinstance(node, ast.Expr)}:
        return None  # one of them stands within a text or an expression
    return parsed


def _system(shell: Any) -> Callable[[str], None]:
    """`!command` through subprocess; IPython's own way costs a pseudo-terminal and a tenth of a second."""

    def system(command: str) -> None:
        code = subprocess.call(shell.var_expand(command, depth=1), shell=True)
        shell.user_ns["_exit_code"] = code

    return system


def _ignore(*args: object, **kwargs: object) -> None:
    """Errors are read from the cell's result; rendering a traceback costs a hundred milliseconds."""


def _pylab(shell: Any) -> Callable[[str], None]:
    """`%pylab` without matplotlib: NumPy's names, which notebooks go on with."""

    def pylab(line: str) -> None:
        names = "" if "--no-import-all" in line else "from numpy import *\n"
        exec(f"import numpy\nnp = numpy\n{names}", shell.user_ns)

    return pylab


def _once(timeit: Any) -> Callable[..., object]:
    """`%timeit` with one run in the place of millions: how long it takes is not looked at."""

    @functools.wraps(timeit)
    def once(line: str = "", *rest: object, **named: object) -> object:
        options = _OPTIONS.match(line)[0]  # type: ignore[index]
        return timeit(f"-n1 -r1 {_COUNTS.sub('', options)}{line[len(options) :]}", *rest, **named)

    return once


def _magic(shell: Any) -> Callable[[str], object]:
    """`get_ipython().magic("autoreload 2")`, which notebooks turned into scripts have and IPython only before version 9."""

    def magic(line: str) -> object:
        name, _, rest = line.lstrip().removeprefix("%").partition(" ")
        return shell.run_line_magic(name, rest.strip())

    return magic


def dress(shell: Any) -> None:
    """Makes both engines' shells answer alike where a person, a terminal or a network is asked for."""
    mute(shell)
    _ParseOnce(shell)
    shell.ask_exit = _ignore
    shell.extension_manager.loaded.update(_IDLE_EXTENSIONS)
    for name in _IDLE_MAGICS:
        shell.register_magic_function(_ignore, "line", name)
    if importlib.util.find_spec("matplotlib") is None:
        shell.register_magic_function(_ignore, "line", "matplotlib")
        shell.register_magic_function(_pylab(shell), "line", "pylab")
    shell.register_magic_function(_once(shell.find_line_magic("timeit")), "line_cell", "timeit")
    if not hasattr(shell, "magic"):
        shell.magic = _magic(shell)
    if not hasattr(builtins, "help"):  # `site`, which is left out here, puts it there
        builtins.help = _sitebuiltins._Helper()
    sys.breakpointhook = _ignore
    builtins.input = no_input
    getpass.getpass = no_getpass


def seed() -> None:
    """Makes chance the same in both engines and every run. A fork seeds `random` anew, so this comes after the last one."""
    random.seed(SEED)
    np.random.seed(SEED)


def no_input(prompt: object = "") -> str:
    """There is nobody to ask."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def no_getpass(prompt: object = "", stream: object = None) -> str:
    """There is nobody to ask."""
    raise StdinNotImplementedError("getpass was called, but this frontend does not support input requests.")


def mend_streams() -> None:
    """Gives back a standard stream that a notebook closed or broke; IPython and ipykernel write to it between cells."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).write("")
            getattr(sys, name).flush()
        except Exception:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
