"""Implementations put through the sandbox: one notebook each, graded like a submission, or many mutants at once."""

from __future__ import annotations

import contextlib
import math
import os
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from grader.answer_key import AnswerKey, Entry
from grader.api import TRIES, Grader
from grader.assignments import Assignment, Reference
from grader.compare import compare
from grader.errors import SandboxError
from grader.implementations import run_together
from grader.model import Case, Diagnosis, ExerciseResult, Report, Status, SubmissionRef
from grader.mutants import Mutant
from grader.notebook import Notebook, NotebookCell
from grader.plan import Plan
from grader.sandbox.protocol import CallReply, Reply, Request, Sandbox

Item = TypeVar("Item")
Made = TypeVar("Made")
TOGETHER = 40  # mutants in one request
_SECONDS, _REPLY_MB = 600, 256  # for a request of many
_SLOWER = 50  # a mutant may take so many times as long as the slowest call of the reference


class Recording:
    """A sandbox that keeps its replies, so that a graded submission's values can be looked at."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.engine, self.walls, self.python, self.numpy = sandbox.engine, sandbox.walls, sandbox.python, sandbox.numpy
        self.replies: list[Reply] = []

    def run(self, request: Request) -> Reply:
        """The sandbox's reply."""
        self.replies.append(self.sandbox.run(request))
        return self.replies[-1]

    def close(self) -> None:
        """Ends the sandbox."""
        self.sandbox.close()


class Trial(msgspec.Struct, frozen=True):
    """How an implementation of one function was graded: its calls in the order of the function's cases.

    `score` is None where the function is worth nothing. `names` are all that the whole result names, `failed` the ids of cases.
    """

    full_marks: bool
    score: float | None
    failed: tuple[str, ...]
    names: tuple[str, ...]
    calls: tuple[CallReply, ...]


class Pool:
    """Graders with a warm sandbox each, and what is mapped onto them."""

    def __init__(self, graders: Sequence[Grader]) -> None:
        self.graders = tuple(graders)
        self._free: queue.SimpleQueue[Grader] = queue.SimpleQueue()
        for grader in graders:
            grader.rule.sandbox = Recording(grader.sandbox)
            self._free.put(grader)

    def map(self, work: Callable[[Grader, Item], Made], items: Sequence[Item], done: Callable[[int], None]) -> list[Made]:
        """What `work` makes of the items, in their order."""
        executor = ThreadPoolExecutor(len(self.graders))
        try:
            made: list[Made] = []
            for result in executor.map(lambda item: self._lend(work, item), items):
                made.append(result)
                done(len(made))
        finally:
            executor.shutdown(cancel_futures=True)
        return made

    def _lend(self, work: Callable[[Grader, Item], Made], item: Item) -> Made:
        grader = self._free.get()
        try:
            return work(grader, item)
        finally:
            self._free.put(grader)


@contextlib.contextmanager
def open_pool(make_grader: Callable[[], Grader]) -> Iterator[Pool]:
    """A grader for each of two cores."""
    with contextlib.ExitStack() as stack:
        yield Pool([stack.enter_context(make_grader()) for _ in range(min(2, os.cpu_count() or 1))])


def cases_of(assignment: Assignment, function: str) -> tuple[Case, ...]:
    """The cases of one function that count, in order."""
    return tuple(case for case in assignment.cases if case.function == function and case.counts)


def passes(case: Case, entry: Entry, call: CallReply) -> bool:
    """Whether a call passes a case."""
    return call.outcome == "returned" and compare(case.expect, entry.value, call.value).equal


def try_text(grader: Grader, function: str, text: str) -> Trial:
    """Grades a notebook of two cells: the solution, then another implementation of `function` ("" for none).

    Raises SandboxError where it could not be graded.
    """
    rule = grader.rule
    cells = tuple(NotebookCell(index, "code", cell) for index, cell in enumerate(filter(None, (_solution(grader), text))))
    assert isinstance(rule.sandbox, Recording)
    rule.sandbox.replies.clear()
    result = grader.grade_parsed(Notebook(cells, ""), SubmissionRef("validation", 1, "", ""))
    if result.status is not Status.GRADED:
        raise SandboxError(next(iter(result.notes), "a trial could not be graded"))
    first = rule.sandbox.replies[0]  # an exercise that builds on others may have been called once more
    found: list[ExerciseResult | Report] = [*result.exercises, *result.reports]
    mine = next(item for item in found if (item.name if isinstance(item, ExerciseResult) else item.function) == function)
    pairs = [
        (case, call) for case, call in zip(rule.assignment.cases, first.calls, strict=True) if case.function == function and case.counts
    ]
    failed = tuple(case.id for case, call in pairs if not passes(case, rule.key.entries[function, case.id], call))
    named: list[Diagnosis] = [diagnosis for item in found for diagnosis in item.diagnoses]
    return Trial(
        full_marks=mine.score == mine.points if isinstance(mine, ExerciseResult) else mine.state == "right" and not failed,
        score=mine.score if isinstance(mine, ExerciseResult) else None,
        failed=failed,
        names=_names(grader, [diagnosis.id for diagnosis in named]),
        calls=tuple(call for _, call in pairs),
    )


