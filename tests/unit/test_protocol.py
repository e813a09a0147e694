"""Requests and replies: what frames make, and that what is missing, malformed or out of turn is never an answer."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SandboxError
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.protocol import (
    Call,
    CallReply,
    Cell,
    CellReply,
    FoundReply,
    Function,
    Limits,
    Raised,
    Reply,
    Request,
    Sandbox,
)
from grader.sandbox.replies import UNANSWERED, assemble, call_reply
from grader.sandbox.worker import codec, wire

REQUEST = Request(
    cells=(Cell(0, "code", "1"), Cell(2, "code", "2")), files={}, functions=(Function("f", ("g",), 1),), leftovers=(), sources={},
    calls=(Call("f", (codec.encode(1),)), Call("f", (codec.encode(2),))), limits=Limits(),
)  # fmt: skip
NOTHING = Reply((), {"f": None}, (UNANSWERED, UNANSWERED))


def payload(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def returned(value: object) -> bytes:
    return payload(outcome="returned", value=codec.encode(value))


def found(**fields: object) -> bytes:
    return payload(f={"cell": 0, "how": "executed", "name": "f", **fields})


def test_no_frame_is_no_answer() -> None:
    assert assemble(REQUEST, []) == NOTHING


def test_a_whole_reply() -> None:
    frames = [
        (b"C", 0, payload(type="ValueError", message="no")), (b"C", 2, b"{}"), (b"F", 0, found(name="g")), (b"K", 0, returned(4)),
        (b"K", 1, payload(outcome="raised", exception={"type": "E", "message": "m", "cell": 2, "line": 1, "source": "s"}, stdout="out")),
    ]  # fmt: skip
    reply = assemble(REQUEST, frames)
    assert reply.cells == (CellReply(0, "ValueError", "no"),)
    assert reply.found == {"f": FoundReply(0, "executed", "g")}
    assert reply.calls[0] == CallReply("returned", 4)
    assert reply.calls[1] == CallReply("raised", raised=Raised("E", "m", 2, 1, "s"), stdout="out")


def test_limits_are_told_for_cells_and_calls() -> None:
    over = payload(reason="too long", limit="cell_seconds")
    died = payload(reason="died", limit="")
    reply = assemble(REQUEST, [(b"L", 0, over), (b"C", 0, payload(type="E", message="m")), (b"L", 2, died), (b"X", 1, over)])
    assert reply.cells == (CellReply(0, "TimeoutError", "too long"), CellReply(2, "Killed", "died"))
    assert reply.calls == (UNANSWERED, CallReply("lost", reason="too long", limit="cell_seconds"))


def test_a_new_start_forgets_errors_and_keeps_what_broke() -> None:
    died = payload(reason="died", limit="")
    frames = [(b"C", 0, payload(type="E", message="m")), (b"L", 2, died), (b"S", 0, b""), (b"C", 0, b"{}")]
    assert assemble(REQUEST, frames).cells == (CellReply(2, "Killed", "died"),)


def test_a_second_answer_spoils_the_first() -> None:
    reply = assemble(REQUEST, [(b"K", 0, returned(1)), (b"K", 0, returned(2))])
    assert reply.calls[0].outcome == "lost"
    assert assemble(REQUEST, [(b"K", 0, b"?"), (b"K", 0, returned(2))]).calls[0].outcome == "lost"


@pytest.mark.parametrize("index", [2, 3, 2**32 - 1])
def test_answers_to_calls_that_were_not_made_are_dropped(index: int) -> None:
    assert assemble(REQUEST, [(b"K", index, returned(1)), (b"X", index, b"?"), (b"Z", 0, b"")]) == NOTHING


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'{"outcome": "passed"}', b'{"outcome": "lost"}', b'{"outcome": "returned"}',
        b'{"outcome": "raised"}', b"\xff" * 9,
        b'{"outcome": "missing", "extra": 1}', b'{"outcome": "missing", "outcome": 5}', b'{"outcome": "returned", "value": ["f", "x"]}',
        b'{"outcome": "returned", "value": ["a", "|O", [1], ""]}', b'{"outcome": "missing", "seconds": "1"}',
        b'{"outcome": "missing", "stdout": "\\ud800"}',
        b'{"outcome": "missing", "observed": [{"name": "a", "calls": -1, "layout": [], "points": null}]}',
        b'{"outcome": "missing", "observed": [{"name": "a", "calls": 1, "layout": [], "points": ["z"]}]}',
        payload(outcome="raised", exception={"type": "E", "message": "m", "line": -3}),
        payload(outcome="raised", exception={"type": "E" * 2000, "message": ""}),
        payload(outcome="missing", stdout="x" * 10**6), b'{"outcome": "returned", "value": ' + b'["l", [' * 5000,
        b'{"outcome": "returned", "value": ' + b'["l", [' * 900 + b"]]" * 900 + b"}",
    ],
)  # fmt: skip
def test_a_malformed_answer_is_none(content: bytes) -> None:
    assert call_reply(content) == CallReply("lost", reason="its reply was malformed")


@given(st.binary(max_size=60))
def test_bytes_never_raise(content: bytes) -> None:
    frames = [(kind, 0, content) for kind in (b"C", b"F", b"K", b"Z")]
    assert isinstance(assemble(REQUEST, frames), Reply)


@pytest.mark.parametrize(
    "place", [found(cell=1), found(cell=-1), found(cell=10**30), found(name="h"), found(how="magic"), payload(f=3), b"?"]
)
def test_a_place_that_does_not_exist_is_none(place: bytes) -> None:
    assert assemble(REQUEST, [(b"F", 0, place)]).found == {"f": None}


def test_functions_that_were_not_asked_for_are_dropped() -> None:
    place = payload(h={"cell": 0, "how": "executed", "name": "h"})
    assert assemble(REQUEST, [(b"F", 0, place)]).found == {"f": None}


@pytest.mark.parametrize(("index", "content"), [(1, payload(type="E", message="")), (2**31, payload(type="E", message=""))])
def test_errors_of_cells_that_do_not_exist_are_dropped(index: int, content: bytes) -> None:
    assert assemble(REQUEST, [(b"C", index, content)]).cells == ()


@pytest.mark.parametrize("content", [b"?", b'{"type": 5}', payload(type="E", message="m" * 10**6)])
def test_a_malformed_error_is_a_killed_cell(content: bytes) -> None:
    assert assemble(REQUEST, [(b"C", 0, content)]).cells == (CellReply(0, "Killed", "its reply was malformed"),)


def test_a_failure_of_ours_is_raised() -> None:
    with pytest.raises(SandboxError, match="no namespaces"):
        assemble(REQUEST, [(b"!", 0, b"no namespaces")])


def test_observed_points_are_values() -> None:
    points = codec.encode(np.array([[1.0], [2.0]]))
    observed = [{"name": "h", "calls": 2, "layout": [["", []]], "points": points}]
    reply = call_reply(payload(outcome="missing", observed=observed))
    assert (reply.observed[0].calls, reply.observed[0].layout) == (2, (("", ()),))
    assert np.array_equal(reply.observed[0].points, [[1.0], [2.0]])  # type: ignore[arg-type]


def test_the_calls_are_not_in_the_part_that_cells_can_see() -> None:
    later = msgspec.structs.replace(REQUEST.calls[1], stage=2, inject={"h": ("case", "h")})
    request = msgspec.structs.replace(REQUEST, calls=(REQUEST.calls[0], later), sources={"case": "h = 1", "unused": ""})
    outline, first, stages = request.parts()
    assert not (json.loads(outline).keys() | json.loads(first).keys()) & {"calls", "sources"}
    assert [[position for position, _ in json.loads(stage)["calls"]] for stage in stages] == [[0], [], [1]]
    assert [sorted(json.loads(stage)["sources"]) for stage in stages] == [[], [], ["case"]]


def test_stages_are_encoded_once_for_what_asks_the_same() -> None:
    call = Call("f", (), inject={"h": ("case", "h")})
    request = msgspec.structs.replace(REQUEST, calls=(call,), sources={"case": "h = 1"})
    _, _, stages = request.parts()
    assert msgspec.structs.replace(request, cells=()).parts()[2] is stages
    changes = {"calls": (), "sweeps": (call,), "sources": {"case": "h = 2"}, "bytecode": {"case": b"2"}}
    told = [msgspec.structs.replace(request, **{name: value}).parts()[2] for name, value in changes.items()]
    assert len({stages, *told}) == 5
    assert request.parts()[2] == stages


@given(st.lists(st.tuples(st.sampled_from([b"C", b"K"]), st.integers(0, 2**32 - 1), st.binary(max_size=30))), st.integers(1, 7))
def test_frames_survive_being_cut(frames: list[tuple[bytes, int, bytes]], size: int) -> None:
    data = b"".join(wire.pack(*frame) for frame in frames)
    reader = wire.FrameReader()
    read = []
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
        while (frame := reader.next()) is not None:
            read.append(frame)
    assert read == frames


def test_a_frame_longer_than_the_limit_is_refused_before_it_comes() -> None:
    reader = wire.FrameReader(limit=10)
    reader.feed(wire.HEADER.pack(b"K", 0, 11))
    with pytest.raises(wire.FrameError):
        reader.next()


def test_the_fake_answers_and_remembers() -> None:
    fake = FakeSandbox(lambda request: msgspec.structs.replace(NOTHING, found={}))
    sandbox: Sandbox = fake
    assert sandbox.run(REQUEST).found == {}
    assert fake.requests == [REQUEST]
    sandbox.close()
    assert fake.closed
