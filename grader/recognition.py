"""Which assignment a notebook is of, told by the names of the functions that it defines.

An assignment is known by its graded exercises: their names, and the other names that are accepted for them.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from grader.messages import say
from grader.notebook import Notebook
from grader.values import join

# Each begins with letters of its own, by which the search jumps: one expression that is tried at every character takes ten times as long.
_BOUND = tuple(map(re.compile, (r"def[ \t]+(\w+)", r"class[ \t]+(\w+)", r"\n(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")))
_CLAIM = re.compile(r"looks like (\S+): ")  # as `claim` writes it


class Profile(msgspec.Struct, frozen=True):
    """What an assignment is known by: of each graded exercise its name, then its aliases."""

    id: str
    exercises: tuple[tuple[str, ...], ...]


class Fit(msgspec.Struct, frozen=True):
    """How a notebook fits an assignment: the name that it has for each exercise found, of how many there are.

    exact: those that are the exercise's own name, and no alias.
    """

    id: str
    names: tuple[str, ...]
    exact: int
    total: int

    @property
    def weight(self) -> int:
        """How many exercises are found; one by its own name counts twice."""
        return len(self.names) + self.exact

    @property
    def rank(self) -> tuple[int, float]:
        """The greater it is, the better it fits: by what is found, then by its share of all."""
        return self.weight, len(self.names) / self.total

    @property
    def is_likely(self) -> bool:
        """Whether half of the exercises are there, or more."""
        return 2 * len(self.names) >= self.total


def bound_names(notebook: Notebook) -> frozenset[str]:
    """The names that the text of the cells defines or assigns, cells that do not run and comments included."""
    text = "\n".join(["", *(cell.source for cell in notebook.cells)])
    return frozenset(name for pattern in _BOUND for name in pattern.findall(text))


def fit(names: Collection[str], profile: Profile) -> Fit:
    """How names fit one assignment. A name stands for one exercise, first of all for the one that is called so.

    >>> fit({"double", "triple"}, Profile("numbers", (("double",), ("treble", "triple", "double"), ("half",))))
    Fit(id='numbers', names=('double', 'triple'), exact=1, total=3)
    """
    own = [exercise[0] if exercise[0] in names else "" for exercise in profile.exercises]
    free = set(names) - set(own)
    for place, (_, *aliases) in enumerate(profile.exercises):
        found = next((alias for alias in aliases if alias in free), "") if not own[place] else ""
        if found:
            own[place] = found
            free.discard(found)
    exact = sum(name == exercise[0] for name, exercise in zip(own, profile.exercises, strict=True))
    return Fit(profile.id, tuple(filter(None, own)), exact, len(own))


def recognise(notebook: Notebook, profiles: Iterable[Profile]) -> tuple[Fit, ...]:
    """The assignments of which the notebook defines anything, the best first, in the order of their ids where they are alike."""
    return rank(bound_names(notebook), profiles)


def rank(names: Collection[str], profiles: Iterable[Profile]) -> tuple[Fit, ...]:
    """The same of names that are defined somewhere."""
    fits = (fit(names, profile) for profile in sorted(profiles, key=lambda profile: profile.id))
    return tuple(sorted((one for one in fits if one.names), key=lambda one: one.rank, reverse=True))


def best(fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """Of fits that are in order, those that no other one is better than."""
    return tuple(one for one in fits if one.rank == fits[0].rank)


def mistaken(notebook: Notebook, profile: Profile, others: Iterable[Profile]) -> Fit | None:
    """The assignment that a notebook is rather of than of the one that it is graded by, where there is one and it is likely."""
    fits = recognise(notebook, (profile, *others))
    own = max((one.weight for one in fits if one.id == profile.id), default=0)
    return fits[0] if fits and fits[0].is_likely and fits[0].weight > own else None


def tell(fits: Sequence[Fit], known: Sequence[str]) -> str:
    """What to do where one notebook's assignment has to be named: which one fits, or which ones there are.

    >>> tell([Fit("numbers", ("double", "half"), 2, 3)], ["letters", "numbers"])
    'it looks like numbers (it defines double, half): pass -a numbers'
    """
    leading = best(fits)
    if len(leading) == 1:
        return f"it looks like {leading[0].id} (it defines {', '.join(leading[0].names)}): pass -a {leading[0].id}"
    if leading:
        return f"it fits {join(one.id for one in leading)} alike: pass -a with one of them"
    return f"it defines no function of any: pass -a ID; known: {', '.join(known) or 'none'}"


def tell_many(notebooks: Iterable[Notebook], profiles: Sequence[Profile]) -> str:
    """The same for many notebooks: which assignments how many of them look like."""
    leading = [best(recognise(notebook, profiles)) for notebook in notebooks]
    counts = Counter(found[0].id for found in leading if len(found) == 1).most_common()
    if not counts:
        known = ", ".join(profile.id for profile in profiles) or "none"
        return f"none of {len(leading)} notebooks looks like any one: pass -a ID; known: {known}"
    if len(leading) == 1:
        return tell(leading[0], [])
    told = ", ".join(f"{count} of {len(leading)} notebooks look like {key}" for key, count in counts)
    return f"{told}: pass -a {counts[0][0]}" + (", and grade the others by themselves" if len(counts) > 1 else "")


def claim(found: Fit) -> str:
    """The note that a notebook looks like another assignment's."""
    return say("looks like {id}: it defines {names}", id=found.id, names=", ".join(found.names))


def claimed(notes: Iterable[str]) -> list[str]:
    """The ids in notes that `claim` has made.

    >>> claimed(["a note", claim(Fit("numbers", ("double", "half"), 2, 3))])
    ['numbers']
    """
    return [match[1] for note in notes if (match := _CLAIM.match(note))]


def read_profiles(folders: Iterable[Path]) -> tuple[Profile, ...]:
    """The profiles of the assignments in the folders, the first of an id; a file that cannot be read is nobody's profile here."""
    found: dict[str, Profile] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/assignment.toml")):
            profile = _read(path, os.stat(path).st_mtime_ns)
            if profile is not None:
                found.setdefault(profile.id, profile)
    return tuple(found[key] for key in sorted(found))


@functools.lru_cache(maxsize=1_000)
def _read(path: Path, changed: int) -> Profile | None:
    """Leniently, for what is wrong with a file is told where that assignment is loaded."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["exercise"]
        names = tuple((table["name"], *table.get("aliases", ())) for table in tables if table["points"] > 0)
        return msgspec.convert({"id": path.parent.name, "exercises": names}, Profile) if names else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
