"""Known mistakes are named as themselves through real sandboxes, with their credit; what is in no bank never gets a wrong name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader import assignments
from grader.api import Grader
from grader.assignments import Reference
from grader.errors import AssignmentError
from grader.implementations import implementation
from grader.model import Diagnosis, ExerciseResult, Outcome, Report, SubmissionResult
from tests import parts
from tests.notebooks import to_notebook

ASSIGNMENT = "gradient_checking"
FOLDER = Path(__file__).parents[2] / "assignments"
needs_reference = pytest.mark.skipif(assignments.reference_folder() is None, reason="there is no reference at hand")
pytestmark = needs_reference


@pytest.fixture(scope="module")
def warm() -> Iterator[Grader]:
    parts.need_walls()
    with Grader(ASSIGNMENT, walls="full") as grader:
        yield grader


def reference(grader: Grader) -> Reference:
    assert grader.reference is not None
    return grader.reference


def grade(grader: Grader, text: str) -> SubmissionResult:
    """The reference's own notebook with one function defined anew by `text`."""
    return grader.grade(to_notebook([("code", reference(grader).solution), ("code", text)]))


def made(grader: Grader, *names: str) -> str:
    found = {item.id: item for item in reference(grader).misconceptions}
    return implementation(reference(grader).solution, [found[name] for name in names])


def exercise(result: SubmissionResult, function: str) -> ExerciseResult:
    (found,) = (item for item in result.exercises if item.name == function)
    others = [item for item in result.exercises if item.name != function]
    assert all(item.outcome is Outcome.PASSED and not item.diagnoses for item in others)
    return found


def report(result: SubmissionResult) -> Report:
    (found,) = result.reports
    return found


# Known mistakes


@pytest.mark.parametrize(
    ("name", "function", "score", "evidence"),
    [
        ("forward_sum", "forward_propagation", 3, "Your value 6 is what this mistake gives; right is 8 (J at x = 2, θ = 4)."),
        ("backward_cost_by_theta", "backward_propagation", 9, "The public cases pass and hidden ones fail, as they do with this mistake."),
        ("returns_nothing", "gradient_check", 1, "Your value is None, which is what this mistake gives"),
        ("divides_by_epsilon", "gradient_check", 5, "Your value 0.3333 is what this mistake gives; right is below 1e-07"),
        ("grad_is_x", "gradient_check", 7, "backward_propagation is never called"),
        ("half_width", "gradient_check", 7, "theta is moved by +5e-08 and -5e-08 (+1e-07 and -1e-07 expected)"),
        ("theta_aliased", "gradient_check_n", 10, "all numbers are moved upwards only; 47 of 94 evaluations are made with nothing moved"),
        ("copied_once", "gradient_check_n", 10, "W1[0, 0] is still moved when W1[0, 1] is tested"),
        ("one_sided_forward_n", "gradient_check_n", 10, "all numbers are moved upwards only"),
        ("biases_skipped", "gradient_check_n", 10, "b1, b2 and b3 are never moved"),
        ("divides_by_epsilon_n", "gradient_check_n", 10, "the evaluation points that were observed are the right ones"),
        ("gradients_in_dictionary_order", "gradient_check_n", 14, "All 5 cases agree"),
        ("planted_constant", "gradient_check_n", 0, "forward_propagation_n is never called"),
        ("planted_constant_at_last", "gradient_check_n", 0, "the evaluation points that were observed are the right ones"),
        ("labels_transposed", "gradient_check_n", 14, "The public cases pass and hidden ones fail, as they do with this mistake."),
        ("moved_twice", "gradient_check", 5, "theta is moved by +2e-07 and -2e-07 (+1e-07 and -1e-07 expected)"),
        ("fixed_width", "gradient_check", 7, "the evaluation points that were observed are the right ones"),
        ("returns_list", "gradient_check", 5, "it is a list, not a number"),
        ("forward_absolute", "forward_propagation", 5, "Your value 1.5 is what this mistake gives; right is -1.5"),
    ],
)
def test_a_known_mistake(name: str, function: str, score: float, evidence: str, warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, name)), function)
    (diagnosis,) = found.diagnoses
    assert (diagnosis.id, found.score) == (name, score)
    assert diagnosis.credit * found.points == pytest.approx(score)
    assert evidence in diagnosis.evidence
    assert found.observations


