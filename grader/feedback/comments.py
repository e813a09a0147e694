"""What instructors have to say of a submission: which notes concern it, and their Markdown as HTML that a page may hold.

The text is an instructor's, but the page's promises hold for it, too: nothing runs and nothing is asked for. So raw HTML is shown as
text, pictures are links, and only web and mail addresses are links at all.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from grader.feedback.material import Material
from grader.model import Note, SubmissionResult
from grader.values import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MAX_HTML = 60_000  # of all notes of a page: the rest of it needs room, too
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+\Z", re.IGNORECASE)


class Comments(msgspec.Struct, frozen=True):
    """The notes that concern a submission: those on the student, and those by function."""

    student: tuple[Note, ...] = ()
    functions: Mapping[str, tuple[Note, ...]] = {}


def comments_on(result: SubmissionResult, material: Material, notes: Sequence[Note]) -> Comments:
    """The notes that concern it, each once: on the student; then on what was recognised, on what the function does, on the exercise."""
    if not notes:
        return Comments()
    by_name = {(note.kind, note.name): note for note in notes}
    found: dict[str, tuple[Note, ...]] = {}
    for exercise in result.exercises:
        keys = [("misconception", diagnosis.id) for diagnosis in exercise.diagnoses]
        if exercise.name in material.traces.behaviours:
            keys.append(("cluster", material.traces.behaviours[exercise.name]))
        keys.append(("exercise", exercise.name))
        found[exercise.name] = _chosen(by_name, keys)
    for report in result.reports:
        found[report.function] = _chosen(by_name, [("misconception", diagnosis.id) for diagnosis in report.diagnoses])
    return Comments(_chosen(by_name, [("student", result.submission.student)]), {name: chosen for name, chosen in found.items() if chosen})


def _chosen(by_name: Mapping[tuple[str, str], Note], keys: Sequence[tuple[str, str]]) -> tuple[Note, ...]:
    return tuple(by_name[key] for key in dict.fromkeys(keys) if key in by_name)


def as_html(comments: Comments) -> tuple[list[Markup], dict[str, list[Markup]]]:
    """The notes on the student, and those by function, as HTML; those that a page has no room for are left out."""
    room = _MAX_HTML
    told: dict[str, list[Markup]] = {}
    for key, notes in (("", comments.student), *comments.functions.items()):
        for note in notes:
            html = rendered(note.text)
            room -= len(html)
            if room >= 0:
                told.setdefault(key, []).append(html)
    return told.pop("", []), told


def digest(notes: Sequence[Note]) -> str:
    """A short text that is another one where the notes are others; "" where there are none."""
    return hashlib.sha256(msgspec.json.encode(notes)).hexdigest()[:16] if notes else ""


@functools.lru_cache(maxsize=256)
def rendered(text: str) -> Markup:
    """A note's Markdown as HTML."""
    return Markup(_reader().render(visible(text)))


@functools.cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.disable(["html_block", "html_inline"])
    reader.validateLink = lambda url: bool(_ADDRESS.match(url))  # type: ignore[method-assign]
    # The page's own headings are its outline; a note's stand out, and no more.
    reader.add_render_rule("heading_open", lambda *_: '<p class="title">')
    reader.add_render_rule("heading_close", lambda *_: "</p>\n")
    reader.add_render_rule("image", _picture_as_link)
    return reader


def _picture_as_link(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    address = str(tokens[index].attrs["src"])
    text = tokens[index].content or address
    if sum(token.nesting for token in tokens[:index] if token.type in ("link_open", "link_close")):  # it stands in a link
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(address, text)
