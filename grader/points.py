"""Where a function was evaluated, in words, against where the reference evaluates it."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from grader.messages import say, say_n
from grader.sandbox.protocol import Observed
from grader.values import join

_NAMED = 4  # of many components


class Evaluation(msgspec.Struct, frozen=True):
    """How a function was called: `kind` is right, not_called, layout, points, or unknown; `facts` say what is other than it should be."""

    kind: str
    facts: tuple[str, ...] = ()


def compare_points(observed: Observed, expected: Observed) -> Evaluation:
    """How `observed` differs from `expected`: in the points, whatever their order and number."""
    observed = align(observed, expected)
    if observed.calls == 0:
        return Evaluation("not_called", (say("{name} is never called", name=observed.name),))
    if not isinstance(observed.points, np.ndarray) or not isinstance(expected.points, np.ndarray) or not observed.points.size:
        return Evaluation("unknown")
    if observed.points.shape[1:] != expected.points.shape[1:] or observed.points.dtype.kind not in "iuf":
        return Evaluation("layout", (say("{name} is called with arguments of another shape than expected", name=observed.name),))
    points, wanted = observed.points.astype(float), expected.points
    if not np.isfinite(points).all():
        return Evaluation("unknown")
    if _same_points(points, wanted):
        return Evaluation("right")
    with np.errstate(over="ignore", invalid="ignore"):
        return Evaluation("points", tuple(_facts(points, wanted, expected)))


def align(observed: Observed, expected: Observed) -> Observed:
    """What was observed in the order of `expected`, where the same arguments came in another one: the keys of a dictionary have none."""
    if observed.layout == expected.layout or not isinstance(observed.points, np.ndarray) or observed.points.ndim != 2:
        return observed
    if sorted(observed.layout) != sorted(expected.layout) or len({name for name, _ in expected.layout}) < len(expected.layout):
        return observed
    places, start = dict[str, range](), 0
    for name, shape in observed.layout:
        places[name] = range(start, start + math.prod(shape))
        start = places[name].stop
    if start != observed.points.shape[1]:
        return observed
    columns = [column for name, _ in expected.layout for column in places[name]]
    return msgspec.structs.replace(observed, layout=expected.layout, points=observed.points[:, columns])


def names(observed: Observed) -> str:
    """The arguments that are observed, in words."""
    return join(name for name, _ in observed.layout)


def digits(number: float, *others: float) -> str:
    """A number in as few digits as tell it from the others and from a whole one, but not below four.

    >>> digits(0.333333333, 1e-7), digits(2.000000001, 2.0), digits(0.99999995, 0.25), digits(16384.0, 2.0), digits(1 - 2e-14)
    ('0.3333', '2.000000001', '0.99999995', '16384', '0.99999999999998')
    """
    if number == round(number, 0) and abs(number) < 1e9 and number not in others:
        return f"{number:.0f}"
    nearest = round(number) if math.isfinite(number) else 0
    for places in (4, 6, 8, 10, 13, 15):
        text = f"{number:.{places}g}"
        if all(text != f"{other:.{places}g}" for other in (*others, nearest)):
            return text
    return f"{number:.17g}"


def _same_points(points: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether every wanted point was visited and no other, in any order and however often."""
    scale = 1e-9 * (1 + np.abs(wanted).max())
    if points.shape == wanted.shape and np.abs(points - wanted).max() <= scale:
        return True  # in the very order of the reference
    ends = np.array([points.min(axis=0) - wanted.min(axis=0), points.max(axis=0) - wanted.max(axis=0)])
    if np.abs(ends).max() > scale:
        return False
    visited = np.zeros(len(wanted), dtype=bool)
    for start in range(0, len(points), 1_000):  # a reply may hold very many
        near = np.abs(points[start : start + 1_000, None, :] - wanted[None, :, :]).max(axis=2) <= scale
        if not near.any(axis=1).all():
            return False
        visited |= near.any(axis=0)
    return bool(visited.all())


def _facts(points: np.ndarray, wanted: np.ndarray, expected: Observed) -> list[str]:
    middle = np.median(wanted, axis=0)
    noise = 8 * float(np.finfo(float).eps) * (1 + float(np.abs(middle).max()))  # of moving there and back
    if float(np.abs(wanted - middle).max()) <= noise:
        return [_elsewhere(points, middle, expected)]
    moves, wanted_moves = points - middle, wanted - middle
    moved, should = np.abs(moves) > noise, (np.abs(wanted_moves) > noise).any(axis=0)
    usual = int((np.abs(wanted_moves) > noise).sum(axis=1).max())
    facts = [
        *_strays(points, moved & ~should, middle, expected),
        *_together(moved, usual, expected),
        *_said(should & ~moved.any(axis=0), say("never moved"), expected),
        *_amounts(moves, wanted_moves, should & moved.any(axis=0), noise, expected),
    ]
    still = int((~moved.any(axis=1)).sum())
    if 0 < still < len(points) and (np.abs(wanted_moves) > noise).any(axis=1).all():
        facts.append(
            say_n(
                "{n} of {all} evaluations is made with nothing moved", "{n} of {all} evaluations are made with nothing moved",
                still, all=len(points),
            )
        )  # fmt: skip
    return facts or [
        say("its points are none of those expected") if len(points) == len(wanted) else say("some of its points are others than expected")
    ]


