"""The ways in which editors save a file."""

from __future__ import annotations

import os
import time
from pathlib import Path


def in_place(path: Path, data: bytes) -> None:
    """As VS Code saves: the file is cut, then written."""
    path.write_bytes(data)


def renamed(path: Path, data: bytes) -> None:
    """As Jupyter saves: a file beside it takes its place."""
    beside = path.with_name(f".~{path.name}")
    beside.write_bytes(data)
    os.replace(beside, path)


def moved_away(path: Path, data: bytes) -> None:
    """As editors save that keep a copy."""
    path.rename(path.with_name(f"{path.name}~"))
    path.write_bytes(data)


def in_pieces(path: Path, data: bytes) -> None:
    """As a slow disk shows it."""
    with open(path, "wb", buffering=0) as file:
        for part in (data[:3], data[3 : len(data) // 2], data[len(data) // 2 :]):
            file.write(part)
            time.sleep(0.05)
