"""Assignments and references, loaded from their folders.

An assignment (public: assignments/<id>/) says what is graded; a reference (the instructor's: reference/<id>/) adds the
trusted answer and the hidden cases. Their Python files are the author's and run in this process when they are loaded;
a submission's never do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.assignment_checks import (
    check_built_on,
    check_cases,
    check_credits,
    check_figures,
    check_injections,
    file_faults,
    policy_of,
    read_cases,
    read_credit,
    typed,
)
from grader.assignment_file import SCHEMA, AssignmentFile, Attempts, Bars, Exercise, Helper
from grader.authored import run_file
from grader.errors import AssignmentError, UsageError
from grader.faults import near
from grader.late import LatePolicy
from grader.model import BUILT_ON, Case, Figure, Misconception, Note, Relation, Visibility
from grader.recognition import Profile, read_profiles
from grader.sandbox.protocol import Limits
from grader.tables import read_table, read_text

__all__ = [
    "Assignment", "Attempts", "Bars", "Exercise", "Helper", "Reference",
    "assignment_folders", "find_folder", "list_ids", "list_profiles", "load", "load_reference", "reference_folder",
]  # fmt: skip

CLONE = Path(__file__).parents[1]  # or where packages are installed
_INSTALLED = Path(__file__).parent / "data" / "assignments"


class Assignment(msgspec.Struct, frozen=True):
    """An assignment with its public cases.

    sources: the texts that injections come from, by visibility; under BUILT_ON, of right functions that exercises build on.
    language: of its pages, or "" where each notebook's own decides. remember: what the course wants remembered. lines: by
    misconception, a regular expression for the lines that it is about. translations: of its texts, as the text of a `.po` file, by
    language. notes: what instructors have to say, of a gradebook. others: what the assignments beside it are known by.
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
    older_numpy: float = 0.0
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
    def is_official(self) -> bool:
        """Whether it has the hidden cases, too, which decide the grade."""
        return any(case.visibility is Visibility.HIDDEN for case in self.cases)

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
    return tuple(folder for folder in (CLONE / "assignments", _INSTALLED) if folder.is_dir())


def reference_folder(given: Path | None = None) -> Path | None:
    """The folder of references: the given one, else GRADER_REFERENCE, else the clone's, or None."""
    chosen = given or (Path(os.environ["GRADER_REFERENCE"]) if os.environ.get("GRADER_REFERENCE") else None)
    if chosen is not None:
        if not chosen.is_dir():
            raise UsageError(f"there is no folder of references at {chosen}")
        return chosen
    clone = CLONE / "reference"
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
    remedy = near(assignment_id, known) or f"known assignments: {', '.join(known) or 'none'}"
    raise UsageError(f"there is no assignment {assignment_id!r}", remedy=remedy)


def load(assignment_id: str, given: Path | None = None) -> Assignment:
    """The assignment with its public cases. Raises UsageError where there is none, AssignmentError where it is wrong."""
    folder = find_folder(assignment_id, given)
    file, table = read_table(folder / "assignment.toml", AssignmentFile, SCHEMA)
    if faults := file_faults(file, folder):
        raise table.refuse(faults)
    module = run_file(folder / "cases.py", (folder,))
    cases, relations, figures = read_cases(folder / "cases.py", module, Visibility.PUBLIC)
    assignment = Assignment(
        id=file.id,
        version=file.version,
        title=file.title,
        folder=folder,
        notebook=file.notebook,
        exercises=file.exercise,
        helpers=file.helper,
        leftovers=file.leftovers,
        files={Path(name).name: read_text(folder / name) for name in file.support},
        limits=file.limits,
        credits={name: credit for name, value in file.credits.items() if (credit := read_credit(value)) is not None},
        older_numpy=file.older_numpy,
        bars=file.bars,
        late=policy_of(file),
        attempts=file.attempts,
        cases=cases,
        relations=relations,
        sources={Visibility.PUBLIC.value: read_text(folder / "injections.py")} if (folder / "injections.py").exists() else {},
        figures=figures,
        language=file.language,
        remember=file.remember,
        lines=file.lines,
        others=tuple(profile for profile in list_profiles(given) if profile.id != assignment_id),
        translations={path.stem: read_text(path) for path in sorted((folder / "translations").glob("*.po"))},
    )
    check_cases(assignment.id, cases, assignment.functions, assignment.sources)
    check_figures(assignment.id, figures, cases, assignment.functions)
    return assignment


def hidden_folder(assignment: Assignment, given: Path | None = None) -> Path | None:
    """The folder of references, which no submission may see, or None where this assignment has none in it."""
    parent = reference_folder(given)
    return parent if parent is not None and (parent / assignment.id).is_dir() else None


def load_reference(assignment: Assignment, given: Path | None = None) -> Reference | None:
    """The reference of an assignment, or None where there is none at hand."""
    parent = hidden_folder(assignment, given)
    if parent is None:
        return None
    folder = parent / assignment.id
    solution = read_text(folder / "solution.py")
    module = run_file(folder / "cases.py", (folder, assignment.folder))
    cases, relations, _ = read_cases(folder / "cases.py", module, Visibility.HIDDEN)
    sources = dict(assignment.sources)
    if (folder / "injections.py").exists():
        sources[Visibility.HIDDEN.value] = read_text(folder / "injections.py")
    if (folder / "built_on.py").exists():
        sources[BUILT_ON] = read_text(folder / "built_on.py")
    whole = msgspec.structs.replace(
        assignment, cases=(*assignment.cases, *cases), relations=(*assignment.relations, *relations), sources=sources
    )
    check_cases(whole.id, whole.cases, whole.functions, whole.sources)
    check_built_on(folder / "built_on.py", sources.get(BUILT_ON, ""), whole.exercises)
    check_injections(folder / "injections.py", sources.get(Visibility.HIDDEN.value, ""), whole.graded)
    return Reference(solution, whole, parent, _read_misconceptions(folder, whole))


def _read_misconceptions(folder: Path, assignment: Assignment) -> tuple[Misconception, ...]:
    path = folder / "misconceptions.py"
    if not path.exists():
        return ()
    module = run_file(path, (folder, assignment.folder))
    found = typed(path, module, "MISCONCEPTIONS", (Misconception,), "misconceptions")
    names = {item.id for item in found}
    if len(names) != len(found):
        raise AssignmentError(f"{path}: MISCONCEPTIONS holds an id twice")
    _check_names(assignment, names)
    known = {function.name for function in assignment.exercises}
    for item in found:
        if item.function not in known:
            raise AssignmentError(f"{path}: misconception {item.id} is of {item.function}, which is no exercise")
    return tuple(msgspec.structs.replace(item, credit=assignment.credits.get(item.id, item.credit)) for item in found)


def _check_names(assignment: Assignment, names: set[str]) -> None:
    """Raises AssignmentError where the assignment's file gives a credit to a misconception that there is not."""
    path = assignment.folder / "assignment.toml"
    if faults := list(check_credits(assignment.credits, names)):
        raise read_table(path, AssignmentFile, SCHEMA)[1].refuse(faults)
