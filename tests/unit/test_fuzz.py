"""Whatever arrives from outside, nothing but the error tree comes out, and it takes neither much time nor much memory.

The outside is student code, which can write what it likes into the frames of its reply, and files that were handed in.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, SandboxError
from grader.notebook import Notebook, parse
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, CallReply, Cell, Function, Limits, Reply, Request
from grader.sandbox.replies import assemble, call_reply
from grader.sandbox.worker import codec, wire

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REQUEST = Request(
    cells=(Cell(0, "code", "1"), Cell(2, "code", "2")), files={}, functions=(Function("f", ("g",), 1),), leftovers=(), sources={},
    calls=(Call("f", (codec.encode(1),)), Call("f", (codec.encode(2),), stage=1)),
    limits=Limits(submission_seconds=1, reply_mb=1),
)  # fmt: skip

# Texts with what JSON, UTF-8 and the grader treat on its own: lone surrogates, NUL, byte order marks, other digits.
TEXTS = st.text(st.sampled_from("ab\0\ud800\udfff\ufeff\u202e１²<&\"'\\\n,[{:"), max_size=12) | st.text(max_size=20)
NUMBERS = (
    st.integers() | st.floats() | st.sampled_from([2**31, 2**32, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, 5e-324, float("nan"), -0.0])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)


def mixed(known: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict[str, object]]:
    """Objects that have some of the known fields, right or wrong, and perhaps another."""
    return st.fixed_dictionaries({}, optional={**{name: right | JSON for name, right in known.items()}, "extra": JSON})


SHAPES = st.lists(st.sampled_from([0, 1, 2, -1, 10**6, 10**9, 2**63, True, 1.0, "1", None]) | st.integers(0, 4), max_size=40)
DIGITS = st.sampled_from(["9" * 310, "9" * 311, "-" + "9" * 310, "1" * 5_000, "1_0", "１", "+1", "", "-", " 1", "0x1"])
FLOATS = st.sampled_from(["nan", "-nan", "NAN", "nan(0x7ff)", "inf", "0x1p+1023", "0x1p+99999", "1e5", "0x" + "f" * 99, "", " 0x1p0"])
BASE64 = st.sampled_from(["", "AAAAAAAA8H8=", "AAAAAAAA+H8=", "////////////", "A", "A===", "%%%%", "\ud800", "A" * 1_000]) | TEXTS
VALUES = st.recursive(
    st.sampled_from([["n"], ["b", True], ["b", 1], ["z"], [], "n", None])
    | st.tuples(st.just("i"), DIGITS | JSON).map(list)
    | st.tuples(st.just("f"), FLOATS | JSON).map(list)
    | st.tuples(st.just("c"), FLOATS | JSON, FLOATS).map(list)
    | st.tuples(st.sampled_from("sx"), TEXTS | JSON).map(list)
    | st.tuples(st.just("a"), st.sampled_from(["<f8", "|b1", "<c16", ">f8", "|O", "<U9", "<M8[s]", "V8"]) | TEXTS, SHAPES, BASE64).map(
        list
    ),
    lambda inner: st.tuples(st.sampled_from("ltd"), st.lists(inner | st.lists(inner, min_size=2, max_size=2), max_size=4)).map(list),
    max_leaves=20,
)
RAISED = mixed({"type": TEXTS, "message": TEXTS, "cell": NUMBERS, "line": NUMBERS, "source": TEXTS})
OBSERVED = mixed({"name": TEXTS, "calls": NUMBERS, "layout": st.lists(st.tuples(TEXTS, SHAPES), max_size=3), "points": VALUES})
CALLS = mixed(
    {
        "outcome": st.sampled_from(["returned", "raised", "missing", "lost", "passed"]),
        "value": VALUES,
        "exception": RAISED,
        "stdout": TEXTS,
        "observed": st.lists(OBSERVED, max_size=3),
        "seconds": NUMBERS,
    }
)
FOUND = st.dictionaries(
    st.sampled_from(["f", "g", "h"]) | TEXTS,
    mixed({"cell": NUMBERS, "how": st.sampled_from(["executed", "recovered", "magic"]), "name": st.sampled_from(["f", "g"])}) | JSON,
    max_size=3,
)
LOST = mixed({"reason": TEXTS, "limit": st.sampled_from(["", "case_seconds", "cpu_seconds"])})


def dumps(value: object) -> bytes:
    """As JSON, or as what JSON does not allow: NaN, and surrogates in UTF-8."""
    return json.dumps(value).encode() if hash(repr(value)) % 2 else json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


PAYLOADS = (CALLS | FOUND | LOST | RAISED | JSON).map(dumps) | st.binary(max_size=60)
KINDS = st.sampled_from([bytes([kind]) for kind in b"CRBFKDNWLXS?E!Z\0"])
FRAMES = st.lists(st.tuples(KINDS, st.sampled_from([0, 1, 2, 3, 2**31, 2**32 - 1]), PAYLOADS), max_size=8)


@contextlib.contextmanager
def bounds(seconds: float, megabytes: float) -> Iterator[None]:
    """What happens inside takes no longer, and no more memory at any time."""
    tracemalloc.start()
    begun = time.monotonic()
    try:
        yield
        took, (_, peak) = time.monotonic() - begun, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < seconds
    assert peak < megabytes * 2**20


# Replies


@FUZZ
@given(CALLS.map(dumps) | PAYLOADS)
def test_any_payload_is_a_call_s_reply(payload: bytes) -> None:
    assert isinstance(call_reply(payload), CallReply)


@FUZZ
@given(VALUES)
def test_any_wire_value_decodes_or_is_refused(value: object) -> None:
    with contextlib.suppress(codec.CodecError):
        codec.encode(codec.decode(value))


@FUZZ
@given(FRAMES)
def test_any_frames_make_a_reply_or_are_the_sandbox_s_fault(frames: list[tuple[bytes, int, bytes]]) -> None:
    with contextlib.suppress(SandboxError):
        reply = assemble(REQUEST, frames)
        assert isinstance(reply, Reply)
        assert len(reply.calls) == len(REQUEST.calls)
        assert set(reply.found) == {"f"}


@FUZZ
@given(FRAMES, st.binary(max_size=30), st.integers(0, 400), st.integers(1, 50))
def test_any_bytes_are_frames_or_no_frames(frames: list[tuple[bytes, int, bytes]], noise: bytes, position: int, step: int) -> None:
    data = b"".join(wire.pack(*frame) for frame in frames)
    data = data[:position] + noise + data[position:]
    reader = wire.FrameReader(limit=10_000)

    def read() -> Iterator[tuple[bytes, int, bytes]]:
        for start in range(0, len(data), step):
            reader.feed(data[start : start + step])
            while (frame := reader.next()) is not None:
                yield frame

    with contextlib.suppress(SandboxError, wire.FrameError):
        assert isinstance(assemble(REQUEST, read()), Reply)
    assert len(reader.buffer) <= len(data)


class Silent(PreforkSandbox):
    """The grader's own side of a sandbox without a server."""

    def __init__(self) -> None:
        self._server, self._control, self._folder = None, None, None


