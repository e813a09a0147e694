"""A validation in words, the same for the terminal and the page."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from grader.validation.results import Bar, CaseFigures, MisconceptionTrial, Survivor, Validation

BARS = {
    "killed": "misconceptions lose points",
    "diagnosed": "misconceptions are named as themselves",
    "false_names": "names given to what is something else",
    "equivalents": "right implementations get full marks",
    "mutants": "non-equivalent mutants are killed",
}
STATUSES = {
    "misnamed": "named as {named}",
    "ambiguous": "not named: cannot be told from {alike}",
    "says_little": "not named: its value is the same in every case, which much else gives",
    "unnamed": "not named",
}


class Group(msgspec.Struct, frozen=True):
    """Survivors of one function that have the same reason."""

    function: str
    kind: str
    reason: str
    survivors: tuple[Survivor, ...]


def headline(validation: Validation) -> str:
    """Whether the cases are adequate."""
    name = f"{validation.assignment.id}, version {validation.assignment.version}"
    if validation.adequate:
        return f"{name}: every bar is met"
    below = ", ".join(bar.name.replace("_", " ") for bar in validation.bars if not bar.met)
    lost = "the reference loses points" if validation.reference_failed else ""
    return f"{name}: {'; '.join(filter(None, (lost, below and f'below the bar: {below}')))}"


def describe_bar(bar: Bar) -> str:
    """What a bar's figure counts."""
    what = BARS.get(bar.name) or f"{bar.name} are killed"
    return f"{bar.count} {what}" if bar.name == "false_names" else f"{bar.count} of {bar.total} {what}"


def problems(validation: Validation) -> list[str]:
    """What is wrong, one sentence each; unexplained survivors are told with their diffs elsewhere."""
    said = [f"the reference fails {where}" for where in validation.reference_failed]
    for item in validation.misconceptions:
        if not item.killed:
            said.append(f"misconception {item.id} of {item.function} loses no points")
        if item.status != "named":
            said.append(f"misconception {item.id} of {item.function} is {describe_status(item)}")
    for right in validation.equivalents:
        if not right.full_marks:
            said.append(f"equivalent {right.id} of {right.function} is not given full marks: it fails {', '.join(right.failed)}")
        if right.named:
            said.append(f"equivalent {right.id} of {right.function} is named as {', '.join(right.named)}")
    said += [f"survivors.toml: {key} is no survivor" for key in validation.stale_reasons]
    return said


def describe_status(item: MisconceptionTrial) -> str:
    """How a misconception was named, or why not."""
    return STATUSES.get(item.status, item.status).format(named=", ".join(item.named), alike=", ".join(item.alike))


def groups(validation: Validation, kinds: Sequence[str]) -> list[Group]:
    """The survivors of those kinds, by function and reason."""
    found: dict[tuple[str, str, str], list[Survivor]] = {}
    for item in validation.survivors:
        if item.kind in kinds:
            found.setdefault((item.function, item.kind, item.reason), []).append(item)
    return [Group(*key, tuple(survivors)) for key, survivors in found.items()]


def by_exercise(cases: Sequence[CaseFigures]) -> list[tuple[str, list[CaseFigures]]]:
    """The cases of each exercise."""
    return [(name, list(mine)) for name, mine in itertools.groupby(cases, key=lambda case: case.function)]


def share(figure: float) -> str:
    """A share in per cent, never rounded up to the whole.

    >>> share(1.0), share(0.99999), share(0.9833)
    ('100 %', '99.9 %', '98.3 %')
    """
    return "100 %" if figure == 1 else f"{int(figure * 1000) / 10:.1f} %"


def magnitude(value: float | None) -> str:
    """A deviation in two digits.

    >>> magnitude(2.345e-7), magnitude(0.0), magnitude(None)
    ('2.3e-07', '0', '–')
    """
    return "–" if value is None else f"{value:.1e}" if value else "0"


def names(ids: Sequence[str], most: int = 2) -> str:
    """The first few ids, and how many more there are.

    >>> names(["a", "b", "c"])
    'a, b and 1 more'
    """
    return ", ".join(ids) if len(ids) <= most else f"{', '.join(ids[:most])} and {len(ids) - most} more"
