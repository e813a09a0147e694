"""JUnit XML, as Jenkins' junit-10.xsd and pytest's xunit2 have it: one suite a submission, one test case a case.

A wrong answer is a `failure`, whatever the student's code did; an `error` is ours: a submission that was not graded. No times are
written: a result has none.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import BinaryIO

from grader.feedback.views import WORDS, ExerciseView, Story
from grader.lms.export import told
from grader.lms.export.marks import Graded
from grader.model import Outcome, Status, SubmissionResult

SUFFIX = ".xml"
_HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="grader">\n'


def write(results: Iterable[Graded], file: BinaryIO) -> int:
    """All submissions as one file; how many there were."""
    file.write(_HEAD)
    count = 0
    for graded in results:
        file.write(suite(graded.result) + b"\n")
        count += 1
    file.write(b"</testsuites>\n")
    return count


def convert(result: SubmissionResult) -> bytes:
    """The file of one submission."""
    return _HEAD + suite(result) + b"\n</testsuites>\n"


def suite(result: SubmissionResult) -> bytes:
    """The `testsuite` element of a submission, in UTF-8."""
    story = told.story_of(result)
    element = ET.Element("testsuite", name=told.xml_text(f"{story.meta[0]}: {story.student}"))
    properties = ET.SubElement(element, "properties")
    for name, value in _properties(story):
        ET.SubElement(properties, "property", name=told.xml_text(name), value=told.xml_text(value))
    if result.status is Status.GRADED:
        for exercise in story.exercises:
            _add_cases(element, exercise)
    else:
        case = ET.SubElement(element, "testcase", name="the submission", classname=told.xml_text(story.meta[0]))
        kind = "failure" if result.status is Status.UNREADABLE else "error"
        _add(case, kind, result.status.value, story.banner, told.overview(story))
    for name, tag in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error"), ("skipped", ".//skipped")):
        element.set(name, str(len(element.findall(tag))))
    ET.SubElement(element, "system-out").text = told.xml_text(told.whole_text(story))
    return ET.tostring(element, encoding="unicode").encode("utf-8")


def _properties(story: Story) -> Iterable[tuple[str, str]]:
    if not story.banner:
        yield "score", story.score
        yield "grade", story.grade or story.score
    yield "points", story.points
    for exercise in story.exercises:
        yield f"{exercise.name}.score", exercise.score
        yield f"{exercise.name}.points", exercise.points
    yield from story.provenance


def _add_cases(suite: ET.Element, exercise: ExerciseView) -> None:
    cases = (*exercise.open_cases, *exercise.closed_cases)
    for case in cases:
        element = _case(suite, exercise, case.id)
        if case.outcome is not Outcome.PASSED:
            _add(element, "failure", case.outcome.value, told.case_heading(case), "\n".join(told.case_lines(case)))
    if not cases:
        element = _case(suite, exercise, exercise.name)
        if not exercise.is_complete:
            _add(element, "failure", exercise.outcome.value, WORDS[exercise.outcome], told.details(exercise))


def _case(suite: ET.Element, exercise: ExerciseView, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", name=told.xml_text(name), classname=told.xml_text(exercise.name))


def _add(case: ET.Element, tag: str, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, tag, type=kind, message=told.xml_text(message)).text = told.xml_text(text)
