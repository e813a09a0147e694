"""What a late submission costs: `[late]` of assignment.toml, read once, and pure functions of moments.

No clock is read here. A day is 24 hours, whatever clocks do on it. Within `grace` a submission is on time; past it, the days that
count are those started since it was due, not since the grace ended.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Literal

import msgspec

from grader.messages import say, say_n
from grader.model import Adjustment
from grader.scoring import rounded
from grader.times import fix, parse_deadline, parse_duration, parse_zone, show_moment

Clock = Literal["recorded", "modified"]
_DAY = timedelta(days=1)
_MOST = 1_000_000
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%")


class LateTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[late]` as it is written; docs/reference/late.md says what each key means."""

    due: datetime
    timezone: str = ""
    grace: str = "0m"
    per_day: int | float | str = 0
    of: Literal["score", "points"] = "score"
    cap: int | float | str = "100%"
    until: object = None  # a datetime or a duration, which msgspec cannot tell apart
    clock: Clock = "recorded"
    extensions: Mapping[str, object] = {}


class Amount(msgspec.Struct, frozen=True):
    """Points, or a share of some."""

    value: Fraction
    is_share: bool

    def of(self, whole: Fraction) -> Fraction:
        """The amount in points, where `whole` is what a share is one of."""
        return self.value * whole if self.is_share else self.value

    def __str__(self) -> str:
        if self.is_share:
            return say("{share:g} %", share=float(self.value * 100))
        return say("1 point") if self.value == 1 else say("{points:g} points", points=float(self.value))


class LatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What is late, and what it costs. All moments have a fixed offset from UTC.

    of: what shares are of, the score that was earned or the assignment's points. cap: the largest penalty. until: after it nothing
    is earned; a duration counts from when the student's work is due. extensions: when it is due, by `key_of` the student. zone: that
    of local times, in a roster too.
    """

    due: datetime
    zone: tzinfo | None = None
    grace: timedelta = timedelta()
    per_day: Amount = Amount(Fraction(0), is_share=False)
    of: Literal["score", "points"] = "score"
    cap: Amount = Amount(Fraction(1), is_share=True)
    until: datetime | timedelta | None = None
    clock: Clock = "recorded"
    extensions: Mapping[str, datetime] = {}


class Lateness(msgspec.Struct, frozen=True):
    """How late one submission is: the days started since it was `due`, 0 on time; `end` is set where all is lost since then."""

    due: datetime
    days: int
    end: datetime | None = None
    is_extended: bool = False


def key_of(student: str) -> str:
    """What a student's name is looked up by: file systems and rosters differ in case and in how they compose letters."""
    return unicodedata.normalize("NFC", student.strip()).casefold()


class WrongValueError(ValueError):
    """A value of `[late]` that cannot be meant; `path` is its place in the file."""

    def __init__(self, path: tuple[str, ...], why: str) -> None:
        super().__init__(f"{'.'.join(path)}: {why}")
        self.path = path


def read_policy(table: LateTable) -> LatePolicy:
    """The policy of a table; raises WrongValueError for a value that cannot be meant."""
    with _naming("timezone"):
        zone = parse_zone(table.timezone) if table.timezone else None
    with _naming("due"):
        due = fix(table.due, zone, late=True)
    with _naming("grace"):
        grace = parse_duration(table.grace)
    with _naming("per_day"):
        per_day = _amount(table.per_day)
    with _naming("cap"):
        cap = _amount(table.cap)
    with _naming("until"):
        until = None if table.until is None else _deadline(table.until, zone)
        _check_until(until, due, grace)
    policy = LatePolicy(due=due, zone=zone, grace=grace, per_day=per_day, of=table.of, cap=cap, until=until, clock=table.clock)
    for student, value in table.extensions.items():
        with _naming("extensions", student):
            policy = extended(policy, student, _deadline(value, zone))
    return policy


def as_table(policy: LatePolicy) -> dict[str, object]:
    """The policy as `[late]` says it, without whose due date is another: what `LateTable` is made of, and JSON can hold.

    >>> table = LateTable(datetime.fromisoformat("2026-12-05T23:59+01:00"), grace="15m", per_day="12.5%", until="3d")
    >>> read_policy(msgspec.convert(as_table(read_policy(table)), LateTable)) == read_policy(table)
    True
    """
    until = policy.until.isoformat() if isinstance(policy.until, datetime) else policy.until and _spelled(policy.until)
    return {
        "due": policy.due.isoformat(),
        "grace": _spelled(policy.grace),
        "per_day": _written(policy.per_day),
        "of": policy.of,
        "cap": _written(policy.cap),
        "until": until,
        "clock": policy.clock,
    }


def _spelled(duration: timedelta) -> str:
    minutes, seconds = divmod(duration.seconds, 60)
    return f"{duration.days // 7}w{duration.days % 7}d{minutes // 60}h{minutes % 60}m{seconds}s"


def _written(amount: Amount) -> float | str:
    return f"{float(amount.value * 100):.6f}%" if amount.is_share else float(amount.value)


