"""The answer key: what the reference returns for every case, made in the same sandbox with the same calls.

It never enters a sandbox. Between runs it is cached under a hash of all that it depends on; a student's machine uses the
frozen public part, `answer_key.json` beside the assignment.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from grader import __version__
from grader.assignments import Assignment, Reference
from grader.errors import AssignmentError, SandboxError
from grader.files import cache_folder, write_atomically
from grader.notebook import Notebook, NotebookCell
from grader.plan import Plan
from grader.sandbox.protocol import CallReply, Observed, Reply, Sandbox
from grader.sandbox.walls import WORKER
from grader.sandbox.worker import codec

SCHEMA = "grader.answer_key/1"
FROZEN = "answer_key.json"


class Entry(msgspec.Struct, frozen=True):
    """One case's answer: the expected value, and what each observed function was called with."""

    value: object
    observed: Mapping[str, Observed]


class AnswerKey(msgspec.Struct, frozen=True):
    """The answers by (function, case id), and the SHA-256 of the key's own bytes. `sweeps` are the numbers of the figures' curves."""

    entries: Mapping[tuple[str, str], Entry]
    sha256: str
    sweeps: tuple[tuple[float | None, ...], ...] = ()


class _StoredObserved(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    calls: int
    layout: list[tuple[str, list[int]]]
    points: list[object] | None


class _StoredEntry(msgspec.Struct, forbid_unknown_fields=True):
    function: str
    case: str
    value: list[object]
    observed: list[_StoredObserved]


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    assignment: str
    version: str
    inputs_sha256: str
    entries: list[_StoredEntry]
    sweeps: list[list[float | None]] = []


def build(reference: Reference, sandbox: Sandbox, folder: Path | None = None) -> AnswerKey:
    """The key of a reference: from the cache in `folder`, or made in `sandbox` and cached.

    Raises AssignmentError where the reference's own code fails, SandboxError where the sandbox did.
    """
    inputs = hash_inputs(reference.assignment, reference.solution, sandbox)
    path = (folder or cache_folder()) / f"{inputs}.json"
    with contextlib.suppress(OSError, AssignmentError):
        return _load(path.read_bytes(), reference.assignment, inputs)
    data = _store(reference.assignment, inputs, _run(reference, sandbox))
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time only
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, data)
    return _load(data, reference.assignment, inputs)


def freeze(reference: Reference, sandbox: Sandbox) -> bytes:
    """The frozen key of the public cases, as the bytes of answer_key.json."""
    public = public_part(reference.assignment)
    replies = _run(msgspec.structs.replace(reference, assignment=public), sandbox)
    return msgspec.json.format(_store(public, hash_cases(public), replies), indent=1) + b"\n"


def public_part(assignment: Assignment) -> Assignment:
    """The assignment as a student's machine has it, with its public cases alone."""
    return msgspec.structs.replace(
        assignment,
        cases=tuple(case for case in assignment.cases if case.visibility.value == "public"),
        sources={key: text for key, text in assignment.sources.items() if key == "public"},
    )


def load_frozen(assignment: Assignment) -> AnswerKey:
    """The key that lies beside the assignment. Raises AssignmentError where it is missing or older than the cases."""
    path = assignment.folder / FROZEN
    try:
        return _load(path.read_bytes(), assignment, hash_cases(assignment))
    except OSError as error:
        raise AssignmentError(f"{path} cannot be read", remedy=_remedy(assignment)) from error


def hash_inputs(assignment: Assignment, solution: str, sandbox: Sandbox) -> str:
    """What a key made of this reference in this sandbox depends on, as one SHA-256."""
    parts = [SCHEMA, __version__, _worker_source(), sandbox.python, sandbox.numpy, solution, hash_cases(assignment)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def _worker_source() -> str:
    """What runs the reference, so that a key made by other code is not taken for this one's."""
    return "\0".join(path.read_text(encoding="utf-8") for path in sorted(WORKER.glob("*.py")))


def hash_cases(assignment: Assignment) -> str:
    """What all calls of an assignment depend on, as one SHA-256."""
    plan = Plan(assignment)
    ids = [case.id for case in assignment.cases]
    content = (assignment.id, assignment.version, ids, plan.calls, plan.sweeps, assignment.sources, assignment.files)
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _run(reference: Reference, sandbox: Sandbox) -> Reply:
    cell = NotebookCell(0, "code", reference.solution)
    reply = sandbox.run(Plan(reference.assignment).request(Notebook((cell,), "")))
    for error in reply.cells:
        raise AssignmentError(f"the reference of {reference.assignment.id} raises {error.type}: {error.message}")
    for case, call in zip(reference.assignment.cases, reply.calls, strict=True):
        where = f"the reference of {reference.assignment.id}, case {case.id} of {case.function}"
        if call.outcome == "lost":
            raise SandboxError(f"{where}: {call.reason}")
        if call.outcome != "returned":
            raise AssignmentError(f"{where}: {call.raised.type + ': ' + call.raised.message if call.raised else call.outcome}")
    return reply


def _store(assignment: Assignment, inputs: str, reply: Reply) -> bytes:
    entries = [
        _StoredEntry(
            case.function,
            case.id,
            codec.encode(_native(call.value)),
            [
                _StoredObserved(
                    item.name,
                    item.calls,
                    [(key, list(shape)) for key, shape in item.layout],
                    None if item.points is None else codec.encode(item.points),
                )
                for item in call.observed
            ],
        )
        for case, call in zip(assignment.cases, reply.calls, strict=True)
    ]
    return msgspec.json.encode(_Stored(SCHEMA, assignment.id, assignment.version, inputs, entries, list(map(numbers, reply.sweeps))))


def numbers(sweep: CallReply) -> list[float | None]:
    """The numbers of a sweep; none where it gave no answer."""
    if sweep.outcome != "returned" or not isinstance(sweep.value, list):
        return []
    return [item if isinstance(item, float) and math.isfinite(item) else None for item in sweep.value]


def _native(value: object) -> object:
    """A one-element array as the number it holds, so that the key reads well."""
    item = getattr(value, "item", None)
    return item() if item is not None and getattr(value, "shape", None) == () else value


def _load(data: bytes, assignment: Assignment, inputs: str) -> AnswerKey:
    try:
        stored = msgspec.json.decode(data, type=_Stored)
        entries = {
            (entry.function, entry.case): Entry(
                codec.decode(entry.value),
                {
                    item.name: Observed(
                        item.name,
                        item.calls,
                        tuple((key, tuple(shape)) for key, shape in item.layout),
                        None if item.points is None else codec.decode(item.points),
                    )
                    for item in entry.observed
                },
            )
            for entry in stored.entries
        }
    except (msgspec.MsgspecError, codec.CodecError) as error:
        raise AssignmentError(f"the answer key of {assignment.id} is damaged: {error}", remedy=_remedy(assignment)) from error
    wanted = {(case.function, case.id) for case in assignment.cases}
    if stored.schema != SCHEMA or stored.inputs_sha256 != inputs or set(entries) != wanted:
        raise AssignmentError(
            f"the answer key of {assignment.id} does not belong to its cases",
            remedy=_remedy(assignment),
        )
    compact = msgspec.json.encode(stored)
    return AnswerKey(entries, hashlib.sha256(compact).hexdigest(), tuple(map(tuple, stored.sweeps)))


def _remedy(assignment: Assignment) -> str:
    return f"grader assignment freeze {assignment.id} makes it anew"
