"""Lateness and its price: moments compared by elapsed time, exact fractions, one line that says why."""

from __future__ import annotations

import contextlib
import pickle
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.late import Amount, LatePolicy, LateTable, WrongValueError, as_table, extended, key_of, lateness, penalty, read_policy
from grader.scoring import rounded
from grader.times import fix, parse_deadline, parse_duration, parse_moment, parse_zone, show_moment

CET = timezone(timedelta(hours=1))
DUE = datetime(2026, 12, 5, 23, 59, tzinfo=CET)
MINUTE, HOUR, DAY, TICK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
ZONES = [CET, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")]
TOLD = "(due 2026-12-05 23:59 UTC+01:00)"


def policy(**fields: object) -> LatePolicy:
    """[late] with these keys, read as from the file."""
    return read_policy(msgspec.convert({"due": DUE, **fields}, LateTable))


def cost(chosen: LatePolicy, after: timedelta, earned: float = 40, points: float = 50, student: str = "ada") -> tuple[float, str]:
    """What a submission so long after DUE loses, and why."""
    late = lateness(chosen, student, DUE + after)
    assert late is not None
    taken = penalty(chosen, late, Fraction(str(earned)), Fraction(str(points)))
    assert taken is None or taken.kind == "late"
    return (0.0, "") if taken is None else (-taken.points, taken.why)


@given(
    per_day=st.floats(0, 1e6) | st.decimals(0, 100, places=6).map("{:f}%".format),
    cap=st.floats(0, 1e6) | st.integers(0, 100).map("{}%".format),
    grace=st.timedeltas(timedelta(0), 20 * DAY).map(lambda value: value - timedelta(microseconds=value.microseconds)),
    until=st.none() | st.sampled_from([DUE + 21 * DAY, "21d", "9999w"]),
    of=st.sampled_from(["score", "points"]),
)
def test_a_policy_is_kept_as_a_table(grace: timedelta, **fields: object) -> None:
    given_policy = policy(grace=f"{int(grace.total_seconds()) // 3600}h{int(grace.total_seconds()) % 3600}s", **fields)
    kept = msgspec.json.decode(msgspec.json.encode(as_table(given_policy)))
    assert read_policy(msgspec.convert(kept, LateTable)) == given_policy


# How late


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (-timedelta(days=300), 0),
        (-TICK, 0),
        (timedelta(0), 0),
        (15 * MINUTE, 0),
        (15 * MINUTE + TICK, 1),
        (DAY - TICK, 1),
        (DAY, 1),
        (DAY + TICK, 2),
        (DAY + 15 * MINUTE, 2),
        (7 * DAY, 7),
        (7 * DAY + TICK, 8),
    ],
)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_days_are_those_started_since_it_was_due(after: timedelta, days: int, zone: timezone | ZoneInfo) -> None:
    late = lateness(policy(grace="15m"), "ada", (DUE + after).astimezone(zone))
    assert late is not None
    assert (late.days, late.due, late.end, late.is_extended) == (days, DUE, None, False)


def test_without_grace_the_first_microsecond_is_late() -> None:
    assert [cost(policy(per_day=1), after)[0] for after in (timedelta(0), TICK)] == [0, 1]


def test_a_grace_of_more_than_a_day_does_not_shift_the_days() -> None:
    assert [cost(policy(per_day=1, grace="36h"), after)[0] for after in (DAY, 36 * HOUR, 36 * HOUR + TICK)] == [0, 0, 2]


def test_an_unknown_moment_is_neither_late_nor_on_time() -> None:
    assert lateness(policy(), "ada", None) is None


