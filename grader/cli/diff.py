"""grader diff"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import gradebook, write_stdout

if TYPE_CHECKING:
    from grader.gradebook import CaseChange, Diff, Move, Run, VersionChange
    from grader.model import Adjustment, Outcome

_NAME, _WHY = 60, 200
_CASES = 20


@click.command(
    "diff",
    short_help="Show whose grade moved between two runs, and why.",
    epilog="Examples:\n\n\b\n  grader diff 1 2 --out out/\n\n\b\n  grader diff 1 2 --format json",
)
@click.argument("before", type=int, metavar="RUN")
@click.argument("after", type=int, metavar="RUN")
@gradebook.out
@gradebook.url
@gradebook.output_format
def command(before: int, after: int, out: Path | None, url: str | None, output_format: str) -> None:
    """Show whose score or grade moved between two runs, and because of which case, version, adjustment or attempt.

    RUN is a run's number, as `grader grade` prints it.
    """
    import msgspec

    with gradebook.open_chosen(out, url) as book:
        found = book.diff(before, after)
    if output_format == "json":
        write_stdout(msgspec.json.encode({"schema": "grader.diff/1", **msgspec.structs.asdict(found)}).decode() + "\n")
    else:
        write_stdout("\n".join(_lines(found)) + "\n")


def _lines(found: Diff) -> Iterator[str]:
    yield f"{_run(found.before)} → {_run(found.after)}"
    yield from _versions(found.versions)
    for move in found.moves:
        yield from _move(move, found.versions)
    only = ((found.before, found.only_before), (found.after, found.only_after))
    for run, students in only:
        if students:
            yield f"only in run {run.id}: {', '.join(_shown(student) for student in students)}"
    ups = sum(_change(move) > 0 for move in found.moves)
    downs = sum(_change(move) < 0 for move in found.moves)
    counts = [f"{len(found.moves)} moved ({ups} up, {downs} down)", f"{found.unmoved} the same"]
    yield ", ".join(counts + [f"{len(students)} only in run {run.id}" for run, students in only if students])


def _run(run: Run) -> str:
    return f"run {run.id} ({run.started[:16].replace('T', ' ')}, {run.ended or 'not finished'})"


def _move(move: Move, told: tuple[VersionChange, ...]) -> Iterator[str]:
    grades = f"{_number(move.grades[0])} → {_number(move.grades[1])}"
    scores = "" if move.scores[0] == move.scores[1] else f" (score {_number(move.scores[0])} → {_number(move.scores[1])})"
    yield f"  {_shown(move.student)}  {grades}{scores}"
    if move.statuses[0] is not move.statuses[1]:
        yield f"      {move.statuses[0].value.replace('_', ' ')} → {move.statuses[1].value.replace('_', ' ')}"
    if move.attempts[0] != move.attempts[1]:
        yield f"      attempt {move.attempts[0]} → {move.attempts[1]}"
    # Where a file was not read or not graded none of its cases is there: the line above says it, and forty more would bury it.
    cases = [case for case in move.cases if None not in (case.before, case.after) or move.statuses[0] is move.statuses[1]]
    for case in cases[:_CASES]:
        yield f"      {_shown(case.exercise)} {_shown(case.case)}: {_case(case)}"
    if len(cases) > _CASES:
        yield f"      and {len(cases) - _CASES} more cases"
    yield from (f"      {_shown(one.exercise)}: worth {one.before:g} → {one.after:g}" for one in move.worth)
    yield from (f"      no longer: {_adjustment(one)}" for one in move.gone)
    yield from (f"      now: {_adjustment(one)}" for one in move.new)
    yield from _versions(tuple(one for one in move.versions if one not in told), "      ")


def _versions(versions: tuple[VersionChange, ...], indent: str = "") -> Iterator[str]:
    for one in versions:
        before, after = (text[:12] if one.name == "answer_key" else _shown(text) for text in (one.before, one.after))
        yield f"{indent}{one.name.replace('_', ' ')}: {before or 'none'} → {after or 'none'}"


def _adjustment(one: Adjustment) -> str:
    from grader.values import bounded

    return f"{_shown(one.kind)} {one.points:+g} ({bounded(one.why, _WHY, newlines=False)})"


def _case(case: CaseChange) -> str:
    changes = [f"{_outcome(case.before)} → {_outcome(case.after)}"] if case.before is not case.after else []
    if case.weights is not None:
        is_alone = f"{_outcome(case.after)}, " if not changes else ""
        changes.append(f"{is_alone}weight {case.weights[0]:g} → {case.weights[1]:g}")
    return ", ".join(changes)


def _outcome(outcome: Outcome | None) -> str:
    return "not there" if outcome is None else outcome.value.replace("_", " ")


def _change(move: Move) -> float:
    return (move.grades[1] or 0.0) - (move.grades[0] or 0.0)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _shown(text: str) -> str:
    from grader.values import bounded

    return bounded(text, _NAME, newlines=False)
