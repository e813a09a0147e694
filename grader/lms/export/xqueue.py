"""The reply of an edX external grader, as the queue's watcher puts it. Source: xqueue-watcher, and edX's capa response types.

`msg` has to be well-formed XHTML. What is not graded through our fault has neither `correct` nor `score`: the platform then keeps the
learner's earlier state and tells them to contact the staff, where a zero would be recorded.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from grader.lms.export import told
from grader.model import SubmissionResult

SUFFIX = ".json"


def convert(result: SubmissionResult) -> bytes:
    """The `xqueue_body` of the reply to a submission."""
    story = told.story_of(result)
    message = f"<div><pre>{escape(told.xml_text(told.whole_text(story)))}</pre></div>"
    if not told.is_graded(result):
        return told.encode({"msg": message})
    share = told.share(result)
    return told.encode({"correct": share >= 1, "score": share, "msg": message})