def test_two_mistakes_at_once(warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, "one_sided_forward_n", "grad_norm_twice_n")), "gradient_check_n")
    assert [(item.id, item.credit) for item in found.diagnoses] == [("one_sided_forward_n", 0.5), ("grad_norm_twice_n", 0.7)]
    assert len({item.evidence for item in found.diagnoses}) == 1
    assert "these two mistakes" in found.diagnoses[0].evidence
    assert found.score == 10


def test_two_mistakes_that_each_move_another_function(warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, "one_sided_forward", "grad_is_x")), "gradient_check")
    assert [item.id for item in found.diagnoses] == ["one_sided_forward", "grad_is_x"]
    assert found.score == 5


@pytest.mark.parametrize(
    ("names", "function", "score"),
    [
        (("theta_aliased", "first_skipped"), "gradient_check_n", 10),
        (("one_sided_forward_n", "last_skipped"), "gradient_check_n", 10),
        (("half_width_n", "last_skipped"), "gradient_check_n", 14),
        (("one_sided_forward", "own_epsilon"), "gradient_check", 5),
    ],
)
def test_two_mistakes_that_move_the_same_function(names: tuple[str, str], function: str, score: float, warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, *names)), function)
    assert ({item.id for item in found.diagnoses}, found.score) == (set(names), score)


def test_of_what_is_never_called_no_mistake_in_its_points_is_named(warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, "forward_written_out", "divides_by_epsilon")), "gradient_check")
    assert {item.id for item in found.diagnoses} == {"forward_written_out", "divides_by_epsilon"}


def test_what_is_small_in_every_case_is_no_mistake_that_leaves_rounding_alone(warm: Grader) -> None:
    """As a step of 1e-7 does, where the last component alone is compared, and so would any other small number."""
    text = check_n(returned="gradient_check(X, Y, epsilon)")
    assert not exercise(grade(warm, text), "gradient_check_n").diagnoses


def test_rounding_is_not_the_0_that_is_returned(warm: Grader) -> None:
    found = exercise(grade(warm, made(warm, "forward_written_out", "grad_is_x")), "gradient_check")
    assert ({item.id for item in found.diagnoses}, found.score) == ({"forward_written_out", "grad_is_x"}, 1)
    text = "def gradient_check(x, theta, epsilon=1e-7):\n    return 0\n"
    assert [item.id for item in exercise(grade(warm, text), "gradient_check").diagnoses] == ["constant_zero"]
    assert not exercise(grade(warm, text.replace("return 0", "return 1e-12")), "gradient_check").diagnoses


def test_a_student_s_own_text_with_two_mistakes(warm: Grader) -> None:
    text = check_n().replace("plus, minus = np.copy(theta), np.copy(theta)", "plus = theta").replace("range(len", "range(1, len")
    text = text.replace("minus[i] -=", "minus = np.copy(plus)\n        minus[i] -=")
    found = exercise(grade(warm, text), "gradient_check_n")
    assert {item.id for item in found.diagnoses} == {"theta_aliased_plus", "first_skipped"}
    assert "W1[0, 1] is still moved when W1[0, 2] is tested" in found.diagnoses[0].evidence


@pytest.mark.parametrize("function", ["gradient_check", "gradient_check_n"])
@pytest.mark.parametrize("default", ["epsilon=1e-3", "epsilon=1e-2", "epsilon=1e-8", "epsilon"])
def test_another_default_of_epsilon_is_remarked_and_costs_nothing(function: str, default: str, warm: Grader) -> None:
    text = (check_n() if function == "gradient_check_n" else check()).replace("epsilon=1e-7", default)
    found = exercise(grade(warm, text), function)
    assert (found.outcome, found.score, found.diagnoses) == (Outcome.PASSED, found.points, ())
    (remark,) = found.observations
    assert remark.text == "called without epsilon, which is 1e-7 then: what comes of it is not as expected. This costs no points."


