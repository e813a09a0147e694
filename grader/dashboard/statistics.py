"""What numbers say of a class: how scores are spread, and whether a case tells those who know from those who do not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

_BARS = 20
_NOISE = 1e-12  # of the mean square: a variance below that is rounding


class Spread(msgspec.Struct, frozen=True):
    """The scores of a class: quartiles by linear interpolation, the standard deviation of a sample (None for one score alone).

    bars: for each range of scores its lower and upper end, and how many are in it; the upper end belongs to the next one, but for the last.
    """

    count: int
    mean: float
    deviation: float | None
    least: float
    lower: float
    median: float
    upper: float
    most: float
    bars: tuple[tuple[float, float, int], ...]


def spread(scores: Sequence[float], points: float) -> Spread | None:
    """How the scores are spread from 0 to `points`, and beyond where some are; None where there are none."""
    if not scores:
        return None
    values = np.sort(np.asarray(scores, dtype=float))
    least, lower, median, upper, most = (float(value) for value in np.quantile(values, (0.0, 0.25, 0.5, 0.75, 1.0)))
    deviation = float(values.std(ddof=1)) if len(values) > 1 else None
    return Spread(len(values), float(values.mean()), deviation, least, lower, median, upper, most, bars(values, max(points, most)))


def bars(scores: np.ndarray, points: float) -> tuple[tuple[float, float, int], ...]:
    """How many scores are in each of up to 20 ranges whose ends are round numbers.

    >>> [number for _, _, number in bars(np.array([0.0, 2.4, 2.5, 49.0, 50.0]), 50.0)][:2]
    [2, 1]
    """
    width = _round_up(points / _BARS)
    number = max(1, math.ceil(points / width - 1e-9))
    places = np.minimum((scores / width + 1e-9).astype(int), number - 1)
    counts = np.bincount(np.maximum(places, 0), minlength=number)
    ends = [*(place * width for place in range(number)), points]
    return tuple((ends[place], ends[place + 1], int(count)) for place, count in enumerate(counts))


def _round_up(width: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten.

    >>> _round_up(2.5), _round_up(1.2), _round_up(0.03)
    (2.5, 2.0, 0.05)
    """
    if not (width > 0 and math.isfinite(width)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next((step * power for step in (1.0, 2.0, 2.5, 5.0) if step * power >= width * (1 - 1e-9)), 10.0 * power)


def discrimination(passed: np.ndarray, rest: np.ndarray) -> float | None:
    """The item-rest correlation of one item: the point-biserial correlation of having passed it with the score on all the rest.

    passed: bool, shape (students,); rest: their scores without this item, same shape. None where all or none passed, or where
    all have the same rest: then there is nothing to tell apart.

    r = (M₁ − M₀) / s · √(p·q), where M₁ and M₀ are the mean rest of those who passed and of those who did not, s the standard deviation
    of the rest over all (dividing by their number), p the share that passed, and q = 1 − p: Pearson's correlation for a variable of two
    values. The item is left out of the score that it is compared with, since it would correlate with itself (S. Henrysson, "Correction
    of item-total correlations in item analysis", Psychometrika 28, 1963). Near 0 it tells nothing; below 0 the better ones fail it.
    """
    share = float(np.mean(passed)) if len(passed) else 0.0
    if not 0.0 < share < 1.0:
        return None
    scores = np.asarray(rest, dtype=float)
    scale = float(np.abs(scores).max())
    if not (scale > 0 and math.isfinite(scale)):
        return None
    scores = scores / scale
    variance = float(scores.var())
    if variance <= _NOISE * float(np.mean(scores**2)):
        return None
    difference = float(scores[passed].mean() - scores[~passed].mean())
    return max(-1.0, min(1.0, difference / math.sqrt(variance) * math.sqrt(share * (1.0 - share))))
