"""How a reply is read: from frames (see worker/wire.py), strictly. What is missing, late, malformed or out of turn is a call that was not
answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec

from grader.errors import SandboxError
from grader.sandbox.protocol import CallReply, CellReply, FoundReply, Index, Name, Observed, Raised, Reply, Request, Text
from grader.sandbox.worker import codec

MAX_MESSAGE, MAX_STDOUT = 2_001, 10_001  # one more than the worker keeps: it marks a cut with one character

_Stdout = Annotated[str, msgspec.Meta(max_length=70_000)]


class _WireObserved(msgspec.Struct, forbid_unknown_fields=True):
    name: Name
    calls: Index
    layout: list[tuple[str, list[Index]]]
    points: list[object] | None


class _WireCall(msgspec.Struct, forbid_unknown_fields=True):
    outcome: Literal["returned", "raised", "missing"]
    value: list[object] | None = None
    exception: Raised | None = None
    stdout: _Stdout = ""
    observed: list[_WireObserved] = []
    seconds: float = 0.0


class _WireCell(msgspec.Struct, forbid_unknown_fields=True):
    type: Name = ""
    message: Text = ""


class _WireLost(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    limit: str = ""


# Commas and brackets: a value of the codec's largest size has fewer, even if its texts hold nothing else. Each may take a hundred bytes
# of memory.
_MAX_PARTS = 2_000_000
_MAX_FOUND = 1_000_000
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what msgspec raises, all of it

_call_decoder = msgspec.json.Decoder(_WireCall)
_cell_decoder = msgspec.json.Decoder(_WireCell)
_lost_decoder = msgspec.json.Decoder(_WireLost)
_found_decoder = msgspec.json.Decoder(dict[str, FoundReply | None])
UNANSWERED = CallReply("lost", reason="no reply came")
_MALFORMED = CallReply("lost", reason="its reply was malformed")


def assemble(request: Request, frames: Iterable[tuple[bytes, int, bytes]]) -> Reply:
    """The reply that the frames make. Raises SandboxError where they say that the sandbox itself failed."""
    errors: dict[int, CellReply] = {}
    lost_cells: dict[int, CellReply] = {}
    found: Mapping[str, FoundReply | None] = {function.name: None for function in request.functions}
    calls: list[CallReply] = [UNANSWERED] * len(request.all_calls)
    found_any = False
    for kind, index, payload in frames:
        match kind:
            case b"C" if not found_any:
                errors.update(_cell_error(request, index, payload))
            case b"L" if not found_any:  # once calls have run, the cells' second run could tell what was in them
                lost = _lost(payload)
                lost_cells[index] = CellReply(index, "TimeoutError" if lost.limit.endswith("_seconds") else "Killed", lost.reason)
            case b"S" if not found_any:
                errors.clear()
            case b"F":
                found = _found(request, payload)
                found_any = True
            case b"K" if index < len(calls):
                calls[index] = call_reply(payload) if calls[index] is UNANSWERED else _MALFORMED
            case b"X" if index < len(calls):
                lost = _lost(payload)
                calls[index] = CallReply("lost", reason=lost.reason, limit=lost.limit)
            case b"!":
                raise SandboxError(f"the sandbox failed: {payload.decode('utf-8', 'replace')[:500]}")
    errors.update(lost_cells)
    return Reply(tuple(errors[index] for index in sorted(errors)), found, *_parted(calls, len(request.calls)))


def _parted(calls: list[CallReply], count: int) -> tuple[tuple[CallReply, ...], tuple[CallReply, ...]]:
    return tuple(calls[:count]), tuple(calls[count:])


def _lost(payload: bytes) -> _WireLost:
    """What the supervisor says of a loss. Raises SandboxError where that cannot be read: it is ours."""
    try:
        return _lost_decoder.decode(payload)
    except _UNREADABLE as error:
        raise SandboxError(f"the sandbox's reply is malformed: {error}") from error


def _cell_error(request: Request, index: int, payload: bytes) -> dict[int, CellReply]:
    if not any(cell.index == index for cell in request.cells):
        return {}
    try:
        cell = _cell_decoder.decode(payload)
    except _UNREADABLE:
        return {index: CellReply(index, "Killed", "its reply was malformed")}
    return {index: CellReply(index, cell.type[:100], cell.message[:MAX_MESSAGE])} if cell.type else {}


def _found(request: Request, payload: bytes) -> Mapping[str, FoundReply | None]:
    try:
        found = _found_decoder.decode(payload) if len(payload) <= _MAX_FOUND else {}
    except _UNREADABLE:
        found = {}
    cells = {cell.index for cell in request.cells}
    places: dict[str, FoundReply | None] = {}
    for function in request.functions:
        place = found.get(function.name)
        told = place is not None and place.cell in cells and place.name in (function.name, *function.aliases)
        places[function.name] = place if told else None
    return places


def call_reply(payload: bytes) -> CallReply:
    """A call's reply from its JSON, its texts bounded; a malformed one is a call that was not answered."""
    if len(payload) > _MAX_PARTS and sum(map(payload.count, (b",", b"[", b"{"))) > _MAX_PARTS:
        return _MALFORMED
    try:
        wire = _call_decoder.decode(payload)
        observed = tuple(
            Observed(
                item.name,
                item.calls,
                tuple((key, tuple(shape)) for key, shape in item.layout),
                None if item.points is None else codec.decode(item.points),
            )
            for item in wire.observed
        )
        value = codec.decode(wire.value) if wire.outcome == "returned" else None
    except (*_UNREADABLE, codec.CodecError):
        return _MALFORMED
    if wire.outcome == "raised" and wire.exception is None:
        return _MALFORMED
    return CallReply(wire.outcome, value, _bounded(wire.exception), wire.stdout[:MAX_STDOUT], observed, seconds=wire.seconds)


def _bounded(raised: Raised | None) -> Raised | None:
    if raised is None:
        return None
    return Raised(raised.type[:100], raised.message[:MAX_MESSAGE], raised.cell, raised.line, (raised.source or "")[:300] or None)