@settings(FUZZ, max_examples=40)
@given(FRAMES, st.binary(max_size=20), st.integers(0, 400))
def test_any_stream_from_a_supervisor_makes_a_reply_or_a_sandbox_error(
    frames: list[tuple[bytes, int, bytes]], noise: bytes, position: int
) -> None:
    data = b"".join(wire.pack(*frame) for frame in frames)
    data = data[:position] + noise + data[position:]
    ours, theirs = socket.socketpair()

    def speak() -> None:
        with theirs, contextlib.suppress(OSError):
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            while theirs.recv(1 << 16):
                pass

    speaker = threading.Thread(target=speak)
    speaker.start()
    with ours, contextlib.suppress(SandboxError):
        assert isinstance(assemble(REQUEST, Silent()._frames(ours, REQUEST)), Reply)
    speaker.join()


MANY = 9_000_000
HUGE: dict[str, Callable[[], bytes]] = {
    "an int of a million digits": lambda: b'["i", ' + b"9" * 10**6 + b"]",
    "the same as text": lambda: b'["i", "' + b"9" * 10**6 + b'"]',
    "a shape of a million digits": lambda: b'["a", "<f8", [' + b"9" * 10**6 + b'], ""]',
    "a shape of 10^18 elements": lambda: b'["a", "<f8", [1000000, 1000000, 1000000], ""]',
    "a shape of no elements and of many": lambda: b'["a", "<f8", [0' + b", 1000000" * 31 + b'], ""]',
    "a fraction of a million digits": lambda: b'["l", [0.' + b"0" * 10**6 + b"1]]",
    "an exponent of a million digits": lambda: b'["f", 1e' + b"9" * 10**6 + b"]",
    "lists nested without end": lambda: b'["l", [' * (MANY // 7),
    "lists nested without end, closed": lambda: b"[" * MANY + b"]" * MANY,
    "objects nested without end": lambda: b'{"a":' * (MANY // 5),
    "empty lists": lambda: b'["l", [' + b"[]," * MANY + b"[]]]",
    "empty objects": lambda: b'["l", [' + b"{}," * MANY + b"{}]]",
    "small numbers": lambda: b'["l", [' + b"1.5," * (MANY * 3 // 4) + b"1]]",
    "one long text": lambda: b'["s", "' + b"x" * MANY * 3 + b'"]',
    "one long text of escapes": lambda: b'["s", "' + b"\\u0000" * (MANY // 2) + b'"]',
    "lone surrogates": lambda: b'["s", "' + b"\\ud800" * 1_000 + b'"]',
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_values_are_bounded(name: str) -> None:
    payload = b'{"outcome": "returned", "value": ' + HUGE[name]() + b"}"
    with bounds(seconds=10, megabytes=300):
        reply = call_reply(payload)
    if "text" not in name:
        assert reply == CallReply("lost", reason="its reply was malformed")


def test_a_list_of_functions_without_end_is_bounded() -> None:
    payload = b"{" + b",".join(b'"%d":null' % number for number in range(2_000_000)) + b"}"
    with bounds(seconds=5, megabytes=100):
        assert assemble(REQUEST, [(b"F", 0, payload)]).found == {"f": None}


def test_a_frame_that_never_ends_is_bounded() -> None:
    reader = wire.FrameReader(limit=1_000)
    reader.feed(wire.HEADER.pack(b"K", 0, 2**32 - 1))
    with pytest.raises(wire.FrameError):
        reader.next()


# Notebooks

SOURCES = st.lists(TEXTS | JSON, max_size=4) | TEXTS | JSON
OUTPUTS = st.lists(
    mixed({"output_type": st.sampled_from(["stream", "pyout", "pyerr", "display_data"]), "text": SOURCES, "png": TEXTS}), max_size=2
)
CELLS = mixed(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "html", "Code"]),
        "source": SOURCES,
        "input": SOURCES,
        "level": NUMBERS,
        "language": TEXTS,
        "collapsed": st.booleans(),
        "prompt_number": NUMBERS,
        "execution_count": NUMBERS,
        "metadata": JSON,
        "outputs": OUTPUTS,
        "attachments": JSON,
        "id": TEXTS,
    }
)
LISTS = st.lists(CELLS | JSON, max_size=3)
NOTEBOOKS = mixed(
    {
        "nbformat": st.integers(0, 5),
        "nbformat_minor": st.integers(0, 6),
        "cells": LISTS,
        "worksheets": st.lists(mixed({"cells": LISTS, "metadata": JSON}), max_size=2),
        "metadata": mixed({"kernelspec": JSON, "language_info": JSON, "name": TEXTS, "orig_nbformat": NUMBERS}),
    }
)


@pytest.mark.filterwarnings("ignore")
@FUZZ
@given(NOTEBOOKS.map(dumps), st.integers(0, 2_000), st.binary(max_size=3), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_notebook_shaped_file_is_read_or_refused(data: bytes, position: int, noise: bytes, encoding: str) -> None:
    changed = data[:position] + noise + data[position:]
    for given_data in (data, changed, data.decode("utf-8", "replace").encode(encoding)):
        with contextlib.suppress(GraderError):
            notebook = parse(given_data)
            assert isinstance(notebook, Notebook)
            for cell in notebook.cells:
                cell.source.encode()  # no lone surrogate is left


FILES: dict[str, Callable[[], bytes]] = {
    "an int of a million digits": lambda: b'{"nbformat": 4, "cells": [], "x": ' + b"9" * 10**6 + b"}",
    "a version of a million digits": lambda: b'{"nbformat": ' + b"9" * 10**6 + b', "cells": []}',
    "metadata nested without end": lambda: b'{"nbformat": 4, "cells": [], "metadata": ' + b"[" * 10**6 + b"]" * 10**6 + b"}",
    "old metadata nested deep": lambda: b'{"nbformat": 3, "worksheets": [], "metadata": ' + b'{"a":' * 400 + b"1" + b"}" * 401,
    "old metadata nested deeper": lambda: b'{"nbformat": 2, "worksheets": [], "metadata": ' + b"[" * 900 + b"]" * 900 + b"}",
    "lone surrogates": lambda: b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "' + b"\\udfff" * 10**5 + b'"}]}',
    "nothing but zeros": lambda: b"\0" * 10**7,
    "nothing but spaces": lambda: b" " * 10**7,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_huge_files_are_bounded(name: str) -> None:
    data = FILES[name]()
    with bounds(seconds=10, megabytes=300), contextlib.suppress(GraderError):
        parse(data)
