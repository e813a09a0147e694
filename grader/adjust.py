"""From score to grade: what a person decided for an exercise, then what lateness costs, each as a line of the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

import msgspec

from grader.late import LatePolicy, lateness, penalty
from grader.messages import say
from grader.model import Adjustment, Override, Status, SubmissionResult
from grader.scoring import rounded


def adjust(
    result: SubmissionResult,
    *,
    exercises: Sequence[str],
    late: LatePolicy | None,
    submitted_at: datetime | None,
    flagged_late: bool,
    overrides: Sequence[Override],
) -> SubmissionResult:
    """The result with its adjustments, its grade, and whether it is late; what an earlier call made of these is dropped.

    exercises: the assignment's graded ones, in order. submitted_at: aware; without it nothing is taken off for lateness.
    flagged_late: what the system that the submission comes from says, where policy and moment do not decide it.

    An override sets what its exercise counts for. What was not graded through our fault has no grade, unless people decided every
    exercise: then these count from 0, as they do where the file could not be read. Lateness applies to the sum after overrides.
    Score and adjustments add up to the grade, which is never below 0.
    """
    how_late = None if late is None else lateness(late, result.submission.student, submitted_at)
    is_late = flagged_late if how_late is None else how_late.days > 0
    result = msgspec.structs.replace(
        result, submission=msgspec.structs.replace(result.submission, late=is_late), adjustments=(), grade=None
    )
    chosen = {override.exercise: override for override in overrides}
    if result.status is Status.NOT_GRADED and not (exercises and chosen.keys() >= set(exercises)):
        return result
    changes = _overridden(result, exercises, chosen)
    total = _exact(result.score or 0) + sum((_exact(change.points) for change in changes), Fraction(0))
    if late is not None and how_late is not None:
        cost = penalty(late, how_late, total, _exact(result.points))
        if cost is not None:
            changes.append(cost)
            total += _exact(cost.points)
    return msgspec.structs.replace(result, adjustments=tuple(changes), grade=float(total))


def _overridden(result: SubmissionResult, exercises: Sequence[str], chosen: Mapping[str, Override]) -> list[Adjustment]:
    """The overrides in the order of the exercises, each with what it changes the sum by.

    The score was rounded once, its exercises one by one, so they may differ by cents; the last override takes these, so that the
    sum after overrides is that of what each exercise is seen to count for.
    """
    if not chosen:
        return []
    scores = {exercise.name: _exact(exercise.score) for exercise in result.exercises}
    known = [chosen[name] for name in exercises if name in chosen]
    changes = [_exact(rounded(_exact(override.points))) - scores.get(override.exercise, Fraction(0)) for override in known]
    if changes and scores:
        changes[-1] += sum(scores.values(), Fraction(0)) - _exact(result.score or 0)
    lines = [Adjustment("override", float(change), f"{one.exercise}: {one.why}") for one, change in zip(known, changes, strict=True)]
    strange = [chosen[name] for name in sorted(chosen.keys() - set(exercises))]
    return lines + [Adjustment("override", 0.0, _nowhere(one)) for one in strange]


def _nowhere(override: Override) -> str:
    """Why an override counts nowhere."""
    return say("{exercise}: no such exercise is graded, so this counts nowhere: {why}", exercise=override.exercise, why=override.why)


def _exact(number: float) -> Fraction:
    """The decimal that a float is written as."""
    return Fraction(str(number))
