"""The numbers of figures, from real engines: they cost no points and little time, whatever the function does."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import answer_key, assignments
from grader.feedback.material import BlockPlot, Curve, Material
from grader.grade import Rule
from grader.model import SubmissionRef, SubmissionResult
from grader.notebook import Notebook, NotebookCell, parse
from grader.plan import Plan
from grader.sandbox.protocol import Limits
from tests.parts import Engine, open_engine

EXAMPLES = Path(__file__).parents[2] / "assignments" / "gradient_checking" / "examples"
COURSE = assignments.load("gradient_checking")
KEY = answer_key.load_frozen(COURSE)
HANGS = """
import numpy as np
def forward_propagation(x, theta): return x * theta
def backward_propagation(x, theta): return x
def gradient_check(x, theta, epsilon=1e-7):
    while epsilon < 1e-9:
        pass
    approximation = (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    return abs(grad - approximation) / (abs(grad) + abs(approximation))
"""


def graded(sandbox: Engine, notebook: Notebook, limits: Limits | None = None) -> tuple[SubmissionResult, Material]:
    return Rule(COURSE, KEY, sandbox, limits).examine(notebook, SubmissionRef("ada", 1, "ada.ipynb", ""))


@pytest.mark.parametrize("engine", ["prefork none", "kernel none"])
def test_the_curve_and_the_blocks_of_a_submission(engine: str) -> None:
    sandbox = open_engine(engine)
    try:
        notebook = parse((EXAMPLES / "chloe" / "notebook.ipynb").read_bytes())
        _, material = graded(sandbox, notebook)
        request = Rule(COURSE, KEY, sandbox).plan.request(notebook)
        is_quick = any(sandbox.run(request).sweeps[0].seconds < 0.02 for _ in range(10))
    finally:
        sandbox.close()
    curve, plot = material.figures
    assert isinstance(curve, Curve)
    assert isinstance(plot, BlockPlot)
    assert curve.reference == KEY.sweeps[0]
    pairs = zip(curve.values, curve.student, curve.reference, strict=True)
    for value, student, reference in pairs:
        assert student is not None
        assert reference is not None
        if value >= 1e-3:
            assert student == pytest.approx(reference, rel=1e-6)
    least = min(number for number in curve.reference if number is not None)
    assert 1e-7 < curve.values[curve.reference.index(least)] < 1e-3  # the V has its tip between
    assert {block.name: block.factor for block in plot.blocks if not block.is_right} == {"dW2": 2.0, "db1": 4.0}
    assert [len(block.student) for block in plot.blocks] == [20, 5, 15, 3, 3, 1]
    assert is_quick, "a sweep takes a millisecond where others leave it that long in peace"


def test_a_figure_that_hangs_costs_no_points() -> None:
    sandbox = open_engine("prefork none")
    notebook = Notebook((NotebookCell(0, "code", HANGS),), "")
    try:
        result, material = graded(sandbox, notebook, Limits(case_seconds=3))
    finally:
        sandbox.close()
    scores = {exercise.name: exercise.score for exercise in result.exercises}
    assert scores["gradient_check"] == 10
    assert [figure for figure in material.figures if isinstance(figure, Curve)] == []


def test_no_hidden_input_reaches_a_figure() -> None:
    """The sweeps are of the public stage: nothing of a hidden case is in the sandbox by then."""
    reference = assignments.load_reference(COURSE)
    assert reference is not None
    plan = Plan(reference.assignment)
    assert plan.sweeps
    assert {call.stage for call in plan.sweeps} == {0}
    assert {call.stage for call in plan.calls} == {0, 1}
