"""What a validation finds. Its JSON form is `grader.validation/1`, described in docs/reference/validation.md."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from grader.model import AssignmentRef, Provenance, Visibility

SCHEMA = "grader.validation/1"


class Bar(msgspec.Struct, frozen=True):
    """One figure beside what assignment.toml asks for."""

    name: str
    count: int  # so many …
    total: int  # … of so many
    figure: float  # a share from 0 to 1, or the count of false names
    bar: float
    met: bool


class ExerciseFigures(msgspec.Struct, frozen=True):
    """The counts of one function. `mutants` are all of them, the equivalent ones among them."""

    name: str
    points: float
    cases: int
    misconceptions: int
    killed: int
    diagnosed: int
    equivalents: int
    equivalents_right: int
    mutants: int
    mutants_killed: int
    mutants_equivalent: int
    mutants_accepted: int
    mutants_unexplained: int

    @property
    def share(self) -> float:
        """The share of the mutants that are not equivalent which is killed."""
        rest = self.mutants - self.mutants_equivalent
        return self.mutants_killed / rest if rest else 1.0


class MisconceptionTrial(msgspec.Struct, frozen=True):
    """What became of a known mistake, graded like a submission.

    status: `named` as itself; `misnamed` as another, or as more than itself; `ambiguous` with those in `alike`; `says_little`: its
    value is the same everywhere, which much else gives too; `unnamed`. `named` are the ids that the result gives.
    """

    id: str
    function: str
    killed: bool
    score: float | None  # None where the function is worth nothing
    failed: tuple[str, ...]  # cases
    status: str
    named: tuple[str, ...]
    alike: tuple[str, ...]


class EquivalentTrial(msgspec.Struct, frozen=True):
    """What became of a right implementation: full marks, and no name."""

    id: str
    function: str
    full_marks: bool
    failed: tuple[str, ...]
    named: tuple[str, ...]


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that passes every case. kind: `equivalent` or `accepted` with the author's reason, else `unexplained`."""

    id: str
    function: str
    operator: str
    kind: str
    reason: str
    diff: str


class OperatorFigures(msgspec.Struct, frozen=True):
    """The mutants that one operator made."""

    name: str
    mutants: int
    killed: int


class Tolerance(msgspec.Struct, frozen=True):
    """A case's tolerance beside what it stands between; relative, or absolute for a case that asks for a value below a bound.

    model: the author's error model's bound. spread: the largest deviation of a right implementation. settings: that of the reference
    with other BLAS kernels. nearest: the smallest deviation of a misconception that fails here, and its id. None: not to be had.
    """

    kind: str  # relative | absolute
    value: float
    why: str
    model: float | None
    spread: float | None
    settings: float | None
    nearest: float | None
    nearest_id: str


class CaseFigures(msgspec.Struct, frozen=True):
    """What one case costs and adds.

    evaluations: of injected functions in one call of the reference, None where it injects none. only_killer: misconceptions and mutants
    that it alone fails. only_namer: misconceptions that are named only because of it. relations: those that it is part of.
    """

    id: str
    function: str
    visibility: Visibility
    weight: float
    evaluations: int | None
    seconds: float
    kills_misconceptions: int
    kills_mutants: int
    only_killer: tuple[str, ...]
    only_namer: tuple[str, ...]
    relations: tuple[str, ...]
    tolerance: Tolerance

    @property
    def adds_nothing(self) -> bool:
        """Whether the same mistakes would be noticed and named without it."""
        return not self.only_killer and not self.only_namer


class Validation(msgspec.Struct, frozen=True):
    """All that was found. `adequate`: the reference has full marks and every bar is met."""

    schema: str
    assignment: AssignmentRef
    adequate: bool
    bars: tuple[Bar, ...]
    reference_failed: tuple[str, ...]  # cases
    exercises: tuple[ExerciseFigures, ...]
    misconceptions: tuple[MisconceptionTrial, ...]
    equivalents: tuple[EquivalentTrial, ...]
    survivors: tuple[Survivor, ...]
    stale_reasons: tuple[str, ...]
    operators: tuple[OperatorFigures, ...]
    confused: tuple[tuple[str, ...], ...]  # misconceptions that the cases cannot tell apart
    cases: tuple[CaseFigures, ...]
    settings: tuple[str, ...]  # BLAS kernels that the reference was run with, besides the machine's own choice
    warnings: tuple[str, ...]
    provenance: Provenance
    seconds: Mapping[str, float]  # of the clock, by part: all that changes from run to run, with those of the cases

    def to_json(self) -> str:
        """The validation as JSON (`grader.validation/1`)."""
        extra = [{**msgspec.to_builtins(case), "adds_nothing": case.adds_nothing} for case in self.cases]
        return msgspec.json.encode({**msgspec.to_builtins(self), "cases": extra}).decode("utf-8")
