"""What an assignment's file and its cases can get wrong although every value is of the right kind."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TypeVar

from grader.assignment_file import AssignmentFile, Exercise, Helper
from grader.errors import AssignmentError
from grader.faults import Fault, near
from grader.late import LatePolicy, WrongValueError, read_policy
from grader.model import BlockFigure, Case, Expectation, Figure, Relation, Sweep, Visibility

_SWEPT = 64  # values of a figure: they cost every submission their time
T = TypeVar("T")


def file_faults(file: AssignmentFile, folder: Path) -> tuple[Fault, ...]:
    """What is wrong with an assignment's file besides the kinds of its values."""
    checks = (_identity, _functions, _uses, _builds_on, _support, _numbers, _credits, _lines, _late)
    return tuple(fault for check in checks for fault in check(file, folder))


def _identity(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    if file.id != folder.name:
        yield Fault(("id",), f"its id is {file.id!r}, its folder's name {folder.name!r}", "make the two the same")
    if not file.notebook.endswith(".ipynb") or PurePosixPath(file.notebook).name != file.notebook or "\\" in file.notebook:
        yield Fault(("notebook",), f"notebook is {file.notebook!r}, and has to be a file name that ends in .ipynb")
    if not file.exercise:
        yield Fault(("exercise",), "there is no exercise", "write [[exercise]] with a name, points and parameters")


def _functions(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    functions = [("exercise", number, item.name, item.parameters) for number, item in enumerate(file.exercise)]
    functions += [("helper", number, item.name, item.parameters) for number, item in enumerate(file.helper)]
    names = Counter(name for _, _, name, _ in functions)
    for kind, number, name, parameters in functions:
        if not name.isidentifier():
            yield Fault((kind, number, "name"), f"{name!r} is no name of a Python function")
        elif names[name] > 1:
            yield Fault((kind, number, "name"), f"{names[name]} functions are called {name!r}")
        for position, parameter in enumerate(parameters):
            if not parameter.isidentifier() or parameter in parameters[:position]:
                yield Fault((kind, number, "parameters", position), f"{parameter!r} is no name of a parameter, or is there twice")


def _uses(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    known = {item.name for item in file.exercise} | {item.name for item in file.helper}
    for number, exercise in enumerate(file.exercise):
        for position, name in enumerate(exercise.uses):
            if name not in known:
                said = f"{exercise.name} uses {name!r}, which is neither an exercise nor a helper"
                yield Fault(("exercise", number, "uses", position), said, near(name, known) or f"known: {', '.join(sorted(known))}")


def _builds_on(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    graded = {exercise.name for exercise in file.exercise if exercise.points > 0}
    for number, exercise in enumerate(file.exercise):
        others = graded - {exercise.name}
        for position, name in enumerate(exercise.builds_on):
            if name not in others:
                said = f"{exercise.name} builds on {name!r}, which is no other graded exercise"
                yield Fault(("exercise", number, "builds_on", position), said, near(name, others))


def _support(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    names = Counter(PurePosixPath(place).name for place in file.support)
    for position, place in enumerate(file.support):
        path = folder / place
        if not path.resolve().is_relative_to(folder.resolve()):
            yield Fault(
                ("support", position), f"{place!r} lies outside {folder}", "only files inside the assignment's folder are handed out"
            )
        elif not path.is_file():
            there = [one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()]
            yield Fault(("support", position), f"there is no file {path}", near(place, there))
        elif names[PurePosixPath(place).name] > 1:
            yield Fault(("support", position), f"{names[PurePosixPath(place).name]} support files have the name of {place!r}")


def _numbers(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    for number, exercise in enumerate(file.exercise):
        if not (math.isfinite(exercise.points) and exercise.points >= 0):
            yield Fault(("exercise", number, "points"), f"points is {exercise.points}, and has to be a number from 0")
    for name in file.limits.__struct_fields__:
        if getattr(file.limits, name) <= 0:
            yield Fault(("limits", name), f"limits.{name} is {getattr(file.limits, name)}, and has to be more than 0")


def _credits(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    for name, value in file.credits.items():
        credit = read_credit(value)
        if credit is None:
            yield Fault(("credits", name), f"the credit of {name} is no number: {value!r}", 'write 0.7 or "7/10"')
        elif not 0 <= credit <= 1:
            yield Fault(("credits", name), f"the credit of {name} is not between 0 and 1: {value!r}")


def read_credit(value: str | float) -> Fraction | None:
    """A credit as a fraction: "7/10" or 0.7; None where it is no number."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def _lines(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    for name, pattern in file.lines.items():
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            yield Fault(("lines", name), f"the lines of {name} are no regular expression: {error}")


def _late(file: AssignmentFile, folder: Path) -> Iterator[Fault]:
    try:
        policy_of(file)
    except WrongValueError as error:
        yield Fault(error.path, str(error), _zone(file) if error.path[-1] == "timezone" else "")


def _zone(file: AssignmentFile) -> str:
    import zoneinfo

    return near(file.late.timezone if file.late else "", zoneinfo.available_timezones())


def policy_of(file: AssignmentFile) -> LatePolicy | None:
    """What the file says of late work. Raises WrongValueError."""
    return None if file.late is None else read_policy(file.late)


def check_credits(given: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    """The faults of credits for misconceptions that there are not."""
    names = set(known)
    for name in given:
        if name not in names:
            yield Fault(("credits", name), f"there is a credit for {name}, and no such misconception", near(name, names))


def typed(path: Path, module: object, name: str, kinds: tuple[type[T], ...], what: str) -> tuple[T, ...]:
    """A list that an author's file defines; empty where it does not. Raises AssignmentError where it holds something else."""
    found = getattr(module, name, ())
    if not isinstance(found, list | tuple) or not all(isinstance(item, kinds) for item in found):
        raise AssignmentError(f"{path}: {name} holds something else than {what}")
    return tuple(found)


def read_cases(path: Path, module: object, visibility: Visibility) -> tuple[tuple[Case, ...], tuple[Relation, ...], tuple[Figure, ...]]:
    """The cases, relations and figures of an author's file. Raises AssignmentError where one of them is something else."""
    what = f"{visibility.value} cases"
    cases = typed(path, module, "CASES", (Case,), what)
    for case in cases:
        if case.visibility is not visibility:
            raise AssignmentError(
                f"{path}: CASES holds something else than {what}: {case.id} of {case.function} is {case.visibility.value}"
            )
        for check, wanted in _CASE:
            if not check(case):
                raise AssignmentError(f"{path}: case {case.id} of {case.function}: {wanted}")
    figures: tuple[Figure, ...] = typed(path, module, "FIGURES", (Sweep, BlockFigure), "figures")
    return cases, typed(path, module, "RELATIONS", (Relation,), "relations"), figures


_CASE: Sequence[tuple[Callable[[Case], bool], str]] = (
    (lambda case: isinstance(case.id, str) and isinstance(case.function, str), "its id and function have to be text"),
    (lambda case: isinstance(case.arguments, tuple | list), "its arguments have to be a tuple; of one argument it is (x,)"),
    (lambda case: isinstance(case.expect, Expectation), "it expects none of Close, Below, Blocks and Parts"),
    (lambda case: isinstance(case.weight, Fraction | int), "its weight has to be a whole number or a Fraction"),
    (lambda case: isinstance(case.inject, Mapping), "inject has to be a dict: name in the notebook -> name in injections.py"),
    (
        lambda case: isinstance(case.observe, Mapping) and all(isinstance(names, tuple | list) for names in case.observe.values()),
        'observe has to be a dict of tuples; of one parameter it is ("x",)',
    ),
)


def check_cases(where: str, cases: Sequence[Case], functions: Sequence[Exercise | Helper], sources: Iterable[str]) -> None:
    """Raises AssignmentError where a case does not fit the functions, or an exercise has none. sources: visibilities with injections."""
    names = {function.name: function for function in functions}
    seen = set()
    for case in cases:
        place = f"{where}: case {case.id} of {case.function}"
        if case.function not in names:
            raise AssignmentError(f"{place}: there is no such exercise", remedy=near(case.function, names))
        if (case.function, case.id) in seen:
            raise AssignmentError(f"{place}: a second case of this id")
        seen.add((case.function, case.id))
        wanted = len(names[case.function].parameters)
        if len(case.arguments) > wanted or (case.counts and len(case.arguments) < wanted):  # one that costs nothing may try a default
            raise AssignmentError(f"{place}: {len(case.arguments)} arguments for {wanted} parameters")
        if case.weight < 0:
            raise AssignmentError(f"{place}: its weight is negative")
        if case.visibility.value not in sources and case.inject:
            raise AssignmentError(f"{place}: it injects, and there is no injections.py beside it")
    for function in functions:
        if isinstance(function, Exercise) and not any(case.function == function.name and case.counts for case in cases):
            raise AssignmentError(f"{where}: exercise {function.name} has no case that counts")


def check_built_on(path: Path, text: str, exercises: Iterable[Exercise]) -> None:
    """Raises AssignmentError where hidden injections lack a function that takes the place of a wrong one that an exercise builds on."""
    for exercise in exercises:
        for name in exercise.builds_on:
            if not re.search(rf"^def {name}\(", text, re.MULTILINE):
                raise AssignmentError(f"{path}: there is no {name}, which {exercise.name} builds on")


def check_figures(where: str, figures: Sequence[Figure], cases: Sequence[Case], functions: Sequence[Exercise | Helper]) -> None:
    """Raises AssignmentError where a figure does not fit the public cases."""
    public = {(case.function, case.id) for case in cases}
    parameters = {function.name: function.parameters for function in functions}
    for figure in figures:
        place = f"{where}: the figure of case {figure.case} of {figure.function}"
        if (figure.function, figure.case) not in public:
            raise AssignmentError(f"{place}: there is no such public case")
        if isinstance(figure, Sweep) and figure.parameter not in parameters[figure.function]:
            raise AssignmentError(f"{place}: the function has no parameter {figure.parameter}")
        if isinstance(figure, Sweep) and not 2 <= len(figure.values) <= _SWEPT:
            raise AssignmentError(f"{place}: it has {len(figure.values)} values, and not from 2 to {_SWEPT}")
