"""Leaves a live kernel as it was: the names and contents of its variables, its random numbers, its streams, displays and figures."""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import random
import sys
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from grader.sandbox.worker import shell as dressing

MAX_OBJECTS = 200_000
MAX_ARRAY_BYTES = 256 * 1024 * 1024  # of all arrays that are copied
_OWN_MODULE = "__main__"  # where what a notebook defines says that it is from


@contextlib.contextmanager
def untouched(shell: Any) -> Iterator[None]:
    """Within it, nothing is displayed, nobody is asked, and chance is that of every run; after it, all is as before.

    Not put back are changes inside objects of libraries (a data frame's, say) and of what lies beyond MAX_OBJECTS or MAX_ARRAY_BYTES.
    """
    from IPython.utils.capture import capture_output

    namespace = shell.user_ns
    hidden = set(shell.user_ns_hidden)
    kept = _Contents(value for name, value in namespace.items() if name not in hidden)
    names = dict(namespace)
    try:
        with warnings.catch_warnings(), keep_chance(), _place(), _figures(), _nobody(), capture_output():
            warnings.simplefilter("default")
            dressing.seed()
            yield
    finally:
        _restore_names(namespace, names)
        kept.restore()


def _restore_names(namespace: dict[str, Any], names: dict[str, Any]) -> None:
    for name in namespace.keys() - names.keys():
        del namespace[name]
    for name, value in names.items():
        if name not in namespace or namespace[name] is not value:
            namespace[name] = value


@contextlib.contextmanager
def keep_chance() -> Iterator[None]:
    """Afterwards come the random numbers that would have come without it, and NumPy minds the errors that it minded before."""
    states = random.getstate(), np.random.get_state(), np.geterr()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        np.seterr(**states[2])


@contextlib.contextmanager
def _place() -> Iterator[None]:
    """The working folder, where there is one, and the places of modules."""
    path = list(sys.path)
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    try:
        yield
    finally:
        sys.path[:] = path
        with contextlib.suppress(OSError):
            os.chdir(folder)


@contextlib.contextmanager
def _figures() -> Iterator[None]:
    """Closes the figures that come up within it, so that none is shown below the cell. Does not import matplotlib."""
    before = _open_figures()
    try:
        yield
    finally:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    try:
        return set(pyplot.get_fignums()) if pyplot is not None else set()
    except Exception:  # a notebook may have put something else there
        return set()


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    """A function that asks is not answered: it raises, as in every sandbox."""
    asking = builtins.input, getpass.getpass
    builtins.input, getpass.getpass = dressing.no_input, dressing.no_getpass
    try:
        yield
    finally:
        builtins.input, getpass.getpass = asking


class _Contents:
    """What the containers and arrays held that can be reached from some values."""

    def __init__(self, values: Iterable[Any]) -> None:
        self._seen: dict[int, Any] = {}
        self._copies: list[tuple[Any, Any]] = []
        self._bytes = MAX_ARRAY_BYTES
        waiting = list(values)
        while waiting and len(self._seen) < MAX_OBJECTS:
            value = waiting.pop()
            if id(value) not in self._seen:
                waiting.extend(self._keep(value))

    def _keep(self, value: Any) -> Iterable[Any]:
        """Copies a value that can change in place, and gives what it holds. Calls nothing of the value's own."""
        kind = type(value)
        if kind in (list, set, dict, bytearray):
            self._remember(value, kind(value))
            return [] if kind is bytearray else _holders(value.values() if kind is dict else value)
        if kind is np.ndarray:
            return self._keep_array(value)
        if kind is tuple:
            self._seen[id(value)] = value
            return _holders(value)
        if kind is types.FunctionType and value.__module__ == _OWN_MODULE:
            self._seen[id(value)] = value
            cells = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
            return [value.__dict__, value.__defaults__, value.__kwdefaults__, *cells]
        if kind.__module__ == _OWN_MODULE and type(getattr(value, "__dict__", None)) is dict:
            self._seen[id(value)] = value
            return [value.__dict__]
        return []

    def _keep_array(self, array: Any) -> Iterable[Any]:
        self._seen[id(array)] = array
        if array.flags.writeable and array.nbytes <= self._bytes:
            self._bytes -= array.nbytes
            self._copies.append((array, array.copy()))
        return []

    def _remember(self, value: Any, copy: Any) -> None:
        self._seen[id(value)] = value
        self._copies.append((value, copy))

    def restore(self) -> None:
        """Puts back what the containers and arrays held."""
        for value, copy in self._copies:
            kind = type(copy)
            if kind is np.ndarray:
                with contextlib.suppress(ValueError):  # it was made read-only, or another shape
                    np.copyto(value, copy, casting="no")
            elif kind in (list, bytearray):
                value[:] = copy
            else:
                value.clear()
                value.update(copy)


def _holders(values: Iterable[Any]) -> list[Any]:
    """Those of the values that may hold others."""
    return [value for value in values if type(value) not in (int, float, str, bool, bytes, complex, type(None))]


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