@pytest.mark.parametrize(
    ("due", "submitted", "days"),
    [
        # Clocks go forward on 2026-03-29 at 2:00 in Berlin: that day has 23 hours, and 24 hours end an hour later by the clock.
        ("2026-03-28 12:00", "2026-03-29 13:00", 1),
        ("2026-03-28 12:00", "2026-03-29 13:01", 2),
        # Clocks go back on 2026-10-25 at 3:00: 24 hours end an hour earlier.
        ("2026-10-24 12:00", "2026-10-25 11:00", 1),
        ("2026-10-24 12:00", "2026-10-25 11:01", 2),
        # 2:30 comes twice on that day: work is due at the second, and handed in at the first.
        ("2026-10-25 02:30", "2026-10-25 02:30", 0),
        ("2026-10-25 02:30", "2026-10-25 02:31", 0),
        ("2026-10-25 02:30", "2026-10-25 03:00", 1),
    ],
)
def test_a_day_has_24_hours_whatever_clocks_do(due: str, submitted: str, days: int) -> None:
    chosen = policy(due=datetime.fromisoformat(due), timezone="Europe/Berlin")
    late = lateness(chosen, "ada", parse_moment(submitted, chosen.zone))
    assert late is not None
    assert late.days == days
    aware = datetime.fromisoformat(submitted).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert lateness(chosen, "ada", aware) == late, "a moment that keeps its zone is the same moment"


# What it costs


@pytest.mark.parametrize(
    ("fields", "after", "taken", "why"),
    [
        ({}, DAY, 0, ""),
        ({"per_day": "10%"}, timedelta(0), 0, ""),
        ({"per_day": "10%"}, TICK, 4, "1 day late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what was earned"),
        ({"per_day": "10%"}, 2 * DAY, 8, "2 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what was earned"),
        ({"per_day": "12.5%"}, 2 * DAY, 10, "2 days late (due 2026-12-05 23:59 UTC+01:00): 12.5 % a day of what was earned"),
        (
            {"per_day": "10%", "of": "points"},
            2 * DAY,
            10,
            "2 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what it is worth (50)",
        ),
        (
            {"per_day": "10%", "of": "points"},
            9 * DAY,
            40,
            "9 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what it is worth (50)",
        ),
        ({"per_day": 2}, 3 * DAY, 6, "3 days late (due 2026-12-05 23:59 UTC+01:00): 2 points a day"),
        ({"per_day": 0.1}, 3 * DAY, 0.3, "3 days late (due 2026-12-05 23:59 UTC+01:00): 0.1 points a day"),
        ({"per_day": 1}, 99 * DAY, 40, "99 days late (due 2026-12-05 23:59 UTC+01:00): 1 point a day"),
        ({"per_day": "10%", "cap": "50%"}, 5 * DAY, 20, "5 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what was earned"),
        (
            {"per_day": "10%", "cap": "50%"},
            5 * DAY + TICK,
            20,
            "6 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what was earned, at most 50 %",
        ),
        (
            {"per_day": "10%", "cap": 5},
            3 * DAY,
            5,
            "3 days late (due 2026-12-05 23:59 UTC+01:00): 10 % a day of what was earned, at most 5 points",
        ),
        (
            {"per_day": 7, "cap": "50%"},
            3 * DAY,
            20,
            "3 days late (due 2026-12-05 23:59 UTC+01:00): 7 points a day, at most 50 % of what was earned",
        ),
        ({"per_day": "1%", "until": "7d"}, 7 * DAY, 2.8, "7 days late (due 2026-12-05 23:59 UTC+01:00): 1 % a day of what was earned"),
        (
            {"per_day": "1%", "cap": "1%", "until": "7d"},
            7 * DAY + TICK,
            40,
            "8 days late (due 2026-12-05 23:59 UTC+01:00): nothing is earned after 2026-12-12 23:59 UTC+01:00",
        ),
        (
            {"until": datetime(2026, 12, 6, tzinfo=UTC)},
            10 * DAY,
            40,
            "10 days late (due 2026-12-05 23:59 UTC+01:00): nothing is earned after 2026-12-06 00:00 UTC",
        ),
    ],
)
def test_the_price_and_its_reason(fields: dict[str, object], after: timedelta, taken: float, why: str) -> None:
    assert cost(policy(**fields), after) == (taken, why)


