"""One case's result, from what its call came to and what was expected."""

from __future__ import annotations

import msgspec

from grader.answer_key import Entry
from grader.compare import compare
from grader.messages import say
from grader.model import Below, Case, CaseResult, Outcome, Parts, StudentError
from grader.notebook import Notebook
from grader.sandbox.protocol import CallReply, Raised
from grader.values import describe


def passed(case: Case, entry: Entry) -> CaseResult:
    """The case's result where it passes, but for the value."""
    weight, expected = round(float(case.weight), 6), _expected(case, entry)
    return CaseResult(case.id, case.visibility, weight, Outcome.PASSED, title=case.title, expected=expected)


def judge(case: Case, call: CallReply, entry: Entry, notebook: Notebook, right: CaseResult | None = None) -> CaseResult:
    """One case's result, made from the one where it passes; `right` is that of `passed`, where it is at hand."""
    result, replace = right or passed(case, entry), msgspec.structs.replace
    match call.outcome:
        case "returned":
            comparison = compare(case.expect, entry.value, call.value)
            outcome = Outcome.PASSED if comparison.equal else Outcome.FAILED
            return replace(result, outcome=outcome, actual=describe(call.value), message=comparison.why)
        case "raised":
            assert call.raised is not None
            raised = call.raised
            error = StudentError(raised.type, raised.message, *_own_line(raised, notebook))
            return replace(result, outcome=Outcome.ERRORED, message=f"{raised.type}: {raised.message}"[:2_000], error=error)
        case "missing":
            return replace(result, outcome=Outcome.MISSING, message=say("there is no such function in the notebook"))
        case "lost":
            outcome = Outcome.TIMED_OUT if call.limit.endswith("_seconds") else Outcome.KILLED
            return replace(result, outcome=outcome, message=call.reason)


def _own_line(raised: Raised, notebook: Notebook) -> tuple[int | None, int | None, str | None]:
    """The cell, line and text of the student's own line; the text is the notebook's, for a reply could say anything."""
    if raised.cell is None or raised.line is None or not 0 <= raised.cell < len(notebook.cells):
        return None, None, None
    lines = notebook.cells[raised.cell].source.split("\n")
    if not 1 <= raised.line <= len(lines):
        return raised.cell, None, None
    return raised.cell, raised.line, lines[raised.line - 1].strip()[:300]


def _expected(case: Case, entry: Entry) -> str:
    if isinstance(case.expect, Below):
        return say("below {bound:g}", bound=case.expect.bound)
    if isinstance(case.expect, Parts) and isinstance(case.expect.expect[0], Below) and isinstance(entry.value, (tuple, list)):
        below = say("below {bound:g}", bound=case.expect.expect[0].bound)
        return say("{said}, and with it {rest}", said=below, rest=", ".join(map(describe, entry.value[1:])))
    return describe(entry.value)
