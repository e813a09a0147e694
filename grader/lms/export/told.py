"""What a student is told on other platforms, as plain text: the story of the feedback page, which leaves hidden cases closed.

Every text is clean and bounded, since it comes from a story. Every format here draws on these; none reads a result's cases itself.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence

from grader.feedback.story import tell
from grader.feedback.views import WORDS, CaseView, Detail, DiagnosisView, ExerciseView, ReportView, Story, grouped
from grader.messages.language import Language
from grader.model import Outcome, Status, SubmissionResult

DETAIL = Detail(text=400, code=0, entries=40, exercises=60)
_ENGLISH = Language("en")  # what platforms show beside their own words
MAX_TEXT = 60_000  # Coursera cuts what it shows at 64 kB
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def story_of(result: SubmissionResult) -> Story:
    """What the student of a result may see."""
    return tell(result, _ENGLISH, DETAIL)


def share(result: SubmissionResult) -> float:
    """The grade as a share of the points, from 0 to 1, at four decimals; 0 where there is no grade."""
    if result.grade is None or result.points <= 0:
        return 0.0
    return round(min(1.0, max(0.0, result.grade / result.points)), 4)


def finite(number: float | None) -> float:
    """A score as it is written: at two decimals, never an infinity."""
    return round(number, 2) if number is not None and math.isfinite(number) else 0.0


def is_graded(result: SubmissionResult) -> bool:
    """Whether there is a grade: what is not graded through our fault has none unless a person set it, an unreadable file has zero."""
    return result.grade is not None and (result.status is not Status.NOT_GRADED or bool(result.adjustments))


def whole_text(story: Story) -> str:
    """All of it: the overview, then the exercises."""
    return cut("\n\n".join([overview(story), *(f"{heading(one)}\n{details(one)}".rstrip() for one in story.exercises)]))


def overview(story: Story) -> str:
    """The score, what changed it, the one thing to do next, and what was seen of the notebook."""
    lines = [story.banner or f"{story.score} of {story.points} points"]
    if story.grade:
        lines.append(f"Grade: {story.grade} of {story.points}")
    lines += [f"  {change.points} {change.kind}" + (f": {change.why}" if change.why else "") for change in story.adjustments]
    step = story.next_step
    lines.append(f"Next: {step.name}: {step.recognised}. {step.text}" if step.recognised else f"Next: {step.text}")
    if step.expected and step.actual:
        lines.append(f"  expected {step.expected}, your value {step.actual}")
    if step.source:
        lines.append(f"  {step.place or 'your line'}: {step.source}")
    lines += [report_text(report) for report in story.reports]
    if story.cells:
        lines.append(f"{story.cells} {story.cell_errors_mattered}".rstrip())
    lines += [f"  {place}: {error}" for place, error in story.cell_errors]
    return cut("\n".join([*lines, *story.notes]))


def heading(exercise: ExerciseView) -> str:
    """An exercise in one line."""
    return f"{exercise.name}: {WORDS[exercise.outcome]}, {exercise.score} of {exercise.points}"


def details(exercise: ExerciseView) -> str:
    """What is below full points, and why, or what is remarked of what passed; "" where nothing is."""
    seen = [f"Seen: {observation}" for observation in exercise.observations]
    if exercise.is_complete:
        return cut("\n".join(seen))
    lines = [exercise.found] if exercise.outcome is not Outcome.MISSING or not exercise.is_found else []
    lines += _recognised(exercise.diagnoses, exercise.evidence)
    lines += [exercise.credit] if exercise.credit else []
    lines += seen
    for case in (*exercise.failing_open, *grouped(exercise.failing_closed)):
        lines += [case_heading(case), *(f"  {line}" for line in case_lines(case))]
    return cut("\n".join([*lines, *(f"Note: {note}" for note in exercise.notes)]))


def case_heading(case: CaseView) -> str:
    """A case in one line."""
    title = f" ({case.title})" if case.title else ""
    many = "cases" if ", " in case.id and case.is_closed else "case"
    return f"{'hidden ' if case.is_closed else ''}{many} {case.id}{title}: {WORDS[case.outcome]}"


def case_lines(case: CaseView) -> list[str]:
    """Why a case is not passed, as far as its reader may see."""
    lines = []
    if case.outcome is Outcome.FAILED and (case.expected or case.actual):
        lines += [f"expected {case.expected or '–'}", f"your value {case.actual or '–'}"]
    lines += dict.fromkeys(filter(None, (case.message, case.error)))
    if case.source or case.place:
        lines.append(": ".join(filter(None, (case.place, case.source))))
    return lines


def report_text(report: ReportView) -> str:
    """What was seen of a function that is worth nothing."""
    told = _recognised(report.diagnoses, report.evidence)
    return "\n".join([f"Looked at, not graded: {report.function} ({report.state}) {report.text}".rstrip(), *(f"  {line}" for line in told)])


def _recognised(diagnoses: Sequence[DiagnosisView], evidence: Sequence[str]) -> list[str]:
    named = [f"Recognised: {one.title}" + (f" (alone: {one.credit})" if one.credit else "") for one in diagnoses]
    return [*named, *evidence, *(f"Hint: {one.hint}" for one in diagnoses if one.hint)]


def cut(text: str) -> str:
    """`text`, ended where no platform would show more of it."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n…"


def xml_text(text: str) -> str:
    """`text` with nothing in it that XML 1.0 cannot hold."""
    return _NOT_IN_XML.sub("�", text)


def encode(payload: Mapping[str, object]) -> bytes:
    """A JSON object as ASCII, so that no platform can misread it. Raises ValueError for what JSON cannot hold."""
    return json.dumps(payload, ensure_ascii=True, allow_nan=False, indent=1).encode("ascii") + b"\n"
