"""The rule: from a notebook, an answer key and a sandbox to a result. Opens no file and starts no process."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Set
from fractions import Fraction

import msgspec

from grader import __version__, absence, diagnosis, matching, scoring
from grader.answer_key import AnswerKey, Entry
from grader.assignments import Assignment, Exercise
from grader.bank import Predictions
from grader.behaviour import behaviour
from grader.compare import compare, describe_blocks, wrong_blocks
from grader.feedback.material import Material, Traces, gather
from grader.likeness import Common, fingerprints
from grader.matching import Replies
from grader.messages import say
from grader.model import (
    RESULT_SCHEMA,
    AssignmentRef,
    Below,
    Blocks,
    Case,
    CaseResult,
    CellError,
    Diagnosis,
    ExerciseResult,
    Found,
    NotebookResult,
    Outcome,
    Parts,
    Provenance,
    Report,
    Status,
    StudentError,
    SubmissionRef,
    SubmissionResult,
    Visibility,
)
from grader.notebook import Notebook
from grader.plan import Plan
from grader.sandbox.protocol import CallReply, Limits, Raised, Reply, Sandbox
from grader.values import describe, join


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
            judged = _Judged(position, case, Fraction(case.weight), entry, _passed(case, entry))
            cases.setdefault((case.function, case.counts), []).append(judged)
        return cases

    def _replies(self, exercise: Exercise, reply: Reply, *, counting: bool = True) -> list[tuple[Case, CallReply, Entry]]:
        return [(item.case, reply.calls[item.position], item.entry) for item in self._cases[exercise.name, counting]]

    def _results(self, exercise: Exercise, notebook: Notebook, reply: Reply, *, counting: bool = True) -> Iterator[CaseResult]:
        for item in self._cases[exercise.name, counting]:
            yield _judge(item.passed, item.case, reply.calls[item.position], item.entry, notebook)

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

        That is so where every case passes once the course's own functions stand in the place of those that are wrong. They are hidden
        injections, so a student's machine cannot tell.
        """
        replaced = tuple(name for name in exercise.builds_on if name in wrong)
        most = Fraction(str(exercise.points)) * scoring.CARRIED
        hidden = Visibility.HIDDEN.value in self.assignment.sources
        if not replaced or not hidden or score >= most or result.outcome in (Outcome.PASSED, Outcome.MISSING):
            return result, score
        reply = self.sandbox.run(self.plan.again(notebook, exercise.name, replaced, files))
        cases = [case for case in self.assignment.cases if case.function == exercise.name and case.counts]
        for case, call in zip(cases, reply.calls, strict=True):
            if judge(case, call, self.key.entries[case.function, case.id], notebook).outcome is not Outcome.PASSED:
                return result, score
        seen = (diagnosis.carried(replaced), *result.observations)
        return msgspec.structs.replace(result, score=scoring.rounded(most), diagnoses=(), observations=seen), most

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


def judge(case: Case, call: CallReply, entry: Entry, notebook: Notebook) -> CaseResult:
    """One case's result."""
    return _judge(_passed(case, entry), case, call, entry, notebook)


def _passed(case: Case, entry: Entry) -> CaseResult:
    """The case's result where it passes, but for the value."""
    weight, expected = round(float(case.weight), 6), _expected(case, entry)
    return CaseResult(case.id, case.visibility, weight, Outcome.PASSED, title=case.title, expected=expected)


def _judge(result: CaseResult, case: Case, call: CallReply, entry: Entry, notebook: Notebook) -> CaseResult:
    """One case's result, made from the one where it passes."""
    replace = msgspec.structs.replace
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


def _notes(exercise: Exercise) -> tuple[str, ...]:
    if not exercise.uses:
        return ()
    names = join(exercise.uses)
    return (say("Graded with the course's own {names} in the place of yours: a mistake there costs its own points only.", names=names),)
