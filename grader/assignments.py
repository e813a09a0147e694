"""Assignments and references, loaded from their folders.

An assignment (public: assignments/<id>/) says what is graded; a reference (the instructor's: reference/<id>/) adds the
trusted answer and the hidden cases. Their Python files are the author's and run in this process when they are loaded;
a submission's never do.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import os
import re
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import msgspec

from grader.errors import AssignmentError, UsageError
from grader.late import LatePolicy, LateTable, read_policy
from grader.model import Case, Figure, Misconception, Note, Relation, Sweep, Visibility
from grader.recognition import Profile, read_profiles
from grader.sandbox.protocol import Limits

_CLONE = Path(__file__).parents[1]
_INSTALLED = Path(__file__).parent / "data" / "assignments"
_SWEPT = 64  # values of a figure: they cost every submission their time
_importing = threading.RLock()  # the process has one sys.path, and workers load at once


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One function that is graded; worth 0 points it is reported only.

    parameters: the contract's, called positionally. aliases: other names accepted. options: passed where the signature
    has the name. uses: functions that cases put the course's own in the place of. builds_on: exercises that the function is
    to call, graded with the submission's own; what is wrong in one of those alone costs a tenth here (`scoring.CARRIED`).
    """

    name: str
    points: float
    parameters: tuple[str, ...]
    prompt: str = ""
    aliases: tuple[str, ...] = ()
    options: Mapping[str, bool | int | float | str | None] = {}
    uses: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()


class Helper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function that is handed out, not graded, and replaced by cases."""

    name: str
    parameters: tuple[str, ...]
    aliases: tuple[str, ...] = ()


class Bars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `grader assignment validate` asks of an assignment: shares from 0 to 1, and the false names that are allowed.

    killed, diagnosed: of the misconceptions. equivalents: with full marks. mutants: killed, of those that are not equivalent.
    """

    killed: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    diagnosed: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.95
    false_names: Annotated[int, msgspec.Meta(ge=0)] = 0
    equivalents: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    mutants: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.97


class Attempts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of a student's attempts counts: the one with the best grade, or the last."""

    keep: Literal["best", "last"] = "last"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal["grader.assignment/1"]
    id: str
    version: str
    title: str
    notebook: str
    exercise: tuple[Exercise, ...]
    support: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    helper: tuple[Helper, ...] = ()
    limits: Limits = Limits()
    credits: Mapping[str, str | float] = {}
    bars: Bars = Bars()
    late: LateTable | None = None
    attempts: Attempts = Attempts()
    language: Literal["", "en", "zh"] = ""
    remember: tuple[str, ...] = ()
    lines: Mapping[str, str] = {}


