"""From runs to figures, and from figures to whether the bars are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.answer_key import AnswerKey
from grader.assignments import Bars, Exercise, Reference
from grader.model import AssignmentRef, Case, Provenance
from grader.mutants import Mutant
from grader.sandbox.protocol import CallReply
from grader.validation.adequacy import Likeness, only_killers
from grader.validation.evidence import Evidence
from grader.validation.results import (
    SCHEMA,
    Bar,
    CaseFigures,
    EquivalentTrial,
    ExerciseFigures,
    MisconceptionTrial,
    OperatorFigures,
    Survivor,
    Validation,
)
from grader.validation.tolerances import measure, warn
from grader.validation.trials import Trial, cases_of


class Runs(msgspec.Struct):
    """What the sandboxes said. The reference's trials are by function, the others by id; of mutants the cases that they fail."""

    key: AnswerKey
    provenance: Provenance
    reference: Mapping[str, Trial]
    misconceptions: Mapping[str, Trial]
    equivalents: Mapping[str, Trial]
    mutants: Mapping[str, tuple[str, ...]]
    evaluations: Sequence[int | None]
    likeness: Mapping[str, Likeness]
    settings: Mapping[str, Sequence[CallReply]] = {}


def conclude(reference: Reference, evidence: Evidence, mutants: Sequence[Mutant], runs: Runs, seconds: Mapping[str, float]) -> Validation:
    """The validation that the runs make."""
    assignment = reference.assignment
    misconceptions = _misconceptions(reference, runs)
    equivalents = tuple(
        EquivalentTrial(item.id, item.function, trial.full_marks, trial.failed, trial.names)
        for item in evidence.equivalents
        for trial in (runs.equivalents[item.id],)
    )
    survivors, stale = _survivors(evidence, mutants, runs)
    cases = _cases(reference, evidence, mutants, runs)
    exercises = tuple(_exercise(item, reference, misconceptions, equivalents, mutants, survivors) for item in assignment.exercises)
    bars = _bars(assignment.bars, exercises, misconceptions, equivalents)
    lost = tuple(f"{name} {case}" for name, trial in runs.reference.items() for case in trial.failed)
    where = [f"case {case.id} of {case.function}" for case in cases]
    return Validation(
        schema=SCHEMA,
        assignment=AssignmentRef(assignment.id, assignment.version),
        adequate=not lost and all(bar.met for bar in bars),
        bars=bars,
        reference_failed=lost,
        exercises=exercises,
        misconceptions=misconceptions,
        equivalents=equivalents,
        survivors=survivors,
        stale_reasons=stale,
        operators=_operators(mutants, runs),
        confused=tuple(group for likeness in runs.likeness.values() for group in likeness.confused()),
        cases=cases,
        settings=tuple(runs.settings),
        warnings=(
            *_lacking(exercises),
            *(text for place, case in zip(where, cases, strict=True) for text in warn(place, case.tolerance)),
        ),
        provenance=runs.provenance,
        seconds=seconds,
    )


def _misconceptions(reference: Reference, runs: Runs) -> tuple[MisconceptionTrial, ...]:
    made = []
    for item in reference.misconceptions:
        trial, likeness = runs.misconceptions[item.id], runs.likeness[item.function]
        position = likeness.ids.index(item.id)
        alike = tuple(name for name in likeness.alike(position) if name != item.id)
        status = _status(item.id, trial, alike, likeness.says_little(position))
        made.append(MisconceptionTrial(item.id, item.function, not trial.full_marks, trial.score, trial.failed, status, trial.names, alike))
    return tuple(made)


def _status(name: str, trial: Trial, alike: Sequence[str], says_little: bool) -> str:
    if trial.names:
        return "named" if trial.names == (name,) else "misnamed"
    if alike:
        return "ambiguous"
    return "says_little" if says_little else "unnamed"


def _survivors(evidence: Evidence, mutants: Sequence[Mutant], runs: Runs) -> tuple[tuple[Survivor, ...], tuple[str, ...]]:
    """The mutants that pass every case, and the reasons that are of none of them."""
    survivors, used = [], set()
    for mutant in mutants:
        if not runs.mutants[mutant.id]:
            kind, reason, key = evidence.reasons.find(mutant.id)
            used.add(key)
            survivors.append(Survivor(mutant.id, mutant.function, mutant.operator, kind, reason, mutant.diff))
    keys = [*evidence.reasons.equivalent, *evidence.reasons.accepted]
    return tuple(survivors), tuple(key for key in keys if key not in used)


def _operators(mutants: Sequence[Mutant], runs: Runs) -> tuple[OperatorFigures, ...]:
    names = dict.fromkeys(mutant.operator for mutant in mutants)
    mine = {name: [mutant.id for mutant in mutants if mutant.operator == name] for name in names}
    return tuple(OperatorFigures(name, len(ids), sum(bool(runs.mutants[key]) for key in ids)) for name, ids in mine.items())


