"""From an author's notebook with solutions to the one that students get: bytes in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from grader.authoring.markers import STUB, MarkerError, Stripped, has_block, strip_code, strip_text
from grader.errors import AssignmentError

_KEPT = ("kernelspec", "language_info", "grader_version")  # of the notebook's metadata
_KEPT_OF_CELLS = ("tags", "deletable", "editable", "nbgrader", "name")


class Starter(msgspec.Struct, frozen=True):
    """The notebook that students get, as the bytes of its file, and the lines that were taken out."""

    data: bytes
    removed: tuple[str, ...]


def make_starter(data: bytes, name: str) -> Starter:
    """The starter of a master notebook: without solutions, outputs, and metadata that only tools of the author's need.

    name: of the file, for messages. Raises AssignmentError where it is no notebook, or where markers do not fit together.
    """
    content = _read(data, name)
    cells, removed = [], list[str]()
    for index, cell in enumerate(content["cells"]):
        try:
            stripped = _strip(cell)
        except MarkerError as error:
            raise AssignmentError(f"{name}, cell {index}, line {error.line}: {error}") from error
        _check(name, index, cell, stripped)
        removed += stripped.removed
        cells.append(_cell(cell, stripped.text))
    metadata = {key: value for key, value in content.get("metadata", {}).items() if key in _KEPT}
    whole = {"cells": cells, "metadata": metadata, "nbformat": content["nbformat"], "nbformat_minor": content["nbformat_minor"]}
    return Starter(json.dumps(whole, indent=1, ensure_ascii=False).encode("utf-8") + b"\n", tuple(removed))


def make_notebook(text: str) -> bytes:
    """The notebook of a text in the percent format: `# %%` begins a code cell, `# %% [markdown]` one of text, whose lines are comments."""
    cells: list[dict[str, Any]] = []
    for part in text.split("\n# %%")[1:] if text.startswith("\n# %%") else ("\n" + text).split("\n# %%")[1:]:
        head, _, body = part.partition("\n")
        if head.strip() == "[markdown]":
            source = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.split("\n"))
            cells.append({"cell_type": "markdown", "metadata": {}, "source": source.strip("\n")})
        else:
            code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": body.strip("\n")}
            cells.append(code)
    numbered = [{**cell, "id": f"cell-{number}", "source": cell["source"].splitlines(keepends=True)} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"


def _read(data: bytes, name: str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise AssignmentError(f"{name} is no notebook: {error}") from error
    if not isinstance(content, dict) or content.get("nbformat") != 4 or not isinstance(content.get("cells"), list):
        raise AssignmentError(f"{name} is no notebook of format 4", remedy="open it in Jupyter, and save it")
    if not all(isinstance(cell, dict) and isinstance(cell.get("source", ""), str | list) for cell in content["cells"]):
        raise AssignmentError(f"{name} has a cell that is none", remedy="open it in Jupyter, and save it")
    content.setdefault("nbformat_minor", 5)
    return content


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _strip(cell: Mapping[str, Any]) -> Stripped:
    source = _source(cell)
    if cell.get("cell_type") != "code":
        return strip_text(source)
    marked = cell.get("metadata", {}).get("nbgrader")
    if isinstance(marked, dict) and marked.get("solution") is True and not has_block(source):
        return Stripped("\n".join(STUB), tuple(source.split("\n")))  # as nbgrader takes a whole cell
    return strip_code(source)


def _check(name: str, index: int, cell: Mapping[str, Any], stripped: Stripped) -> None:
    """Raises AssignmentError where a cell that was Python is none any more."""
    if cell.get("cell_type") == "code" and stripped.removed and _is_python(_source(cell)) and not _is_python(stripped.text):
        remedy = "end the lines that have to stay with # @KEEP, or with # @REPLACE and what students get"
        raise AssignmentError(f"{name}, cell {index}: without its solution it is not Python any more", remedy=remedy)


def _is_python(text: str) -> bool:
    try:
        compile(text, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _cell(cell: Mapping[str, Any], text: str) -> dict[str, Any]:
    kept = {key: value for key, value in cell.get("metadata", {}).items() if key in _KEPT_OF_CELLS}
    made = {"cell_type": cell.get("cell_type", "raw"), "metadata": kept, "source": text.splitlines(keepends=True)}
    if "id" in cell:
        made["id"] = cell["id"]
    if made["cell_type"] == "code":
        made |= {"execution_count": None, "outputs": []}
    elif "attachments" in cell:
        made["attachments"] = cell["attachments"]
    return dict(sorted(made.items()))
