"""What goes into a gradebook and what comes out of it: plain values, no part of a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from grader.model import Adjustment, Outcome, Provenance, Status, SubmissionResult


class RunStart(msgspec.Struct, frozen=True):
    """What is known of a run before its first result. `exercises` are the graded ones in order: name -> points.

    settings: what the run was asked for that changes results or grades, as JSON values; never a command line.
    """

    assignment: str
    version: str
    title: str
    points: float
    exercises: Mapping[str, float]
    who: str
    provenance: Provenance
    settings: Mapping[str, object] = {}


class Run(msgspec.Struct, frozen=True):
    """A run as it is kept. Times are UTC in ISO 8601; `ended` is None while it runs, and for ever where it was killed."""

    id: int
    assignment: str
    version: str
    started: str
    finished: str | None
    ended: str | None  # done | interrupted
    seconds: float | None
    who: str
    provenance: Provenance
    settings: Mapping[str, object]
    results: int


class HandedIn(msgspec.Struct, frozen=True):
    """What lateness is told by: when an attempt was handed in, whether its source called it late, and the student's own due date.

    The moments are aware; None where there is none.
    """

    submitted_at: datetime | None = None
    flagged_late: bool = False
    due: datetime | None = None


class Recorded(msgspec.Struct, frozen=True):
    """One submission's result on its way in.

    result: before adjustments; adjusted: after them. inputs_sha256: of all that the result depends on; content_sha256: the
    same without whose it is. material: what a feedback page needs beside the result, opaque here. position: in the order of
    the input, from 0. kept: the id of an earlier result whose inputs are the same; then `result` and `material` are not
    stored again. handed_in: takes the place of what is known of the attempt; None leaves that.
    """

    result: SubmissionResult
    adjusted: SubmissionResult
    inputs_sha256: str
    content_sha256: str
    material: bytes
    position: int
    seconds: float
    kept: int | None = None
    why: str = ""
    handed_in: HandedIn | None = None


class Known(msgspec.Struct, frozen=True):
    """An attempt and the result that it stands on. `handed_in` is None where no run has noted it."""

    attempt: int
    submission_sha256: str
    inputs_sha256: str
    result_id: int
    status: Status
    score: float | None
    handed_in: HandedIn | None = None


class StoredResult(msgspec.Struct, frozen=True):
    """A result before adjustments, and what its feedback page needs beside it."""

    result: SubmissionResult
    material: bytes


class Override(msgspec.Struct, frozen=True):
    """A person's own score for an exercise, in force until it is revoked. `when` is UTC in ISO 8601."""

    exercise: str
    points: float
    why: str
    who: str
    when: str


class StoredNote(msgspec.Struct, frozen=True):
    """An instructor's note in force, in Markdown. kind: misconception | cluster | exercise | student. `when` is UTC in ISO 8601."""

    kind: str
    name: str
    text: str
    who: str
    when: str


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event of the ledger: its `number` from 1, and `hash`, which also covers all entries before it.

    kind: graded | regraded | not_graded | override | override_revoked. Graded entries have what follows `attempt`;
    overrides have `exercise` and `points`. `result_sha256` and `override_sha256` are digests of the rows they are about.
    """

    number: int
    kind: str
    at: str
    who: str
    why: str
    student: str
    assignment: str
    attempt: int | None = None
    run: int | None = None
    result: int | None = None
    result_sha256: str | None = None
    submission_sha256: str | None = None
    answer_key_sha256: str | None = None
    grader: str | None = None
    python: str | None = None
    numpy: str | None = None
    engine: str | None = None
    walls: str | None = None
    status: str | None = None
    score: float | None = None
    grade: float | None = None
    adjustments: tuple[Adjustment, ...] | None = None
    override: int | None = None
    override_sha256: str | None = None
    exercise: str | None = None
    points: float | None = None
    hash: str = ""


class Break(msgspec.Struct, frozen=True):
    """Where the ledger, or a row that it vouches for, is not what was written: the entry's number, or None, and why."""

    number: int | None
    why: str


class Verification(msgspec.Struct, frozen=True):
    """What `verify` found: the number of entries, the hash of the last one, and the first break or None."""

    entries: int
    head: str
    broken: Break | None


class RowExercise(msgspec.Struct, frozen=True):
    """An exercise of a compact row, before overrides."""

    name: str
    score: float
    points: float
    outcome: Outcome
    diagnoses: tuple[str, ...]


class Row(msgspec.Struct, frozen=True):
    """One submission of a run, as class pages and exports need it. `kept`: from an earlier run, not graded again."""

    student: str
    attempt: int
    source: str
    status: Status
    score: float | None
    grade: float | None
    points: float
    late: bool
    adjustments: tuple[Adjustment, ...]
    exercises: tuple[RowExercise, ...]
    result_id: int
    kept: bool
    seconds: float


class Standing(msgspec.Struct, frozen=True):
    """The attempt that counts for a student. `penalties` is the sum of what is taken off, as a number that is not positive."""

    student: str
    attempt: int
    attempts: int
    status: Status
    score: float
    grade: float
    penalties: float
    result_id: int


class Counting(msgspec.Struct, frozen=True):
    """A student's place in a class: the attempt that counts, and what the newest run made of the student.

    standing: None where there is no attempt. result: its JSON before adjustments, or of the failure where there is no attempt.
    material: what its page needs besides, opaque here. is_late: some penalty is for lateness. failed: the newest run could not grade it.
    """

    student: str
    standing: Standing | None
    result: bytes
    material: bytes
    is_late: bool
    failed: bool


class CaseChange(msgspec.Struct, frozen=True):
    """A case whose outcome or weight is another one now; None where the case was not there. `weights` are there where they differ."""

    exercise: str
    case: str
    before: Outcome | None
    after: Outcome | None
    weights: tuple[float, float] | None = None


class WorthChange(msgspec.Struct, frozen=True):
    """An exercise that is worth other points now."""

    exercise: str
    before: float
    after: float


class VersionChange(msgspec.Struct, frozen=True):
    """Something that grades, in another version: grader, answer_key, python, numpy, engine, walls or assignment."""

    name: str
    before: str
    after: str


class Move(msgspec.Struct, frozen=True):
    """A student whose score, grade or status differs between two runs, and what differs beneath."""

    student: str
    attempts: tuple[int, int]
    statuses: tuple[Status, Status]
    scores: tuple[float | None, float | None]
    grades: tuple[float | None, float | None]
    cases: tuple[CaseChange, ...]
    versions: tuple[VersionChange, ...]
    gone: tuple[Adjustment, ...]
    new: tuple[Adjustment, ...]
    worth: tuple[WorthChange, ...] = ()


class Diff(msgspec.Struct, frozen=True):
    """Two runs compared by student. `unmoved` counts those in both whose score, grade and status are the same."""

    before: Run
    after: Run
    versions: tuple[VersionChange, ...]
    moves: tuple[Move, ...]
    unmoved: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
