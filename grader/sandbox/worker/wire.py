"""Frames between the processes of one submission: a type, an index and a payload of JSON.

    C  cell index      what a cell ended with            (notebook process)
    R  0               everything is ready for the cells (notebook process; not forwarded)
    B  cell index      a cell begins                     (notebook process; not forwarded)
    F  0               the functions that were found     (notebook process)
    K  call position   a call's reply                    (case process)
    D  call position   a call begins                     (case process; not forwarded)
    N  0               a stage is done, more is awaited  (case process; not forwarded)
    W  wait status     the case process ended            (notebook process; not forwarded)
    L  cell index      a limit or a crash ended the cell (supervisor)
    X  call position   a limit or a crash ended the call (supervisor)
    S  0               the notebook starts again         (supervisor)
    ?  stage           the calls of a stage are wanted   (supervisor; not part of the reply)
    E  0               nothing follows                   (supervisor)
    !  0               the sandbox could not be raised   (supervisor or server)

The supervisor takes each type from its own sender alone, so that student code cannot speak for it.

Most frames of the notebook and case processes wait in their pipe until the supervisor looks: waking it for each would cost more than
what the frame tells of. A byte in a second pipe, the bell, wakes it: with a frame that it has to answer, and when the pipe fills.
"""

from __future__ import annotations

import os
import struct

HEADER = struct.Struct("!cII")
CORE = struct.Struct("=i")  # with the order to fork a server: the core that it is to stay on, or -1
MIME = "application/vnd.grader.worker+json"  # what a payload is displayed as, from within a Jupyter kernel
MAX_PAYLOAD = 28 * 1024 * 1024  # a value and what was observed, each at codec's limit
CHUNK = 1 << 16  # bytes a read asks for: the buffer of a larger one is mapped and unmapped every time
UNHEARD = CHUNK // 4  # bytes that may wait in a pipe, which holds CHUNK
_write = os.write


class FrameError(Exception):
    """What arrived is no frame."""


def pack(kind: bytes, index: int, payload: bytes = b"") -> bytes:
    """One frame."""
    return HEADER.pack(kind, index & 0xFFFFFFFF, len(payload)) + payload


def send(descriptor: int, kind: bytes, index: int, payload: bytes = b"") -> None:
    """Writes one frame, whole."""
    write(descriptor, pack(kind, index, payload))


def write(descriptor: int, data: bytes) -> None:
    """Writes all of it."""
    view = memoryview(data)
    while view:
        view = view[_write(descriptor, view) :]


class Events:
    """The frames of the notebook and case processes, on their way to the supervisor."""

    def __init__(self, descriptor: int, bell: int) -> None:
        self.descriptor, self.bell = descriptor, bell
        self.unheard = 0

    def write(self, frames: bytes, ring: bool = False) -> None:
        """Writes frames, whole. ring: an answer is awaited."""
        self.unheard += len(frames)
        if self.unheard > UNHEARD:  # before: the pipe may not hold them all until somebody reads
            self._ring()
        write(self.descriptor, frames)
        if ring:
            self._ring()

    def _ring(self) -> None:
        self.unheard = 0
        _write(self.bell, b"!")


class FrameReader:
    """Takes frames out of bytes as they come.

    >>> reader = FrameReader()
    >>> reader.feed(pack(b"C", 3, b"{}")[:5]); reader.next() is None
    True
    >>> reader.feed(pack(b"C", 3, b"{}")[5:]); reader.next()
    (b'C', 3, b'{}')
    """

    def __init__(self, limit: int = MAX_PAYLOAD) -> None:
        self.buffer = bytearray()
        self.limit = limit

    def feed(self, data: bytes) -> None:
        """Adds what was read."""
        self.buffer += data

    def next(self) -> tuple[bytes, int, bytes] | None:
        """The next whole frame, or None. Raises FrameError where a frame claims to be longer than the limit."""
        if len(self.buffer) < HEADER.size:
            return None
        kind, index, length = HEADER.unpack_from(self.buffer)
        if length > self.limit:
            raise FrameError(f"a frame of {length} bytes")
        end = HEADER.size + length
        if len(self.buffer) < end:
            return None
        payload = bytes(self.buffer[HEADER.size : end])
        del self.buffer[:end]
        return kind, index, payload


def read_exactly(descriptor: int, count: int) -> bytearray:
    """`count` bytes, or FrameError at the end of the stream. They are read to where they stay: a copy is as many pages again."""
    data = bytearray(count)
    view = memoryview(data)
    while view:
        read = os.readv(descriptor, (view,))
        if not read:
            raise FrameError("the stream ended")
        view = view[read:]
    return data


def read_block(descriptor: int) -> bytearray:
    """A block that was written as eight bytes of length and its content."""
    (length,) = struct.unpack("!Q", read_exactly(descriptor, 8))
    return read_exactly(descriptor, length)


def block(content: bytes) -> bytes:
    """The bytes that `read_block` reads."""
    return struct.pack("!Q", len(content)) + content
