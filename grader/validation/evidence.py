"""What an author lays beside the reference to judge its cases by: right implementations, reasons for survivors, an error model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from grader.assignment_checks import typed
from grader.assignments import Reference
from grader.authored import run_file, run_text
from grader.errors import AssignmentError
from grader.faults import near
from grader.model import Case, Equivalent, Visibility
from grader.tables import read_table

Functions = Mapping[str, Callable[..., object]]
Model = Callable[[Case, Functions], float | None]


class Reasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """survivors.toml: by mutant, why it is equivalent, or why it is accepted although it is not. A key may end in * for all such ids."""

    equivalent: Mapping[str, str] = {}
    accepted: Mapping[str, str] = {}

    def find(self, mutant: str) -> tuple[str, str, str]:
        """Of a surviving mutant its kind, the reason, and the key that gives it; the longest key wins."""
        tables = (("equivalent", self.equivalent), ("accepted", self.accepted))
        fitting = [(key, kind, table[key]) for kind, table in tables for key in table if _fits(key, mutant)]
        key, kind, reason = max(fitting, key=lambda item: (not item[0].endswith("*"), len(item[0])), default=("", "unexplained", ""))
        return kind, reason, key


def _fits(key: str, mutant: str) -> bool:
    return mutant.startswith(key[:-1]) if key.endswith("*") else mutant == key


class Evidence(msgspec.Struct, frozen=True):
    """What a reference's folder holds for its validation. model: the largest error that rounding makes a right implementation have."""

    equivalents: tuple[Equivalent, ...]
    reasons: Reasons
    model: Model | None
    injected: Mapping[str, Mapping[str, object]]  # by visibility: what the cases inject, as objects of this process


def load_evidence(reference: Reference) -> Evidence:
    """The evidence of a reference; what is not there is empty. Raises AssignmentError where it is wrong."""
    assert reference.hidden_folder is not None
    folder = reference.hidden_folder / reference.assignment.id
    folders = (folder, reference.assignment.folder)
    model = getattr(run_file(folder / "bounds.py", folders), "bound", None) if (folder / "bounds.py").exists() else None
    return Evidence(_read_equivalents(folder, folders, reference), _read_reasons(folder / "survivors.toml"), model, _inject(reference))


def _read_equivalents(folder: Path, folders: tuple[Path, ...], reference: Reference) -> tuple[Equivalent, ...]:
    path = folder / "equivalents.py"
    if not path.exists():
        return ()
    found = typed(path, run_file(path, folders), "EQUIVALENTS", (Equivalent,), "equivalents")
    if len({item.id for item in found}) != len(found):
        raise AssignmentError(f"{path}: EQUIVALENTS holds an id twice")
    known = {exercise.name for exercise in reference.assignment.exercises}
    for item in found:
        if item.function not in known:
            raise AssignmentError(
                f"{path}: equivalent {item.id} is of {item.function}, which is no exercise", remedy=near(item.function, known)
            )
    return found


def _read_reasons(path: Path) -> Reasons:
    return read_table(path, Reasons)[0] if path.exists() else Reasons()


def _inject(reference: Reference) -> Mapping[str, Mapping[str, object]]:
    """The injections as the error model sees them: the author's own text, run in this process like the author's other files."""
    assignment, namespaces = reference.assignment, dict[str, dict[str, object]]()
    assert reference.hidden_folder is not None
    folders = {Visibility.PUBLIC.value: assignment.folder, Visibility.HIDDEN.value: reference.hidden_folder / assignment.id}
    for visibility in folders.keys() & assignment.sources.keys():
        namespaces[visibility] = {"__name__": "injections"}
        run_text(assignment.sources[visibility], folders[visibility] / "injections.py", namespaces[visibility])
    return namespaces