def test_nothing_earned_nothing_taken() -> None:
    assert cost(policy(per_day="10%", of="points", until="1d"), 9 * DAY, earned=0) == (0.0, "")


def test_it_is_rounded_once_halves_up() -> None:
    assert cost(policy(per_day="1%"), TICK, earned=0.5)[0] == 0.01  # half a cent
    assert cost(policy(per_day="1%"), TICK, earned=0.49)[0] == 0
    assert cost(policy(per_day="1.1%"), 3 * DAY, earned=33.33)[0] == 1.1  # 3 × 0.36663: rounded each day it would be 1.11


# Extensions


@pytest.mark.parametrize("extension", ["48h", "2d", "1d24h", DUE + 2 * DAY, "2026-12-07T23:59+01:00", "2026-12-07 22:59 UTC"])
def test_with_an_extension_days_count_from_the_student_s_own_due_date(extension: object) -> None:
    chosen = policy(per_day="10%", grace="15m", extensions={"ada": extension})
    assert cost(chosen, 2 * DAY + 15 * MINUTE) == (0.0, "")
    taken, why = cost(chosen, 2 * DAY + 16 * MINUTE)
    assert (taken, why.split(")")[1]) == (4, ": 10 % a day of what was earned")
    assert why.startswith("1 day late (due 2026-12-07 2")
    assert ", extended)" in why
    assert cost(chosen, 2 * DAY + 16 * MINUTE, student="ben")[0] == 12


def test_an_extension_shows_the_clock_of_its_own_day() -> None:
    chosen = policy(due=datetime(2026, 10, 24, 12), timezone="Europe/Berlin", extensions={"ada": "24h"})
    late = lateness(chosen, "ada", parse_moment("2026-10-25 11:01", chosen.zone))
    assert late is not None
    assert (late.days, show_moment(late.due)) == (1, "2026-10-25 11:00 UTC+01:00")


def test_a_fixed_end_stays_unless_an_extension_reaches_beyond_it_and_a_duration_moves_along() -> None:
    fixed = policy(per_day=1, grace="1h", until=DUE + 3 * DAY, extensions={"ada": "2d", "cleo": "9d"})
    assert [cost(fixed, 3 * DAY + TICK, student=student)[0] for student in ("ada", "ben", "cleo")] == [40, 40, 0]
    assert [cost(fixed, after, student="cleo")[0] for after in (9 * DAY + HOUR, 9 * DAY + HOUR + TICK)] == [0, 40]
    assert cost(fixed, 10 * DAY, student="cleo")[1].endswith(": nothing is earned after 2026-12-15 00:59 UTC+01:00")
    moving = policy(per_day=1, until="3d", extensions={"ada": "2d"})
    assert [cost(moving, after)[0] for after in (5 * DAY, 5 * DAY + TICK)] == [3, 40]


@pytest.mark.parametrize("name", ["Zo\u00eb", "zoe\u0308", " ZOE\u0308 "])
def test_students_are_looked_up_whatever_the_file_system_made_of_their_name(name: str) -> None:
    assert key_of(name) == "zo\u00eb"
    assert cost(policy(per_day=1, extensions={"Zo\u00eb": "1d"}), DAY, student=name)[0] == 0


