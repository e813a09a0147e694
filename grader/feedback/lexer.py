"""A Pygments lexer of Python that knows only what the page colours, and takes a quarter of the time of the full one.

It accepts any text, since what it gets may be half a function, or a magic, or no Python at all.
"""

from __future__ import annotations

import keyword
import re
from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, words  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, String, Text  # type: ignore[import-untyped]


class CodeLexer(RegexLexer):  # type: ignore[misc]
    """Comments, strings, numbers, keywords, and the names that `def` and `class` define; all else is plain text."""

    name = "Student code"
    flags = re.DOTALL
    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"\s+", Text),
            (r"(def|class)([ \t]+)(\w+)", bygroups(Keyword, Text, Name.Function)),
            (words(keyword.kwlist, suffix=r"\b"), Keyword),
            (r"[rbfuRBFU]{0,3}(\"\"\"|''')(?:[^\\]|\\(?:.|\Z))*?(?:\1|\Z)", String),
            (r"[rbfuRBFU]{0,3}\"(?:[^\"\\\n]|\\(?:.|\Z))*\"?", String),
            (r"[rbfuRBFU]{0,3}'(?:[^'\\\n]|\\(?:.|\Z))*'?", String),
            (r"[^\W\d]\w*", Text),
            (r"(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*", Number),
            (r"#[^\n]*", Comment),
            (r"[^\w\s\"'#.]+|.", Text),
        ]
    }