@contextlib.contextmanager
def _naming(*keys: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise WrongValueError(("late", *keys), str(error)) from None


def extended(policy: LatePolicy, student: str, extension: datetime | timedelta) -> LatePolicy:
    """The policy with a student's own due date, or with so much more time for that student.

    Raises ValueError where that is before the assignment is due, or the student has an extension.
    """
    if key_of(student) in policy.extensions:
        raise ValueError("a second extension for this student")
    due = extension if isinstance(extension, datetime) else _after(policy, extension)
    if due < policy.due:
        raise ValueError(f"{show_moment(due)} is before the assignment is due, {show_moment(policy.due)}")
    return msgspec.structs.replace(policy, extensions={**policy.extensions, key_of(student): due})


def lateness(policy: LatePolicy, student: str, submitted_at: datetime | None) -> Lateness | None:
    """How late a submission of that (aware) moment is; None where no moment is known."""
    if submitted_at is None:
        return None
    own = policy.extensions.get(key_of(student))
    due = policy.due if own is None else own
    if submitted_at <= due + policy.grace:
        return Lateness(due, 0, is_extended=own is not None)
    end = _end(policy, due)
    started = -((due - submitted_at) // _DAY)
    return Lateness(due, started, end if end is not None and submitted_at > end else None, own is not None)


def penalty(policy: LatePolicy, late: Lateness, earned: Fraction, points: Fraction) -> Adjustment | None:
    """What lateness takes of the points `earned`, of `points` that the assignment is worth; None where that is nothing."""
    if late.days == 0:
        return None
    whole = earned if policy.of == "score" else points
    daily, cap = late.days * policy.per_day.of(whole), policy.cap.of(whole)
    cost = rounded(earned if late.end is not None else min(daily, cap, earned))
    if cost == 0:
        return None
    days = say_n("{n} day late", "{n} days late", late.days)
    moment = show_moment(late.due)
    due = say("due {moment}, extended", moment=moment) if late.is_extended else say("due {moment}", moment=moment)
    reason = _reason(policy, late, points, is_capped=cap < min(daily, earned))
    return Adjustment("late", -cost, say("{said_days} ({said_due}): {said_reason}", said_days=days, said_due=due, said_reason=reason))


def _reason(policy: LatePolicy, late: Lateness, points: Fraction, *, is_capped: bool) -> str:
    if late.end is not None:
        return say("nothing is earned after {moment}", moment=show_moment(late.end))
    rate = _rate(policy, points)
    if not is_capped:
        return rate
    most = _share(policy.cap, policy, points) if not policy.per_day.is_share else str(policy.cap)
    return say("{said_rate}, at most {said_amount}", said_rate=rate, said_amount=most)


def _rate(policy: LatePolicy, points: Fraction) -> str:
    value = float(policy.per_day.value)
    if not policy.per_day.is_share:
        return say("1 point a day") if value == 1 else say("{points:g} points a day", points=value)
    if policy.of == "score":
        return say("{share:g} % a day of what was earned", share=float(policy.per_day.value * 100))
    return say("{share:g} % a day of what it is worth ({points:g})", share=float(policy.per_day.value * 100), points=float(points))


def _share(amount: Amount, policy: LatePolicy, points: Fraction) -> str:
    """An amount, and what it is a share of where it is one."""
    if not amount.is_share:
        return str(amount)
    share = float(amount.value * 100)
    if policy.of == "score":
        return say("{share:g} % of what was earned", share=share)
    return say("{share:g} % of what it is worth ({points:g})", share=share, points=float(points))


def _end(policy: LatePolicy, due: datetime) -> datetime | None:
    """After when nothing is earned. A moment stays where it is for who has an extension, unless that reaches beyond it."""
    if policy.until is None:
        return None
    end = due + policy.until if isinstance(policy.until, timedelta) else policy.until
    return max(end, due + policy.grace)


def _after(policy: LatePolicy, duration: timedelta) -> datetime:
    """So long after the assignment is due; with the offset that clocks have then, where the zone is known."""
    due = policy.due + duration
    return due if policy.zone is None else fix(due.astimezone(policy.zone))


def _check_until(until: datetime | timedelta | None, due: datetime, grace: timedelta) -> None:
    end = due + until if isinstance(until, timedelta) else until
    if end is not None and end < due + grace:
        raise ValueError(f"{show_moment(end)} is before the end of the grace, {show_moment(due + grace)}")


def _deadline(value: object, zone: tzinfo | None) -> datetime | timedelta:
    if isinstance(value, datetime):
        return fix(value, zone, late=True)
    if isinstance(value, str):
        return parse_deadline(value, zone)
    raise ValueError(f"{value!r} is neither a duration like 48h nor a time like 2026-12-05T23:59:00+01:00")


def _amount(value: float | str) -> Amount:
    """Points, or a share of at most 100 %."""
    if isinstance(value, str):
        match = _SHARE.fullmatch(value.strip())
        if match is None or Fraction(match[1]) > 100:
            raise ValueError(f'{value[:60]!r} is neither a number of points nor a share from "0%" to "100%"')
        return Amount(Fraction(match[1]) / 100, is_share=True)
    if not 0 <= value <= _MOST:
        raise ValueError(f"{value:g} is no number of points from 0 to {_MOST}")
    return Amount(Fraction(str(value)), is_share=False)