# What authors write


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due": datetime(2026, 12, 5, 23, 59)}, "late.due: 2026-12-05 23:59:00 has no offset from UTC"),
        (
            {"due": datetime(2026, 3, 29, 2, 30), "timezone": "Europe/Berlin"},
            "late.due: 2026-03-29 02:30:00 does not exist in Europe/Berlin",
        ),
        ({"due": datetime(1, 1, 1, tzinfo=UTC)}, "late.due: 1 is not a year"),
        ({"timezone": "Europe/Berlinn"}, "late.timezone: 'Europe/Berlinn' is no time zone"),
        ({"timezone": "../../etc/passwd"}, "late.timezone"),
        ({"timezone": "localtime"}, "late.timezone"),
        ({"timezone": "Europe"}, "late.timezone"),
        ({"grace": "15"}, "late.grace: '15' is no duration like 15m"),
        ({"grace": "-15m"}, "late.grace"),
        ({"grace": "99999w"}, "late.grace"),
        ({"per_day": "10"}, "late.per_day: '10' is neither"),
        ({"per_day": "110%"}, "late.per_day"),
        ({"per_day": "-1%"}, "late.per_day"),
        ({"per_day": -1}, "late.per_day: -1 is no number"),
        ({"per_day": float("nan")}, "late.per_day: nan is no number"),
        ({"cap": float("inf")}, "late.cap: inf is no number"),
        ({"cap": "half"}, "late.cap"),
        ({"until": "soon"}, "late.until: 'soon' is no time"),
        ({"until": 7}, "late.until: 7 is neither"),
        ({"until": DUE - TICK}, "late.until: 2026-12-05 23:58:59 UTC+01:00 is before the end of the grace"),
        ({"until": "10m", "grace": "15m"}, "late.until: 2026-12-06 00:09 UTC+01:00 is before the end of the grace, 2026-12-06 00:14"),
        ({"until": datetime(2026, 12, 9)}, "late.until: 2026-12-09 00:00:00 has no offset"),
        ({"extensions": {"ada": "2x"}}, "late.extensions.ada: '2x' is no time"),
        ({"extensions": {"ada": 2}}, "late.extensions.ada: 2 is neither"),
        ({"extensions": {"ada": DUE - DAY}}, "late.extensions.ada: 2026-12-04 23:59 UTC+01:00 is before the assignment is due"),
        ({"extensions": {"ada": "1d", "Ada": "2d"}}, "late.extensions.Ada: a second extension"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_its_key(fields: dict[str, object], said: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        policy(**fields)
    assert str(caught.value).startswith("late.")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "fields", [{"due": "soon"}, {"dew": DUE}, {"of": "all"}, {"clock": "mine"}, {"per_day": True}, {"per_day": []}, {"extensions": ["ada"]}]
)
def test_a_value_of_another_kind_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        policy(**fields)


def test_defaults() -> None:
    assert policy() == LatePolicy(due=DUE)
    assert policy().clock == "recorded"


def test_a_policy_travels_to_worker_processes() -> None:
    chosen = policy(due=datetime(2026, 10, 24, 12), timezone="Europe/Berlin", until="7d", per_day="10%", extensions={"ada": "24h"})
    assert pickle.loads(pickle.dumps(chosen)) == chosen


# Moments and durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0m", 0), ("45s", 45), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1w", 604800), ("1d 2h", 93600), (" 1d2h3m4s ", 93784)],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == parse_deadline(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1.5h", "1h and 2m", "-1h", "12345h", "1m1m1m1m1m1m", "\u0661h", "1h" * 100_000])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-05T23:59:00+01:00", "2026-12-05T22:59:00"),
        ("2026-12-05 23:59:00 +0100", "2026-12-05T22:59:00"),
        ("2026-12-05T22:59Z", "2026-12-05T22:59:00"),
        ("2026-12-05 22:59:00.000001 UTC", "2026-12-05T22:59:00.000001"),
        ("2015-02-02 14:58:23.948203 America/Los_Angeles", "2015-02-02T22:58:23.948203"),
        (" 2026-07-05 12:00 Europe/Berlin\n", "2026-07-05T10:00:00"),
        ("2026-07-05 12:00", "2026-07-05T08:00:00"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    parsed = parse_moment(text, timezone(4 * HOUR))
    assert parsed == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert type(parsed.tzinfo) is timezone


@pytest.mark.parametrize(
    "text",
    ["", "2026-12-05", "20261205", "2026-W49-6", "12:00", "now", "2026-12-05 12:00 PST", "2026-12-05 12:00 Europe/../Berlin",
     "2026-13-05 12:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+12:00", "2026-12-05 12:00 " + "a" * 10_000, "\0"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 -- any message; that it is short is the point
        parse_moment(text, UTC)
    assert len(str(caught.value)) < 150


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.sampled_from(ZONES), st.booleans())
def test_a_local_time_is_fixed_to_what_its_zone_says(local: datetime, zone: timezone | ZoneInfo, late: bool) -> None:
    there = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if there != local:
        with pytest.raises(ValueError, match="does not exist"):
            fix(local, zone, late=late)
        return
    moment = fix(local, zone, late=late)
    assert moment.replace(tzinfo=None) == local
    assert moment.astimezone(zone).replace(tzinfo=None) == local
    assert fix(local, zone) <= fix(local, zone, late=True)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    for parse in (lambda: parse_moment(text, UTC), lambda: parse_deadline(text, UTC), lambda: parse_zone(text)):
        with contextlib.suppress(ValueError):
            parse()


# Laws

CENTS = st.integers(0, 10_000).map(lambda cents: Fraction(cents, 100))
AMOUNTS = st.builds(Amount, st.fractions(0, 1, max_denominator=1000), st.just(True)) | st.builds(
    Amount, st.fractions(0, 60, max_denominator=100), st.just(False)
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=30))
POLICIES = st.builds(
    lambda until, grace, fixed, **fields: LatePolicy(
        due=DUE, grace=grace, until=None if until is None else DUE + grace + until if fixed else grace + until, **fields
    ),
    until=st.none() | SPANS,
    grace=st.timedeltas(timedelta(0), timedelta(days=2)),
    fixed=st.booleans(),
    per_day=AMOUNTS,
    cap=AMOUNTS,
    of=st.sampled_from(["score", "points"]),
)
AFTER = st.timedeltas(timedelta(days=-3), timedelta(days=60)) | st.integers(-1, 40).map(lambda days: days * DAY)


def taken(chosen: LatePolicy, after: timedelta, earned: Fraction, points: Fraction) -> Fraction:
    return Fraction(str(cost(chosen, after, float(earned), float(points))[0]))


@given(POLICIES, AFTER, AFTER, CENTS, CENTS)
def test_a_later_submission_never_loses_less(
    chosen: LatePolicy, one: timedelta, other: timedelta, earned: Fraction, points: Fraction
) -> None:
    sooner, later = sorted((one, other))
    assert taken(chosen, sooner, earned, points) <= taken(chosen, later, earned, points)


@given(POLICIES, AFTER, CENTS, CENTS)
def test_the_price_is_bounded_by_the_cap_and_by_what_was_earned(
    chosen: LatePolicy, after: timedelta, earned: Fraction, points: Fraction
) -> None:
    price = taken(chosen, after, earned, points)
    assert 0 <= price <= earned
    late = lateness(chosen, "ada", DUE + after)
    assert late is not None
    if late.end is None:
        cap = chosen.cap.of(earned if chosen.of == "score" else points)
        assert price <= Fraction(str(rounded(cap)))
    else:
        assert price == earned
    if after <= chosen.grace:
        assert price == 0


@given(POLICIES, AFTER, SPANS, SPANS, CENTS, CENTS)
def test_more_time_never_costs_more(
    chosen: LatePolicy, after: timedelta, first: timedelta, second: timedelta, earned: Fraction, points: Fraction
) -> None:
    shorter, longer = sorted((first, second))
    prices = [taken(extended(chosen, "ada", time), after, earned, points) for time in (longer, shorter)]
    assert prices[0] <= prices[1] <= taken(chosen, after, earned, points)
    assert taken(extended(chosen, "ben", longer), after, earned, points) == taken(chosen, after, earned, points)
