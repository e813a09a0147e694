"""What a page shows besides the result: the student's code, the numbers of figures, and the notebook's own language; and what a class page
needs to compare submissions.

It is gathered while a submission is graded, from public cases alone, and can be stored: a result and its material make the page again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec
import numpy as np

from grader.answer_key import AnswerKey, numbers
from grader.assignments import Assignment
from grader.compare import wrong_blocks
from grader.likeness import Fingerprints
from grader.model import BlockFigure, Blocks, SubmissionResult, Sweep
from grader.notebook import Notebook, excerpt
from grader.sandbox.protocol import Reply

_MAX_EXCERPT, _MAX_LINE = 20_000, 500  # characters; a page shows fewer
_MAX_NUMBERS = 400  # of a block
_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile("[A-Za-z]{2,}")
_COMMENT = re.compile("#.*")
_CHINESE = 0.3  # share of Han characters among them and Latin words, from which a notebook is taken for Chinese


class Excerpt(msgspec.Struct, frozen=True):
    """The student's code of one exercise: index of its cell in the notebook (from 0), and its first line there (from 1).

    left_out: how many lines more it has than `text`.
    """

    cell: int
    first_line: int
    text: str
    left_out: int = 0


class Curve(msgspec.Struct, frozen=True, tag=True):
    """The student's and the reference's numbers for each value of one parameter; None where there is none."""

    function: str
    parameter: str
    title: str
    text: str
    values: tuple[float, ...]
    student: tuple[float | None, ...]
    reference: tuple[float | None, ...]


class Block(msgspec.Struct, frozen=True):
    """One block's numbers; `factor` is student / approximation where the block is wrong by one factor."""

    name: str
    student: tuple[float, ...]
    approximation: tuple[float, ...]
    is_right: bool
    factor: float | None = None


class BlockPlot(msgspec.Struct, frozen=True, tag=True):
    """The student's blocks against their approximation."""

    function: str
    title: str
    text: str
    blocks: tuple[Block, ...]


class Traces(msgspec.Struct, frozen=True):
    """What submissions of a class are compared by: the code's fingerprints, and by exercise what a wrong function does."""

    fingerprints: Fingerprints = Fingerprints()
    behaviours: Mapping[str, str] = {}


class Material(msgspec.Struct, frozen=True):
    """The student's code by exercise, the figures' numbers, and the notebook's language (`zh`, or "" where it is not told).

    traces: for the class page; of a submission that was graded in a batch.
    """

    excerpts: Mapping[str, Excerpt] = {}
    figures: tuple[Curve | BlockPlot, ...] = ()
    language: str = ""
    traces: Traces = Traces()


def gather(assignment: Assignment, key: AnswerKey, notebook: Notebook, reply: Reply, result: SubmissionResult) -> Material:
    """The material of one submission."""
    figures: tuple[Curve | BlockPlot, ...] = (*_curves(assignment, key, reply), *_plots(assignment, key, reply))
    return Material(_excerpts(notebook, result), figures, language_of(notebook))


def language_of(notebook: Notebook) -> str:
    """`zh` where the notebook's text cells and comments are Chinese, else ""."""
    if not any(_HAN.search(cell.source) for cell in notebook.cells if not cell.source.isascii()):
        return ""
    texts = (cell.source if cell.kind == "markdown" else " ".join(_COMMENT.findall(cell.source)) for cell in notebook.cells)
    text = "\n".join(texts)
    han = len(_HAN.findall(text))
    if not han or len(_KANA.findall(text)) > han // 10:  # Japanese writes with both
        return ""
    return "zh" if han >= _CHINESE * (han + len(_WORD.findall(text))) else ""


def _excerpts(notebook: Notebook, result: SubmissionResult) -> dict[str, Excerpt]:
    sources = {cell.index: cell.source for cell in notebook.cells}
    found: dict[str, Excerpt] = {}
    for exercise in result.exercises:
        where = exercise.found
        if where is not None and where.cell in sources:
            first_line, text = excerpt(sources[where.cell], where.name or exercise.name)
            found[exercise.name] = Excerpt(where.cell, first_line, *_cut(text))
    return found


def _cut(text: str) -> tuple[str, int]:
    """The first lines of a text, long ones cut, and how many are left out."""
    lines = text.split("\n")
    kept: list[str] = []
    size = 0
    for line in lines:
        size += min(len(line), _MAX_LINE) + 1
        if size > _MAX_EXCERPT:
            break
        kept.append(line[:_MAX_LINE])
    return "\n".join(kept), len(lines) - len(kept)


def _curves(assignment: Assignment, key: AnswerKey, reply: Reply) -> list[Curve]:
    """The curves of functions that gave a number anywhere."""
    sweeps = [figure for figure in assignment.figures if isinstance(figure, Sweep)]
    curves = []
    for figure, call, reference in zip(sweeps, reply.sweeps, key.sweeps, strict=False):
        student = tuple(numbers(call))
        if len(student) == len(reference) == len(figure.values) and any(number is not None for number in student):
            curves.append(Curve(figure.function, figure.parameter, figure.title, figure.text, figure.values, student, reference))
    return curves


def _plots(assignment: Assignment, key: AnswerKey, reply: Reply) -> list[BlockPlot]:
    figures = {(figure.function, figure.case): figure for figure in assignment.figures if isinstance(figure, BlockFigure)}
    plots = []
    for case, call in zip(assignment.cases, reply.calls, strict=True):
        figure = figures.get((case.function, case.id))
        if figure is None or call.outcome != "returned" or not isinstance(call.value, dict) or not isinstance(case.expect, Blocks):
            continue
        wrong = wrong_blocks(key.entries[case.function, case.id].value, call.value, case.expect.keys, case.expect.rtol)
        blocks = [_block(name, call.value.get(name), truth, wrong) for name, truth in figure.approximation.items()]
        if blocks and all(block is not None for block in blocks):
            plots.append(BlockPlot(figure.function, figure.title, figure.text, tuple(block for block in blocks if block is not None)))
    return plots


def _block(name: str, value: object, approximation: object, wrong: dict[str, float | None] | str) -> Block | None:
    """The block's numbers, or None where they cannot be drawn."""
    truth = np.asarray(approximation, dtype=float)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf" or value.shape != truth.shape or value.size > _MAX_NUMBERS:
        return None
    drawn = value.astype(float)
    if isinstance(wrong, str) or not np.isfinite(drawn).all() or not math.isfinite(float(np.abs(drawn).max(initial=0.0)) * 4):
        return None
    return Block(name, tuple(drawn.ravel().tolist()), tuple(truth.ravel().tolist()), name not in wrong, wrong.get(name))
