"""The table of students, twice: as compact JSON for the page's own script, and as plain rows where scripts are off.

Ten thousand rows of markup would be slow to open; as data they are small, and the script shows fifty at a time. What stands in the
page for readers without scripts is text to a browser that has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec
from markupsafe import Markup, escape

from grader.dashboard.census import OUTCOMES, Seat
from grader.dashboard.views import ClassView
from grader.feedback.views import SYMBOLS, WORDS, number
from grader.messages import message
from grader.messages.language import Language
from grader.model import Status
from grader.values import bounded

STATUSES = {
    Status.GRADED: message("graded"),
    Status.UNREADABLE: message("unreadable"),
    Status.NOT_GRADED: message("not graded"),
}
_NAME = 200
_TOGETHER = 64  # rows of a piece
_ORDER = tuple(STATUSES)
# Inside a script element nothing may end it, or begin a comment.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


class Names:
    """What students are called on a page, and where theirs is; `aliases` in the place of their names make it an anonymous one."""

    def __init__(self, seats: Sequence[Seat], base: str = "", aliases: Sequence[str] | None = None) -> None:
        self._seats, self._base, self._aliases = seats, base, aliases

    def name(self, position: int) -> str:
        """What the student is called."""
        return self._aliases[position] if self._aliases is not None else bounded(self._seats[position].student, _NAME, newlines=False)

    def href(self, position: int) -> str:
        """The student's page, or "" where there is none, or none may be named."""
        folder = self._seats[position].folder
        if self._aliases is not None or folder in ("", ".", ".."):
            return ""
        return f"{self._base}{quote(folder, safe='', errors='surrogatepass')}/feedback.html"

    def links(self, positions: Sequence[int]) -> list[dict[str, str]]:
        """Names with their links."""
        return [{"name": self.name(position), "href": self.href(position)} for position in positions]


def has_grades(seats: Sequence[Seat]) -> bool:
    """Whether some grade is another number than its score; else a column of them would tell nothing."""
    return any(seat.grade != seat.score for seat in seats)


def data(seats: Sequence[Seat], names: Names, view: ClassView, exercises: Sequence[str], language: Language) -> Iterator[Markup]:
    """The rows as JSON that may stand in a script element, piece by piece; grader/dashboard/templates/dashboard.js reads it.

    A row is name, page, status, score, grade, attempt, late, then for each exercise its outcome's place (-1 where there is none)
    and score, then its tags.
    """
    say = language.say
    yield Markup('{"rows":[')
    for start in range(0, len(seats), _TOGETHER):
        places = range(start, min(start + _TOGETHER, len(seats)))
        yield Markup("," if start else "") + _json([_row(seats[place], place, names, view, exercises) for place in places])[1:-1]
    content = {
        "statuses": [say(STATUSES[status]) for status in _ORDER],
        "outcomes": [[SYMBOLS[outcome], say(WORDS[outcome]), outcome.value] for outcome in OUTCOMES],
        "grades": has_grades(seats),
        "tags": [label for _, label in view.tags],
        "mistakes": [index for index, (kind, _) in enumerate(view.tags) if kind == "mistake"],
        "words": {
            "attempt": say("attempt {attempt}"),
            "late": say("late"),
            "grade": say("grade {grade}"),
            "shown": say("{first}–{last} of {number}"),
            "none": say("No student is found."),
            "sorted": say("sorted by {column}, {direction}"),
            "up": say("ascending"),
            "down": say("descending"),
        },
    }
    yield Markup("],") + _json(content)[1:]


def _row(seat: Seat, position: int, names: Names, view: ClassView, exercises: Sequence[str]) -> list[object]:
    return [
        names.name(position),
        names.href(position),
        _ORDER.index(seat.status),
        seat.score,
        seat.grade,
        seat.attempt,
        int(seat.is_late),
        [OUTCOMES.index(seat.parts[name].outcome) if name in seat.parts else -1 for name in exercises],
        [seat.parts[name].score if name in seat.parts else None for name in exercises],
        view.tagged[position],
    ]


def _json(value: object) -> Markup:
    return Markup(msgspec.json.encode(value).decode("utf-8").translate(_ESCAPED))


def plain(seats: Sequence[Seat], names: Names, exercises: Sequence[str], language: Language) -> Iterator[Markup]:
    """The rows as markup."""
    statuses = {status: escape(language.say(word)) for status, word in STATUSES.items()}
    is_graded = has_grades(seats)
    outcomes = {outcome: Markup("{} {}").format(SYMBOLS[outcome], language.say(WORDS[outcome])) for outcome in OUTCOMES}
    for position, seat in enumerate(seats):
        name, href = escape(names.name(position)), names.href(position)
        shown = f'<a href="{escape(href)}"><bdi>{name}</bdi></a>' if href else f"<bdi>{name}</bdi>"
        parts = [seat.parts.get(exercise) for exercise in exercises]
        cells = "".join(f"<td>{outcomes[part.outcome]}, {number(part.score)}" if part is not None else "<td>–" for part in parts)
        grade = f"<td>{number(seat.grade)}" if is_graded else ""
        yield Markup(f'<tr><th scope="row">{shown}<td>{statuses[seat.status]}<td>{number(seat.score)}{grade}{cells}\n')
