"""From score to grade: overrides first, then lateness, each a line; the lines add up, whatever was there before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.adjust import adjust
from grader.errors import UsageError
from grader.feedback.material import Material
from grader.late import Amount, LatePolicy
from grader.model import (
    RESULT_SCHEMA,
    Adjustment,
    AssignmentRef,
    ExerciseResult,
    Outcome,
    Override,
    Provenance,
    Status,
    SubmissionRef,
    SubmissionResult,
)
from grader.scoring import rounded
from grader.serving import decode, encode
from grader.work import Graded

DUE = datetime(2026, 12, 5, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("first", "second", "third")
POLICY = LatePolicy(due=DUE, per_day=Amount(Fraction(1, 10), is_share=True))


def result(*scores: float, score: float | None = None, status: Status = Status.GRADED) -> SubmissionResult:
    """A result of exercises worth 10 each; without scores there are no exercises, as where nothing was graded."""
    exercises = tuple(ExerciseResult(name, 10, one, Outcome.FAILED, None, ()) for name, one in zip(NAMES, scores, strict=False))
    total = None if status is Status.NOT_GRADED else sum(scores) if score is None else score
    return SubmissionResult(
        RESULT_SCHEMA, AssignmentRef("my_assignment", "1"), SubmissionRef("ada", 1, "ada.ipynb", "9f86"), status, 30.0, total, None,
        exercises, (), (), (), total, Provenance("0.1.0", "5e88", "prefork", "none", "3.11.7", "2.4.6"),
    )  # fmt: skip


def adjusted(
    base: SubmissionResult,
    *overrides: Override,
    after: timedelta | None = None,
    policy: LatePolicy | None = POLICY,
    flagged: bool = False,
    exercises: Sequence[str] = NAMES,
) -> SubmissionResult:
    submitted_at = None if after is None else DUE + after
    return adjust(base, exercises=exercises, late=policy, submitted_at=submitted_at, flagged_late=flagged, overrides=overrides)


def lines(of: SubmissionResult) -> list[tuple[str, float, str]]:
    return [(change.kind, change.points, change.why) for change in of.adjustments]


def decimal(number: float | None) -> Fraction:
    return Fraction(str(number or 0))


# Lateness


@pytest.mark.parametrize(
    ("after", "policy", "flagged", "late", "grade"),
    [
        (None, None, False, False, 20),
        (None, None, True, True, 20),
        (None, POLICY, False, False, 20),
        (None, POLICY, True, True, 20),  # flagged, but how late is not known: nothing is taken off
        (9 * DAY, None, False, False, 20),
        (9 * DAY, None, True, True, 20),
        (timedelta(0), POLICY, False, False, 20),
        (timedelta(0), POLICY, True, False, 20),  # the policy and the moment decide
        (DAY, POLICY, False, True, 18),
        (DAY, POLICY, True, True, 18),
    ],
)
def test_late_or_not(after: timedelta | None, policy: LatePolicy | None, flagged: bool, late: bool, grade: float) -> None:
    done = adjusted(result(10, 10, 0), after=after, policy=policy, flagged=flagged)
    assert (done.submission.late, done.score, done.grade) == (late, 20, grade)
    assert [kind for kind, *_ in lines(done)] == (["late"] if grade < 20 else [])


# Overrides


def test_an_override_is_a_line_of_its_own_and_lateness_applies_to_the_sum() -> None:
    done = adjusted(result(10, 2.5, 0), Override("third", 4, "right idea"), Override("second", 0, "copied"), after=DAY)
    assert lines(done) == [
        ("override", -2.5, "second: copied"),
        ("override", 4.0, "third: right idea"),
        ("late", -1.4, "1 day late (due 2026-12-05 23:59 UTC): 10 % a day of what was earned"),
    ]
    assert (done.score, done.grade) == (12.5, 12.6)
    assert [exercise.score for exercise in done.exercises] == [10, 2.5, 0], "the exercise keeps what it earned"


def test_a_regrade_changes_what_an_override_changes_and_not_what_the_exercise_counts_for() -> None:
    override = Override("second", 7, "regraded by hand")
    grades = {score: adjusted(result(10, score, 0), override) for score in (0.0, 7.0, 10.0)}
    assert {score: done.grade for score, done in grades.items()} == dict.fromkeys(grades, 17)
    assert [done.adjustments[0].points for done in grades.values()] == [7, 0, -3]
    assert grades[7.0].adjustments[0].why == "second: regraded by hand", "that a person decided is said though nothing changes"


def test_more_than_the_worth_counts() -> None:
    assert adjusted(result(10, 10, 10), Override("first", 12, "found a mistake of ours")).grade == 32


def test_the_last_of_two_decisions_on_one_exercise_counts() -> None:
    assert adjusted(result(0, 0, 0), Override("first", 3, "a"), Override("first", 5, "b")).grade == 5


def test_an_override_of_what_is_not_graded_any_more_is_said_and_counts_nowhere() -> None:
    done = adjusted(result(1, 2, 3), Override("gone", 9, "by hand"))
    assert lines(done) == [("override", 0.0, "gone: no such exercise is graded, so this counts nowhere: by hand")]
    assert done.grade == 6


@pytest.mark.parametrize(("count", "grade"), [(1, 16.66), (2, 23.33), (3, 30)])
def test_cents_that_rounding_lost_do_not_survive_a_decision(count: int, grade: float) -> None:
    base = result(3.33, 3.33, 3.33, score=10)
    done = adjusted(base, *(Override(name, 10, "full") for name in NAMES[:count]))
    assert done.grade == grade, "what each exercise is seen to count for, added up"
    assert [points for _, points, _ in lines(done)] == [6.67] * (count - 1) + [6.66]


@pytest.mark.parametrize("points", [-0.01, float("nan"), float("inf"), -1e300])
def test_an_override_gives_points_from_0(points: float) -> None:
    with pytest.raises(UsageError, match="is no number of points from 0"):
        Override("first", points, "why")


# What was not graded


@pytest.mark.parametrize("count", [0, 1, 2])
def test_our_fault_is_no_grade_while_a_decision_is_missing(count: int) -> None:
    done = adjusted(result(status=Status.NOT_GRADED), *(Override(name, 5, "by hand") for name in NAMES[:count]), after=DAY)
    assert (done.score, done.grade, done.adjustments, done.submission.late) == (None, None, (), True)


def test_our_fault_and_every_exercise_decided() -> None:
    done = adjusted(result(status=Status.NOT_GRADED), *(Override(name, 5, "by hand") for name in NAMES), after=DAY)
    assert (done.score, done.grade, done.status) == (None, 13.5, Status.NOT_GRADED)
    assert [(kind, points) for kind, points, _ in lines(done)] == [("override", 5.0)] * 3 + [("late", -1.5)]


def test_no_exercises_are_never_all_decided() -> None:
    assert adjusted(result(status=Status.NOT_GRADED), exercises=()).grade is None


def test_an_unreadable_file_counts_from_0() -> None:
    base = result(status=Status.UNREADABLE)
    assert (base.score, adjusted(base, after=9 * DAY).grade, adjusted(base, after=9 * DAY).adjustments) == (0, 0, ())
    done = adjusted(base, Override("second", 8, "handed in on paper"))
    assert (done.grade, lines(done)) == (8, [("override", 8.0, "second: handed in on paper")])


# Laws

POINTS = st.integers(0, 1200).map(lambda cents: cents / 100)
EXACT = st.tuples(*[st.fractions(0, 10, max_denominator=30)] * 3)
GRADED = EXACT.map(lambda exact: result(*map(rounded, exact), score=rounded(sum(exact, Fraction(0)))))
RESULTS = GRADED | st.sampled_from([result(status=Status.UNREADABLE), result(status=Status.NOT_GRADED)])
OVERRIDES = st.lists(st.builds(Override, st.sampled_from([*NAMES, "gone"]), POINTS, st.just("by hand")), unique_by=lambda one: one.exercise)
AMOUNTS = st.builds(Amount, st.fractions(0, 1, max_denominator=100), st.just(True)) | st.builds(
    Amount, st.fractions(0, 40, max_denominator=100), st.just(False)
)
POLICIES = st.none() | st.builds(
    LatePolicy,
    due=st.just(DUE),
    per_day=AMOUNTS,
    cap=AMOUNTS,
    of=st.sampled_from(["score", "points"]),
    until=st.none() | st.timedeltas(timedelta(0), 9 * DAY),
)
AFTER = st.none() | st.timedeltas(-2 * DAY, 20 * DAY)


@given(RESULTS, OVERRIDES, POLICIES, AFTER, st.booleans())
def test_score_and_adjustments_add_up_to_a_grade_that_is_never_below_0(
    base: SubmissionResult, overrides: list[Override], policy: LatePolicy | None, after: timedelta | None, flagged: bool
) -> None:
    done = adjusted(base, *overrides, after=after, policy=policy, flagged=flagged)
    decided = {override.exercise: override.points for override in overrides}
    if base.status is Status.NOT_GRADED and not decided.keys() >= set(NAMES):
        assert (done.grade, done.adjustments) == (None, ())
        return
    assert done.grade is not None
    assert done.grade >= 0
    assert decimal(done.score) + sum(decimal(change.points) for change in done.adjustments) == decimal(done.grade)
    before = decimal(done.grade) - sum(decimal(change.points) for change in done.adjustments if change.kind == "late")
    counted = {exercise.name: exercise.score for exercise in base.exercises} | {name: decided[name] for name in NAMES if name in decided}
    if decided.keys() & set(NAMES):
        assert before == sum(map(decimal, counted.values()), Fraction(0))
    else:
        assert before == decimal(base.score)
    assert all(str(change.points) != "-0.0" for change in done.adjustments)
    assert SubmissionResult.from_json(done.to_json()) == done


@given(RESULTS, OVERRIDES, OVERRIDES, POLICIES, AFTER, st.booleans())
def test_what_an_earlier_call_made_leaves_no_trace(
    base: SubmissionResult,
    earlier: list[Override],
    overrides: list[Override],
    policy: LatePolicy | None,
    after: timedelta | None,
    flag: bool,
) -> None:
    once = adjusted(base, *overrides, after=after, policy=policy)
    assert adjusted(once, *overrides, after=after, policy=policy) == once
    other = adjusted(base, *earlier, after=3 * DAY, flagged=flag)
    assert adjusted(other, *overrides, after=after, policy=policy) == once
    dirty = msgspec.structs.replace(base, adjustments=(Adjustment("late", -1.0, "x"),), grade=1.0)
    assert adjusted(dirty, *overrides, after=after, policy=policy) == once


@given(RESULTS, OVERRIDES.flatmap(lambda overrides: st.tuples(st.just(overrides), st.permutations(overrides))), POLICIES, AFTER)
def test_the_order_of_decisions_on_different_exercises_does_not_matter(
    base: SubmissionResult, orders: tuple[list[Override], list[Override]], policy: LatePolicy | None, after: timedelta | None
) -> None:
    one, other = (adjusted(base, *overrides, after=after, policy=policy) for overrides in orders)
    assert one == other


@given(RESULTS, OVERRIDES, POLICIES, AFTER, st.booleans())
def test_a_finished_task_travels_with_its_result_before_and_after(
    base: SubmissionResult, overrides: list[Override], policy: LatePolicy | None, after: timedelta | None, flag: bool
) -> None:
    done = adjusted(base, *overrides, after=after, policy=policy, flagged=flag)
    (arrived,) = decode(encode([Graded.of(3, base, done, Material(), "<p>", 0.5)]))
    assert (arrived.base, arrived.adjusted) == (base, done)