class Assignment(msgspec.Struct, frozen=True):
    """An assignment with its public cases.

    sources: the texts that injections come from, by visibility. language: of its pages, or "" where each notebook's own decides.
    remember: what the course wants remembered. lines: by misconception, a regular expression for the lines that it is about.
    translations: of its texts, as the text of a `.po` file, by language. notes: what instructors have to say, of a gradebook.
    others: what the assignments beside it are known by.
    """

    id: str
    version: str
    title: str
    folder: Path
    notebook: str
    exercises: tuple[Exercise, ...]
    helpers: tuple[Helper, ...]
    leftovers: tuple[str, ...]
    files: Mapping[str, str]
    limits: Limits
    cases: tuple[Case, ...]
    relations: tuple[Relation, ...]
    sources: Mapping[str, str]
    credits: Mapping[str, Fraction] = {}
    bars: Bars = Bars()
    late: LatePolicy | None = None
    attempts: Attempts = Attempts()
    figures: tuple[Figure, ...] = ()
    language: str = ""
    remember: tuple[str, ...] = ()
    translations: Mapping[str, str] = {}
    lines: Mapping[str, str] = {}
    notes: tuple[Note, ...] = ()
    others: tuple[Profile, ...] = ()

    def __repr__(self) -> str:
        """Its id alone: the rest is many pages long."""
        return f"Assignment({self.id!r})"

    @property
    def graded(self) -> tuple[Exercise, ...]:
        """The exercises that are worth points."""
        return tuple(exercise for exercise in self.exercises if exercise.points > 0)

    @property
    def points(self) -> float:
        """What all exercises are worth together."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def profile(self) -> Profile:
        """What it is known by."""
        return Profile(self.id, tuple((exercise.name, *exercise.aliases) for exercise in self.graded))

    @property
    def functions(self) -> tuple[Exercise | Helper, ...]:
        """All functions to look for in a submission."""
        return (*self.exercises, *self.helpers)


class Reference(msgspec.Struct, frozen=True):
    """The instructor's part: the trusted answer's source, the assignment with the hidden cases added, and known mistakes.

    The misconceptions have the credits of the assignment's file where it gives any.
    """

    solution: str
    assignment: Assignment
    hidden_folder: Path | None
    misconceptions: tuple[Misconception, ...] = ()


def assignment_folders(given: Path | None = None) -> tuple[Path, ...]:
    """Where assignments are looked for: the given folder alone, else GRADER_ASSIGNMENTS alone, else clone, then wheel."""
    chosen = given or (Path(os.environ["GRADER_ASSIGNMENTS"]) if os.environ.get("GRADER_ASSIGNMENTS") else None)
    if chosen is not None:
        if not chosen.is_dir():
            raise UsageError(f"there is no folder of assignments at {chosen}")
        return (chosen,)
    return tuple(folder for folder in (_CLONE / "assignments", _INSTALLED) if folder.is_dir())


def reference_folder(given: Path | None = None) -> Path | None:
    """The folder of references: the given one, else GRADER_REFERENCE, else the clone's, or None."""
    chosen = given or (Path(os.environ["GRADER_REFERENCE"]) if os.environ.get("GRADER_REFERENCE") else None)
    if chosen is not None:
        if not chosen.is_dir():
            raise UsageError(f"there is no folder of references at {chosen}")
        return chosen
    clone = _CLONE / "reference"
    return clone if clone.is_dir() else None


def list_ids(given: Path | None = None) -> list[str]:
    """The ids of the assignments that can be found, sorted."""
    return sorted({path.parent.name for folder in assignment_folders(given) for path in folder.glob("*/assignment.toml")})


def list_profiles(given: Path | None = None) -> tuple[Profile, ...]:
    """What the assignments that can be found are known by, in the order of their ids."""
    return read_profiles(assignment_folders(given))


def find_folder(assignment_id: str, given: Path | None = None) -> Path:
    """The folder of an assignment. Raises UsageError, with the nearest name, where there is none."""
    for folder in assignment_folders(given):
        if assignment_id in {path.parent.name for path in folder.glob("*/assignment.toml")}:
            return folder / assignment_id
    known = list_ids(given)
    near = difflib.get_close_matches(assignment_id, known, 1)
    remedy = f"did you mean {near[0]}?" if near else f"known assignments: {', '.join(known) or 'none'}"
    raise UsageError(f"there is no assignment {assignment_id!r}", remedy=remedy)


def load(assignment_id: str, given: Path | None = None) -> Assignment:
    """The assignment with its public cases. Raises UsageError where there is none, AssignmentError where it is wrong."""
    folder = find_folder(assignment_id, given)
    file = _read_file(folder / "assignment.toml")
    if file.id != assignment_id:
        raise AssignmentError(f"{folder / 'assignment.toml'}: its id is {file.id!r}, its folder's name {assignment_id!r}")
    cases, relations, figures = _read_cases(folder / "cases.py", (folder,), Visibility.PUBLIC)
    assignment = Assignment(
        id=file.id,
        version=file.version,
        title=file.title,
        folder=folder,
        notebook=file.notebook,
        exercises=file.exercise,
        helpers=file.helper,
        leftovers=file.leftovers,
        files={Path(name).name: _read_text(folder / name) for name in file.support},
        limits=file.limits,
        credits=_read_credits(folder / "assignment.toml", file.credits),
        bars=file.bars,
        late=None if file.late is None else read_policy(file.late, str(folder / "assignment.toml")),
        attempts=file.attempts,
        cases=cases,
        relations=relations,
        sources={Visibility.PUBLIC.value: _read_text(folder / "injections.py")} if (folder / "injections.py").exists() else {},
        figures=figures,
        language=file.language,
        remember=file.remember,
        lines=_read_lines(folder / "assignment.toml", file.lines),
        others=tuple(profile for profile in list_profiles(given) if profile.id != assignment_id),
        translations={path.stem: _read_text(path) for path in sorted((folder / "translations").glob("*.po"))},
    )
    _check_cases(assignment)
    _check_figures(assignment)
    return assignment


