"""A class as its page tells it: counts, shares and lists of people, in the reader's language, every text clean and bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from grader.dashboard.alike import Group, groups, rare_limit
from grader.dashboard.census import ABSENT, OUTCOMES, Census, Item, Seat
from grader.dashboard.statistics import Spread, discrimination, spread
from grader.feedback.views import WORDS, number
from grader.messages.language import Language
from grader.model import Outcome, Status
from grader.values import bounded

_SHOWN = 12  # names of a list; the table has the others
_LISTED = 40  # mistakes, behaviours, groups
_NAME, _TEXT = 120, 300
_LOW = 0.1  # of an item-rest correlation: below it a case tells next to nothing
_ENOUGH = 10  # students, for such a number to be worth a remark
_TOGETHER = 512  # students whose cases are summed up at a time
_PASSED = OUTCOMES.index(Outcome.PASSED)


class People(msgspec.Struct, frozen=True):
    """Students: how many, the positions of the first ones, how many more there are, and the tag that the table finds them by."""

    count: int
    shown: tuple[int, ...]
    more: int
    tag: int


class ItemView(msgspec.Struct, frozen=True):
    """A case or an exercise: passed by `passed` of `of`; `r` is its discrimination, "–" where there is none; outcomes besides passed."""

    name: str
    title: str
    is_hidden: bool
    passed: int
    of: int
    share: str
    r: str
    is_odd: bool
    outcomes: tuple[str, ...]


class ExerciseView(msgspec.Struct, frozen=True):
    """An exercise with its cases; `mean` is of its scores."""

    item: ItemView
    mean: str
    points: str
    cases: tuple[ItemView, ...]


class MistakeView(msgspec.Struct, frozen=True):
    """A mistake that was recognised, and in which functions; whether one of them is worth points."""

    id: str
    is_graded: bool
    title: str
    functions: tuple[str, ...]
    share: str
    people: People


class ClusterView(msgspec.Struct, frozen=True):
    """Submissions that do the same wrong thing in one exercise. `titles`: of what was recognised there; `seen`: what was observed."""

    id: str
    exercise: str
    outcome: Outcome
    titles: tuple[str, ...]
    seen: str
    share: str
    people: People


class GroupView(msgspec.Struct, frozen=True):
    """Submissions whose code is alike. The closest pair, by position, with the passages that few others have, and where they lie."""

    people: People
    pair: tuple[int, int]
    passages: int
    share: str
    cells: tuple[str, str]
    is_whole: bool


class ClassView(msgspec.Struct, frozen=True):
    """All of it. `tags`: a label for each, and `tagged` the tags of each seat; `kinds` says where the tags of a kind begin."""

    seats: int
    graded: int
    full: int
    points: str
    spread: Spread | None
    exercises: tuple[ExerciseView, ...]
    mistakes: tuple[MistakeView, ...]
    clusters: tuple[ClusterView, ...]
    lists: tuple[tuple[str, People], ...]
    groups: tuple[GroupView, ...]
    left_out: Mapping[str, int]
    rare: int
    tags: tuple[tuple[str, str], ...]
    tagged: Sequence[tuple[int, ...]]


class Viewer:
    """Makes the view of a census in one language."""

    def __init__(self, census: Census, language: Language) -> None:
        self.census, self.language, self.say = census, language, language.say
        self.graded = [seat for seat in census.seats if seat.status is Status.GRADED]
        self._tags: list[tuple[str, str]] = []  # kind, label
        self._tagged: list[tuple[int, ...]] = [()] * len(census.seats)
        self._common: dict[tuple[int, ...], tuple[int, ...]] = {}  # tags that many have are kept once
        self._left_out: dict[str, int] = {}

    def view(self) -> ClassView:
        """The view."""
        census = self.census
        scores = [seat.score for seat in self.graded if seat.score is not None]
        lists = tuple(self._lists())
        mistakes, clusters, alike = self._mistakes(), self._clusters(), self._groups()
        return ClassView(
            seats=len(census.seats),
            graded=len(self.graded),
            full=sum(score >= census.points > 0 for score in scores),
            points=number(census.points),
            spread=spread(scores, census.points),
            exercises=self._exercises(),
            mistakes=mistakes,
            clusters=clusters,
            lists=lists,
            groups=alike,
            left_out=self._left_out,
            rare=rare_limit(len(census.seats)),
            tags=tuple(self._tags),
            tagged=self._tagged,
        )

    # People

    def _people(self, kind: str, label: str, positions: Sequence[int]) -> People:
        tag = len(self._tags)
        self._tags.append((kind, label))
        for position in positions:
            tags = (*self._tagged[position], tag)
            self._tagged[position] = self._common.setdefault(tags, tags)
        return People(len(positions), tuple(positions[:_SHOWN]), max(0, len(positions) - _SHOWN), tag)

    def _lists(self) -> Iterable[tuple[str, People]]:
        """Who needs a look: each list with what it is, in the order of how urgent it is; those that are empty, too."""
        chosen: Sequence[tuple[str, str, Sequence[int]]] = [
            ("not graded", self.say("Not graded, through no fault of theirs"), self._where(lambda seat: seat.failed)),
            ("unreadable", self.say("Unreadable file"), self._where(lambda seat: seat.status is Status.UNREADABLE)),
            ("ended", self.say("Ended by a limit or a crash"), self._where(lambda seat: seat.ended)),
            ("recovered", self.say("Recovered from a cell that fails"), self._where(_is_recovered)),
            ("nothing", self.say("None of the functions found"), self._where(_has_nothing)),
            ("late", self.say("Late"), self._where(lambda seat: seat.is_late)),
        ]
        for kind, label, positions in chosen:
            yield kind, self._people("state", label, positions)

    def _where(self, test: Callable[[Seat], bool]) -> list[int]:
        return [position for position, seat in enumerate(self.census.seats) if test(seat)]

    # Exercises and cases

    def _exercises(self) -> tuple[ExerciseView, ...]:
        census, graded = self.census, self.graded
        width = len(census.items)
        codes = np.frombuffer(b"".join(seat.cases.ljust(width, bytes([ABSENT])) for seat in graded), dtype=np.uint8)
        codes = codes.reshape(len(graded), width)
        worth = _worth(census.items, census.exercises)
        whole = _earned(codes, worth)
        views = []
        for name, points in census.exercises.items():
            places = [place for place, item in enumerate(census.items) if item.exercise == name]
            there = np.array([name in seat.parts for seat in graded], dtype=bool)
            passed = np.array([name in seat.parts and seat.parts[name].outcome is Outcome.PASSED for seat in graded], dtype=bool)
            scores = [seat.parts[name].score for seat in graded if name in seat.parts]
            outcomes = Counter(seat.parts[name].outcome for seat in graded if name in seat.parts)
            rest = whole - _earned(codes, worth, places)
            item = self._item(name, "", False, outcomes, discrimination(passed[there], rest[there]))
            cases = tuple(
                self._case(census.items[place], codes[:, place], whole - (codes[:, place] == _PASSED) * worth[place]) for place in places
            )
            mean = number(sum(scores) / len(scores)) if scores else "–"
            views.append(ExerciseView(item, mean, number(points), cases))
        return tuple(views)

    def _case(self, item: Item, codes: np.ndarray, rest: np.ndarray) -> ItemView:
        there = codes != ABSENT
        counts = np.bincount(codes[there], minlength=len(OUTCOMES))
        outcomes = Counter({outcome: int(counts[place]) for place, outcome in enumerate(OUTCOMES)})
        r = discrimination((codes == _PASSED)[there], rest[there])
        return self._item(item.id, self.language.retell(item.title), item.is_hidden, outcomes, r)

    def _item(self, name: str, title: str, is_hidden: bool, outcomes: Counter[Outcome], r: float | None) -> ItemView:
        of, passed = outcomes.total(), outcomes[Outcome.PASSED]
        told = (
            f"{self.say(WORDS[outcome])} {outcomes[outcome]:,}"
            for outcome in OUTCOMES
            if outcome is not Outcome.PASSED and outcomes[outcome]
        )
        is_odd = of >= _ENOUGH and (passed == 0 or (r is not None and r < _LOW))
        shown = "–" if r is None else f"{r:+.2f}".replace("-", "−")
        return ItemView(_line(name), _line(title), is_hidden, passed, of, _percent(passed, of), shown, is_odd, tuple(told))

    # What they have in common

    def _mistakes(self) -> tuple[MistakeView, ...]:
        whose: dict[str, list[int]] = {}
        functions: dict[str, dict[str, None]] = {}
        for position, seat in enumerate(self.census.seats):
            for id_ in dict.fromkeys(id_ for _, id_ in seat.mistakes):
                whose.setdefault(id_, []).append(position)
            for function, id_ in seat.mistakes:
                functions.setdefault(id_, {})[function] = None
        graded = {id_ for id_, names in functions.items() if names.keys() & self.census.exercises.keys()}
        chosen = sorted(whose, key=lambda id_: (id_ not in graded, -len(whose[id_]), id_))
        self._left_out["mistakes"] = len(chosen[_LISTED:])
        views = [self._mistake(id_, id_ in graded, tuple(functions[id_]), whose[id_]) for id_ in chosen]  # the table names all of them
        return tuple(views[:_LISTED])

    def _mistake(self, id_: str, is_graded: bool, functions: tuple[str, ...], positions: Sequence[int]) -> MistakeView:
        title = self._title(id_)
        people = self._people("mistake" if is_graded else "ungraded", title, positions)
        share = _percent(people.count, len(self.graded))
        return MistakeView(_line(id_), is_graded, title, tuple(map(_line, functions)), share, people)

    def _title(self, id_: str) -> str:
        return bounded(self.language.retell(self.census.titles[id_]), _TEXT, newlines=False).replace("`", "")

    def _clusters(self) -> tuple[ClusterView, ...]:
        counts = Counter(one for seat in self.census.seats for one in seat.behaviours)
        alike = [(exercise, behaviour) for (exercise, behaviour), count in counts.items() if count > 1]
        chosen = sorted(alike, key=lambda one: (-counts[one], one[1], one[0]))
        self._left_out["clusters"] = len(chosen[_LISTED:])
        whose: dict[tuple[str, str], list[int]] = {one: [] for one in chosen[:_LISTED]}
        for position, seat in enumerate(self.census.seats):
            for one in filter(whose.__contains__, seat.behaviours):
                whose[one].append(position)
        return tuple(self._cluster(behaviour, exercise, positions) for (exercise, behaviour), positions in whose.items())

    def _cluster(self, behaviour: str, exercise: str, positions: Sequence[int]) -> ClusterView:
        first = self.census.seats[positions[0]]
        titles = tuple(dict.fromkeys(self._title(id_) for function, id_ in first.mistakes if function == exercise))
        outcome = first.parts[exercise].outcome
        observed = self.census.seen.get(behaviour, "") if outcome is not Outcome.MISSING else ""  # why it is missing is each one's own
        seen = bounded(self.language.retell(observed), _TEXT, newlines=False)
        people = self._people("cluster", f"{behaviour} {_line(exercise)}", positions)
        share = _percent(people.count, len(self.graded))
        return ClusterView(behaviour, _line(exercise), outcome, titles, seen, share, people)

    def _groups(self) -> tuple[GroupView, ...]:
        found = groups(self.census.code)
        self._left_out["groups"] = len(found[_LISTED:])
        return tuple(self._group(index, group) for index, group in enumerate(found[:_LISTED], 1))

    def _group(self, index: int, group: Group) -> GroupView:
        people = self._people("alike", self.say("similar code, group {number}", number=index), group.members)
        closest = group.closest
        cells = tuple(", ".join(str(cell + 1) for cell in places) for places in closest.cells)
        pair = (closest.first, closest.second)
        return GroupView(people, pair, closest.passages, _percent(closest.share, 1), (cells[0], cells[1]), closest.share >= 1)


def _worth(items: Sequence[Item], exercises: Mapping[str, float]) -> np.ndarray:
    """What each case is worth, where an exercise's points are shared out by weight; shape (cases,)."""
    weights: Counter[str] = Counter()
    for item in items:
        weights[item.exercise] += item.weight  # type: ignore[assignment]
    return np.array([exercises[item.exercise] * item.weight / weights[item.exercise] for item in items])


def _earned(codes: np.ndarray, worth: np.ndarray, places: Sequence[int] | None = None) -> np.ndarray:
    """What was earned by cases, all of them or those at some places; codes: shape (students, cases). Some students at a time."""
    parts = [np.empty(0)]
    for start in range(0, len(codes), _TOGETHER):
        earned = (codes[start : start + _TOGETHER] == _PASSED) * worth
        parts.append((earned if places is None else earned[:, places]).sum(axis=1))
    return np.concatenate(parts)


def _is_recovered(seat: Seat) -> bool:
    return any(part.how in ("recovered", "definitions_only") for part in seat.parts.values())


def _has_nothing(seat: Seat) -> bool:
    return seat.status is Status.GRADED and bool(seat.parts) and not any(part.how for part in seat.parts.values())


def _percent(part: float, whole: float) -> str:
    """A share in whole per cent, but 0 and 100 for none and all alone.

    >>> _percent(1, 1000), _percent(999, 1000), _percent(0, 5), _percent(2, 2), _percent(0, 0)
    ('<1', '>99', '0', '100', '–')
    """
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 1:
        return "<1"
    return ">99" if 99 < share < 100 else f"{share:.0f}"


def _line(text: str) -> str:
    return bounded(text, _NAME, newlines=False)
