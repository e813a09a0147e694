"""The figures of a page, as coordinates and words: a curve on logarithmic axes, and blocks each against their approximation.

Every figure says in a sentence what it shows, and gives its numbers as a table; what stands out is told by shape and word, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from grader.feedback.material import Block, BlockPlot, Curve, Material
from grader.messages.language import Language
from grader.values import bounded, join

# The curve's drawing area, in units of its view box.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640.0, 300.0, 70.0, 624.0, 14.0, 258.0
_SIDE, _MARGIN = 100.0, 8.0  # a block's square
_DECADES = 2  # between labels of an axis, at least
_MOST_LABELS = 8
_FLOOR = 1e-17  # below the unit roundoff: what is less is drawn there
_TITLE = 200
_ALIKE = 1e-3  # relative, where truncation makes the numbers reproducible
_REPRODUCIBLE = 100  # times the reference's best value of the parameter: rounding is far below truncation from there


class Line(msgspec.Struct, frozen=True):
    """One curve: its pieces as SVG points, and its markers."""

    pieces: tuple[str, ...]
    markers: tuple[tuple[str, str], ...]


class CurveView(msgspec.Struct, frozen=True):
    """A curve as it is drawn: `summary` says what there is to see; `rows` are its numbers, as text."""

    title: str
    text: str
    summary: str
    parameter: str
    student: Line
    reference: Line
    across: tuple[tuple[str, str], ...]
    upwards: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str], ...]
    kind: str = "curve"


class BlockView(msgspec.Struct, frozen=True):
    """One block: its dots, and whether it is right, in words."""

    name: str
    is_right: bool
    verdict: str
    label: str
    dots: tuple[tuple[str, str], ...]


class BlocksView(msgspec.Struct, frozen=True):
    """Blocks as they are drawn, each in a square of its own."""

    title: str
    text: str
    summary: str
    blocks: tuple[BlockView, ...]
    kind: str = "blocks"


FigureView = CurveView | BlocksView


def draw(material: Material, language: Language) -> dict[str, list[FigureView]]:
    """The figures of each function."""
    views: dict[str, list[FigureView]] = {}
    for figure in material.figures:
        view = _curve(figure, language) if isinstance(figure, Curve) else _blocks(figure, language)
        views.setdefault(figure.function, []).append(view)
    return views


def _named(text: str) -> str:
    return bounded(text, _TITLE, newlines=False)


def _curve(curve: Curve, language: Language) -> CurveView:
    low, high = math.log10(min(curve.values)), math.log10(max(curve.values))
    drawn = [_height(number) for number in (*curve.student, *curve.reference) if number is not None]
    bottom, top = math.floor(min(drawn)), math.ceil(max(drawn))
    top = max(top, bottom + 1)

    def across(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (math.log10(value) - low) / ((high - low) or 1)

    def upwards(decade: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (decade - bottom) / (top - bottom)

    def line(numbers: Sequence[float | None]) -> Line:
        spots = [
            None if number is None else (across(value), upwards(_height(number)))
            for value, number in zip(curve.values, numbers, strict=True)
        ]
        return _line(spots)

    return CurveView(
        title=_named(language.retell(curve.title)),
        text=bounded(language.retell(curve.text), 2 * _TITLE),
        summary=_curve_summary(curve, language),
        parameter=_named(curve.parameter),
        student=line(curve.student),
        reference=line(curve.reference),
        across=tuple(
            (f"{across(10.0**decade):.1f}", _power(decade)) for decade in _labelled(math.ceil(low - 1e-9), math.floor(high + 1e-9))
        ),
        upwards=tuple((f"{upwards(decade):.1f}", _power(decade)) for decade in _labelled(bottom, top)),
        rows=tuple(
            (f"{value:.3g}", _number(student), _number(reference))
            for value, student, reference in zip(curve.values, curve.student, curve.reference, strict=True)
        ),
    )


def _height(number: float) -> float:
    """The decade at which a difference is drawn; a negative one is drawn by its size."""
    return min(math.log10(max(abs(number), _FLOOR)), 300.0)


def _labelled(first: int, last: int) -> range:
    step = max(_DECADES, -(-(last - first) // _MOST_LABELS))
    return range(first, last + 1, step)


def _power(decade: int) -> str:
    return f"1e{decade:+03d}" if decade else "1"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:.4g}"


def _line(spots: Sequence[tuple[float, float] | None]) -> Line:
    """Neighbours joined; a value that is missing breaks the line."""
    pieces: list[list[str]] = [[]]
    for spot in spots:
        if spot is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{spot[0]:.1f},{spot[1]:.1f}")
    markers = tuple((f"{spot[0]:.1f}", f"{spot[1]:.1f}") for spot in spots if spot is not None)
    return Line(tuple(" ".join(piece) for piece in pieces if len(piece) > 1), markers)


def _curve_summary(curve: Curve, language: Language) -> str:
    """Where the reference is best, and whether the student's numbers are its where they are reproducible."""
    pairs = [
        (value, student, reference)
        for value, student, reference in zip(curve.values, curve.student, curve.reference, strict=True)
        if reference is not None and reference > 0
    ]
    if not pairs:
        return ""
    best, _, least = min(pairs, key=lambda pair: pair[2])
    start = language.say(
        "The reference's difference is smallest at {parameter} = {best}, where it is {least}.",
        parameter=_named(curve.parameter), best=f"{best:.3g}", least=f"{least:.2g}",
    )  # fmt: skip
    firm = [(value, student, reference) for value, student, reference in pairs if value >= _REPRODUCIBLE * best]
    off = [(value, student, reference) for value, student, reference in firm if student is None or abs(student / reference - 1) > _ALIKE]
    if not off:
        same = language.say("Your function gives the same wherever rounding is small.")
        return f"{start} {same}"
    value, student, reference = max(off, key=lambda item: _apart(item[1], item[2]))
    told = language.say(
        "Yours parts from it most at {parameter} = {value}: {student} in the place of {reference}.",
        parameter=_named(curve.parameter), value=f"{value:.3g}", student=_number(student), reference=_number(reference),
    )  # fmt: skip
    return f"{start} {told}"