def _exercise(
    exercise: Exercise,
    reference: Reference,
    misconceptions: Sequence[MisconceptionTrial],
    equivalents: Sequence[EquivalentTrial],
    mutants: Sequence[Mutant],
    survivors: Sequence[Survivor],
) -> ExerciseFigures:
    name = exercise.name
    wrong = [item for item in misconceptions if item.function == name]
    right = [item for item in equivalents if item.function == name]
    total = sum(mutant.function == name for mutant in mutants)
    kinds = [item.kind for item in survivors if item.function == name]
    return ExerciseFigures(
        name=name,
        points=exercise.points,
        cases=len(cases_of(reference.assignment, name)),
        misconceptions=len(wrong),
        killed=sum(item.killed for item in wrong),
        diagnosed=sum(item.status == "named" for item in wrong),
        equivalents=len(right),
        equivalents_right=sum(item.full_marks for item in right),
        mutants=total,
        mutants_killed=total - len(kinds),
        mutants_equivalent=kinds.count("equivalent"),
        mutants_accepted=kinds.count("accepted"),
        mutants_unexplained=kinds.count("unexplained"),
    )


def _bars(
    bars: Bars, exercises: Sequence[ExerciseFigures], misconceptions: Sequence[MisconceptionTrial], equivalents: Sequence[EquivalentTrial]
) -> tuple[Bar, ...]:
    """The bars. That of mutants holds for each exercise too, so that one with many does not make up for another."""
    false_names = sum(item.status == "misnamed" for item in misconceptions) + sum(bool(item.named) for item in equivalents)
    named = len(misconceptions) + len(equivalents)
    total = sum(item.mutants - item.mutants_equivalent for item in exercises)
    return (
        _share("killed", sum(item.killed for item in exercises), len(misconceptions), bars.killed),
        _share("diagnosed", sum(item.diagnosed for item in exercises), len(misconceptions), bars.diagnosed),
        Bar("false_names", false_names, named, false_names, bars.false_names, false_names <= bars.false_names),
        _share("equivalents", sum(item.equivalents_right for item in exercises), len(equivalents), bars.equivalents),
        _share("mutants", sum(item.mutants_killed for item in exercises), total, bars.mutants),
        *(
            _share(f"mutants of {item.name}", item.mutants_killed, item.mutants - item.mutants_equivalent, bars.mutants)
            for item in exercises
            if item.share < bars.mutants
        ),
    )


def _share(name: str, count: int, total: int, bar: float) -> Bar:
    figure = count / total if total else 1.0
    return Bar(name, count, total, figure, bar, figure >= bar)


def _lacking(exercises: Sequence[ExerciseFigures]) -> list[str]:
    """Where there is nothing to judge the cases by."""
    return [
        f"{item.name} has no {what}: nothing shows that its cases {lack}"
        for item in exercises
        for what, count, lack in (
            ("misconceptions", item.misconceptions, "notice what people get wrong"),
            ("equivalents", item.equivalents, "let right implementations pass"),
        )
        if not count
    ]


def _cases(reference: Reference, evidence: Evidence, mutants: Sequence[Mutant], runs: Runs) -> tuple[CaseFigures, ...]:
    positions = {(case.function, case.id): position for position, case in enumerate(reference.assignment.cases)}
    return tuple(
        _case(case, index, positions[case.function, case.id], reference, evidence, mutants, runs)
        for exercise in reference.assignment.exercises
        for index, case in enumerate(cases_of(reference.assignment, exercise.name))
    )


def _case(
    case: Case, index: int, position: int, reference: Reference, evidence: Evidence, mutants: Sequence[Mutant], runs: Runs
) -> CaseFigures:
    """One case: `index` among those of its function, `position` among all."""
    function = case.function
    wrong = {item.id: runs.misconceptions[item.id] for item in reference.misconceptions if item.function == function}
    failed = {mutant.id: runs.mutants[mutant.id] for mutant in mutants if mutant.function == function}
    alone = only_killers({**{name: trial.failed for name, trial in wrong.items()}, **failed})
    right = [runs.equivalents[item.id] for item in evidence.equivalents if item.function == function]
    relations = [item for item in reference.assignment.relations if item.function == function]
    return CaseFigures(
        id=case.id,
        function=function,
        visibility=case.visibility,
        weight=float(case.weight),
        evaluations=runs.evaluations[position],
        seconds=runs.reference[function].calls[index].seconds,
        kills_misconceptions=sum(case.id in trial.failed for trial in wrong.values()),
        kills_mutants=sum(case.id in cases for cases in failed.values()),
        only_killer=alone.get(case.id, ()),
        only_namer=runs.likeness[function].only_namer(index) if function in runs.likeness else (),
        relations=tuple(item.id for item in relations if case.id in (item.first, item.second)),
        tolerance=measure(
            case,
            runs.key.entries[function, case.id],
            evidence,
            [trial.calls[index] for trial in (runs.reference[function], *right) if trial.full_marks],
            {name: trial.calls[index] for name, trial in wrong.items() if case.id in trial.failed},
            [calls[position] for calls in runs.settings.values()],
        ),
    )
