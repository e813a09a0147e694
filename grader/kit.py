"""All that grading one assignment takes but the sandbox: made once, and sent to whoever grades."""

from __future__ import annotations

import functools
import hashlib
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from grader import answer_key, assignments, frozen_bank
from grader.answer_key import AnswerKey
from grader.assignments import Assignment, Reference
from grader.bank import Bank
from grader.errors import SandboxError, SubmissionError, UsageError
from grader.files import cache_folder
from grader.frozen_bank import FrozenBank
from grader.grade import Rule
from grader.likeness import Common, common_of
from grader.model import Note, Provenance
from grader.notebook import parse, read_file
from grader.sandbox.engines import choose, open_sandbox
from grader.sandbox.protocol import Limits, Sandbox, WarmSandbox

if TYPE_CHECKING:
    from grader.sandbox.prefork import PreforkSandbox

# Of an assignment: where it lies, what is done after grading, and what only pages and authors read.
_NOT_GRADED_BY = frozenset({"folder", "late", "attempts", "bars", "language", "remember", "translations", "lines", "notes"})
NO_REFERENCE = "pass --reference DIR, or --public-only to grade by the public cases alone"


class Settings(msgspec.Struct, frozen=True):
    """How an assignment is to be graded.

    public_only: by the public cases alone, with the frozen answer key. engine, walls: as on the command line; with walls "auto" and
    none to be had, `allow_none` decides between running without and WallsError. hidden: further folders that must not exist inside.
    limits: in the place of the assignment's.
    """

    public_only: bool = False
    reference: Path | None = None
    engine: str = "auto"
    walls: str = "auto"
    allow_none: bool = False
    hidden: tuple[Path, ...] = ()
    limits: Limits | None = None


class Opening(msgspec.Struct, frozen=True):
    """How sandboxes are opened. hidden: folders that must not exist inside, beside the grader's cache. files: the assignment's."""

    engine: str
    walls: str
    hidden: tuple[Path, ...] = ()
    files: Mapping[str, str] = {}

    def sandbox(self) -> WarmSandbox:
        """A sandbox that has not begun to start."""
        return open_sandbox(self.engine, self.walls, (cache_folder(), *self.hidden), files=self.files)

    def open(self) -> WarmSandbox:
        """A sandbox that has begun to start."""
        sandbox = self.sandbox()
        sandbox.start()
        return sandbox

    def open_root(self) -> PreforkSandbox | None:
        """The same to fork others from, or None where a sandbox's server cannot be forked."""
        if sys.platform != "linux" or self.engine == "kernel" or self.walls != "full":
            return None
        from grader.sandbox.prefork import PreforkSandbox

        sandbox = self.open()
        if isinstance(sandbox, PreforkSandbox):
            return sandbox
        sandbox.close()
        return None


class Kit(msgspec.Struct, frozen=True, dict=True):
    """An assignment with its answer key and known mistakes, and how its sandboxes are opened.

    The assignment has the hidden cases unless it is graded by the public ones alone. `without_walls` says why the walls are not the
    full ones, where they were to be chosen. `provenance` is what results will have. `common` is what the class page takes away before
    it compares code; without it, submissions leave no traces for that.
    """

    assignment: Assignment
    reference: Reference | None
    key: AnswerKey
    bank: Bank | FrozenBank | None
    opening: Opening
    without_walls: str
    limits: Limits | None
    provenance: Provenance
    common: Common | None = None

    @functools.cached_property
    def sha256(self) -> str:
        """What the result of a submission depends on besides the submission itself."""
        read = {name: getattr(self.assignment, name) for name in self.assignment.__struct_fields__ if name not in _NOT_GRADED_BY}
        content = (answer_key.hash_cases(self.assignment), read, self.limits, self.provenance)
        return hashlib.sha256(msgspec.json.encode(content, enc_hook=_hashed)).hexdigest()

    def rule(self, sandbox: Sandbox) -> Rule:
        """The rule that grades in `sandbox`. Raises SandboxError where another Python or NumPy runs here than the key was made with."""
        rule = Rule(self.assignment, self.key, sandbox, self.limits, None if self.bank is None else self.bank.moved(sandbox), self.common)
        if rule.provenance != self.provenance:
            raise SandboxError(f"the answer key was made by {self.provenance}, and results here would be by {rule.provenance}")
        return rule

    def for_class(self, notes: tuple[Note, ...] = ()) -> Kit:
        """The kit for submissions of a class: their pages show these notes, and what they leave can be compared.

        What was handed out is common to all, and so is the reference: who writes what is asked for has copied from nobody.
        """
        assignment = self.assignment
        try:
            handed_out = [cell.source for cell in parse(read_file(assignment.folder / assignment.notebook)).cells if cell.kind == "code"]
        except SubmissionError:  # an assignment needs no starter
            handed_out = []
        others = (*assignment.files.values(), *([self.reference.solution] if self.reference is not None else []))
        noted = msgspec.structs.replace(assignment, notes=notes)
        return msgspec.structs.replace(self, assignment=noted, common=common_of(handed_out, others))

    def to_bytes(self) -> bytes:
        """The kit for another process of ours; an author's own classes do not travel."""
        return pickle.dumps(self)

    @staticmethod
    def from_bytes(data: bytes) -> Kit:
        """The kit of `to_bytes`. Only for bytes from a process of ours: reading them can run code."""
        kit = pickle.loads(data)
        assert isinstance(kit, Kit)
        return kit


def _hashed(value: object) -> object:
    """What stands for a value that JSON has no form for; for an array not its repr, which takes long and leaves entries out."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.dtype.str, value.shape, value.tobytes()
    return repr(value)


def choose_opening(assignment: Assignment, settings: Settings) -> tuple[Opening, str]:
    """How the sandboxes of an assignment are opened, and why the walls are not the full ones, where they were to be chosen.

    Raises WallsError where the walls cannot be raised.
    """
    walls, without_walls = choose(settings.engine, settings.walls, allow_none=settings.allow_none)
    secret = None if settings.public_only else assignments.hidden_folder(assignment, settings.reference)
    return Opening(settings.engine, walls, (*(() if secret is None else (secret,)), *settings.hidden), assignment.files), without_walls


def prepare(assignment: Assignment, settings: Settings, sandbox: WarmSandbox | None = None) -> tuple[Kit, WarmSandbox]:
    """The kit of an assignment, and a sandbox of its: the one given, or one that is started only where no answer key is cached.

    Raises UsageError where there is no reference, WallsError where the walls cannot be raised, AssignmentError where the key cannot
    be had, SandboxError where the sandbox failed.
    """
    reference = None if settings.public_only else assignments.load_reference(assignment, settings.reference)
    if reference is None and not settings.public_only:
        raise UsageError(f"there is no reference for {assignment.id}", remedy=NO_REFERENCE)
    opening, without_walls = choose_opening(assignment, settings)
    sandbox = sandbox or opening.sandbox()
    try:
        bank: Bank | FrozenBank | None
        if reference is None:
            whole, key = assignment, answer_key.load_frozen(assignment)
            bank = frozen_bank.load(assignment, key)
        else:
            whole, key = reference.assignment, answer_key.build(reference, sandbox)
            bank = Bank(reference, key, sandbox)
        provenance = Rule(whole, key, sandbox, settings.limits, bank).provenance
    except BaseException:
        sandbox.close()
        raise
    return Kit(whole, reference, key, bank, opening, without_walls, settings.limits, provenance), sandbox