def hidden_folder(assignment: Assignment, given: Path | None = None) -> Path | None:
    """The folder of references, which no submission may see, or None where this assignment has none in it."""
    parent = reference_folder(given)
    return parent if parent is not None and (parent / assignment.id / "solution.py").is_file() else None


def load_reference(assignment: Assignment, given: Path | None = None) -> Reference | None:
    """The reference of an assignment, or None where there is none at hand."""
    parent = hidden_folder(assignment, given)
    if parent is None:
        return None
    folder = parent / assignment.id
    cases, relations, _ = _read_cases(folder / "cases.py", (folder, assignment.folder), Visibility.HIDDEN)
    sources = dict(assignment.sources)
    if (folder / "injections.py").exists():
        sources[Visibility.HIDDEN.value] = _read_text(folder / "injections.py")
    whole = msgspec.structs.replace(
        assignment, cases=(*assignment.cases, *cases), relations=(*assignment.relations, *relations), sources=sources
    )
    _check_cases(whole)
    _check_built_on(whole, folder / "injections.py")
    return Reference(_read_text(folder / "solution.py"), whole, parent, _read_misconceptions(folder, whole))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} cannot be read: {error}") from error


def _read_file(path: Path) -> _File:
    try:
        return msgspec.convert(tomllib.loads(_read_text(path)), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise AssignmentError(f"{path}: {error}") from error


def _read_cases(
    path: Path, folders: tuple[Path, ...], visibility: Visibility
) -> tuple[tuple[Case, ...], tuple[Relation, ...], tuple[Figure, ...]]:
    module = run_file(path, folders)
    cases = tuple(getattr(module, "CASES", ()))
    for case in cases:
        if not isinstance(case, Case) or case.visibility is not visibility:
            raise AssignmentError(f"{path}: CASES holds something else than {visibility.value} cases")
    return cases, tuple(getattr(module, "RELATIONS", ())), tuple(getattr(module, "FIGURES", ()))


def _read_credits(path: Path, given: Mapping[str, str | float]) -> dict[str, Fraction]:
    """Credits by misconception, as fractions: "7/10" or 0.7."""
    chosen = {}
    for name, value in given.items():
        try:
            chosen[name] = Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            raise AssignmentError(f"{path}: the credit of {name} is no number: {value!r}") from None
        if not 0 <= chosen[name] <= 1:
            raise AssignmentError(f"{path}: the credit of {name} is not between 0 and 1: {value!r}")
    return chosen


def _read_lines(path: Path, given: Mapping[str, str]) -> Mapping[str, str]:
    for name, pattern in given.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise AssignmentError(f"{path}: the lines of {name} are no regular expression: {error}") from error
    return given


def _read_misconceptions(folder: Path, assignment: Assignment) -> tuple[Misconception, ...]:
    path = folder / "misconceptions.py"
    if not path.exists():
        return ()
    found = tuple(getattr(run_file(path, (folder, assignment.folder)), "MISCONCEPTIONS", ()))
    names = {item.id for item in found if isinstance(item, Misconception)}
    if len(names) != len(found):
        raise AssignmentError(f"{path}: MISCONCEPTIONS holds something else than misconceptions, or an id twice")
    for name in assignment.credits.keys() - names:
        near = difflib.get_close_matches(name, names, 1)
        remedy = f"did you mean {near[0]}?" if near else ""
        raise AssignmentError(f"{assignment.id}: there is a credit for {name}, and no such misconception", remedy=remedy)
    known = {function.name for function in assignment.exercises}
    for item in found:
        if item.function not in known:
            raise AssignmentError(f"{path}: misconception {item.id} is of {item.function}, which is no exercise")
    return tuple(msgspec.structs.replace(item, credit=assignment.credits.get(item.id, item.credit)) for item in found)


def run_file(path: Path, folders: tuple[Path, ...]) -> ModuleType:
    """The module of an author's file, which may import those in `folders`. Raises AssignmentError where it is missing or raises."""
    with _importing_from(folders):
        return _run(path)


def _run(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"_author_{path.stem}", path)
    if not path.is_file() or specification is None or specification.loader is None:
        raise AssignmentError(f"{path} is missing")
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise AssignmentError(f"{path}: {type(error).__name__}: {error}") from error
    return module


@contextlib.contextmanager
def _importing_from(folders: tuple[Path, ...]) -> Iterator[None]:
    """Lets an author's file import those beside it, and leaves nothing of them in this process's modules."""
    roots = [folder.resolve() for folder in folders]
    with _importing:
        path, writes = list(sys.path), sys.dont_write_bytecode
        shadowing = {name: sys.modules.pop(name) for root in roots for file in root.glob("*.py") if (name := file.stem) in sys.modules}
        names = set(sys.modules)
        sys.path[:0] = map(str, roots)
        sys.dont_write_bytecode = True
        try:
            yield
        finally:
            sys.path[:] = path
            sys.dont_write_bytecode = writes
            for name in set(sys.modules) - names:
                if str(getattr(sys.modules[name], "__file__", "") or "").startswith(tuple(str(root) + os.sep for root in roots)):
                    del sys.modules[name]
            sys.modules.update(shadowing)


def _check_cases(assignment: Assignment) -> None:
    names = {function.name: function for function in assignment.functions}
    seen = set()
    for case in assignment.cases:
        where = f"{assignment.id}: case {case.id} of {case.function}"
        if case.function not in names:
            raise AssignmentError(f"{where}: there is no such exercise")
        if (case.function, case.id) in seen:
            raise AssignmentError(f"{where}: a second case of this id")
        seen.add((case.function, case.id))
        if len(case.arguments) != len(names[case.function].parameters):
            raise AssignmentError(f"{where}: {len(case.arguments)} arguments for {len(names[case.function].parameters)} parameters")
        if case.weight < 0:
            raise AssignmentError(f"{where}: its weight is negative")
        if case.visibility.value not in assignment.sources and case.inject:
            raise AssignmentError(f"{where}: it injects, and there is no injections.py beside it")
    for exercise in assignment.exercises:
        if unknown := set(exercise.builds_on) - {other.name for other in assignment.graded if other is not exercise}:
            raise AssignmentError(f"{assignment.id}: {exercise.name} builds on {min(unknown)}, which is no other graded exercise")
        if not any(case.function == exercise.name and case.counts for case in assignment.cases):
            raise AssignmentError(f"{assignment.id}: exercise {exercise.name} has no case that counts")


def _check_built_on(assignment: Assignment, path: Path) -> None:
    """Refuses a reference without the functions that take the place of wrong ones that an exercise builds on."""
    text = assignment.sources.get(Visibility.HIDDEN.value, "")
    for exercise in assignment.exercises:
        for name in exercise.builds_on:
            if not re.search(rf"^def {name}\(", text, re.MULTILINE):
                raise AssignmentError(f"{path}: there is no {name}, which {exercise.name} builds on")


def _check_figures(assignment: Assignment) -> None:
    public = {(case.function, case.id) for case in assignment.cases}
    parameters = {function.name: function.parameters for function in assignment.functions}
    for figure in assignment.figures:
        where = f"{assignment.id}: the figure of case {figure.case} of {figure.function}"
        if (figure.function, figure.case) not in public:
            raise AssignmentError(f"{where}: there is no such public case")
        if isinstance(figure, Sweep) and figure.parameter not in parameters[figure.function]:
            raise AssignmentError(f"{where}: the function has no parameter {figure.parameter}")
        if isinstance(figure, Sweep) and not 2 <= len(figure.values) <= _SWEPT:
            raise AssignmentError(f"{where}: it has {len(figure.values)} values, and not from 2 to {_SWEPT}")
