"""What goes into a sandbox and what comes out: one `Request` and one `Reply` a submission.

Expected values never go in; verdicts never come out. How a reply is read is in replies.py.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Protocol

import msgspec

from grader.sandbox.worker import support

# Longer than anything that the worker's codec.clean_text lets out; what is longer is malformed.
Name = Annotated[str, msgspec.Meta(max_length=1_000)]
Text = Annotated[str, msgspec.Meta(max_length=15_000)]
Index = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of one submission, from the assignment and the command line, never from the submission.

    cell_seconds and case_seconds: of the clock, for each cell and each call; a function that was out of time has a fifth of it for each of
    its other calls. submission_seconds: of the clock, for all of it.
    cpu_seconds: of processor time, for all its processes together. memory_mb, disk_mb, processes: for all of it at one time.
    """

    cell_seconds: int = 20
    case_seconds: int = 5
    submission_seconds: int = 120
    cpu_seconds: int = 60
    memory_mb: int = 1024
    disk_mb: int = 64
    processes: int = 64
    reply_mb: int = 32


class Cell(msgspec.Struct, frozen=True):
    """A cell: its index in the notebook, `code`, `markdown` or `raw`, and its source."""

    index: int
    kind: str
    source: str


class Function(msgspec.Struct, frozen=True):
    """A function to find: its name, the other names accepted for it, and how many positional arguments it is called with."""

    name: str
    aliases: tuple[str, ...]
    arity: int


class Call(msgspec.Struct, frozen=True):
    """One call. Arguments and options are wire values; an option is passed only where the signature has its name.

    inject: name -> (key in the request's sources, name there). observe: injected name -> its parameters to record.
    stage: nothing of a later stage enters the sandbox before every call of the earlier ones is answered or lost.
    sweep: position of an argument, and the values to call with in its place, one after the other; the reply is a list of numbers.
    """

    function: str
    arguments: tuple[list[object], ...]
    options: Mapping[str, list[object]] = {}
    inject: Mapping[str, tuple[str, str]] = {}
    observe: Mapping[str, tuple[str, ...]] = {}
    stage: int = 0
    sweep: tuple[int, tuple[float, ...]] | None = None


class Held(msgspec.Struct, frozen=True, dict=True):
    """Files that a worker holds in its memory, by name."""

    files: Mapping[str, str]

    @functools.cached_property
    def sha256(self) -> str:
        """By which both sides know that they mean the same files."""
        return support.sha256(self.files)

    def is_in(self, files: Mapping[str, str]) -> bool:
        """Whether all of them are among `files`, to the letter."""
        return all(files.get(name) == text for name, text in self.files.items())


class Request(msgspec.Struct, frozen=True):
    """A whole submission: its cells, the files beside them, and every call of every case.

    bytecode: what files and sources compile to, by their names, as Python caches it: it spares the worker's Python compiling them if
    it is the same Python. sweeps: calls for figures, after the cases of their stage.
    """

    cells: tuple[Cell, ...]
    files: Mapping[str, str]
    functions: tuple[Function, ...]
    leftovers: tuple[str, ...]
    sources: Mapping[str, str]
    calls: tuple[Call, ...]
    limits: Limits
    bytecode: Mapping[str, bytes] = {}
    sweeps: tuple[Call, ...] = ()

    @property
    def all_calls(self) -> tuple[Call, ...]:
        """Those of the cases, then the sweeps: a call's position here is its index in frames."""
        return self.calls + self.sweeps

    def parts(self, held: Held | None = None) -> tuple[bytes, bytes, tuple[bytes, ...]]:
        """The blocks that a worker reads: what its supervisor must know, what the cells need, and for each stage its calls, which
        wait outside until its turn. held: files that the worker has; they are left out where all of them are this request's, too.
        """
        held = held if held is not None and held.is_in(self.files) else Held({})
        sent = {name: text for name, text in self.files.items() if name not in held.files}
        outline = {
            "limits": self.limits,
            "cells": [cell.index for cell in self.cells],
            "called": [call.function for call in self.all_calls],
            "stages": [call.stage for call in self.all_calls],
        }
        first = {
            "cells": self.cells,
            "files": sent,
            "held": held.sha256 if held.files else "",
            "bytecode": {name: data for name, data in self.bytecode.items() if name in sent},
            "functions": self.functions,
            "leftovers": self.leftovers,
            "limits": self.limits,
        }
        encode = msgspec.json.encode
        return encode(outline), encode(first), _stages(_Staged(self.calls, self.sweeps, self.sources, self.bytecode))


