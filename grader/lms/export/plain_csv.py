"""A table of the class: one row a submission, one column an exercise. The scores stand for themselves; texts are strangers'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from grader.feedback.views import number
from grader.lms.export.marks import Graded
from grader.lms.export.table import neutral, write_rows

_BEFORE = ("student", "name", "attempt", "late", "status", "points", "score", "grade")


def write(results: Iterable[Graded], file: BinaryIO) -> int:
    """The table in UTF-8; how many submissions there were. `results` are gone through twice: first for the exercises' names."""
    names = list(dict.fromkeys(exercise.name for graded in results for exercise in graded.result.exercises))
    return write_rows(file, [(*_BEFORE, *map(neutral, names))]) + write_rows(file, _rows(results, names)) - 1


def _rows(results: Iterable[Graded], names: list[str]) -> Iterator[tuple[str, ...]]:
    for graded in results:
        result = graded.result
        scores = {exercise.name: exercise.score for exercise in result.exercises}
        yield (
            neutral(graded.student),
            neutral(graded.name),
            str(result.submission.attempt),
            "yes" if result.submission.late else "no",
            result.status.value,
            number(result.points),
            _score(result.score),
            _score(result.grade),
            *(_score(scores.get(name)) for name in names),
        )


def _score(value: float | None) -> str:
    return "" if value is None else number(value)
