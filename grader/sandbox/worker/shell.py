"""The IPython shell that cells run in, dressed for a place without a person, a network or a display."""

from __future__ import annotations

import ast
import builtins
import getpass
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

SEED = 20170801
# Magics that would wait for a person or a network, or cost time and change nothing here.
_IDLE_MAGICS = ("autoreload", "aimport", "pip", "conda", "mamba", "micromamba", "uv", "debug", "pdb")
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
    return shell


def mute(shell: Any) -> None:
    """Nothing is displayed: values and errors are read from the cells' results, by whoever wants them."""
    shell.enable_gui = _ignore
    shell.showtraceback = shell.showsyntaxerror = shell._format_exception_for_storage = _ignore
    shell.displayhook.write_output_prompt = shell.displayhook.write_format_data = _ignore
    shell.display_pub.publish = shell.display_pub.clear_output = _ignore
    shell.system = _system(shell)


def _transform(ipython: Callable[[str], str]) -> Callable[[str], str]:
    """IPython's way from a cell to Python, spared where a cell of several lines is Python already: it would change nothing."""

    def transform_cell(cell: str) -> str:
        if "\n" in cell.strip():
            try:
                ast.parse(cell)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ipython(cell)
            return cell if cell.endswith("\n") else cell + "\n"
        return ipython(cell)

    return transform_cell


def _system(shell: Any) -> Callable[[str], None]:
    """`!command` through subprocess; IPython's own way costs a pseudo-terminal and a tenth of a second."""

    def system(command: str) -> None:
        code = subprocess.call(shell.var_expand(command, depth=1), shell=True)
        shell.user_ns["_exit_code"] = code

    return system


def _ignore(*args: object, **kwargs: object) -> None:
    """Errors are read from the cell's result; rendering a traceback costs a hundred milliseconds."""


def dress(shell: Any) -> None:
    """Makes both engines' shells answer alike where a person, a terminal or a network is asked for."""
    mute(shell)
    shell.transform_cell = _transform(shell.transform_cell)
    shell.ask_exit = _ignore
    shell.extension_manager.loaded.update(_IDLE_EXTENSIONS)
    for name in _IDLE_MAGICS:
        shell.register_magic_function(_ignore, "line", name)
    if importlib.util.find_spec("matplotlib") is None:
        shell.register_magic_function(_ignore, "line", "matplotlib")
    sys.breakpointhook = _ignore
    builtins.input = _no_input
    getpass.getpass = _no_getpass
    random.seed(SEED)
    np.random.seed(SEED)


def _no_input(prompt: object = "") -> str:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def _no_getpass(prompt: object = "", stream: object = None) -> str:
    raise StdinNotImplementedError("getpass was called, but this frontend does not support input requests.")


def mend_streams() -> None:
    """Gives back a standard stream that a notebook closed or broke; IPython and ipykernel write to it between cells."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).write("")
            getattr(sys, name).flush()
        except Exception:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