def _elsewhere(points: np.ndarray, middle: np.ndarray, expected: Observed) -> str:
    """Of a function that is to be called at one point alone."""
    off = np.abs(points - middle)
    row, component = np.unravel_index(int(off.argmax()), off.shape)
    there, right = float(points[row, component]), float(middle[component])
    name = _labels(expected)[component]
    return say(
        "{function} is called with {name} = {actual}, not {expected}",
        function=expected.name, name=name, actual=digits(there, right), expected=digits(right, there),
    )  # fmt: skip


def _together(moved: np.ndarray, usual: int, expected: Observed) -> list[str]:
    """Several components moved at once, where fewer are expected."""
    counts = moved.sum(axis=1)
    if counts.max() <= usual:
        return []
    row = int(np.argmax(counts > usual))
    before = moved[:row].any(axis=0)
    new, old = np.flatnonzero(moved[row] & ~before), np.flatnonzero(moved[row] & before)
    labels = _labels(expected)
    facts = []
    if len(new) == 1 and len(old):
        still = [labels[i] for i in old[:_NAMED]] + ([say("{number} more", number=len(old) - _NAMED)] if len(old) > _NAMED else [])
        facts.append(
            say_n(
                "{names} is still moved when {label} is tested", "{names} are still moved when {label} is tested",
                len(old), names=join(still), label=labels[new[0]],
            )
        )  # fmt: skip
    facts.append(
        say(
            "up to {number} of {all} numbers are moved at once ({expected} expected)",
            number=counts.max(), all=moved.shape[1], expected=usual,
        )
    )  # fmt: skip
    return facts


def _said(which: np.ndarray, what: str, expected: Observed) -> list[str]:
    """Which components are so, whole parameters by their names."""
    count = int(which.sum())
    if count == which.size > 1:
        return [say("no number is ever moved") if what == "never moved" else say("all numbers are {said}", said=what)]
    labels, told, start = _labels(expected), list[str](), 0
    for name, shape in expected.layout:
        stop = start + int(np.prod(shape, dtype=int))
        told += [name] if which[start:stop].all() else [labels[i] for i in np.flatnonzero(which[start:stop]) + start]
        start = stop
    if len(told) <= _NAMED:
        return [say_n("{names} is {said}", "{names} are {said}", len(told), names=join(told), said=what)] if told else []
    if count == which.size - 1:
        return [say("all numbers but {label} are {said}", label=labels[int(np.argmin(which))], said=what)]
    names = ", ".join(told[:_NAMED])
    return [say("{number} of {all} numbers ({names}, …) are {said}", number=count, all=which.size, names=names, said=what)]


def _strays(points: np.ndarray, strays: np.ndarray, middle: np.ndarray, expected: Observed) -> list[str]:
    """Components that should keep their values."""
    which = np.flatnonzero(strays.any(axis=0))
    labels = _labels(expected)
    facts = []
    for i in which[:_NAMED]:
        there, right = float(points[int(np.argmax(strays[:, i])), i]), float(middle[i])
        values = {"expected": digits(right, there), "actual": digits(there, right)}
        facts.append(say("{label} should stay {expected}, but is {actual}", label=labels[i], **values))
    return facts


def _amounts(moves: np.ndarray, wanted: np.ndarray, which: np.ndarray, noise: float, expected: Observed) -> list[str]:
    """Components that are moved by other amounts than expected, or to one side alone."""
    width = float(np.abs(wanted).max())
    tolerance = max(1e-3 * width, noise)
    above, below, up, down = moves.max(axis=0), moves.min(axis=0), wanted.max(axis=0), wanted.min(axis=0)
    off = which & (((above > noise) & (np.abs(above - up) > tolerance)) | ((below < -noise) & (np.abs(below - down) > tolerance)))
    facts = []
    facts += _said(which & (down < 0) & (below >= -noise) & ~off, say("moved upwards only"), expected)
    facts += _said(which & (up > 0) & (above <= noise) & ~off, say("moved downwards only"), expected)
    if off.any():
        first = int(np.argmax(off))
        steps = {"names": _steps(moves[:, first], noise), "names_expected": _steps(wanted[:, first], noise)}
        facts.append(
            say_n(
                "{label} is moved by {names} ({names_expected} expected)",
                "{label} and others are moved by {names} ({names_expected} expected)",
                int(off.sum()), label=_labels(expected)[first], **steps,
            )
        )  # fmt: skip
    return facts


def _steps(moves: np.ndarray, noise: float) -> str:
    """
    >>> _steps(np.array([1e-7, 0.0, -1e-7]), 1e-12)
    '+1e-07 and -1e-07'
    """
    steps = list(dict.fromkeys(f"{move:+.3g}" for move in np.unique(moves)[::-1] if abs(move) > noise))
    return join(steps) if len(steps) <= _NAMED else join((steps[0], steps[-1], say("between")))


def _labels(observed: Observed) -> list[str]:
    labels: list[str] = []
    for name, shape in observed.layout:
        labels += [name] if not shape else [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(*shape)]
    return labels
