"""Python files of an author, run in this process: what they define, or what is wrong, with the author's own file and line.

A submission's code never runs here.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from grader.errors import AssignmentError

_importing = threading.RLock()  # the process has one sys.path, and workers load at once


def run_file(path: Path, folders: tuple[Path, ...]) -> ModuleType:
    """The module of an author's file, which may import those in `folders`. Raises AssignmentError where it is missing or raises."""
    with _importing_from(folders):
        return _run(path, folders)


def run_text(text: str, path: Path, namespace: dict[str, object]) -> None:
    """Runs the text of an author's file in a namespace of the caller's. Raises AssignmentError where it raises."""
    with told_where((path.parent,), path):
        exec(compile(text, str(path), "exec", dont_inherit=True), namespace)


@contextlib.contextmanager
def told_where(folders: tuple[Path, ...], path: Path) -> Iterator[None]:
    """Makes an AssignmentError of what the author's code raises: the innermost line of it that lies in `folders`, else `path`."""
    try:
        yield
    except AssignmentError:
        raise
    except (Exception, SystemExit) as error:
        place = _place(error, folders)
        raise AssignmentError(f"{place or path}: {type(error).__name__}: {_said(error)}") from error


def _run(path: Path, folders: tuple[Path, ...]) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"_author_{path.stem}", path)
    if not path.is_file() or specification is None or specification.loader is None:
        raise AssignmentError(f"{path} is missing")
    module = importlib.util.module_from_spec(specification)
    with told_where((path.parent, *folders), path):
        specification.loader.exec_module(module)
    return module


def _place(error: BaseException, folders: tuple[Path, ...]) -> str:
    """File and line of the author's code that an exception comes from."""
    import traceback

    roots = {str(folder.resolve()) for folder in folders} | {str(folder) for folder in folders}
    if isinstance(error, SyntaxError) and error.filename and str(Path(error.filename).parent) in roots:
        return f"{error.filename}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if str(Path(frame.filename).parent) in roots]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _said(error: BaseException) -> str:
    """The message; of a SyntaxError without the place, which is told before it."""
    return str(error.msg) if isinstance(error, SyntaxError) else str(error)


@contextlib.contextmanager
def _importing_from(folders: tuple[Path, ...]) -> Iterator[None]:
    """Lets an author's file import those beside it, and leaves nothing of them in this process's modules."""
    roots = [folder.resolve() for folder in folders]
    with _importing:
        path, writes = list(sys.path), sys.dont_write_bytecode
        shadowing = {name: sys.modules.pop(name) for root in roots for file in root.glob("*.py") if (name := file.stem) in sys.modules}
        names = set(sys.modules)
        sys.path[:0] = map(str, roots)
        sys.dont_write_bytecode = True
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path[:] = path
            sys.dont_write_bytecode = writes
            for name in set(sys.modules) - names:
                if str(getattr(sys.modules[name], "__file__", "") or "").startswith(tuple(str(root) + os.sep for root in roots)):
                    del sys.modules[name]
            sys.modules.update(shadowing)
