"""Scores posted to a learning platform's gradebook, each once: what to post, and what became of it.

A journal beside the results remembers what was posted, so that a second run posts what changed and nothing else. Platforms refuse a
score whose time is not later than the last one's, some counting whole seconds; a payload keeps its time for as long as nobody knows
whether it arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import OutputError, UsageError
from grader.files import write_atomically
from grader.lms.export import lti_ags, told
from grader.lms.export.marks import Graded
from grader.lms.lti import Client, Score, ScoreError, later

JOURNAL = "push.json"
MAX_SILENCE = 3  # students in a row whom the platform gave no answer for: then it is down

Status = Literal["posted", "refused", "unanswered"]


class Posted(msgspec.Struct, frozen=True):
    """What is known of a student's last score: the SHA-256 of its payload without the time, the time, and what became of it."""

    sha256: str
    timestamp: str
    status: Status


class _File(msgspec.Struct):
    schema: Literal["grader.push/1"] = "grader.push/1"
    lineitems: dict[str, dict[str, Posted]] = {}


class Planned(msgspec.Struct, frozen=True):
    """A student's score that is to be posted."""

    student: str
    sha256: str
    score: Score


class Pushed(msgspec.Struct, frozen=True):
    """What became of a student's score; `why` tells what went wrong, else it is empty."""

    student: str
    status: Status
    why: str = ""


class Journal:
    """OUT/push.json: what was posted to each line item. Raises UsageError where it is there and no journal."""

    def __init__(self, out: Path, lineitem: str) -> None:
        self.path = out / JOURNAL
        try:
            self._file = msgspec.json.decode(self.path.read_bytes(), type=_File) if self.path.exists() else _File()
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.path} is no journal: {error}", remedy="move it away to post everything again") from error
        self.scores = self._file.lineitems.setdefault(lineitem, {})

    def note(self, student: str, posted: Posted) -> None:
        """Remembers a score, at once. Raises OutputError where it cannot."""
        self.scores[student] = posted
        try:
            write_atomically(self.path, msgspec.json.format(msgspec.json.encode(self._file, order="sorted"), indent=1) + b"\n")
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error


def plan(results: Iterable[Graded], journal: Journal, now: datetime, left: list[str] | None = None) -> Iterator[Planned]:
    """The scores that the platform does not have yet. What was not graded through our fault is not posted: it would clear a grade.

    left: takes in the students whose score is not posted.
    """
    for graded in results:
        if not told.is_graded(graded.result) or graded.result.points <= 0:
            if left is not None:
                left.append(graded.student)
            continue
        payload = lti_ags.score(graded.result, lti_ags.user_id(graded))
        sha256 = hashlib.sha256(told.encode(payload)).hexdigest()
        score = _due(payload, sha256, journal.scores.get(graded.student), now)
        if score is not None:
            yield Planned(graded.student, sha256, score)


def _due(payload: Mapping[str, object], sha256: str, last: Posted | None, now: datetime) -> Score | None:
    """The payload with its time, or None where the platform has it."""
    if last is None:
        return Score(payload, now)
    if last.sha256 == sha256 and last.status == "posted":
        return None
    if last.sha256 == sha256 and last.status == "unanswered":
        return Score(payload, datetime.fromisoformat(last.timestamp), may_have_arrived=True)
    return Score(payload, later(now, datetime.fromisoformat(last.timestamp)))


def push(scores: Iterable[Planned], journal: Journal, client: Client) -> Iterator[Pushed]:
    """Posts the scores one after the other; one student's failure stops nothing. Each is in the journal before the next begins.

    Raises UsageError where the platform gives no token, OutputError where it has stopped to answer.
    """
    silent = 0
    for planned in scores:
        pushed = Pushed(planned.student, "posted")
        timestamp = planned.score.timestamp
        try:
            timestamp = client.post(planned.score)
        except ScoreError as error:
            pushed = Pushed(planned.student, "refused" if error.is_refused else "unanswered", str(error))
        journal.note(planned.student, Posted(planned.sha256, lti_ags.format_time(timestamp), pushed.status))
        yield pushed
        silent = silent + 1 if pushed.status == "unanswered" else 0
        if silent == MAX_SILENCE:
            raise OutputError(f"the platform does not answer: {pushed.why}", remedy="push again later: what was posted is remembered")