def _names(grader: Grader, named: Sequence[str]) -> tuple[str, ...]:
    """What is named, without what only follows from a mistake that is named where it was made."""
    assert grader.reference is not None
    follows = {item.id: item.follows for item in grader.reference.misconceptions}
    return tuple(dict.fromkeys(name for name in named if not set(follows[name]) & set(named)))


def _solution(grader: Grader) -> str:
    assert grader.reference is not None
    return grader.reference.solution


def try_mutants(pool: Pool, mutants: Sequence[Mutant], slowest: float, done: Callable[[int], None]) -> list[tuple[str, ...]]:
    """The cases that each mutant fails. One that hangs or ends its process fails where it does, and costs the others nothing.

    slowest: seconds of the reference's slowest call. Raises SandboxError where the sandbox failed.
    """
    chunks: list[list[Mutant]] = []
    for mutant in mutants:
        if not chunks or len(chunks[-1]) == TOGETHER or chunks[-1][0].function != mutant.function:
            chunks.append([])
        chunks[-1].append(mutant)

    def work(grader: Grader, chunk: list[Mutant]) -> list[tuple[str, ...]]:
        return _try_chunk(grader, chunk, slowest)

    sizes = [sum(map(len, chunks[: number + 1])) for number in range(len(chunks))]
    made = pool.map(work, chunks, lambda number: done(sizes[number - 1]))
    return [failed for chunk in made for failed in chunk]


def _try_chunk(grader: Grader, chunk: Sequence[Mutant], slowest: float) -> list[tuple[str, ...]]:
    assert grader.reference is not None
    reference, key, function = grader.reference, grader.rule.key, chunk[0].function
    cases = cases_of(reference.assignment, function)
    limits = reference.assignment.limits
    short = min(limits.case_seconds, max(1, math.ceil(_SLOWER * slowest)))
    try:
        replies = run_together(
            _plan(reference, cases, short), reference.solution, function, [item.source for item in chunk], grader.sandbox
        )
    except SandboxError:
        replies = [tuple(CallReply("lost") for _ in cases)] * len(chunk)
    made = []
    for mutant, calls in zip(chunk, replies, strict=True):
        is_lost = any(call.outcome in ("lost", "missing") for call in calls)
        made.append(_failed(cases, key, _try_alone(grader, mutant, cases, calls) if is_lost else calls))
    return made


def _try_alone(grader: Grader, mutant: Mutant, cases: Sequence[Case], calls: Sequence[CallReply]) -> Sequence[CallReply]:
    """The calls of a mutant that gave no answer among others: it may have been another's fault.

    With the assignment's own limits, first in the first case without an answer; where there is one now, in all cases.
    """
    assert grader.reference is not None
    reference, seconds = grader.reference, grader.reference.assignment.limits.case_seconds
    first = next(index for index, call in enumerate(calls) if call.outcome in ("lost", "missing"))
    for chosen in (cases[first : first + 1], cases):
        again = _run_alone(grader, _plan(reference, chosen, seconds), mutant)
        if again[0].outcome in ("lost", "missing") and len(chosen) < len(cases):
            return [*calls[:first], again[0], *calls[first + 1 :]]
    return again


def _run_alone(grader: Grader, plan: Plan, mutant: Mutant) -> tuple[CallReply, ...]:
    assert grader.reference is not None
    for attempt in range(TRIES):
        try:
            return run_together(plan, grader.reference.solution, mutant.function, [mutant.source], grader.sandbox)[0]
        except SandboxError:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _plan(reference: Reference, cases: Sequence[Case], seconds: int) -> Plan:
    limits = msgspec.structs.replace(
        reference.assignment.limits, case_seconds=seconds, submission_seconds=_SECONDS, cpu_seconds=_SECONDS, reply_mb=_REPLY_MB
    )
    return Plan(msgspec.structs.replace(reference.assignment, cases=tuple(cases)), limits)


def _failed(cases: Sequence[Case], key: AnswerKey, calls: Sequence[CallReply]) -> tuple[str, ...]:
    pairs = zip(cases, calls, strict=True)
    return tuple(case.id for case, call in pairs if not passes(case, key.entries[case.function, case.id], call))
