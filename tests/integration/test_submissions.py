"""Every folder of tests/submissions and of tests/submissions_ann is graded as its expect.toml says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.api import Grader
from grader.model import Outcome, SubmissionResult, Visibility
from grader.sandbox.protocol import Limits
from tests import notebooks, parts

ALL = [(assignment, folder) for assignment, where in notebooks.FOLDERS.items() for folder in notebooks.fixtures(where)]


@pytest.fixture(scope="module")
def grader(request: pytest.FixtureRequest) -> Iterator[Grader]:
    parts.need_walls()
    limits = Limits(cell_seconds=4, case_seconds=4, submission_seconds=24)
    with Grader(request.param, limits=limits) as grader:
        yield grader


@pytest.mark.parametrize(("grader", "folder"), ALL, indirect=["grader"], ids=lambda value: value.name if isinstance(value, Path) else value)
def test_scores(grader: Grader, folder: Path) -> None:
    expected = notebooks.read_expected(folder)
    result = grader.grade(notebooks.build(folder), student=folder.name)
    points = {exercise.name: exercise.points for exercise in result.exercises}
    for exercise in result.exercises:
        wanted = expected.scores[exercise.name]
        seen = [f"{case.id} {case.outcome.value}: {case.message}" for case in exercise.cases if case.outcome is not Outcome.PASSED]
        if wanted == "loses":
            assert exercise.score < points[exercise.name], exercise.name
        else:
            assert exercise.score == wanted, (exercise.name, exercise.found, seen, result.notebook)
    reports = {report.function: dict(report.blocks) for report in result.reports}
    for function, blocks in (expected.reports or {}).items():
        assert reports[function] == pytest.approx(blocks)
    check_explained(result)


def check_explained(result: SubmissionResult) -> None:
    """Every exercise below full marks carries a diagnosis or an observation that the student may see."""
    for exercise in result.exercises:
        if exercise.score < exercise.points:
            public = [observation for observation in exercise.observations if observation.visibility is Visibility.PUBLIC]
            assert exercise.diagnoses or public, exercise.name


@pytest.mark.parametrize("grader", ["gradient_checking_ann"], indirect=True)
def test_what_comes_from_a_helper_is_said_to(grader: Grader) -> None:
    """check_gradient is called once more with the course's own in the place of the wrong helpers, and of those alone."""
    result = grader.grade(notebooks.build(notebooks.FOLDERS["gradient_checking_ann"] / "wrong_params_key_misspelt"))
    *helpers, check = result.exercises
    assert [helper.outcome for helper in helpers] == [Outcome.ERRORED, Outcome.PASSED, Outcome.PASSED]
    assert (check.outcome, check.diagnoses) == (Outcome.ERRORED, ())
    assert check.observations[0].id == "comes_from_elsewhere"
    assert "the course's own params_to_vector in the place of yours" in check.observations[0].text
    assert {case.outcome for case in check.cases} == {Outcome.ERRORED}, "the cases are those of the submission's own helpers"