class _Staged(NamedTuple):
    """What stages are made of; equal to what is of the very same objects, as all requests of a plan are."""

    calls: tuple[Call, ...]
    sweeps: tuple[Call, ...]
    sources: Mapping[str, str]
    bytecode: Mapping[str, bytes]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Staged) and all(map(operator.is_, self, other))

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))


@functools.lru_cache(maxsize=2)  # a class asks the same of every submission, and of some one exercise once more
def _stages(staged: _Staged) -> tuple[bytes, ...]:
    calls = list(enumerate(staged.calls + staged.sweeps))
    stages = range(max((call.stage for _, call in calls), default=-1) + 1)
    return tuple(_stage(staged, [(position, call) for position, call in calls if call.stage == stage]) for stage in stages)


def _stage(staged: _Staged, calls: list[tuple[int, Call]]) -> bytes:
    keys = {key for _, call in calls for key, _ in call.inject.values()}
    sources = {key: (staged.sources[key], staged.bytecode.get(key, b"")) for key in sorted(keys)}
    return msgspec.json.encode({"calls": calls, "sources": sources})


class Raised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exception that a call ended with."""

    type: Name
    message: Text
    cell: Index | None = None
    line: Index | None = None
    source: Text | None = None


class Observed(msgspec.Struct, frozen=True):
    """What an injected function was called with: `points` has a row a call, or is None where the calls differ in layout."""

    name: str
    calls: int
    layout: tuple[tuple[str, tuple[int, ...]], ...]
    points: object | None


class CallReply(msgspec.Struct, frozen=True):
    """What one call did.

    returned: `value` is set. raised: `raised` is set. missing: no such function. lost: `reason` says what ended it,
    `limit` which limit (empty for a crash).
    """

    outcome: Literal["returned", "raised", "missing", "lost"]
    value: object = None
    raised: Raised | None = None
    stdout: str = ""
    observed: tuple[Observed, ...] = ()
    reason: str = ""
    limit: str = ""
    seconds: float = 0.0


class FoundReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a function was found."""

    cell: Index
    how: Literal["executed", "definitions_only", "recovered"]
    name: Name


class CellReply(msgspec.Struct, frozen=True):
    """An exception or a limit that a cell ended with."""

    index: int
    type: str
    message: str


class Reply(msgspec.Struct, frozen=True):
    """All that came out of a sandbox for one request; `calls` has one entry for each of the request's calls, in order, as has `sweeps`."""

    cells: tuple[CellReply, ...]
    found: Mapping[str, FoundReply | None]
    calls: tuple[CallReply, ...]
    sweeps: tuple[CallReply, ...] = ()


class Sandbox(Protocol):
    """Runs requests. Raises SandboxError where it could not, through no fault of the student."""

    @property
    def engine(self) -> str:
        """Its name."""
        ...

    @property
    def walls(self) -> str:
        """Which walls it has."""
        ...

    @property
    def python(self) -> str:
        """The version of Python inside."""
        ...

    @property
    def numpy(self) -> str:
        """The version of NumPy inside."""
        ...

    def run(self, request: Request) -> Reply:
        """The reply to one request."""
        ...

    def close(self) -> None:
        """Ends what the sandbox keeps warm."""
        ...


class WarmSandbox(Sandbox, Protocol):
    """A sandbox that keeps something warm, which takes a while to start."""

    def start(self) -> None:
        """Begins to start what the sandbox keeps warm, and does not wait for it."""
        ...

    def ready(self) -> None:
        """Waits until requests can be run. Raises SandboxError where they cannot."""
        ...
