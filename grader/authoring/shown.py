"""An assignment for its author: as text, and whole as data."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import msgspec
import numpy as np

from grader.assignments import Assignment, Reference
from grader.model import Case, Figure, Misconception, Sweep, Visibility

SCHEMA = "grader.show/1"


def as_data(assignment: Assignment, reference: Reference | None = None) -> dict[str, object]:
    """The whole assignment, for JSON: docs/reference/authoring.md describes it. With the hidden part where a reference is given."""
    cases = (reference.assignment if reference else assignment).cases
    relations = (reference.assignment if reference else assignment).relations
    data = {
        "schema": SCHEMA,
        "id": assignment.id,
        "version": assignment.version,
        "title": assignment.title,
        "notebook": assignment.notebook,
        "language": assignment.language,
        "points": assignment.points,
        "exercises": _plain(assignment.exercises),
        "helpers": _plain(assignment.helpers),
        "limits": _plain(assignment.limits),
        "bars": _plain(assignment.bars),
        "attempts": _plain(assignment.attempts),
        "late": None if assignment.late is None else _plain(assignment.late),
        "credits": {name: str(credit) for name, credit in assignment.credits.items()},
        "support": sorted(assignment.files),
        "leftovers": list(assignment.leftovers),
        "remember": list(assignment.remember),
        "translations": sorted(assignment.translations),
        "cases": [_case(case) for case in cases],
        "relations": _plain(relations),
        "figures": list(map(_figure, assignment.figures)),
    }
    return data if reference is None else {**data, "misconceptions": list(map(_misconception, reference.misconceptions))}


def as_text(assignment: Assignment, reference: Reference | None = None) -> str:
    """The exercises with their cases, and the bounds."""
    title = f"{assignment.title} ({assignment.id}, version {assignment.version}): {assignment.points:g} points"
    lines = [title, f"in {assignment.folder}", f"students get {', '.join([assignment.notebook, *sorted(assignment.files)])}", ""]
    whole = reference.assignment if reference else assignment
    for exercise in assignment.exercises:
        worth = f"{exercise.points:g} points" if exercise.points else "reported, not graded"
        lines += [f"{exercise.name}({', '.join(exercise.parameters)})  {worth}"]
        lines += [f"    {exercise.prompt}"] if exercise.prompt else []
        lines += [f"    also as: {', '.join(exercise.aliases)}"] if exercise.aliases else []
        own = [case for case in whole.cases if case.function == exercise.name]
        total = (
            sum((Fraction(case.weight) for case in own), Fraction()) if reference else Fraction()
        )  # of public cases alone it says little
        lines += [
            f"    {case.visibility.value} case {case.id}{_share(case, total)}{f': {case.title}' if case.title else ''}" for case in own
        ]
        known = [item for item in reference.misconceptions if item.function == exercise.name] if reference else []
        lines += [f"    known mistake {item.id}: {item.title} (earns {float(item.credit):.0%})" for item in known]
    lines += [f"{helper.name}({', '.join(helper.parameters)})  handed out, not graded" for helper in assignment.helpers]
    limits = assignment.limits
    seconds = f"{limits.cell_seconds} s a cell, {limits.case_seconds} s a case, {limits.submission_seconds} s in all"
    return "\n".join([*lines, "", f"limits: {seconds}, {limits.cpu_seconds} s of processor time, {limits.memory_mb} MB"])


def _share(case: Case, total: Fraction) -> str:
    return f", {float(case.weight / total):.1%} of the weight" if total else ""


def _case(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "exercise": case.function,
        "visibility": case.visibility.value,
        "title": case.title,
        "weight": str(case.weight),
        "arguments": [_plain(argument) for argument in case.arguments],
        "expect": {"kind": type(case.expect).__name__.lower(), **_fields(case.expect)},
        "inject": dict(case.inject),
        "observe": {name: list(parameters) for name, parameters in case.observe.items()},
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {"kind": "sweep" if isinstance(figure, Sweep) else "blocks", **_fields(figure)}


def _misconception(item: Misconception) -> dict[str, object]:
    return {"id": item.id, "exercise": item.function, "title": item.title, "hint": item.hint, "credit": str(item.credit)}


def _fields(value: msgspec.Struct) -> dict[str, object]:
    return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}


def _plain(value: object) -> object:
    """A value as JSON has it: arrays as lists, what JSON lacks as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if np.isfinite(value) else str(value)
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case msgspec.Struct():
            return _fields(value)
        case Visibility():
            return value.value
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
    return str(value)
