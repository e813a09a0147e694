"""Compiled modules, kept where Python keeps them: for a Python that may write nothing there, as in a sandbox."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

_HEADER, _BY_TIME = 16, b"\0\0\0\0"


def is_kept(source: Path) -> bool:
    """Whether the module at that path has bytecode that Python would take. Source: PEP 552."""
    try:
        with open(cache_from_source(source), "rb") as file:
            header = file.read(_HEADER)
        status = os.stat(source)
    except (OSError, NotImplementedError):  # an interpreter that keeps none
        return False
    if header[:4] != MAGIC_NUMBER or header[4:8] != _BY_TIME:
        return header[:4] == MAGIC_NUMBER  # its maker chose to have the source's hash compared, or nothing
    told = (int.from_bytes(header[start : start + 4], "little") for start in (8, 12))
    return tuple(told) == (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)


def keep(sources: Iterable[Path]) -> None:
    """Compiles the modules that have no bytecode of today; where that cannot be written nothing happens."""
    for source in sources:
        if is_kept(source):
            continue
        import py_compile

        with contextlib.suppress(OSError, NotImplementedError, py_compile.PyCompileError):
            py_compile.compile(str(source), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
