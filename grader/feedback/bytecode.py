"""Compiled templates, kept where Python keeps compiled modules: compiling the class page takes longer than filling it in."""

from __future__ import annotations

import contextlib
import pickle
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from grader import __version__
from grader.files import write_atomically


def cached_beside(templates: Path) -> jinja2.BytecodeCache:
    """The compiled templates of a folder of ours; whoever can write there can write our modules. Where nobody can, nothing is kept."""
    return _Cache(templates / "__pycache__")


class _Cache(jinja2.BytecodeCache):
    """A file each. Jinja compares the source and Python's version; a name has our version and Jinja's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.grader-{__version__}.jinja-{jinja2.__version__}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, if there is what belongs in it."""
        with contextlib.suppress(OSError, EOFError, ValueError, TypeError, pickle.UnpicklingError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what the bucket holds."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            write_atomically(self._path(bucket), bucket.bytecode_to_string())
