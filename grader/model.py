"""The plain values that flow through the grader: cases on the way in, results on the way out.

A result's JSON form is `grader.result/1`, described field by field in docs/reference/result.md.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from fractions import Fraction

import msgspec

from grader.errors import UsageError

RESULT_SCHEMA = "grader.result/1"


class Outcome(enum.Enum):
    """What became of a case, or of an exercise (then the worst of its cases)."""

    PASSED = "passed"
    FAILED = "failed"  # it returned, and the value is wrong
    ERRORED = "errored"  # it raised
    TIMED_OUT = "timed_out"  # a time limit ended it
    KILLED = "killed"  # its process ended, or another limit ended it
    MISSING = "missing"  # there is no such function


class Status(enum.Enum):
    """What became of a submission."""

    GRADED = "graded"
    UNREADABLE = "unreadable"  # the student's file is no notebook
    NOT_GRADED = "not_graded"  # our fault: never a zero


BUILT_ON = "built_on"  # beside the visibilities, where injections come from: right functions that exercises build on


class Visibility(enum.Enum):
    """Who may see a case's input and expected value."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class Close(msgspec.Struct, frozen=True, tag=True):
    """The case passes within `rtol` (relative) plus `atol` (absolute) of the expected value.

    `why` names the error model that the tolerance comes from.
    """

    rtol: float
    atol: float = 0.0
    why: str = ""


class Below(msgspec.Struct, frozen=True, tag=True):
    """The case passes with any real number from 0 up to, not including, `bound`: the exact value is rounding noise."""

    bound: float
    why: str = ""


class Blocks(msgspec.Struct, frozen=True, tag=True):
    """The case passes if each of these `keys` of a dict of arrays is within `rtol` of the expected block, in the 2-norm."""

    keys: tuple[str, ...]
    rtol: float
    why: str = ""


class Parts(msgspec.Struct, frozen=True, tag=True):
    """The case passes with a sequence of as many values, each judged by its own expectation; the first stands for them all in messages."""

    expect: tuple[Close | Below, ...]

    @property
    def why(self) -> str:
        """The error models of the parts."""
        return "; ".join(part.why for part in self.expect if part.why)


Expectation = Close | Below | Blocks | Parts


class Case(msgspec.Struct, frozen=True):
    """One seeded input of a function, with how its value is judged. The expected value is in the answer key.

    inject: name in the submission's namespace -> name in the injections file beside the cases.
    observe: name of an injected function -> names of its parameters to record at each call.
    weight: a case of weight 0 costs nothing and names nobody; where it alone fails, the exercise has an observation with its title.
    """

    id: str
    function: str
    arguments: tuple[object, ...]
    expect: Expectation
    weight: Fraction | int = 1
    visibility: Visibility = Visibility.PUBLIC
    title: str = ""
    inject: Mapping[str, str] = {}
    observe: Mapping[str, tuple[str, ...]] = {}

    @property
    def counts(self) -> bool:
        """Whether it is worth anything."""
        return self.weight > 0


class Sweep(msgspec.Struct, frozen=True):
    """A figure: the value of a public case's function, called again with each of `values` in the place of one argument.

    The submission's values are drawn beside the reference's on logarithmic axes. It costs no points.
    """

    function: str
    case: str
    parameter: str
    values: tuple[float, ...]
    title: str
    text: str = ""  # what the reference's curve teaches


class BlockFigure(msgspec.Struct, frozen=True):
    """A figure: the blocks that a public case's function returns against an approximation of them, by block."""

    function: str
    case: str
    approximation: Mapping[str, object]  # block -> array
    title: str
    text: str = ""


Figure = Sweep | BlockFigure


class Relation(msgspec.Struct, frozen=True):
    """A metamorphic relation: the values of two cases of one function stand in a known ratio, whatever the reference says.

    `ratio` is first / second within `rtol`; `explained` maps other ratios seen to what they mean.
    """

    id: str
    function: str
    first: str
    second: str
    ratio: float
    rtol: float
    text: str
    explained: Mapping[float, str] = {}


class Misconception(msgspec.Struct, frozen=True):
    """A known wrong implementation of one function: the reference with some of its text replaced, or a text of its own.

    `credit` is the fraction of the exercise's points that it still earns. The hint does not hand out the answer.
    `aspect` names the part of the function that is wrong: two misconceptions of different aspects can be made at once.
    """

    id: str
    function: str
    title: str
    hint: str
    credit: Fraction
    aspect: str
    edits: Mapping[str, str] = {}  # text of the reference's function -> what stands there instead; each text occurs exactly once
    source: str = ""  # the whole function, where edits would not do
    follows: tuple[str, ...] = ()  # of another function: mistakes that come through here as this one, where this function calls that one


