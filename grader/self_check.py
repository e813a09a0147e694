"""The public part of an assignment as data, which lies beside the notebook that students get: `check` needs nothing else.

No file of it is ever run in this process: it lies where submissions lie, and whoever checks a stranger's folder runs what is in there.
Injections and support modules are text here, and run in the sandbox alone. answer_key.json and misconceptions.json lie beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment_checks import check_cases, check_figures
from grader.assignments import Assignment, Exercise, Helper
from grader.errors import AssignmentError
from grader.model import BlockFigure, Case, Expectation, Figure, Relation, Sweep, Visibility
from grader.sandbox.protocol import Limits
from grader.sandbox.worker import codec

SCHEMA: Literal["grader.self_check/1"] = "grader.self_check/1"
FOLDER, FILE = "self_check", "assignment.json"
_BYTES = 64 * 2**20
_NAME = re.compile(r"[\w-][\w.-]*")  # of a support file: no path
_PATTERN = 200  # characters of a regular expression
_TIMES = 10  # limits may be so many times the usual ones: the file may be a stranger's
_REMEDY = "get the folder of the assignment anew"


class _Case(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    function: str
    arguments: list[list[object]]
    expect: Expectation
    weight: str
    title: str
    inject: dict[str, str]
    observe: dict[str, tuple[str, ...]]


class _Block(msgspec.Struct, forbid_unknown_fields=True, tag="blocks"):
    function: str
    case: str
    approximation: dict[str, list[object]]
    title: str
    text: str


class _Sweep(msgspec.Struct, forbid_unknown_fields=True, tag="sweep"):
    function: str
    case: str
    parameter: str
    values: tuple[float, ...]
    title: str
    text: str


class _Relation(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    function: str
    first: str
    second: str
    ratio: float
    rtol: float
    text: str
    explained: list[tuple[float, str]]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: Literal["grader.self_check/1"]
    id: str
    version: str
    title: str
    notebook: str
    exercises: tuple[Exercise, ...]
    helpers: tuple[Helper, ...]
    leftovers: tuple[str, ...]
    files: dict[str, str]
    limits: Limits
    cases: list[_Case]
    relations: list[_Relation]
    injections: str | None
    figures: list[_Sweep | _Block]
    credits: dict[str, str]
    language: Literal["", "en", "zh"]
    remember: tuple[str, ...]
    translations: dict[str, str]
    lines: dict[str, str]


def find(notebook: Path) -> Path | None:
    """The folder of the self-check beside a notebook, or None."""
    folder = notebook.parent / FOLDER
    return folder if (folder / FILE).is_file() else None


def public_relations(assignment: Assignment) -> list[Relation]:
    """The relations of two public cases."""
    shown = {(case.function, case.id) for case in assignment.cases if case.visibility is Visibility.PUBLIC}
    return [one for one in assignment.relations if {(one.function, one.first), (one.function, one.second)} <= shown]


def encode(assignment: Assignment) -> bytes:
    """The bytes of the file, of an assignment's public part."""
    public = [case for case in assignment.cases if case.visibility is Visibility.PUBLIC]
    file = _File(
        schema=SCHEMA,
        id=assignment.id,
        version=assignment.version,
        title=assignment.title,
        notebook=assignment.notebook,
        exercises=assignment.exercises,
        helpers=assignment.helpers,
        leftovers=assignment.leftovers,
        files=dict(assignment.files),
        limits=assignment.limits,
        cases=list(map(_stored_case, public)),
        relations=[_stored_relation(relation) for relation in public_relations(assignment)],
        injections=assignment.sources.get(Visibility.PUBLIC.value),
        figures=list(map(_stored_figure, assignment.figures)),
        credits={name: str(credit) for name, credit in assignment.credits.items()},
        language=assignment.language,  # type: ignore[arg-type]
        remember=assignment.remember,
        translations=dict(assignment.translations),
        lines=dict(assignment.lines),
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def load(folder: Path) -> Assignment:
    """The assignment of a self-check's folder, with its public cases alone. Raises AssignmentError where it cannot be used."""
    path = folder / FILE
    try:
        if path.stat().st_size > _BYTES:
            raise AssignmentError(f"{path} is too large", remedy=_REMEDY)
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        assignment = _assignment(file, folder)
        check_cases(file.id, assignment.cases, assignment.functions, assignment.sources)
        check_figures(file.id, assignment.figures, assignment.cases, assignment.functions)
    except OSError as error:
        raise AssignmentError(f"{path} cannot be read: {error.strerror}", remedy=_REMEDY) from error
    except (msgspec.MsgspecError, codec.CodecError, ValueError, ZeroDivisionError, re.error) as error:
        raise AssignmentError(f"{path} is damaged, or of another version of the grader: {error}", remedy=_REMEDY) from error
    return assignment


def _assignment(file: _File, folder: Path) -> Assignment:
    for name in file.files:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:60]!r} is no file's name")
    for pattern in file.lines.values():
        re.compile(pattern[:_PATTERN])
    return Assignment(
        id=file.id,
        version=file.version,
        title=file.title,
        folder=folder,
        notebook=file.notebook,
        exercises=file.exercises,
        helpers=file.helpers,
        leftovers=file.leftovers,
        files=file.files,
        limits=_bounded(file.limits),
        cases=tuple(map(_case, file.cases)),
        relations=tuple(map(_relation, file.relations)),
        sources={} if file.injections is None else {Visibility.PUBLIC.value: file.injections},
        figures=tuple(map(_figure, file.figures)),
        credits={name: Fraction(credit) for name, credit in file.credits.items()},
        language=file.language,
        remember=file.remember,
        translations=file.translations,
        lines={name: pattern for name, pattern in file.lines.items() if len(pattern) <= _PATTERN},
    )


def _bounded(limits: Limits) -> Limits:
    usual = Limits()
    names = limits.__struct_fields__
    return Limits(**{name: min(max(getattr(limits, name), 1), _TIMES * getattr(usual, name)) for name in names})


def _stored_case(case: Case) -> _Case:
    arguments = [codec.encode(argument) for argument in case.arguments]
    observe = {name: tuple(parameters) for name, parameters in case.observe.items()}
    return _Case(case.id, case.function, arguments, case.expect, str(case.weight), case.title, dict(case.inject), observe)


def _case(stored: _Case) -> Case:
    return Case(
        id=stored.id,
        function=stored.function,
        arguments=tuple(codec.decode(argument) for argument in stored.arguments),
        expect=stored.expect,
        weight=Fraction(stored.weight),
        title=stored.title,
        inject=stored.inject,
        observe=stored.observe,
    )


def _stored_relation(relation: Relation) -> _Relation:
    values: Mapping[str, object] = msgspec.structs.asdict(relation)
    return _Relation(**{**values, "explained": list(relation.explained.items())})  # type: ignore[arg-type]


def _relation(stored: _Relation) -> Relation:
    return Relation(**{**msgspec.structs.asdict(stored), "explained": dict(stored.explained)})


def _stored_figure(figure: Figure) -> _Sweep | _Block:
    if isinstance(figure, Sweep):
        return _Sweep(**msgspec.structs.asdict(figure))
    approximation = {name: codec.encode(block) for name, block in figure.approximation.items()}
    return _Block(figure.function, figure.case, approximation, figure.title, figure.text)


def _figure(stored: _Sweep | _Block) -> Figure:
    if isinstance(stored, _Sweep):
        return Sweep(**msgspec.structs.asdict(stored))
    approximation = {name: codec.decode(block) for name, block in stored.approximation.items()}
    return BlockFigure(stored.function, stored.case, approximation, stored.title, stored.text)
