"""The assignment's support files, which the warm server holds before any submission comes: they are public, and the same for each.

A submission finds them beside its notebook as always, and may do with them what it likes. What is spared it is to be sent them, and to
compile a module that still is as it was handed out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Mapping
from importlib import machinery
from types import CodeType
from typing import Any


def sha256(files: Mapping[str, str]) -> str:
    """Of files by name, in whatever order."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode("ascii")).hexdigest()


class Support:
    """Files by name, and what the modules among them compile to where they lie in the folder `home`."""

    def __init__(self, files: dict[str, str], home: str) -> None:
        self.home, self.sha256 = home, sha256(files)
        self.files = {name: text.encode("utf-8") for name, text in files.items()}
        codes: dict[str, tuple[bytes, CodeType]] = {}
        for name, data in self.files.items():
            path = f"{home}/{name}"
            if name.endswith(".py"):
                with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):  # whoever imports it is told
                    codes[path] = data, compile(data, path, "exec", dont_inherit=True)

        class Loader(machinery.SourceFileLoader):
            """Python's own, but for files that it need not compile."""

            def get_code(self, fullname: str) -> CodeType | None:
                known = codes.get(self.path)
                return known[1] if known is not None and self.get_data(self.path) == known[0] else super().get_code(fullname)

        self._loader = Loader

    def offer(self) -> None:
        """Has imports from `home` take the modules from here, as long as their files are what they were."""
        details: list[Any] = [
            (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
            (self._loader, machinery.SOURCE_SUFFIXES),
            (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
        ]
        sys.path_importer_cache[self.home] = machinery.FileFinder(self.home, *details)
