"""The page of a class: one file that needs nothing but itself, with one small script of its own, which its policy names by its hash.

It is read without the script, too: everything is there, only sorting, searching and turning of leaves is not.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from grader.dashboard.census import Census
from grader.dashboard.rows import Names, data, has_grades, plain
from grader.dashboard.statistics import Spread
from grader.dashboard.views import ClassView, Viewer
from grader.feedback import Material, Texts
from grader.feedback.page import make_environment, ticks
from grader.feedback.views import SYMBOLS, WORDS, number
from grader.messages.language import Language
from grader.values import bounded

if TYPE_CHECKING:
    import jinja2

_FOLDER = Path(__file__).parent / "templates"
_FEEDBACK = Path(__file__).parents[1] / "feedback" / "templates"
_TITLE = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 712.0, 44.0, 194.0  # of the bars, in units of the figure's view box
_STEPS = (1, 2, 4, 5, 10, 20)  # bars between labels of its axis
_LABELS = 8  # of them, at most
_LABEL = 44.0  # half of the width of a word


def render(
    census: Census, texts: Texts, *, language: str | None = None, base: str = "", anonymous: random.Random | None = None, noted: int = 0
) -> Iterator[str]:
    """The page, piece by piece.

    language: its code, else the assignment's, else English. base: in front of the students' folders, in links. anonymous: students get
    numbers in an order that this draws, and no links. noted: how many notes of instructors are in force.
    """
    spoken = texts.speak(language, Material())
    aliases = None
    if anonymous is not None:  # everywhere on the page students stand in this order, which tells nothing
        census = census.shuffled(anonymous)
        aliases = _aliases(len(census.seats), spoken)
    view = Viewer(census, spoken).view()
    names = Names(census.seats, base, aliases)
    exercises = list(census.exercises)
    environment = _environment()
    return environment.get_template("dashboard.html.j2").generate(
        say=spoken.say,
        say_n=spoken.say_n,
        tag=spoken.tag,
        title=bounded(spoken.retell(texts.title), _TITLE, newlines=False),
        authored=texts.tag(spoken),
        view=view,
        state_names={kind: view.tags[people.tag][1] for kind, people in view.lists},
        links=names.links,
        reasons=_reasons(census, view),
        counts=_numbers(view.spread),
        figure=_figure(view.spread),
        exercises=[bounded(name, _TITLE, newlines=False) for name in exercises],
        words={outcome: spoken.say(word) for outcome, word in WORDS.items()},
        symbols=SYMBOLS,
        choices=_choices(view, spoken),
        has_grades=has_grades(census.seats),
        data=data(census.seats, names, view, exercises, spoken),
        rows=plain(census.seats, names, exercises, spoken),
        is_anonymous=anonymous is not None,
        noted=noted,
        retell=spoken.retell,
    )


def _aliases(count: int, language: Language) -> list[str]:
    width = len(str(count))
    return [language.say("student {number}", number=f"{place:0{width}d}") for place in range(1, count + 1)]


def _reasons(census: Census, view: ClassView) -> dict[str, list[tuple[str, int]]]:
    """Why those of the first two lists are in them, each reason with how often it was given."""
    reasons: dict[str, list[tuple[str, int]]] = {}
    for kind, people in view.lists[:2]:
        told: dict[str, int] = {}
        for position in (position for position, tags in enumerate(view.tagged) if people.tag in tags):
            why = bounded(census.seats[position].why, 300, newlines=False)
            told[why] = told.get(why, 0) + 1
        reasons[kind] = sorted(((why, count) for why, count in told.items() if why), key=lambda item: (-item[1], item[0]))[:5]
    return reasons


def _numbers(spread: Spread | None) -> dict[str, str]:
    if spread is None:
        return {}
    named = {"mean": spread.mean, "median": spread.median, "lower": spread.lower, "upper": spread.upper, "least": spread.least}
    told = {name: number(value) for name, value in {**named, "most": spread.most}.items()}
    return {**told, "deviation": number(spread.deviation)}


def _figure(spread: Spread | None) -> dict[str, object]:
    """The bars of the distribution, with labels, and a mark at the median."""
    if spread is None:
        return {}
    tallest = max(count for _, _, count in spread.bars) or 1
    width = (_RIGHT - _LEFT) / len(spread.bars)
    end = spread.bars[-1][1]
    step = next((step for step in _STEPS if len(spread.bars) <= step * _LABELS and len(spread.bars) % step == 0), len(spread.bars))
    bars = []
    for place, (low, high, count) in enumerate(spread.bars):
        height = (_BOTTOM - _TOP) * count / tallest
        bars.append(
            {
                "x": f"{_LEFT + place * width + 1.5:.1f}",
                "y": f"{_BOTTOM - height:.1f}",
                "width": f"{width - 3:.1f}",
                "height": f"{height:.1f}",
                "middle": f"{_LEFT + (place + 0.5) * width:.1f}",
                "above": f"{_BOTTOM - height - 6:.1f}",
                "count": count,
                "low": number(low),
                "high": number(high),
            }
        )
    ticks = [(f"{_LEFT + place * width:.1f}", number(spread.bars[place][0])) for place in range(0, len(spread.bars), step)]
    ticks.append((f"{_RIGHT:.1f}", number(end)))
    median = _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, spread.median / end if end else 0.0))
    label = min(max(median, _LEFT + _LABEL), _RIGHT - _LABEL)
    return {"bars": bars, "ticks": ticks, "median": f"{median:.1f}", "label": f"{label:.1f}"}


def _choices(view: ClassView, language: Language) -> list[tuple[str, list[tuple[int, str]]]]:
    """What the table can be narrowed down to, by kind: (tag, label)."""
    headings = {
        "state": language.say("State"),
        "mistake": language.say("Recognised mistakes"),
        "ungraded": language.say("Recognised where nothing is graded"),
        "cluster": language.say("Same behaviour"),
        "alike": language.say("Similar code"),
    }
    counts = [0] * len(view.tags)
    for tags in view.tagged:
        for tag in tags:
            counts[tag] += 1
    chosen: dict[str, list[tuple[int, str]]] = {kind: [] for kind in headings}
    for tag, (kind, label) in enumerate(view.tags):
        if counts[tag]:
            chosen[kind].append((tag, f"{bounded(label, 70, newlines=False)} ({counts[tag]:,})"))
    return [(headings[kind], options) for kind, options in chosen.items() if options]


@functools.cache
def _environment() -> jinja2.Environment:
    environment = make_environment(_FOLDER, _FOLDER / "dashboard.css")
    script = (_FOLDER / "dashboard.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    environment.filters["ticks"] = ticks
    environment.globals.update(script=Markup(script), script_digest=digest)
    return environment
