"""Student code as a listing: highlighted, with the line numbers of its cell and marks at the lines that matter."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from grader.feedback.lexer import highlight
from grader.messages.language import Language
from grader.values import visible

_LINE_LENGTH = 400


def listing(text: str, first_line: int, marks: Mapping[int, str], limit: int, language: Language, left_out: int = 0) -> Markup:
    """The lines of `text` as HTML of at most about `limit` characters, their numbers counted from `first_line`.

    `marks` says why a line matters; `left_out` lines more follow the text. Highlighting is left out where it alone would exceed the limit;
    lines that do not fit are left out with a note.
    """
    text = text.rstrip()
    source = "\n".join(_cut(line) for line in visible(text[:limit]).split("\n"))
    html = highlight(source)
    lines = (html if len(html) <= limit else str(escape(source))).split("\n")
    kept: list[str] = []
    size = 0
    for number, line in enumerate(lines, first_line):
        size += len(line) + 60
        if size > limit:
            break
        kept.append(_numbered(number, line, escape(marks[number]) if number in marks else ""))
    if rest := len(text.split("\n")) - len(kept) + left_out:
        kept.append(f'<span class="more">… {escape(language.say_n("{n} more line", "{n} more lines", rest))}</span>')
    return Markup("\n".join(kept))


def _cut(line: str) -> str:
    return line if len(line) <= _LINE_LENGTH else line[:_LINE_LENGTH] + "…"


def _numbered(number: int, line: str, mark: str) -> str:
    if mark:
        return f'<span class="no at">▶ {number}</span><mark>{line}</mark><span class="sr"> ({mark})</span>'
    return f'<span class="no">{number}</span>{line}'
