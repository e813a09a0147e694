"""The four real notebooks that the project was created from, beside the clone, are graded as they deserve, by both engines alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.api import Grader
from grader.model import Outcome, Status, SubmissionResult
from grader.submissions import find
from grader.work import grade as grade_input
from grader.work import read
from tests import parts

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the real notebooks do not lie beside this clone")

Results = Mapping[str, SubmissionResult]


def grade(engine: str, assignment: str = "gradient_checking") -> Results:
    parts.need_walls()
    if engine == "kernel":
        pytest.importorskip("grader.sandbox.kernel")
    with Grader(assignment, engine=engine, walls="full") as grader:
        return {submission.student: grade_input(grader, read(submission))[0] for submission in find([SEEDS])}


@pytest.fixture(scope="module")
def prefork() -> Results:
    return grade("prefork")


@pytest.fixture(scope="module")
def kernel() -> Results:
    return grade("kernel")


def test_scores(prefork: Results) -> None:
    assert {student: result.status for student, result in prefork.items()} == dict.fromkeys(prefork, Status.GRADED)
    assert {student: result.score for student, result in prefork.items()} == {
        "seed_000": 50.0,
        "seed_001": 50.0,
        "seed_002": 0.0,
        "seed_003": 50.0,
    }


def test_reports(prefork: Results) -> None:
    reports = {student: result.reports[0] for student, result in prefork.items()}
    assert {report.function for report in reports.values()} == {"backward_propagation_n"}
    assert {student: (report.state, dict(report.blocks)) for student, report in reports.items()} == {
        "seed_000": ("right", {}),
        "seed_001": ("wrong", {"dW2": 2.0, "db1": 4.0}),
        "seed_002": ("missing", {}),
        "seed_003": ("right", {}),
    }
    assert "dW2 is 2.000 times the true value" in reports["seed_001"].text


def test_another_assignment_is_recognised(prefork: Results) -> None:
    result = prefork["seed_002"]
    assert [exercise.outcome for exercise in result.exercises] == [Outcome.MISSING] * 4
    (note,) = result.notes
    assert note.startswith("looks like gradient_checking_ann")
    assert all(exercise.observations for exercise in result.exercises)


def test_the_other_assignment_has_full_marks_as_what_it_is() -> None:
    prefork = grade("prefork", "gradient_checking_ann")
    assert {student: result.score for student, result in prefork.items()} == {
        "seed_000": 0.0, "seed_001": 0.0, "seed_002": 50.0, "seed_003": 0.0,
    }  # fmt: skip
    right = prefork["seed_002"]
    assert {exercise.outcome for exercise in right.exercises} == {Outcome.PASSED}
    assert right.notes == ()
    seen = {exercise.name: [observation.id for observation in exercise.observations] for exercise in right.exercises}
    assert seen == {
        "params_to_vector": ["case_twelve-layers"], "grads_to_vector": ["case_twelve-layers"], "vector_to_dict": [], "check_gradient": [],
    }  # fmt: skip
    for student in ("seed_000", "seed_001", "seed_003"):
        assert prefork[student].notes[0].startswith("looks like gradient_checking: it defines forward_propagation, ")
    kernel = grade("kernel", "gradient_checking_ann")
    for student, result in prefork.items():
        assert comparable(result) == comparable(kernel[student])


def test_a_first_cell_that_fails_costs_nothing(prefork: Results) -> None:
    result = prefork["seed_003"]
    assert result.notebook is not None
    assert [(error.cell, error.type) for error in result.notebook.errors] == [(1, "FileNotFoundError")]
    assert {exercise.outcome for exercise in result.exercises} == {Outcome.PASSED}


def comparable(result: SubmissionResult) -> str:
    content: dict[str, Any] = json.loads(result.to_json())
    del content["provenance"]["engine"], content["provenance"]["walls"]
    return json.dumps(content, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("student", ["seed_000", "seed_001", "seed_002", "seed_003"])
def test_both_engines_give_the_same_bytes(prefork: Results, kernel: Results, student: str) -> None:
    assert comparable(prefork[student]) == comparable(kernel[student])
    assert (prefork[student].provenance.engine, kernel[student].provenance.engine) == ("prefork", "kernel")