def _apart(student: float | None, reference: float) -> float:
    return math.inf if student is None else abs(_height(student) - _height(reference))


def _blocks(plot: BlockPlot, language: Language) -> BlocksView:
    wrong = [_named(block.name) for block in plot.blocks if not block.is_right]
    if not wrong:
        summary = language.say("All blocks agree with the approximation.")
    else:
        names = language.listed(join(wrong))
        summary = language.say_n(
            "{names} stands out; the other blocks agree.", "{names} stand out; the other blocks agree.", len(wrong), names=names
        )
        if len(wrong) == len(plot.blocks):
            summary = language.say("None of the blocks agrees with the approximation.")
    return BlocksView(
        title=_named(language.retell(plot.title)),
        text=bounded(language.retell(plot.text), 2 * _TITLE),
        summary=summary,
        blocks=tuple(_block(block, language) for block in plot.blocks),
    )


def _block(block: Block, language: Language) -> BlockView:
    name = _named(block.name)
    verdict = language.say("agrees") if block.is_right else language.say("differs")
    if not block.is_right and block.factor is not None:
        verdict = language.say("{factor} times the true one", factor=f"{block.factor:.4g}")
    label = language.say_n(
        "{name}: {n} number, {verdict}", "{name}: {n} numbers, {verdict}", len(block.student), name=name, verdict=verdict
    )
    reach = max((abs(number) for number in (*block.student, *block.approximation)), default=0.0) or 1.0

    def place(number: float) -> float:
        return _SIDE / 2 + (_SIDE / 2 - _MARGIN) * number / reach

    dots = tuple((f"{place(x):.1f}", f"{_SIDE - place(y):.1f}") for x, y in zip(block.approximation, block.student, strict=True))
    return BlockView(name, block.is_right, verdict, label, dots)
