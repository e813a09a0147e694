"""From outcomes to scores, in exact fractions; rounded once, at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from grader.model import Outcome

# The worst first: an exercise's outcome is the first of these among its cases.
_SEVERITY = (Outcome.MISSING, Outcome.KILLED, Outcome.TIMED_OUT, Outcome.ERRORED, Outcome.FAILED, Outcome.PASSED)

# What an exercise earns where it is right itself, and wrong through others that it builds on: those lose their own points.
CARRIED = Fraction(9, 10)


def exercise_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """The worst of the cases' outcomes.

    >>> exercise_outcome([Outcome.PASSED, Outcome.FAILED]).value
    'failed'
    """
    return min(outcomes, key=_SEVERITY.index)


def exercise_score(points: Fraction, results: Sequence[tuple[Fraction, Outcome]], earned: Sequence[Fraction] = ()) -> Fraction:
    """The score of an exercise: all cases passed, its points; with diagnoses, whose credits are `earned`, points × the smallest;
    else points × the weighted share of the cases passed.

    >>> exercise_score(Fraction(10), [(Fraction(1), Outcome.PASSED), (Fraction(3), Outcome.FAILED)])
    Fraction(5, 2)
    """
    if all(outcome is Outcome.PASSED for _, outcome in results):
        return points
    if earned:
        return points * min(earned)
    total = sum((weight for weight, _ in results), Fraction(0))
    passed = sum((weight for weight, outcome in results if outcome is Outcome.PASSED), Fraction(0))
    return points * passed / total


def rounded(score: Fraction) -> float:
    """A score as it is written: two decimals, halves up.

    >>> rounded(Fraction(1, 3)), rounded(Fraction(1, 200))
    (0.33, 0.01)
    """
    above, below = score.as_integer_ratio()
    return (200 * above + below) // (2 * below) / 100
