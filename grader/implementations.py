"""Known mistakes as text, and what becomes of such texts when they run in the place of the reference's function."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterable, Sequence

import msgspec

from grader.assignments import Reference
from grader.errors import AssignmentError, SandboxError
from grader.model import Case, Misconception
from grader.notebook import Notebook, NotebookCell
from grader.plan import Plan
from grader.sandbox.protocol import Call, CallReply, Function, Sandbox

_TOGETHER = 40  # implementations in one request
_SECONDS, _REPLY_MB = 600, 256  # for a request of many


def implementation(solution: str, misconceptions: Sequence[Misconception]) -> str:
    """The function's text with the mistakes in it, or "" where both change the same text.

    Raises AssignmentError where an edit's text does not occur exactly once.
    """
    if misconceptions[0].source:
        return misconceptions[0].source
    text = function_text(solution, misconceptions[0].function)
    places: list[tuple[int, int, str]] = []
    for item in misconceptions:
        for old, new in item.edits.items():
            if text.count(old) != 1:
                raise AssignmentError(f"misconception {item.id}: {old!r} occurs {text.count(old)} times in {item.function}")
            places.append((text.index(old), text.index(old) + len(old), new))
    places.sort()
    if any(end > start for (_, end, _), (start, _, _) in itertools.pairwise(places)) or any(item.source for item in misconceptions):
        return ""
    for start, end, new in reversed(places):
        text = text[:start] + new + text[end:]
    return text


@functools.cache
def function_text(solution: str, function: str) -> str:
    """The text of one top-level function. Raises AssignmentError where there is none."""
    for node in ast.parse(solution).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return "\n".join(solution.splitlines()[node.lineno - 1 : node.end_lineno]) + "\n"
    raise AssignmentError(f"the reference defines no function {function}")


def run_implementations(
    reference: Reference, function: str, texts: Sequence[str], sandbox: Sandbox, cases: Sequence[Case]
) -> list[tuple[CallReply, ...]]:
    """What each text's `function` does in `cases`, in place of the reference's. Many run as one submission, under names of their own.

    Raises SandboxError where the sandbox failed, or one of them ended its process.
    """
    alone = [text for text in texts if len(ast.parse(text).body) > 1]  # helpers of the same name would get mixed up
    together = [text for text in texts if text not in alone]
    chunks = [together[start : start + _TOGETHER] for start in range(0, len(together), _TOGETHER)] + [[text] for text in alone]
    replies: dict[str, tuple[CallReply, ...]] = {}
    limits = msgspec.structs.replace(reference.assignment.limits, submission_seconds=_SECONDS, cpu_seconds=_SECONDS, reply_mb=_REPLY_MB)
    plan = Plan(msgspec.structs.replace(reference.assignment, cases=tuple(cases)), limits)
    for chunk in chunks:
        replies.update(zip(chunk, _run_chunk(plan, reference.solution, function, chunk, sandbox), strict=True))
    return [replies[text] for text in texts]


def _run_chunk(plan: Plan, solution: str, function: str, texts: Sequence[str], sandbox: Sandbox) -> Iterable[tuple[CallReply, ...]]:
    replies = run_together(plan, solution, function, texts, sandbox)
    for call in itertools.chain.from_iterable(replies):
        if call.outcome in ("lost", "missing"):
            raise SandboxError(f"a known mistake of {function} gave no answer: {call.reason or call.outcome}")
    return replies


def run_together(plan: Plan, solution: str, function: str, texts: Sequence[str], sandbox: Sandbox) -> list[tuple[CallReply, ...]]:
    """What each text's `function` does in the plan's cases, all in one submission that holds the solution, too."""
    names = [f"{function}_{number}" for number in range(len(texts))]
    cells = [solution, *(f"{text}\n{name} = {function}\n" for text, name in zip(texts, names, strict=True))]
    arity = next(item.arity for item in plan.functions if item.name == function)
    calls: tuple[Call, ...] = tuple(msgspec.structs.replace(call, function=name) for name in names for call in plan.calls)
    request = msgspec.structs.replace(
        plan.request(Notebook(tuple(NotebookCell(index, "code", cell) for index, cell in enumerate(cells)), "")),
        functions=tuple(Function(name, (), arity) for name in names),
        calls=calls,
        sweeps=(),
    )
    reply = sandbox.run(request)
    step = len(plan.calls)
    return [reply.calls[start : start + step] for start in range(0, len(reply.calls), step)]