class Equivalent(msgspec.Struct, frozen=True):
    """A right implementation, written another way: it must get full marks."""

    id: str
    function: str
    edits: Mapping[str, str] = {}
    source: str = ""


class StudentError(msgspec.Struct, frozen=True):
    """An exception that student code raised, with the student's own line where there is one."""

    type: str
    message: str
    cell: int | None = None  # index in the notebook, from 0
    line: int | None = None  # in that cell, from 1
    source: str | None = None


class CaseResult(msgspec.Struct, frozen=True, omit_defaults=False):
    """One case's result. Student views of a hidden case show only its id, outcome, exception type and own line."""

    id: str
    visibility: Visibility
    weight: float
    outcome: Outcome
    title: str = ""
    message: str = ""
    expected: str | None = None
    actual: str | None = None
    error: StudentError | None = None


class Found(msgspec.Struct, frozen=True):
    """Where a function was found: index of the cell in the notebook (from 0), how, and under which name."""

    cell: int | None
    how: str  # executed | definitions_only | recovered
    name: str = ""


class Diagnosis(msgspec.Struct, frozen=True):
    """A misconception that the submission's behaviour matches."""

    id: str
    title: str
    evidence: str
    hint: str
    credit: float


class Observation(msgspec.Struct, frozen=True):
    """A fact that was seen, claiming nothing about its cause. `hidden` facts are for the instructor only."""

    id: str
    text: str
    visibility: Visibility = Visibility.PUBLIC


class ExerciseResult(msgspec.Struct, frozen=True):
    """One exercise's result: `score` of `points`."""

    name: str
    points: float
    score: float
    outcome: Outcome
    found: Found | None
    cases: tuple[CaseResult, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    observations: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """The state of an ungraded function: `blocks` are the wrong ones, actual / expected where that is one number."""

    function: str
    state: str  # right | wrong | errored | timed_out | killed | missing
    blocks: Mapping[str, float | None]
    text: str
    diagnoses: tuple[Diagnosis, ...] = ()


class CellError(msgspec.Struct, frozen=True):
    """An exception or a limit that a cell ended with."""

    cell: int
    type: str
    message: str


class NotebookResult(msgspec.Struct, frozen=True):
    """What happened when the notebook ran."""

    code_cells: int
    errors: tuple[CellError, ...] = ()


class AssignmentRef(msgspec.Struct, frozen=True):
    """Which assignment, in which version."""

    id: str
    version: str


class SubmissionRef(msgspec.Struct, frozen=True):
    """Whose submission, and which file; `sha256` is of the file's bytes."""

    student: str
    attempt: int
    source: str
    sha256: str
    late: bool = False


class Adjustment(msgspec.Struct, frozen=True):
    """A change between score and grade: a penalty or an override."""

    kind: str
    points: float
    why: str


class Override(msgspec.Struct, frozen=True):
    """What an exercise counts for, whatever its score, because a person decided so: `points` from 0, and why."""

    exercise: str
    points: float
    why: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.points) and self.points >= 0):
            raise UsageError(f"{self.points} is no number of points from 0")


class Note(msgspec.Struct, frozen=True):
    """What an instructor has to say, in Markdown, to everyone whom `name` is about.

    kind: misconception | cluster | exercise | student; name: its id, or the short name of a behaviour, or whose or which it is.
    """

    kind: str
    name: str
    text: str


class Provenance(msgspec.Struct, frozen=True):
    """What graded it."""

    grader: str
    answer_key_sha256: str
    engine: str
    walls: str
    python: str
    numpy: str


class SubmissionResult(msgspec.Struct, frozen=True):
    """All that is known of a graded submission; `score` and `grade` are None where `status` is NOT_GRADED."""

    schema: str
    assignment: AssignmentRef
    submission: SubmissionRef
    status: Status
    points: float
    score: float | None
    notebook: NotebookResult | None
    exercises: tuple[ExerciseResult, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...]
    adjustments: tuple[Adjustment, ...]
    grade: float | None
    provenance: Provenance

    def to_json(self) -> str:
        """The result as one line of JSON (`grader.result/1`), the same text for the same result."""
        return msgspec.json.encode(self).decode("utf-8")

    @classmethod
    def from_json(cls, text: str | bytes) -> SubmissionResult:
        """The result of a JSON text. Raises msgspec.ValidationError where it does not fit the schema."""
        return msgspec.json.decode(text, type=cls)
