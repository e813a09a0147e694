"""The sentences that people read, as templates: what makes them, and what tells them in another language.

A result holds English alone, so that it is the same bytes for every reader; `grader.messages.language` knows a sentence again by
its template. A placeholder's name says what stands there: `said…` a message or several, `names…` a list of names, and any other
a value or a student's own text, which is never translated.
"""

from __future__ import annotations


def say(template: str, /, **values: object) -> str:
    """The message in English.

    >>> say("it raises {type}", type="ValueError")
    'it raises ValueError'
    """
    return template.format(**values) if values else template


def say_n(one: str, many: str, n: int, /, **values: object) -> str:
    """The message about `n` things, in English; `{n}` is their number.

    >>> say_n("{n} cell", "{n} cells", 2)
    '2 cells'
    """
    return (one if n == 1 else many).format(n=n, **values)


def message(template: str) -> str:
    """The template itself, to be said where it is used; it is marked here for the catalogue."""
    return template
