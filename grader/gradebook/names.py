"""What is said of a name that is not in the gradebook."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from grader.errors import UsageError
from grader.values import bounded

_SHOWN = 10
_LENGTH = 60


def unknown(what: str, name: str, known: Sequence[str]) -> UsageError:
    """The error with the nearest name as remedy, else those there are.

    >>> unknown("student", "adda", ["ada", "bob"]).remedy
    'did you mean ada?'
    >>> unknown("run", "9", ["1", "2"]).remedy
    'there are: 1, 2'
    """
    near = difflib.get_close_matches(name, known, 1)
    listed = [bounded(one, _LENGTH, newlines=False) for one in known[:_SHOWN]]
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    said = f"there are: {', '.join(listed)}{more}" if known else f"there is no {what} yet"
    remedy = f"did you mean {bounded(near[0], _LENGTH, newlines=False)}?" if near else said
    return UsageError(f"there is no {what} {bounded(name, _LENGTH, newlines=False)} in the gradebook", remedy=remedy)
