"""The rule: from a notebook, an answer key and a sandbox to a result. Opens no file and starts no process."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction

import msgspec

from grader import __version__, absence, diagnosis, matching, scoring
from grader.answer_key import AnswerKey, Entry
from grader.assignments import Assignment, Exercise
from grader.bank import Predictions
from grader.behaviour import behaviour
from grader.compare import describe_blocks, wrong_blocks
from grader.feedback.material import Material, Traces, gather
from grader.judging import judge, passed
from grader.likeness import Common, fingerprints
from grader.matching import Replies
from grader.messages import say
from grader.model import (
    BUILT_ON,
    RESULT_SCHEMA,
    AssignmentRef,
    Blocks,
    Case,
    CaseResult,
    CellError,
    Diagnosis,
    ExerciseResult,
    Found,
    NotebookResult,
    Observation,
    Outcome,
    Provenance,
    Report,
    Status,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)
from grader.notebook import Notebook
from grader.older_numpy import as_before
from grader.plan import Plan
from grader.sandbox.protocol import CallReply, Limits, Reply, Sandbox
from grader.values import join


class _Judged(msgspec.Struct, frozen=True):
    """A case as every submission meets it: its position among the calls, its weight, its answer, and its result where it passes."""

    position: int
    case: Case
    weight: Fraction
    entry: Entry
    passed: CaseResult


class Rule:
    """How one assignment is graded: its plan, its answer key, and what says where results come from."""

    def __init__(
        self,
        assignment: Assignment,
        key: AnswerKey,
        sandbox: Sandbox,
        limits: Limits | None = None,
        bank: Predictions | None = None,
        common: Common | None = None,
    ) -> None:
        self.assignment = assignment
        self.graded = assignment.graded
        self.common = common
        self.key = key
        self.bank = bank
        self.sandbox = sandbox
        self.plan = Plan(assignment, limits)
        sha256 = key.sha256 if bank is None else hashlib.sha256((key.sha256 + bank.sha256).encode()).hexdigest()
        self.provenance = Provenance(__version__, sha256, sandbox.engine, sandbox.walls, sandbox.python, sandbox.numpy)

    def grade(self, notebook: Notebook, submission: SubmissionRef, files: Mapping[str, str] | None = None) -> SubmissionResult:
        """The result of one notebook. Raises SandboxError where the sandbox failed: then there is no result yet."""
        return self.examine(notebook, submission, files)[0]

    def examine(
        self, notebook: Notebook, submission: SubmissionRef, files: Mapping[str, str] | None = None
    ) -> tuple[SubmissionResult, Material]:
        """The result of one notebook, and what its page shows besides. Raises SandboxError as `grade` does."""
        reply = self.sandbox.run(self.plan.request(notebook, files))
        result = self._result(notebook, submission, reply, files)
        material = gather(self.assignment, self.key, notebook, reply, result)
        if self.common is not None:
            material = msgspec.structs.replace(material, traces=self._traces(self.common, notebook, reply, result))
        return result, material

    def _traces(self, common: Common, notebook: Notebook, reply: Reply, result: SubmissionResult) -> Traces:
        """What the class page compares this submission with others by."""
        behaviours = {}
        for exercise, graded in zip(self.graded, result.exercises, strict=True):
            cases = self._cases[exercise.name, True]
            judged = [(item.case, reply.calls[item.position], one) for item, one in zip(cases, graded.cases, strict=True)]
            if name := behaviour(exercise.name, judged):
                behaviours[exercise.name] = name
        cells = ((cell.index, cell.source) for cell in notebook.cells if cell.kind == "code")
        return Traces(fingerprints(cells, common), behaviours)

    def _result(self, notebook: Notebook, submission: SubmissionRef, reply: Reply, files: Mapping[str, str] | None) -> SubmissionResult:
        graded = [self._exercise(exercise, notebook, reply) for exercise in self.graded]
        wrong = {result.name for result, _ in graded if result.outcome is not Outcome.PASSED}
        graded = [
            self._carried(exercise, result, score, wrong, notebook, files)
            for exercise, (result, score) in zip(self.graded, graded, strict=True)
        ]
        graded = self._as_before(graded, notebook, files)
        exercises = tuple(result for result, _ in graded)
        reports = tuple(self._report(exercise, notebook, reply) for exercise in self.assignment.exercises if exercise.points == 0)
        score = scoring.rounded(sum((exact for _, exact in graded), Fraction(0)))
        return SubmissionResult(
            schema=RESULT_SCHEMA,
            assignment=AssignmentRef(self.assignment.id, self.assignment.version),
            submission=submission,
            status=Status.GRADED,
            points=self.assignment.points,
            score=score,
            notebook=NotebookResult(notebook.code_cells, tuple(CellError(cell.index, cell.type, cell.message) for cell in reply.cells)),
            exercises=exercises,
            reports=reports,
            notes=absence.notes(self.assignment, notebook, reply),
            adjustments=(),
            grade=score,
            provenance=self.provenance,
        )

    def ungraded(self, submission: SubmissionRef, status: Status, why: str) -> SubmissionResult:
        """The result of a submission that could not be read (score 0), or not be graded (no score)."""
        return ungraded(self.assignment, self.provenance, submission, status, why)

    @functools.cached_property
    def _cases(self) -> dict[tuple[str, bool], list[_Judged]]:
        """The cases of each function: those that count, and those that do not."""
        cases: dict[tuple[str, bool], list[_Judged]] = {
            (exercise.name, counts): [] for exercise in self.assignment.exercises for counts in (True, False)
        }
        for position, case in enumerate(self.assignment.cases):
            entry = self.key.entries[case.function, case.id]
            judged = _Judged(position, case, Fraction(case.weight), entry, passed(case, entry))
            cases.setdefault((case.function, case.counts), []).append(judged)
        return cases

    def _replies(self, exercise: Exercise, reply: Reply, *, counting: bool = True) -> list[tuple[Case, CallReply, Entry]]:
        return [(item.case, reply.calls[item.position], item.entry) for item in self._cases[exercise.name, counting]]

    def _results(self, exercise: Exercise, notebook: Notebook, reply: Reply, *, counting: bool = True) -> Iterator[CaseResult]:
        for item in self._cases[exercise.name, counting]:
            yield judge(item.case, reply.calls[item.position], item.entry, notebook, item.passed)

    def _exercise(self, exercise: Exercise, notebook: Notebook, reply: Reply) -> tuple[ExerciseResult, Fraction]:
        """An exercise's result, and its exact score."""
        replies = self._replies(exercise, reply)
        cases = tuple(self._results(exercise, notebook, reply))
        weighted = [(item.weight, result.outcome) for item, result in zip(self._cases[exercise.name, True], cases, strict=True)]
        points = Fraction(str(exercise.points))
        found = reply.found.get(exercise.name)
        outcome = scoring.exercise_outcome([result.outcome for result in cases])
        if outcome is Outcome.PASSED:
            watched = self._replies(exercise, reply, counting=False)
            observations = diagnosis.watch(watched, tuple(self._results(exercise, notebook, reply, counting=False)))
        else:
            observations = diagnosis.observe(self.assignment, exercise, notebook, reply, replies, cases)
        diagnoses, earned = self._diagnose(exercise, replies, outcome)
        score = scoring.exercise_score(points, weighted, earned)
        result = ExerciseResult(
            name=exercise.name,
            points=exercise.points,
            score=scoring.rounded(score),
            outcome=outcome,
            found=None if found is None else Found(found.cell, found.how, found.name),
            cases=cases,
            diagnoses=diagnoses,
            observations=observations,
            notes=_notes(exercise),
        )
        return result, score

    def _carried(
        self,
        exercise: Exercise,
        result: ExerciseResult,
        score: Fraction,
        wrong: Set[str],
        notebook: Notebook,
        files: Mapping[str, str] | None,
    ) -> tuple[ExerciseResult, Fraction]:
        """The result and score of an exercise; nine tenths of its points where all that is wrong comes from exercises that it builds on.

        That is so where every case passes once the course's own functions stand in the place of those that are wrong. They lie beside
        the reference, so a student's machine cannot tell.
        """
        replaced = tuple(name for name in exercise.builds_on if name in wrong)
        most = Fraction(str(exercise.points)) * scoring.CARRIED
        if not replaced or BUILT_ON not in self.assignment.sources or score >= most or result.outcome in (Outcome.PASSED, Outcome.MISSING):
            return result, score
        if not self._passing({exercise.name}, replaced, notebook, files):
            return result, score
        return _credited(result, most, (diagnosis.carried(replaced), *result.observations))

    def _as_before(
        self, graded: Sequence[tuple[ExerciseResult, Fraction]], notebook: Notebook, files: Mapping[str, str] | None
    ) -> list[tuple[ExerciseResult, Fraction]]:
        """The results and scores; where all that is wrong is what NumPy took before 2.4, a function earns the assignment's share."""
        share = Fraction(str(self.assignment.older_numpy))
        most = {result.name: Fraction(str(result.points)) * share for result, _ in graded if absence.drifted(result)}
        waiting = {result.name for result, score in graded if score < most.get(result.name, 0)}
        rewritten = as_before(notebook, files or {}) if waiting and self.assignment.is_official else None
        right = self._passing(waiting, (), *rewritten) if rewritten is not None else set()
        told = absence.right_before(share)
        return [
            _credited(result, most[result.name], (*result.observations, told)) if result.name in right else (result, score)
            for result, score in graded
        ]

    def _passing(self, functions: Set[str], replaced: Sequence[str], notebook: Notebook, files: Mapping[str, str] | None) -> Set[str]:
        """Those of some functions that pass every case once the course's own stand in the place of those `replaced`."""
        reply = self.sandbox.run(self.plan.again(notebook, functions, replaced, files))
        items = sorted((item for name in functions for item in self._cases[name, True]), key=lambda item: item.position)
        return functions - {
            item.case.function
            for item, call in zip(items, reply.calls, strict=True)
            if judge(item.case, call, item.entry, notebook, item.passed).outcome is not Outcome.PASSED
        }

    def _diagnose(self, exercise: Exercise, replies: Replies, outcome: Outcome) -> tuple[tuple[Diagnosis, ...], tuple[Fraction, ...]]:
        if self.bank is None or outcome is Outcome.PASSED:
            return (), ()
        return matching.diagnose(self.bank, exercise.name, replies)

    def _report(self, exercise: Exercise, notebook: Notebook, reply: Reply) -> Report:
        """The worst case's state of a function worth nothing, block by block where it returns blocks."""
        state, blocks, text = "right", dict[str, float | None](), say("it agrees with the true value")
        replies = self._replies(exercise, reply)
        for (case, call, entry), result in zip(replies, self._results(exercise, notebook, reply), strict=True):
            if result.outcome is Outcome.PASSED or case.visibility is Visibility.HIDDEN:  # students read what this says
                continue
            state = "wrong" if result.outcome is Outcome.FAILED else result.outcome.value
            text = result.message
            if isinstance(case.expect, Blocks) and call.outcome == "returned":
                factors = wrong_blocks(entry.value, call.value, case.expect.keys, case.expect.rtol)
                if isinstance(factors, dict):
                    blocks = factors
                    text = describe_blocks(entry.value, call.value, factors)
            break
        diagnoses, _ = self._diagnose(exercise, replies, Outcome.PASSED if state == "right" else Outcome.FAILED)
        return Report(exercise.name, state, blocks, text, diagnoses)


def _credited(result: ExerciseResult, score: Fraction, observations: tuple[Observation, ...]) -> tuple[ExerciseResult, Fraction]:
    """A result that earns what no diagnosis gives, and says why."""
    return msgspec.structs.replace(result, score=scoring.rounded(score), diagnoses=(), observations=observations), score


def ungraded(assignment: Assignment, provenance: Provenance, submission: SubmissionRef, status: Status, why: str) -> SubmissionResult:
    """The result of a submission that could not be read (score 0), or not be graded (no score)."""
    score = 0.0 if status is Status.UNREADABLE else None
    return SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef(assignment.id, assignment.version),
        submission=submission,
        status=status,
        points=assignment.points,
        score=score,
        notebook=None,
        exercises=(),
        reports=(),
        notes=(why,),
        adjustments=(),
        grade=score,
        provenance=provenance,
    )


def _notes(exercise: Exercise) -> tuple[str, ...]:
    if not exercise.uses:
        return ()
    names = join(exercise.uses)
    return (say("Graded with the course's own {names} in the place of yours: a mistake there costs its own points only.", names=names),)
