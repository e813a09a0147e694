"""Coursera's feedback.json. Source: coursera_autograder, commands/grade.py.

What is not graded through our fault has no `fractionalScore`: the platform takes such a file for a failure of the grader and not
for a zero. The harness must end with an exit code other than 0 then, too.
"""

from __future__ import annotations

from grader.lms.export import told
from grader.model import SubmissionResult

SUFFIX = ".json"


def convert(result: SubmissionResult) -> bytes:
    """The feedback.json of a submission."""
    payload: dict[str, object] = {"feedback": told.whole_text(told.story_of(result))}
    if told.is_graded(result):
        payload = {"fractionalScore": told.share(result), **payload}
    return told.encode(payload)
