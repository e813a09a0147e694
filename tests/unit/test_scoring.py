"""Scores: exact fractions inside, rounded once at the edge."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Outcome
from grader.scoring import exercise_outcome, exercise_score, rounded

P, F, E, T, K, M = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.TIMED_OUT, Outcome.KILLED, Outcome.MISSING
POINTS = st.fractions(0, 1000)
RESULTS = st.lists(st.tuples(st.fractions("1/100", 100), st.sampled_from(Outcome)), min_size=1, max_size=12)
CREDITS = st.lists(st.fractions(0, 1), max_size=3)


def results(*outcomes: Outcome, weights: tuple[Fraction | int, ...] = ()) -> list[tuple[Fraction, Outcome]]:
    return [(Fraction(weight), outcome) for weight, outcome in zip(weights or (1,) * len(outcomes), outcomes, strict=True)]


# Outcome


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [([P], P), ([P, P], P), ([P, F], F), ([F, E], E), ([E, F, T], T), ([T, K, E], K), ([P, M, K], M), ([M], M), ([K, P, T, F, E], K)],
)
def test_the_outcome_is_the_worst(outcomes: list[Outcome], worst: Outcome) -> None:
    assert exercise_outcome(outcomes) is worst
    assert exercise_outcome(outcomes[::-1]) is worst


def test_every_outcome_has_its_place() -> None:
    for outcome in Outcome:
        assert exercise_outcome([P, outcome]) is outcome
        assert exercise_outcome([outcome, M]) is M


# Score


@pytest.mark.parametrize(
    ("points", "given_results", "given_credits", "score"),
    [
        (10, results(P, P), (), Fraction(10)),
        (10, results(P, F, F), (), Fraction(10, 3)),
        (20, results(P, P, P, weights=(1, Fraction(27, 5), 3)), (), Fraction(20)),
        (20, results(P, F, weights=(Fraction(1, 3), Fraction(1, 7))), (), Fraction(14)),
        (10, results(E, T, K, M), (), Fraction(0)),
        (0, results(P, F), (), Fraction(0)),
        (Fraction("0.3"), results(P, F, F), (), Fraction(1, 10)),
        (10, results(P, F), (Fraction(1, 4),), Fraction(5, 2)),
        (10, results(F, F), (Fraction(1, 2), Fraction(0)), Fraction(0)),
        (10, results(P, P), (Fraction(0),), Fraction(10)),
    ],
)
def test_score(points: int, given_results: list[tuple[Fraction, Outcome]], given_credits: tuple[Fraction, ...], score: Fraction) -> None:
    actual = exercise_score(Fraction(points), given_results, given_credits)
    assert isinstance(actual, Fraction)
    assert actual == score


@given(POINTS, RESULTS, CREDITS)
def test_a_score_lies_between_nothing_and_the_points(
    points: Fraction, given_results: list[tuple[Fraction, Outcome]], given_credits: list[Fraction]
) -> None:
    assert 0 <= exercise_score(points, given_results, given_credits) <= points


@given(st.fractions("1/100", 1000), RESULTS)
def test_full_points_mean_that_all_passed(points: Fraction, given_results: list[tuple[Fraction, Outcome]]) -> None:
    all_passed = all(outcome is P for _, outcome in given_results)
    assert (exercise_score(points, given_results) == points) is all_passed


@given(st.fractions("1/100", 1000), RESULTS)
def test_no_points_mean_that_none_passed(points: Fraction, given_results: list[tuple[Fraction, Outcome]]) -> None:
    assert (exercise_score(points, given_results) == 0) is all(outcome is not P for _, outcome in given_results)


@given(st.fractions("1/100", 1000), RESULTS, st.integers(0, 11))
def test_one_more_case_that_passes_earns_more(points: Fraction, given_results: list[tuple[Fraction, Outcome]], position: int) -> None:
    position %= len(given_results)
    better = [(weight, P if index == position else outcome) for index, (weight, outcome) in enumerate(given_results)]
    before, after = exercise_score(points, given_results), exercise_score(points, better)
    assert after > before if given_results[position][1] is not P else after == before


@given(POINTS, RESULTS, st.fractions("1/100", 100), st.randoms())
def test_neither_the_unit_of_the_weights_nor_their_order_matters(
    points: Fraction, given_results: list[tuple[Fraction, Outcome]], factor: Fraction, random: object
) -> None:
    score = exercise_score(points, given_results)
    assert exercise_score(points, [(factor * weight, outcome) for weight, outcome in given_results]) == score
    shuffled = list(given_results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert exercise_score(points, shuffled) == score


@given(POINTS, RESULTS, CREDITS, st.fractions(0, 1))
def test_a_further_diagnosis_never_earns_more(
    points: Fraction, given_results: list[tuple[Fraction, Outcome]], given_credits: list[Fraction], credit: Fraction
) -> None:
    if given_credits:
        assert exercise_score(points, given_results, [*given_credits, credit]) <= exercise_score(points, given_results, given_credits)


# Rounding


@pytest.mark.parametrize(
    ("score", "written"),
    [
        ("0", 0.0),
        ("10", 10.0),
        ("1/3", 0.33),
        ("2/3", 0.67),
        ("1/200", 0.01),
        ("0.0049", 0.0),
        ("0.125", 0.13),
        ("2.675", 2.68),
        ("9.995", 10.0),
    ],
)
def test_rounding_is_exact_and_halves_go_up(score: str, written: float) -> None:
    assert rounded(Fraction(score)) == written


@given(POINTS, POINTS)
def test_rounding_keeps_the_order_and_moves_half_a_cent_at_most(first: Fraction, second: Fraction) -> None:
    low, high = sorted((first, second))
    assert rounded(low) <= rounded(high)
    assert abs(Fraction(str(rounded(low))) - low) <= Fraction(1, 200)
    assert rounded(Fraction(str(rounded(low)))) == rounded(low)
