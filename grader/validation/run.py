"""The validation of an assignment: everything is run in sandboxes, then measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

from grader.api import Grader
from grader.assignments import Assignment, Reference, load_reference
from grader.bank import Bank
from grader.errors import UsageError
from grader.implementations import implementation
from grader.model import Equivalent, Misconception
from grader.mutants import Mutant, make_mutants
from grader.sandbox.engines import choose_walls, open_sandbox
from grader.validation.adequacy import measure_likeness
from grader.validation.costs import count_evaluations
from grader.validation.evidence import Evidence, load_evidence
from grader.validation.figures import Runs, conclude
from grader.validation.results import Validation
from grader.validation.tolerances import run_settings
from grader.validation.trials import Pool, Trial, cases_of, open_pool, try_mutants, try_text

Progress = Callable[[str, int, int], None]


def validate(
    assignment: Assignment,
    *,
    reference: Path | None = None,
    engine: str = "auto",
    walls: str = "auto",
    progress: Progress = lambda part, done, total: None,
) -> Validation:
    """Validates an assignment with its reference; the author's code may run without walls where this machine has none.

    progress is told the part at work, and how much of it is done. Raises UsageError where there is no reference, AssignmentError where
    an author's file is wrong, SandboxError where the sandbox failed.
    """
    whole = load_reference(assignment, reference)
    if whole is None:
        raise UsageError(f"there is no reference for {assignment.id}", remedy="pass --reference DIR")
    evidence = load_evidence(whole)
    names = [exercise.name for exercise in assignment.exercises]
    mutants = make_mutants(whole.solution, names, [helper.name for helper in assignment.helpers])

    def make_grader() -> Grader:
        return Grader(assignment, reference=reference, engine=engine, walls=walls, allow_none=True)

    clock = _Clock(progress)
    with ExitStack() as stack:
        with clock.part("known mistakes", 1):
            pool = stack.enter_context(open_pool(make_grader))
        runs = _run(pool, whole, evidence, mutants, clock)
        with clock.part("settings", 1):
            runs.settings = run_settings(whole, lambda: open_sandbox(engine, choose_walls(walls)[0]))
    return conclude(whole, evidence, mutants, runs, clock.seconds)


class _Clock:
    """How long each part takes, and what is told of it."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Times a part; gives what is to be called with how much of it is done."""
        start = time.perf_counter()
        self.progress(name, 0, total)
        yield lambda done: self.progress(name, done, total)
        self.seconds[name] = round(time.perf_counter() - start, 3)


def _run(pool: Pool, reference: Reference, evidence: Evidence, mutants: Sequence[Mutant], clock: _Clock) -> Runs:
    first = pool.graders[0]
    functions = [exercise.name for exercise in reference.assignment.exercises]
    with clock.part("reference", len(functions) + 1) as done:
        own = dict(zip(functions, pool.map(lambda grader, name: try_text(grader, name, ""), functions, done), strict=True))
        evaluations = count_evaluations(reference, first.sandbox)
    misconceptions = _try_all(pool, reference, reference.misconceptions, "misconceptions", clock)
    equivalents = _try_all(pool, reference, evidence.equivalents, "equivalents", clock)
    slowest = max((call.seconds for trial in own.values() for call in trial.calls), default=0.0)
    with clock.part("mutants", len(mutants)) as done:
        failed = try_mutants(pool, mutants, slowest, done)
    key, bank = first.rule.key, first.rule.bank
    assert isinstance(bank, Bank)
    likeness = {
        function: measure_likeness(bank, key, function, cases_of(reference.assignment, function), misconceptions)
        for function in functions
        if bank.predictions(function)
    }
    return Runs(
        key=key,
        provenance=first.rule.provenance,
        reference=own,
        misconceptions=misconceptions,
        equivalents=equivalents,
        mutants={mutant.id: cases for mutant, cases in zip(mutants, failed, strict=True)},
        evaluations=evaluations,
        likeness=likeness,
    )


def _try_all(pool: Pool, reference: Reference, items: Sequence[Misconception | Equivalent], part: str, clock: _Clock) -> dict[str, Trial]:
    """The trials of misconceptions or equivalents by id. Raises AssignmentError where an edit does not fit the reference."""
    texts = [(item.function, implementation(reference.solution, (_as_misconception(item),))) for item in items]
    with clock.part(part, len(items)) as done:
        trials = pool.map(lambda grader, pair: try_text(grader, *pair), texts, done)
    return {item.id: trial for item, trial in zip(items, trials, strict=True)}


def _as_misconception(item: Misconception | Equivalent) -> Misconception:
    """An equivalent's text is made like a misconception's."""
    if isinstance(item, Misconception):
        return item
    return Misconception(item.id, item.function, "", "", Fraction(0), "", item.edits, item.source)