@pytest.mark.parametrize("text", ["check", "check_n"])
def test_the_default_of_the_assignment_is_not_remarked(text: str, warm: Grader) -> None:
    result = grade(warm, check_n() if text == "check_n" else check())
    assert result.score == result.points
    assert not any(found.observations for found in result.exercises)


def test_single_precision_is_no_difference_quotient(warm: Grader) -> None:
    text = "def backward_propagation(x, theta):\n    return np.float32(x)\n"
    found = exercise(grade(warm, text), "backward_propagation")
    assert found.diagnoses == ()
    assert {item.id for item in found.observations} == {"cases", "close"}


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("as_handed_out", "db1 is 4.000 times the true value; dW2 is 2.000 times the true value"),
        ("biases_flat", "db1 is of shape (5,), not (5, 1)"),
    ],
)
def test_a_mistake_that_costs_nothing(name: str, evidence: str, warm: Grader) -> None:
    result = grade(warm, made(warm, name))
    (diagnosis,) = report(result).diagnoses
    assert diagnosis.id == name
    assert evidence in diagnosis.evidence
    assert result.score == result.points == 50


# In no bank

CHECK = """
def gradient_check(x, theta, epsilon=1e-7):
    J = lambda value: forward_propagation(x, value)
    gradapprox = {gradapprox}
    grad = backward_propagation(x, theta)
    numerator = {numerator}
    return numerator / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
"""
CHECK_N = """
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    theta, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    {first}
    gradapprox = np.zeros_like(grad)
    for i in range(len(theta)):
        plus, minus = np.copy(theta), np.copy(theta)
        plus[i] += {step}
        minus[i] -= {step}
        J_plus, _ = forward_propagation_n(X, {labels}, vector_to_dictionary(plus))
        J_minus, _ = forward_propagation_n(X, {labels}, vector_to_dictionary(minus))
        gradapprox[i] = (J_plus - J_minus) / (2 * {step})
    {last}
    difference = np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox))
    return {returned}
"""
CENTRAL, DISTANCE = "(J(theta + epsilon) - J(theta - epsilon)) / (2 * epsilon)", "np.linalg.norm(grad - gradapprox)"


def check(gradapprox: str = CENTRAL, numerator: str = DISTANCE) -> str:
    return CHECK.format(gradapprox=gradapprox, numerator=numerator)


def check_n(step: str = "epsilon", labels: str = "Y", first: str = "pass", last: str = "pass", returned: str = "difference") -> str:
    return CHECK_N.format(step=step, labels=labels, first=first, last=last, returned=returned)


FRESH = {
    "gradapprox rounded to 3 decimals": ("gradient_check", check(f"np.round({CENTRAL}, 3)")),
    "epsilon added to the numerator": ("gradient_check", check(numerator=f"{DISTANCE} + epsilon")),
    "the mean of two one-sided differences of different steps": (
        "gradient_check",
        check("((J(theta + epsilon) - J(theta)) / epsilon + (J(theta) - J(theta - 2 * epsilon)) / (2 * epsilon)) / 2"),
    ),
    "gradapprox kept between -1 and 1": ("gradient_check", check(f"np.clip({CENTRAL}, -1, 1)")),
    "a difference of four points with wrong weights": (
        "gradient_check",
        check("(J(theta + 2 * epsilon) + J(theta + epsilon) - J(theta - epsilon) - J(theta - 2 * epsilon)) / (6 * epsilon) * 0.9"),
    ),
    "only the weights are compared": (
        "gradient_check_n",
        check_n(last="keep = np.r_[0:20, 25:40, 43:46]; grad, gradapprox = grad[keep], gradapprox[keep]"),
    ),
    "the labels in reverse": ("gradient_check_n", check_n(labels="Y[..., ::-1]")),
    "theta moved by the square of epsilon": ("gradient_check_n", check_n(step="epsilon ** 2")),
    "the difference in per cent": ("gradient_check_n", check_n(returned="100 * difference")),
    "the last two components swapped": ("gradient_check_n", check_n(last="gradapprox[[-2, -1]] = gradapprox[[-1, -2]]")),
    "theta in single precision": ("gradient_check_n", check_n(first="theta = theta.astype(np.float32)")),
    "the last component moved by a step of its own": ("gradient_check_n", check_n(step="(epsilon if i < len(theta) - 1 else 2e-2)")),
    "J with 1 added": ("forward_propagation", "def forward_propagation(x, theta):\n    return x * theta + 1\n"),
    "the sign of theta": ("backward_propagation", "def backward_propagation(x, theta):\n    return x if theta >= 0 else -x\n"),
}


