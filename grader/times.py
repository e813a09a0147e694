"""Moments, time zones and durations, as authors, rosters and other systems write them.

Every moment that leaves here is aware, with a fixed offset from UTC: differences of such moments are elapsed time, whatever clocks
were put forward or back between them. What is wrong with a text is a ValueError whose message the caller puts its place before.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

YEARS = range(1970, 2500)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = re.compile(r"([0-9]{1,4})\s*([smhdw])\s*")
_DURATION = re.compile(rf"\s*(?:{_PART.pattern}){{1,5}}")  # at most 1,000 years: no sum of these leaves what datetime can count
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")


def parse_duration(text: str) -> timedelta:
    """A duration: whole numbers of s, m, h, d (24 hours) and w.

    >>> parse_duration("15m"), parse_duration("1d 12h")
    (datetime.timedelta(seconds=900), datetime.timedelta(days=1, seconds=43200))
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no duration like 15m, 2h, 1d or 1d12h")
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _PART.findall(text)), timedelta())


def parse_deadline(text: str, zone: tzinfo | None = None) -> datetime | timedelta:
    """A moment, or a duration after some other moment; a local time that clocks show twice is the second of the two."""
    if _DURATION.fullmatch(text):
        return parse_duration(text)
    return parse_moment(text, zone, late=True)


def parse_zone(name: str) -> tzinfo:
    """The zone of that name in the IANA database, like Europe/Berlin.

    `localtime` is refused: it is another zone on another machine.
    """
    try:
        if not _ZONE_NAME.fullmatch(name) or name == "localtime":
            raise ValueError
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # ZoneInfo raises all three, by what the name leads to
        raise ValueError(f"{name[:60]!r} is no time zone like Europe/Berlin") from None


def parse_moment(text: str, zone: tzinfo | None = None, *, late: bool = False) -> datetime:
    """A moment in ISO 8601: with an offset or, after a blank, a zone's name, or else a local time in `zone`.

    `late`: as in `fix`.

    >>> parse_moment("2026-12-05T23:59:00+01:00").isoformat()
    '2026-12-05T23:59:00+01:00'
    >>> parse_moment("2015-02-02 14:58:23.948203 America/Los_Angeles").isoformat()
    '2015-02-02T14:58:23.948203-08:00'
    """
    text = text.strip()
    head, _, name = text.rpartition(" ")
    if head and name[:1].isalpha():
        text, zone = head.rstrip(), parse_zone(name)
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:60]!r} is no time like 2026-12-05T23:59:00+01:00") from None
    if _is_date(text):
        raise ValueError(f"{text} has no time of day")
    return fix(moment, zone, late=late)


def fix(moment: datetime, zone: tzinfo | None = None, *, late: bool = False) -> datetime:
    """The moment with a fixed offset; a local time is one in `zone`.

    A local time that clocks show twice is the first of the two, or with `late` the second. Raises ValueError where there is no zone
    to read a local time in, where clocks are put forward over it, and for a year out of YEARS.
    """
    if moment.year not in YEARS:
        raise ValueError(f"{moment.year} is not a year from {YEARS[0]} to {YEARS[-1]}")
    offset = moment.utcoffset()
    if offset is None:
        if zone is None:
            raise ValueError(f"{moment.isoformat(' ')} has no offset from UTC like +01:00, and no timezone is set")
        offset = moment.replace(tzinfo=zone, fold=int(late)).utcoffset()
        assert offset is not None
        there = (moment.replace(tzinfo=UTC) - offset).astimezone(zone)
        if there.replace(tzinfo=None) != moment:
            raise ValueError(f"{moment.isoformat(' ')} does not exist in {zone}: clocks are put forward over it")
    return moment.replace(tzinfo=timezone(offset), fold=0)


def show_moment(moment: datetime) -> str:
    """A moment for people, with its offset.

    >>> show_moment(parse_moment("2026-12-05T23:59:00+01:00"))
    '2026-12-05 23:59 UTC+01:00'
    """
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z" if moment.second or moment.microsecond else "%Y-%m-%d %H:%M %Z")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
