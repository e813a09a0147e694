"""The score that LTI 1.3's Assignment and Grade Services take. Source: IMS LTI AGS 2.0, "Score publish service".

Only `FullyGraded` is a final grade. What is not graded through our fault is `Failed` and has no score.
"""

from __future__ import annotations

from datetime import UTC, datetime

from grader.errors import OutputError
from grader.lms.export import told
from grader.lms.export.marks import Graded
from grader.model import SubmissionResult

SUFFIX = ".json"
MAX_COMMENT = 4_000


def score(result: SubmissionResult, user_id: str) -> dict[str, object]:
    """The payload without its time: what decides whether there is anything new to say."""
    payload: dict[str, object] = {"userId": user_id, "activityProgress": "Completed"}
    comment = told.overview(told.story_of(result))
    payload["comment"] = comment if len(comment) <= MAX_COMMENT else comment[:MAX_COMMENT] + "…"
    if not told.is_graded(result):
        return {**payload, "gradingProgress": "Failed"}
    return {
        **payload,
        "gradingProgress": "FullyGraded",
        "scoreGiven": max(0.0, told.finite(result.grade)),
        "scoreMaximum": told.finite(result.points),
    }


def convert(result: SubmissionResult, *, user_id: str, timestamp: datetime) -> bytes:
    """The payload as it is posted. `timestamp` is aware, and later than that of any score posted before."""
    return told.encode({**score(result, user_id), "timestamp": format_time(timestamp)})


def format_time(timestamp: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as the specification asks.

    >>> format_time(datetime(2026, 12, 5, 23, 59, tzinfo=UTC))
    '2026-12-05T23:59:00.000Z'
    """
    return timestamp.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def user_id(graded: Graded) -> str:
    """What the platform's launches call the student: a roster's `user_id`, else the one that the submission came with, else our own id."""
    return graded.ids.get("user_id") or graded.student


def graded_at(graded: Graded) -> datetime:
    """When the result was written: a regrade's is later. Raises OutputError where its file is gone."""
    try:
        return datetime.fromtimestamp((graded.folder / "result.json").stat().st_mtime, UTC)
    except OSError as error:
        raise OutputError(f"{graded.folder} changed while it was read: {error.strerror}") from error
