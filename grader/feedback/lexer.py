"""Colours for Python code: one pass of one expression, which knows only what the page colours.

It accepts any text, since what it gets may be half a function, or a magic, or no Python at all. A full lexer takes ten times the time.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from html import escape

# Comment, string, defined name after its keyword, keyword, number; what lies between is plain. The names are classes of the style sheet.
_TOKEN = re.compile(
    r"(?P<c>\#[^\n]*)"
    r"|(?P<s>(?<![A-Za-z0-9_])[rbfuRBFU]{0,3}(?:\"\"\"(?:[^\\]|\\(?:.|\Z))*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\(?:.|\Z))*?(?:'''|\Z)"
    r"|\"(?:[^\"\\\n]|\\(?:.|\Z))*\"?|'(?:[^'\\\n]|\\(?:.|\Z))*'?)|[\"'])"
    r"|\b(?P<k>def|class)(?P<gap>[ \t]+)(?P<nf>\w+)"
    rf"|\b(?P<word>{'|'.join(keyword.kwlist)})\b"
    r"|(?<!\w)(?P<m>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)",
    re.DOTALL,
)


def highlight(source: str) -> str:
    """The code as HTML; no element spans lines."""
    return "".join(_pieces(source))


def _pieces(source: str) -> Iterator[str]:
    end = 0
    for found in _TOKEN.finditer(source):
        yield escape(source[end : found.start()])
        end = found.end()
        if found["nf"]:
            yield f"{_span('k', found['k'])}{found['gap']}{_span('nf', found['nf'])}"
        else:
            yield _span("k" if found.lastgroup == "word" else str(found.lastgroup), found[0])
    yield escape(source[end:])


def _span(kind: str, text: str) -> str:
    return "\n".join(f'<span class="{kind}">{escape(line)}</span>' if line else "" for line in text.split("\n"))
