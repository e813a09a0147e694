"""What a feedback page shows beside the result: kept with it, so that the page can be made again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from grader.model import SubmissionResult
from grader.notebook import Notebook, excerpt


class Excerpt(msgspec.Struct, frozen=True):
    """The student's code of an exercise: the cell it stands in, the number of its first line there (from 1), and its text."""

    cell: int
    first_line: int
    text: str


class Material(msgspec.Struct, frozen=True):
    """The student's code by exercise, where it was found."""

    excerpts: Mapping[str, Excerpt] = {}


def gather(result: SubmissionResult, notebook: Notebook | None) -> Material:
    """The material of a result and the notebook that it came from."""
    sources = {} if notebook is None else {cell.index: cell.source for cell in notebook.cells}
    excerpts: dict[str, Excerpt] = {}
    for exercise in result.exercises:
        where = exercise.found
        if where is not None and where.cell in sources:
            excerpts[exercise.name] = Excerpt(where.cell, *excerpt(sources[where.cell], where.name or exercise.name))
    return Material(excerpts)
