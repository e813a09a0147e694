"""Colours for Python code: one pass of one expression, which knows only what the page colours.

It accepts any text, since what it gets may be half a function, or a magic, or no Python at all. A full lexer takes ten times the time.
"""

from __future__ import annotations

import keyword
import re
from html import escape

# Comment, string, defined name after its keyword, keyword, number; what lies between is plain. The names are classes of the style sheet.
# Signs and any other name are taken whole, so that nothing is looked for at each of their characters.
_TOKEN = re.compile(
    r"[^\w#\"'.]+"
    r"|(?P<c>\#[^\n]*)"
    r"|(?P<s>(?<![A-Za-z0-9_])[rbfuRBFU]{0,3}(?:\"\"\"(?:[^\\]|\\(?:.|\Z))*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\(?:.|\Z))*?(?:'''|\Z)"
    r"|\"(?:[^\"\\\n]|\\(?:.|\Z))*\"?|'(?:[^'\\\n]|\\(?:.|\Z))*'?)|[\"'])"
    r"|\b(?P<k>def|class)(?P<gap>[ \t]+)(?P<nf>\w+)"
    rf"|\b(?P<word>{'|'.join(keyword.kwlist)})\b"
    r"|[A-Za-z_][A-Za-z0-9_]*"
    r"|(?<!\w)(?P<m>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)",
    re.DOTALL,
)


def highlight(source: str) -> str:
    """The code as HTML; no element spans lines."""
    pieces: list[str] = []
    end = 0
    for found in _TOKEN.finditer(source):
        kind = found.lastgroup
        if kind is None:
            continue
        start, next_ = found.span()
        pieces.append(escape(source[end:start]))
        end = next_
        if kind == "nf":
            pieces += (_span("k", found["k"]), found["gap"], _span("nf", found["nf"]))
        else:
            pieces.append(_span("k" if kind == "word" else kind, found[0]))
    pieces.append(escape(source[end:]))
    return "".join(pieces)


def _span(kind: str, text: str) -> str:
    if "\n" not in text:
        return f'<span class="{kind}">{escape(text)}</span>'
    return "\n".join([f'<span class="{kind}">{escape(line)}</span>' if line else "" for line in text.split("\n")])
