"""One submission of an edX queue: its `content` in, what is put back out. Source: xqueue-watcher.

`content` is an object with `xqueue_header` (a text that goes back as it came) and `xqueue_body`, a text that is JSON again:
`student_response`, and `grader_payload`, which is the course author's. Learners write the response alone.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable

import msgspec

from grader.errors import UsageError
from grader.lms.bundle.grading import not_graded
from grader.lms.export import xqueue
from grader.model import Status, SubmissionResult

MAX_BYTES = 64 * 2**20  # of a content: a notebook of the largest size that is read, in base64 and escaped
_MAX_PAYLOAD = 10_000
_SPACES = b" \t\r\n"


class Content(msgspec.Struct, frozen=True):
    """What a queue hands out, as far as it is read here."""

    xqueue_header: str
    xqueue_body: str


class Body(msgspec.Struct, frozen=True):
    """The submission itself. `grader_payload` is text: JSON with an `assignment`, the assignment's id alone, or nothing."""

    student_response: str
    grader_payload: str = ""


def read(data: bytes) -> tuple[Content, Body]:
    """The submission. Raises UsageError for what no queue hands out."""
    if len(data) > MAX_BYTES:
        raise UsageError(f"the submission has more than {MAX_BYTES // 2**20} MB")
    try:
        content = msgspec.convert(json.loads(data), Content)  # json, since a response may hold half of a surrogate pair
        return content, msgspec.convert(json.loads(content.xqueue_body), Body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        remedy = 'stdin takes the queue\'s {"xqueue_header": "…", "xqueue_body": "…"}'
        raise UsageError(f"stdin holds no submission of a queue: {str(error)[:200]}", remedy=remedy) from error


def assignment_of(body: Body, given: str | None) -> str:
    """The assignment's id: the one given, else the one that the payload names. Raises UsageError where there is none."""
    payload = body.grader_payload.strip()[:_MAX_PAYLOAD]
    try:
        named = json.loads(payload)
    except (ValueError, RecursionError):
        named = payload
    named = named.get("assignment") if isinstance(named, dict) else named
    chosen = given or named
    if not isinstance(chosen, str) or not chosen:
        raise UsageError("which assignment?", remedy='pass -a ID, or let the problem\'s grader_payload be {"assignment": "ID"}')
    return chosen


def notebook_of(body: Body) -> bytes:
    """The bytes of the learner's notebook, which stand there as they are or in base64."""
    raw = body.student_response.encode("utf-8", "replace")
    stripped = raw.strip(_SPACES)
    if stripped[:1] in (b"{", b""):
        return raw
    try:
        return base64.b64decode(stripped.translate(None, _SPACES), validate=True)
    except binascii.Error:
        return raw


def reply(content: Content, result: SubmissionResult) -> str:
    """What is put back: one line of JSON with the header as it came and the body as a text."""
    body = json.loads(xqueue.convert(result))
    return json.dumps({"xqueue_header": content.xqueue_header, "xqueue_body": json.dumps(body)}) + "\n"


def answer(content: Content, assignment_id: str, grade: Callable[[], SubmissionResult]) -> tuple[str, Status, Exception | None]:
    """What is put back, the result's status, and what went wrong where that is our fault: there is always an answer."""
    failure: Exception | None = None
    try:
        result = grade()
    except Exception as error:  # whatever it is, the learner is told that nothing was graded
        failure, result = error, not_graded(assignment_id, "it could not be graded, through no fault of its own")
    return reply(content, result), result.status, failure
