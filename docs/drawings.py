"""Makes the drawings of the book, docs/pictures/*.svg: the map of the modules, the way of a submission, the errors of a difference.

python docs/drawings.py

The map is drawn from the import contract in pyproject.toml, the errors from grader's own error model. Everything is plain
arithmetic, so that the same bytes come out on every machine; a test compares.
"""

from __future__ import annotations

import ast
import math
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

from grader.seeds import rounding_bound

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
INK, PALE, BLUE, RED, GREEN = "#1a1a2e", "#f4f5fa", "#3949ab", "#b3261e", "#1b6e3c"
FONT = "font-family='system-ui, sans-serif'"


def picture(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    """An SVG file: on white, since the book may be dark."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' role='img' {FONT}>"
    arrow = "<marker id='a' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
    arrow = f"<defs>{arrow}<path d='M0 0 8 4 0 8z' fill='{INK}'/></marker></defs>"
    back = f"<rect width='{width}' height='{height}' fill='#ffffff'/>"
    return "\n".join([head, f"<title>{escape(title)}</title>", arrow, back, *parts, "</svg>"]) + "\n"


def text(x: float, y: float, words: str, size: int = 14, color: str = INK, anchor: str = "start", weight: str = "normal") -> str:
    """One line of words; y is that of its base line."""
    style = f"font-size='{size}' fill='{color}' text-anchor='{anchor}' font-weight='{weight}'"
    return f"<text x='{x:.1f}' y='{y:.1f}' {style}>{escape(words)}</text>"


def box(x: float, y: float, width: float, height: float, words: Sequence[str], fill: str = PALE, stroke: str = BLUE) -> str:
    """A box with lines of words in its middle; the first is the name."""
    rect = f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' rx='6' fill='{fill}' stroke='{stroke}'/>"
    first = y + height / 2 + 5 - 8.5 * (len(words) - 1)
    lines = [
        text(x + width / 2, first + 17 * n, line, 14 if n == 0 else 12, anchor="middle", weight="normal" if n else "600")
        for n, line in enumerate(words)
    ]
    return rect + "".join(lines)


def arrow(*points: tuple[float, float]) -> str:
    """A line with a head at its end."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{path}' fill='none' stroke='{INK}' stroke-width='1.4' marker-end='url(#a)'/>"


# The map


def layers() -> list[list[str]]:
    """The modules of grader, from those that nothing imports down to those that import nothing."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["name"] == "layers")
    return [[module.strip(" ()") for module in layer.split("|")] for layer in contract["layers"]]


def is_package(module: str) -> bool:
    """Whether it is a folder of modules."""
    return (ROOT / "grader" / module).is_dir()


def purpose(module: str) -> str:
    """The first sentence of its docstring, as far as it fits."""
    path = ROOT / "grader" / (f"{module}/__init__.py" if is_package(module) else f"{module}.py")
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
    return textwrap.shorten(first.partition(". ")[0].partition(": ")[0].rstrip(".:"), 100, placeholder=" …")


def module_map() -> str:
    """A row a layer; what stands higher may import what stands lower, and nothing else."""
    rows, width, left = layers(), 900, 70
    parts = [text(left, 28, "A module may import what stands below it, and nothing beside or above it.", 15, weight="600")]
    for n, row in enumerate(rows):
        y, each = 48 + 40 * n, (width - left - 20) / max(len(row), 4)
        parts += [
            box(
                left + each * k, y, each - 10, 30, [module + ("/" if is_package(module) else "")], "#e8eaf6" if is_package(module) else PALE
            )
            for k, module in enumerate(row)
        ]
        parts += [text(left + each + 4, y + 20, purpose(module), 12) for module in row if len(row) == 1]
    bottom = 48 + 40 * len(rows)
    parts.append(arrow((35, 52), (35, bottom - 12)))
    parts.append(
        box(
            left,
            bottom + 14,
            width - left - 30,
            40,
            ["sandbox/worker/", "runs beside student code and imports nothing of grader"],
            "#fdecea",
            RED,
        )
    )
    return picture(width, bottom + 70, "The modules of grader, layer by layer", parts)


# The way of a submission


def way() -> str:
    """What goes in, what comes out, and where the wall stands."""
    parts = [
        box(20, 20, 200, 50, ["lms · submissions", "folders, archives, notebooks"]),
        box(20, 100, 200, 50, ["notebook", "cells, read and never trusted"]),
        box(20, 180, 200, 50, ["assignments", "public cases, support modules"]),
        box(20, 310, 200, 50, ["answer_key · bank", "reference, known mistakes"], "#e8f5e9", GREEN),
        box(280, 100, 150, 50, ["plan", "a request: inputs"]),
        "<rect x='480' y='20' width='190' height='210' rx='10' fill='#fdecea' stroke='#b3261e' stroke-width='3' stroke-dasharray='9 4'/>",
        text(575, 48, "sandbox", 15, RED, "middle", "600"),
        text(575, 68, "behind walls", 12, RED, "middle"),
        box(492, 90, 166, 50, ["the cells run"], "#ffffff", RED),
        box(492, 160, 166, 50, ["functions are called"], "#ffffff", RED),
        box(720, 100, 160, 50, ["values", "a reply: what came out"]),
        box(720, 200, 160, 50, ["compare · scoring"]),
        box(720, 310, 160, 50, ["diagnosis"]),
        box(480, 310, 190, 50, ["SubmissionResult", "result.json"], "#e8eaf6"),
        box(280, 310, 150, 50, ["late · adjust", "what the grade is"]),
        box(20, 410, 200, 50, ["feedback · console", "for the student"]),
        box(250, 410, 200, 50, ["gradebook", "for the record"]),
        box(480, 410, 190, 50, ["lms", "for the platform"]),
        arrow((120, 70), (120, 98)),
        arrow((220, 125), (278, 125)),
        arrow((220, 205), (355, 205), (355, 152)),
        arrow((430, 125), (478, 125)),
        arrow((575, 140), (575, 158)),
        arrow((670, 125), (718, 125)),
        arrow((800, 150), (800, 198)),
        arrow((800, 250), (800, 308)),
        arrow((720, 335), (672, 335)),
        arrow((480, 335), (432, 335)),
        arrow((120, 310), (120, 275), (760, 275), (760, 252)),
        text(240, 268, "the answer key never goes in, and no verdict comes out", 12, GREEN),
        arrow((355, 360), (355, 385), (120, 385), (120, 408)),
        arrow((355, 360), (355, 408)),
        arrow((355, 385), (575, 385), (575, 408)),
    ]
    return picture(900, 480, "The way of a submission: inputs go into the sandbox, values come out", parts)


# The errors of a difference


X, THETA = 1.5, 2.0  # of the public case with J = xθ³
LEFT, RIGHT, TOP, BOTTOM = 90.0, 870.0, 30.0, 430.0
DECADES, FLOORS = (-15, 0), (-17, 1)


def cost(theta: float) -> float:
    """J = xθ³, by products alone: they round alike everywhere."""
    return X * theta * theta * theta


SLOPE, BEND, TWIST = 3 * X * THETA * THETA, 6 * X * THETA, 6 * X  # J', J'', J'''


def central(epsilon: float) -> float:
    """The difference of the assignment, with a central difference."""
    return ratio((cost(THETA + epsilon) - cost(THETA - epsilon)) / (2 * epsilon))


def one_sided(epsilon: float) -> float:
    """The same with a one-sided difference, a known mistake."""
    return ratio((cost(THETA + epsilon) - cost(THETA)) / epsilon)


def ratio(approximation: float) -> float:
    """|g - ĝ| / (|g| + |ĝ|)"""
    return abs(SLOPE - approximation) / (abs(SLOPE) + abs(approximation))


def truncation(epsilon: float) -> float:
    """What is left out of Taylor's series, in the measure of the difference."""
    return epsilon * epsilon * abs(TWIST) / 6 / (2 * abs(SLOPE))


def rounding(epsilon: float) -> float:
    """The bound on what rounding adds, in the measure of the difference."""
    value = abs(cost(THETA + epsilon))
    return rounding_bound(value=value, slope=abs(SLOPE), theta=THETA, epsilon=epsilon) / (2 * abs(SLOPE))


def place(epsilon: float, value: float) -> tuple[float, float]:
    """Where a point lies; what is below the floor lies on it."""
    across = (math.log10(epsilon) - DECADES[0]) / (DECADES[1] - DECADES[0])
    height = (math.log10(max(value, 10.0 ** FLOORS[0])) - FLOORS[0]) / (FLOORS[1] - FLOORS[0])
    return LEFT + across * (RIGHT - LEFT), BOTTOM - min(height, 1.0) * (BOTTOM - TOP)


def steps() -> list[float]:
    """Five values of ε a decade; powers of ten alone would be special."""
    return [float(f"{10 ** (n / 5):.3g}") * 10.0**decade for decade in range(*DECADES) for n in range(5)] + [1.0]


def curve(function: Callable[[float], float], color: str) -> str:
    """A line of the model."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(epsilon, function(epsilon)) for epsilon in steps()))
    return f"<polyline points='{points}' fill='none' stroke='{color}' stroke-width='2'/>"


def dots(function: Callable[[float], float], shape: str) -> list[str]:
    """What is measured."""
    return [shape.format(x=x, y=y) for x, y in (place(epsilon, function(epsilon)) for epsilon in steps())]


def beside(point: tuple[float, float], right: float, down: float, words: str, color: str) -> str:
    """A word beside a point of a line."""
    return text(point[0] + right, point[1] + down, words, 13, color)


def errors() -> str:
    """The difference against ε for a right gradient: measured, and by the model."""
    left, right = place(1e-3, 1)[0], place(1e-1, 1)[0]
    published = place(1e-7, 1)[0]
    parts = [
        f"<rect x='{left:.1f}' y='{TOP}' width='{right - left:.1f}' height='{BOTTOM - TOP}' fill='#e8f5e9'/>",
        text((left + right) / 2, TOP + 18, "cases", 13, GREEN, "middle"),
        f"<line x1='{published:.1f}' x2='{published:.1f}' y1='{TOP}' y2='{BOTTOM}' stroke='{INK}' stroke-dasharray='3 3'/>",
        text(published + 6, TOP + 18, "ε as published", 13),
        f"<rect x='{LEFT}' y='{TOP}' width='{RIGHT - LEFT}' height='{BOTTOM - TOP}' fill='none' stroke='{INK}'/>",
        *(text(place(10.0**n, 1)[0], BOTTOM + 20, f"1e{n}", 12, anchor="middle") for n in range(DECADES[0], DECADES[1] + 1, 3)),
        *(text(LEFT - 8, place(1, 10.0**n)[1] + 4, f"1e{n}", 12, anchor="end") for n in range(FLOORS[0] + 1, FLOORS[1], 4)),
        text((LEFT + RIGHT) / 2, BOTTOM + 44, "ε", 15, anchor="middle"),
        text(20, TOP - 10, "|g − ĝ| / (|g| + |ĝ|) for J = xθ³, x = 1.5, θ = 2, with the right g", 14, weight="600"),
        curve(truncation, BLUE),
        curve(rounding, RED),
        *dots(one_sided, "<path d='M{x:.1f} {y:.1f}m-3.5 -3.5l7 7m0 -7l-7 7' stroke='#8a6d00' stroke-width='1.6' fill='none'/>"),
        *dots(central, "<circle cx='{x:.1f}' cy='{y:.1f}' r='3.2' fill='#1a1a2e'/>"),
        beside(place(1e-11, rounding(1e-11)), 12, -10, "rounding, a bound", RED),
        beside(place(3e-6, truncation(3e-6)), 14, 16, "truncation ε²|J‴|/6", BLUE),
        text(LEFT + 14, BOTTOM - 40, "● central difference", 13),
        text(LEFT + 14, BOTTOM - 18, "× one-sided difference, a known mistake", 13, "#8a6d00"),
    ]
    return picture(900, 490, "The errors of a difference against ε, measured and by the model", parts)


DRAWINGS = {"module-map.svg": module_map, "way-of-a-submission.svg": way, "errors-of-a-difference.svg": errors}

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        (PICTURES / name).write_text(draw(), encoding="utf-8")
