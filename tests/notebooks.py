"""Notebooks for the tests, made of text: a fixture is a folder with a `submission.py` and an `expect.toml`.

A text is cut into cells by lines that start with `# %%`; see `read_cells`. Where `expect.toml` names a base, the cells of
the submission take the places of the base's cells of the same functions; see `_merge`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, cast

import nbformat

FOLDER = Path(__file__).parent / "submissions"
BASES = FOLDER / "_bases"

FOLDERS = {"gradient_checking": FOLDER, "gradient_checking_ann": FOLDER.with_name("submissions_ann")}


def fixtures(folder: Path) -> list[Path]:
    """The fixtures in a folder: folders of one defect or style each."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


FIXTURES = fixtures(FOLDER)

Kind = Literal["code", "markdown", "raw"]
Cell = tuple[Kind, str]
Score = float | Literal["loses"]

# A base's cell of one of these gives way to a submission's cell that defines the same name.
FUNCTIONS = frozenset(
    {
        "forward_propagation",
        "backward_propagation",
        "gradient_check",
        "forward_propagation_n",
        "backward_propagation_n",
        "gradient_check_n",
        "params_to_vector",
        "grads_to_vector",
        "vector_to_dict",
        "check_gradient",
    }
)

_MARK = re.compile(r"# %%(?: \[(markdown|raw)\])?\s*")
_DEFINED = re.compile(r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]*)?=(?!=)", re.MULTILINE)


class Expected(NamedTuple):
    """What `expect.toml` says. A score is exact, or "loses": strictly less than the points, and 0 will do."""

    base: str
    about: str
    source: str
    scores: Mapping[str, Score]
    reports: Mapping[str, Mapping[str, float]]


def read_cells(text: str) -> list[Cell]:
    """The cells of a text in the percent format. In cells that are not code each line is a comment, `# ` taken off."""
    cells: list[Cell] = []
    lines: list[str] = []
    kind: Kind | None = None
    for line in [*text.splitlines(), "# %%"]:
        mark = _MARK.fullmatch(line)
        if mark is None:
            lines.append(line)
            continue
        if kind is not None:
            cells.append((kind, _source(kind, lines)))
        elif any(lines):
            raise ValueError("the text does not start with a line '# %%'")
        kind = cast("Kind", mark[1] or "code")
        lines = []
    return cells


def read_expected(folder: Path) -> Expected:
    """The fixture's `expect.toml`. Raises KeyError or ValueError where it is not as the docstring above says."""
    table = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))
    if unknown := table.keys() - set(Expected._fields):
        raise ValueError(f"{folder.name}/expect.toml: unknown keys {sorted(unknown)}")
    for name, score in table["scores"].items():
        if score != "loses" and not isinstance(score, int | float):
            raise ValueError(f"{folder.name}/expect.toml: {name} = {score!r} is neither a number nor 'loses'")
    return Expected(table["base"], table["about"], table["source"], table["scores"], table.get("reports", {}))


def build(folder: Path) -> bytes:
    """The fixture as the bytes of an .ipynb file, always the same for the same text."""
    cells = read_cells((folder / "submission.py").read_text(encoding="utf-8"))
    if base := read_expected(folder).base:
        cells = _merge(read_cells((folder.parent / "_bases" / f"{base}.py").read_text(encoding="utf-8")), cells)
    return to_notebook(cells)


def to_notebook(cells: Iterable[Cell]) -> bytes:
    """The cells as the bytes of an .ipynb file, nbformat 4.5, without outputs."""
    notebook = {
        "cells": [_cell(f"cell-{index}", kind, source) for index, (kind, source) in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    nbformat.validate(notebook)
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _cell(name: str, kind: Kind, source: str) -> dict[str, object]:
    cell: dict[str, object] = {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def _source(kind: Kind, lines: list[str]) -> str:
    if kind != "code":
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    return "\n".join(lines).strip("\n")


def _defined(cell: Cell) -> set[str]:
    """The names that a code cell defines at its top level, by looks alone: the cell may hold magics or broken code."""
    kind, source = cell
    return {match[1] or match[2] for match in _DEFINED.finditer(source)} if kind == "code" else set()


def _merge(base: list[Cell], submission: list[Cell]) -> list[Cell]:
    """The base with the submission's cells put in.

    A cell that defines functions of the base takes the place of the first of the base's cells that define them, and the
    others go. A cell that defines only other names comes before the first cell so replaced; all that is left comes last.
    """
    slots: dict[int, list[Cell]] = {}
    dropped: set[int] = set()
    early: list[Cell] = []
    late: list[Cell] = []
    for cell in submission:
        names = _defined(cell)
        places = [index for index, other in enumerate(base) if names & FUNCTIONS & _defined(other)]
        if places:
            slots.setdefault(places[0], []).append(cell)
            dropped.update(places)
        else:
            (early if names - FUNCTIONS else late).append(cell)
    first = min(slots, default=len(base))
    merged: list[Cell] = []
    for index, cell in enumerate(base):
        merged += early if index == first else []
        merged += slots.get(index, [] if index in dropped else [cell])
    return merged + (early if not slots else []) + late