@pytest.mark.parametrize("fresh", FRESH)
def test_what_is_in_no_bank_gets_no_name(fresh: str, warm: Grader) -> None:
    function, text = FRESH[fresh]
    found = exercise(grade(warm, text), function)
    assert found.outcome is not Outcome.PASSED
    assert not found.diagnoses
    assert any(observation.visibility.value == "public" for observation in found.observations)


def test_a_fresh_mistake_that_costs_nothing_gets_no_name(warm: Grader) -> None:
    text = made(warm, "dW2_doubled").replace("(2 if layer == 2 else 1)", "(1.5 if layer == 2 else 1)")
    found = report(grade(warm, text))
    assert (found.state, found.text, found.diagnoses) == ("wrong", "dW2 is 1.500 times the true value", ())


# An instructor's own credits


def copied(folder: Path, table: str) -> Path:
    shutil.copytree(FOLDER / ASSIGNMENT, folder / ASSIGNMENT, ignore=shutil.ignore_patterns("examples", "__pycache__"))
    file = folder / ASSIGNMENT / "assignment.toml"
    text = file.read_text("utf-8")
    assert "[credits]" not in text
    file.write_text(f"{text}\n[credits]\n{table}\n", "utf-8")
    return folder


def test_a_credit_of_the_assignments_file_changes_the_score(tmp_path: Path) -> None:
    parts.need_walls()
    chosen = assignments.load(ASSIGNMENT, copied(tmp_path, 'theta_aliased = "3/5"\ndivides_by_epsilon = 0.25'))
    with Grader(chosen, walls="full") as grader:
        aliased = exercise(grade(grader, made(grader, "theta_aliased")), "gradient_check_n")
        assert (aliased.score, aliased.diagnoses[0].credit) == (12, 0.6)
        assert exercise(grade(grader, made(grader, "divides_by_epsilon")), "gradient_check").score == 2.5
        assert exercise(grade(grader, made(grader, "divides_by_epsilon_n")), "gradient_check_n").score == 10


def test_a_credit_of_an_unknown_mistake_is_the_authors_error(tmp_path: Path) -> None:
    chosen = assignments.load(ASSIGNMENT, copied(tmp_path, "theta_alias = 0.6"))
    with pytest.raises(AssignmentError, match="theta_alias") as caught:
        assignments.load_reference(chosen)
    assert "did you mean theta_aliased" in f"{caught.value} {caught.value.remedy}"


def test_a_diagnosis_is_what_the_bank_says(warm: Grader) -> None:
    known = {item.id: item for item in reference(warm).misconceptions}
    (diagnosis,) = exercise(grade(warm, made(warm, "grad_is_x")), "gradient_check").diagnoses
    item = known["grad_is_x"]
    expected = Diagnosis(item.id, item.title, diagnosis.evidence, item.hint, float(item.credit))
    assert msgspec.to_builtins(diagnosis) == msgspec.to_builtins(expected)
