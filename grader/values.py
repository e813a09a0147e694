"""What a value or a text of a student's looks like in a message: short, bounded, and without calling anything of theirs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import numpy as np

from grader.messages import say
from grader.sandbox.worker.codec import Opaque

_TEXT = 120
_ITEMS = 6
_DEPTH = 3

# A whole escape sequence of a terminal: CSI (colours, cursor), then OSC, DCS, SOS, PM, APC up to their end, then character sets.
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]{0,2048}(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]{1,8}[0-~]"
)
# Controls but newline and tab; then what reorders, hides or breaks a line: bidi, joiners without a width, separators, surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\U000e0000-\U000e007f]"
    "|[\ud800-\udfff]"
)


@functools.lru_cache(maxsize=512)
def _placeholder(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures of Unicode
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def visible(text: str, *, newlines: bool = True) -> str:
    r"""`text` with nothing in it that a terminal or a browser would obey instead of show.

    Escape sequences, control characters, and characters that reorder or hide text each become a placeholder. Newlines and
    tabs stay, unless `newlines` is false: then the text is one line.

    >>> visible("\x1b[31mred\x1b[0m and \x07")
    '␛red␛ and ␇'
    >>> visible("admin\u202etxt.exe")
    'admin⟨U+202E⟩txt.exe'
    >>> visible("a\r\nb", newlines=False)
    'a␤b'
    """
    text = text.replace("\r\n", "\n")
    if not text.replace("\n", " ").replace("\t", " ").isprintable():  # what is printable in Unicode's sense is a quick yes for most texts
        text = _ESCAPE.sub("␛", text)
        text = "".join([_placeholder(char) if _INVISIBLE.match(char) else char for char in text]) if _INVISIBLE.search(text) else text
    return text if newlines else text.replace("\n", "␤").replace("\t", " ")


def shorten(text: str, limit: int) -> str:
    """`text`, or its first `limit` characters with a note of how many are left out.

    >>> shorten("abcdefgh", 3)
    'abc… (5 more characters)'
    >>> shorten("abc", 3)
    'abc'
    """
    rest = len(text) - limit
    if rest <= 0:
        return text
    return f"{text[:limit]}… ({rest:,} more character{'s' if rest > 1 else ''})"


def bounded(text: str, limit: int, *, newlines: bool = True) -> str:
    r"""`text` both shortened and visible: placeholders, too, take no more than twice the limit.

    >>> bounded("\x1b[1mbold", 5)
    '␛b… (3 more characters)'
    >>> bounded("\u202e" * 9, 4)
    '⟨U+202E⟩… (more)'
    """
    shown = visible(shorten(text, limit), newlines=newlines)
    room = 2 * limit + len("… (1,000,000 more characters)")
    return shown if len(shown) <= room else f"{shown[: 2 * limit]}… (more)"


def describe(value: object) -> str:
    """A short, one-line text of a value that came over the wire. Never calls code of a type that is not Python's or NumPy's.

    >>> describe(0.5), describe(None), describe(-0.0)
    ('0.5', 'None', '-0.0')
    >>> describe(np.array([[0.25]]))
    'array of shape (1, 1): 0.25'
    >>> describe(np.float64(0.25)), describe(np.zeros((5, 4)))
    ('0.25', 'array of shape (5, 4), float64')
    >>> describe({"W1": np.zeros((5, 4)), "b": [1, (2,)]})
    "{'W1': array of shape (5, 4), float64, 'b': [1, (2,)]}"
    >>> describe(list(range(100)))
    '[0, 1, 2, 3, 4, 5, … 94 more]'
    >>> describe(Opaque("DataFrame"))
    'an object of type DataFrame'
    """
    return _describe(value, 0)


def _describe(value: object, depth: int) -> str:
    kind = type(value)
    if value is None or kind is bool or kind is float or kind is complex:
        return repr(value)
    if kind is int:
        return shorten(hex(value) if value.bit_length() > 10_000 else repr(value), _TEXT)  # type: ignore[attr-defined, arg-type]
    if kind is str:
        return _describe_text(value)  # type: ignore[arg-type]
    if kind in (list, tuple, dict):
        return _describe_container(value, depth)  # type: ignore[arg-type]
    if kind is np.ndarray or (issubclass(kind, np.generic) and kind.__module__ == "numpy"):
        return _describe_array(np.asarray(value), depth)
    name = value.type_name if kind is Opaque else kind.__name__  # type: ignore[attr-defined]
    return say("an object of type {type}", type=shorten(visible(name, newlines=False), _TEXT))


def _describe_text(value: str) -> str:
    rest = len(value) - _TEXT
    return visible(repr(value[:_TEXT]), newlines=False) + (f"… ({rest:,} more characters)" if rest > 0 else "")


def _describe_container(value: list[object] | tuple[object, ...] | dict[object, object], depth: int) -> str:
    opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")") if isinstance(value, tuple) else ("{", "}")
    if depth >= _DEPTH:
        return f"{opening}…{closing}" if value else opening + closing
    parts = []
    for index, item in enumerate(value):
        if index == _ITEMS:
            parts.append(f"… {len(value) - _ITEMS} more")
            break
        text = _describe(item, depth + 1)
        parts.append(f"{text}: {_describe(value[item], depth + 1)}" if isinstance(value, dict) else text)
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return shorten(opening + ", ".join(parts) + comma + closing, 4 * _TEXT)


def _describe_array(array: np.ndarray, depth: int) -> str:
    if array.dtype.kind not in "biufc":
        return say("array of {type}", type=array.dtype.name)
    if array.size != 1:
        return say("array of shape {shape}, {type}", shape=array.shape, type=array.dtype.name)
    item = array.item()
    text = str(item) if isinstance(item, np.generic) else _describe(item, depth)  # a long double stays NumPy's
    # A NumPy scalar and a 0-d array are one thing on the wire, and a number to whoever reads this.
    return text if array.ndim == 0 else say("array of shape {shape}: {value}", shape=array.shape, value=text)


def join(words: Iterable[str]) -> str:
    """
    >>> join(["b1", "b2", "b3"]), join(["b1"])
    ('b1, b2 and b3', 'b1')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
