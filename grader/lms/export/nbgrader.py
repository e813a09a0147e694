"""nbgrader's table of grades, as `nbgrader export` writes it. Source: nbgrader, plugins/export.py.

As there, `score` is `raw_score` less `late_submission_penalty`; overrides are in `raw_score`. What is not graded has empty scores.
Times are UTC, without an offset. A name is split at its comma, and is otherwise left whole: its parts cannot be guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from grader.lms.export.marks import Graded, exact
from grader.lms.export.table import neutral, write_rows
from grader.lms.export.told import finite, is_graded
from grader.scoring import rounded

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score", "late_submission_penalty",
    "score", "max_score",
)  # fmt: skip


def write(results: Iterable[Graded], file: BinaryIO) -> int:
    """The table in UTF-8; how many submissions there were."""
    return write_rows(file, [COLUMNS]) + write_rows(file, _rows(results)) - 1


def _rows(results: Iterable[Graded]) -> Iterator[tuple[str, ...]]:
    for graded in results:
        last, _, first = graded.name.partition(",")
        yield (
            neutral(graded.result.assignment.id),
            "",
            _time(graded),
            neutral(graded.student),
            neutral(last.strip()),
            neutral(first.strip()),
            neutral(graded.ids.get("email", "")),
            *_scores(graded),
            str(finite(graded.result.points)),
        )


def _scores(graded: Graded) -> tuple[str, str, str]:
    result = graded.result
    if not is_graded(result) or result.grade is None:
        return "", "", ""
    penalty = -sum(exact(change.points) for change in result.adjustments if change.kind == "late")
    return str(rounded(exact(result.grade) + penalty)), str(rounded(exact(float(penalty)))), str(finite(result.grade))


def _time(graded: Graded) -> str:
    submitted = graded.entry.submitted_at if graded.entry else None
    try:
        time = datetime.fromisoformat(submitted) if submitted else None
    except ValueError:
        return ""
    return str(time.astimezone(UTC).replace(tzinfo=None)) if time and time.tzinfo else ""
