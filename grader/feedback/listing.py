"""Student code as a listing: highlighted by Pygments, with the line numbers of its cell and marks at lines that raised."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection

from markupsafe import Markup, escape

from grader.feedback.views import counted
from grader.values import visible

_LINE_LENGTH = 400


def listing(text: str, first_line: int, marked: Collection[int], limit: int) -> Markup:
    """The lines of `text` as HTML of at most about `limit` characters, their numbers counted from `first_line`.

    Highlighting is left out where it alone would exceed the limit; lines that do not fit are left out with a note.
    """
    text = text.rstrip()
    source = "\n".join(_cut(line) for line in visible(text[:limit]).split("\n"))
    html = _highlighter()(source)
    lines = (html if len(html) <= limit else str(escape(source))).split("\n")
    kept: list[str] = []
    size = 0
    for number, line in enumerate(lines, first_line):
        size += len(line) + 60
        if size > limit:
            break
        kept.append(_numbered(number, line, number in marked))
    if rest := len(text.split("\n")) - len(kept):
        kept.append(f'<span class="more">… {counted(rest, "more line")}</span>')
    return Markup("\n".join(kept))


def _cut(line: str) -> str:
    return line if len(line) <= _LINE_LENGTH else line[:_LINE_LENGTH] + "…"


def _numbered(number: int, line: str, is_marked: bool) -> str:
    if is_marked:
        return f'<span class="no at">▶ {number}</span><mark>{line}</mark><span class="sr"> (raised here)</span>'
    return f'<span class="no">{number}</span>{line}'


@functools.cache
def _highlighter() -> Callable[[str], str]:
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    from grader.feedback.lexer import CodeLexer

    lexer, formatter = CodeLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)
    return lambda source: str(highlight(source, lexer, formatter)).removesuffix("\n")
