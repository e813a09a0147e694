"""A submission's card: what the page tells, as a piece of HTML for the output of a notebook's cell.

It brings its own style, which reaches nothing outside of it: every rule is for what lies inside a card. It has a ground of its own, and
is dark where the place is: a notebook's theme says so by marks on the page around it, not by the reader's system alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from markupsafe import Markup

from grader.feedback.figures import draw
from grader.feedback.material import Material
from grader.feedback.page import MAX_BYTES, STYLE, environment, listings, speech
from grader.feedback.story import tell
from grader.feedback.texts import Texts
from grader.feedback.views import Detail
from grader.messages.language import Language
from grader.model import Outcome, SubmissionResult
from grader.values import bounded

CARD = "grader-card"
# It is saved with the notebook: told in full where that fits.
_DETAILS = (Detail(text=400, code=4_000, entries=40, exercises=40), Detail(80, 600, 6, 40), Detail(40, 0, 0, 40))
_TITLE_LENGTH = 200
# Where JupyterLab, VS Code and Colab say that the theme is dark, and where it is light whatever the system's is.
_DARK = ('[data-jp-theme-light="false"]', ".vscode-dark", ".vscode-high-contrast:not(.vscode-high-contrast-light)", '[theme="dark"]')
_LIGHT = ('[data-jp-theme-light="true"]', ".vscode-light", ".vscode-high-contrast-light", '[theme="light"]')
_SCREEN = "screen and (prefers-color-scheme: dark)"


def render_card(
    result: SubmissionResult, material: Material, texts: Texts, *, language: str | None = None, changes: Sequence[str] = (), key: str = "0"
) -> str:
    """The card of a student's own run, of at most about `MAX_BYTES` bytes.

    `changes` are told above all else; `key` sets its ids apart from those of other cards.
    """
    spoken = texts.speak(language, material)
    template = environment().get_template("card.html.j2")
    html = ""
    for detail in _DETAILS:
        story = tell(result, spoken, detail)
        html = template.render(
            **speech(spoken),
            story=story,
            title=bounded(spoken.retell(texts.title), _TITLE_LENGTH, newlines=False),
            authored=texts.tag(spoken),
            headline=headline(result, spoken),
            own_run=own_run(spoken),
            changes=changes,
            figures=draw(material, spoken),
            listings=listings(result, material, texts, story, detail, spoken),
            key=key,
            card=CARD,
            card_style=_style(),
        )
        if len(html.encode("utf-8")) <= MAX_BYTES:
            break
    return _HEADING.sub(r'<\1 class="jp-toc-ignore"', html)


_HEADING = re.compile(r"<(h[1-6])\b")  # they are none of the notebook's own table of contents


def headline(result: SubmissionResult, language: Language) -> str:
    """How many exercises pass; no points, for those are given by all cases."""
    passed = sum(exercise.outcome is Outcome.PASSED for exercise in result.exercises)
    return language.say_n(
        "{passed} of {n} exercise passes its public cases",
        "{passed} of {n} exercises pass their public cases",
        len(result.exercises), passed=passed,
    )  # fmt: skip


def own_run(language: Language) -> str:
    """What this is, and what it is not."""
    return language.say(
        "This is your own run, of the functions as they are in this kernel now. It is no official grade: for that the whole notebook "
        "is run afresh, and hidden cases count, too."
    )


@functools.cache
def _style() -> Markup:
    sheets = (STYLE, STYLE.with_name("card.css"))
    return Markup("".join(scoped(sheet.read_text("utf-8"), f".{CARD}") for sheet in sheets))


def scoped(style: str, card: str) -> str:
    """A page's style sheet for the inside of `card` alone.

    The sheet is ours and plain: rules, and rules in one `@media`. `:root`, `html` and `body` become the card.

    >>> scoped("h1, :root { margin: 0; }", ".card")
    '.card h1, .card { margin: 0; }\\n'
    """
    rules = []
    for media, body, selectors, declarations in _RULE.findall(re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)):
        if not media:
            rules.append(f"{_inside(selectors, card)} {{{declarations}}}\n")
        elif "prefers-color-scheme: dark" in media:
            rules += _dark(body, card)
        else:
            rules.append(f"{media.strip()} {{\n{scoped(body, card)}}}\n")
    return "".join(rules)


# Either a media query with its rules, or one rule.
_RULE = re.compile(r"(@media[^{]*)\{((?:[^{}]*\{[^{}]*\})*)\s*\}|([^{}@]+)\{([^{}]*)\}")


def _inside(selectors: str, card: str) -> str:
    parts = (re.sub(r"^(?::root|html|body)\b", "", selector.strip()) for selector in selectors.split(","))
    return ", ".join(dict.fromkeys(f"{card} {part}".strip() for part in parts))


def _dark(body: str, card: str) -> list[str]:
    """The dark rules, where the theme is dark, and where the system is and no theme says otherwise."""
    light = "".join(f":not({mark} *)" for mark in _LIGHT)
    themed = [scoped(body, f"{mark} {card}") for mark in _DARK]
    return [f"@media {_SCREEN} {{\n{scoped(body, card + light)}}}\n", *themed]
