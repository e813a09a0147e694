"""The feedback page of a submission: result in, HTML out.

A page runs nothing and loads nothing: it has no script, its style is in it, and its own policy forbids the rest.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from grader.feedback.comments import as_html, comments_on
from grader.feedback.figures import draw
from grader.feedback.listing import listing
from grader.feedback.material import Excerpt, Material
from grader.feedback.story import tell
from grader.feedback.texts import Texts
from grader.feedback.views import FULL_DETAIL, SYMBOLS, WORDS, Detail, ExerciseView, Story, grouped
from grader.messages.language import Language
from grader.model import SubmissionResult, Visibility
from grader.values import bounded

if TYPE_CHECKING:
    import jinja2

MAX_BYTES = 300_000
PAGE = "page.html.j2"
_TEMPLATES = Path(__file__).parent / "templates"
STYLE = _TEMPLATES / "style.css"
# Told in full where that fits; the last level fits whatever a submission holds.
_DETAILS = (FULL_DETAIL, Detail(200, 3_000, 30, 60), Detail(80, 600, 6, 60), Detail(40, 0, 0, 60))
_PROMPT_LENGTH = 4_000
_TITLE_LENGTH = 200
_POINTED, _LINE = 3, 200  # lines that a diagnosis points at, and characters of a line that are searched
_BADGE = Markup('<span class="badge {}"><span aria-hidden="true">{}</span> {}</span>')
_GAP = 0.6  # between the segments of the bar, in per cent of its width


def render(
    result: SubmissionResult, material: Material, texts: Texts, *, language: str | None = None, audience: Visibility = Visibility.PUBLIC
) -> str:
    """The feedback page of `result` for `audience`, of at most `MAX_BYTES` bytes.

    `language` is its code; where it is None, the assignment's, else the notebook's own, else English.
    """
    spoken = texts.speak(language, material)
    template = environment().get_template(PAGE)
    own, by_function = as_html(comments_on(result, material, texts.notes))
    html = ""
    for detail in _DETAILS:
        story = tell(result, spoken, detail, audience)
        if detail is not _DETAILS[-1] and len(msgspec.json.encode(story)) > 2 * MAX_BYTES:
            continue  # sure to be too big: not worth rendering
        html = template.render(
            **speech(spoken),
            story=story,
            title=_short(spoken.retell(texts.title)),
            authored=texts.tag(spoken),
            is_instructor=audience is Visibility.HIDDEN,
            segments=_segments(story),
            own_comments=own,
            comments=by_function,
            prompts={name: _authored(text, min(_PROMPT_LENGTH, 8 * detail.text), spoken) for name, text in texts.prompts.items()},
            remember=[_authored(text, 2 * detail.text, spoken) for text in texts.remember],
            figures=draw(material, spoken) if detail.code else {},
            listings=listings(result, material, texts, story, detail, spoken),
        )
        if len(html.encode("utf-8")) <= MAX_BYTES:
            break
    return html


@functools.lru_cache(maxsize=16)
def speech(language: Language) -> Mapping[str, object]:
    """What every template speaks with."""
    code = Markup("") if language.code == "en" else Markup(' lang="en"')
    badges = {outcome: _BADGE.format(outcome.value, SYMBOLS[outcome], language.say(word)) for outcome, word in WORDS.items()}
    return {"say": language.say, "say_n": language.say_n, "tag": language.tag, "badges": badges, "code_lang": code}


def _authored(text: str, limit: int, language: Language) -> str:
    return bounded(language.retell(text.strip()), limit)


def _short(text: str) -> str:
    return bounded(text, _TITLE_LENGTH, newlines=False)


def listings(
    result: SubmissionResult, material: Material, texts: Texts, story: Story, detail: Detail, language: Language
) -> dict[str, Markup]:
    """The code of each exercise of `story`, the story of `result`, as HTML."""
    excerpts, pointed = material.excerpts, _pointed(result, material, texts)
    shown = [(exercise, excerpts[exercise.key]) for exercise in story.exercises if exercise.key in excerpts] if detail.code else []
    limit = min(2 * detail.code, MAX_BYTES // 2 // max(1, len(shown)))
    return {exercise.key: _listing(exercise, excerpt, limit, language, pointed.get(exercise.key, set())) for exercise, excerpt in shown}


def _listing(exercise: ExerciseView, excerpt: Excerpt, limit: int, language: Language, pointed: set[int]) -> Markup:
    """The code with the lines that raised marked, else those that the diagnosis points at."""
    raised = {line: language.say("raised here") for cell, line in exercise.marked if cell == excerpt.cell}
    marks = raised or dict.fromkeys(pointed, language.say("the mistake may be here"))
    return listing(excerpt.text, excerpt.first_line, marks, limit, language, excerpt.left_out)


def _pointed(result: SubmissionResult, material: Material, texts: Texts) -> dict[str, set[int]]:
    """The lines of each exercise's code that the author's expressions for its diagnoses find, where they are few."""
    found: dict[str, set[int]] = {}
    for exercise in result.exercises:
        patterns = [texts.lines[diagnosis.id] for diagnosis in exercise.diagnoses if diagnosis.id in texts.lines]
        excerpt = material.excerpts.get(exercise.name)
        if patterns and excerpt is not None:
            numbered = enumerate(excerpt.text.split("\n"), excerpt.first_line)
            lines = {number for number, line in numbered for pattern in patterns if re.search(pattern, line[:_LINE])}
            found[exercise.name] = lines if len(lines) <= _POINTED else set()
    return found


def _segments(story: Story) -> list[dict[str, str]]:
    """The bar under the headline: one segment an exercise, as wide as its points, filled by its score."""
    total = sum(max(0.0, exercise.worth) for exercise in story.exercises)
    left, segments = 0.0, []
    for exercise in story.exercises:
        width = 100 * max(0.0, exercise.worth) / total if total else 0.0
        drawn = max(0.0, width - _GAP * (left + width < 99.99))
        filled = drawn * min(1.0, max(0.0, exercise.share))
        segments.append({"x": f"{left:.2f}", "width": f"{drawn:.2f}", "filled": f"{filled:.2f}"})
        left += width
    return segments


@functools.lru_cache(maxsize=256)
def ticks(text: str) -> Markup:
    """An author's text, with `code` between backticks."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


@functools.cache
def environment() -> jinja2.Environment:
    """What renders the pages and cards of submissions."""
    environment = make_environment(_TEMPLATES)
    environment.filters["ticks"] = ticks
    environment.globals.update(grouped=grouped)
    return environment


def make_environment(templates: Path, *styles: Path) -> jinja2.Environment:
    """What renders pages that need nothing but themselves, in the look of the feedback; `styles` come after its own."""
    import jinja2

    from grader.feedback.bytecode import cached_beside

    style = "\n".join(path.read_text("utf-8") for path in (STYLE, *styles))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([templates, _TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=cached_beside(templates),
    )
    environment.globals.update(
        style=Markup(style),
        style_digest=base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
    )
    return environment
