"""Results in the forms of platforms: golden bytes, the platforms' rules, and what stays closed."""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import junitparser
import msgspec
import pytest
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.lms.export import SUBMISSION_FILES, github_classroom, junit, lti_ags, nbgrader, plain_csv, plain_json, prairielearn, table
from grader.lms.export.marks import Graded, mark
from grader.lms.manifest import Entry
from grader.model import Adjustment, SubmissionResult
from tests import lms_results

GOLDEN = Path(__file__).parents[1] / "golden" / "export"
RESULTS = {"graded": lms_results.full, "unreadable": lms_results.unreadable, "not_graded": lms_results.not_graded}
NOON = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)


def converted(form: str, result: SubmissionResult) -> bytes:
    if form == "lti-ags":
        return lti_ags.convert(result, user_id="u-7", timestamp=NOON)
    convert: Callable[[SubmissionResult], bytes]
    convert = junit.convert if form == "junit" else importlib.import_module(f"grader.lms.export.{SUBMISSION_FILES[form]}").convert
    return convert(result)


FORMS = (*SUBMISSION_FILES, "junit")


@pytest.mark.parametrize("status", RESULTS)
@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_are_those_that_were_looked_at(form: str, status: str) -> None:
    data = converted(form, RESULTS[status]())
    golden = GOLDEN / f"{form}-{status}.{'xml' if form == 'junit' else 'json'}"
    if os.environ.get("GRADER_REGENERATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(data)
    assert data == golden.read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_hidden_cases_stay_closed(form: str) -> None:
    text = converted(form, lms_results.full()).decode("utf-8")
    assert [secret for secret in lms_results.SECRETS if secret in text] == []
    if form not in ("lti-ags",):  # its comment is the overview
        assert "own-line" in text
    if form in ("check50", "junit"):
        assert "hidden case h1" in text


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GradescopeTest(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    number: str
    score: float
    max_score: float
    status: Literal["passed", "failed"]
    output: str


class Gradescope(msgspec.Struct, forbid_unknown_fields=True):
    output: str
    output_format: Literal["text"]
    test_output_format: Literal["text"]
    test_name_format: Literal["text"]
    stdout_visibility: Literal["hidden", "visible", "after_due_date", "after_published"]
    score: float | msgspec.UnsetType = msgspec.UNSET
    tests: list[GradescopeTest] = []


class Coursera(msgspec.Struct, forbid_unknown_fields=True):
    feedback: str
    fractional_score: Share | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="fractionalScore")


class PrairieLearnTest(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    points: float
    max_points: float
    message: str
    output: str


class PrairieLearn(msgspec.Struct, forbid_unknown_fields=True):
    gradable: bool
    score: Share | msgspec.UnsetType = msgspec.UNSET
    format_errors: list[str] = []
    output: str = ""
    tests: list[PrairieLearnTest] = []


class XQueue(msgspec.Struct, forbid_unknown_fields=True):
    msg: str
    correct: bool | msgspec.UnsetType = msgspec.UNSET
    score: Share | msgspec.UnsetType = msgspec.UNSET


class Check50Cause(msgspec.Struct, forbid_unknown_fields=True):
    rationale: str
    help: str = ""
    expected: str = ""
    actual: str = ""


class Check50Result(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    description: str
    passed: bool | None
    log: list[str]
    cause: Check50Cause | None
    data: dict[str, object]
    dependency: str | None


class Check50Error(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    value: str
    traceback: list[str]
    data: dict[str, object]


class Check50(msgspec.Struct, forbid_unknown_fields=True):
    slug: str
    version: str
    results: list[Check50Result] | msgspec.UnsetType = msgspec.UNSET
    error: Check50Error | msgspec.UnsetType = msgspec.UNSET


class ClassroomTest(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    status: Literal["pass", "fail", "error"]
    score: float
    message: str
    test_code: str
    filename: str
    line_no: int
    execution_time: float


class Classroom(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    status: Literal["pass", "fail", "error"]
    max_score: float
    message: str
    tests: list[ClassroomTest]


class Ags(msgspec.Struct, forbid_unknown_fields=True):
    user_id: str = msgspec.field(name="userId")
    timestamp: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    activity: Literal["Initialized", "Started", "InProgress", "Submitted", "Completed"] = msgspec.field(name="activityProgress")
    grading: Literal["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"] = msgspec.field(name="gradingProgress")
    comment: str = ""
    given: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="scoreGiven")
    maximum: Annotated[float, msgspec.Meta(gt=0)] | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="scoreMaximum")


RULES: dict[str, Any] = {
    "gradescope": Gradescope,
    "coursera": Coursera,
    "prairielearn": PrairieLearn,
    "xqueue": XQueue,
    "check50": Check50,
    "github-classroom": Classroom,
    "lti-ags": Ags,
}


def checked(form: str, result: SubmissionResult) -> Any:
    return msgspec.json.decode(converted(form, result), type=RULES[form])  # which takes no NaN and no Infinity


HOSTILE = [
    "\x1b[31m", "\0", "\ud800", "\ufffe", "]]>", "<script>", "&amp;", "::set-output name=x::y", "##[error]", "\r\n", "\u202e", "'",
    '"', "=1+1", "😀", "{{7*7}}", "</pre></div>",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=4).map("".join))
@example("\n::add-mask::x\n  ::stop-commands::y\n##[group]")
@example("x" * 50_000)
def test_whatever_a_student_writes_each_form_keeps_its_rules(text: str) -> None:
    result = lms_results.hostile(text)
    for form in RULES:
        assert checked(form, result)
    reply = checked("xqueue", result)
    assert [child.tag for child in ET.fromstring(reply.msg)] == ["pre"]
    classroom = checked("github-classroom", result)
    for message in (classroom.message, *(test.message for test in classroom.tests), *(test.name for test in classroom.tests)):
        assert not any(line.lstrip().startswith("::") or "##[" in line for line in message.splitlines())
    root = ET.fromstring(junit.convert(result))
    assert len(root.findall(".//testcase")) == 3


def test_what_is_our_fault_is_nobody_s_zero() -> None:
    result = lms_results.not_graded()
    assert checked("gradescope", result).score is msgspec.UNSET
    assert checked("coursera", result).fractional_score is msgspec.UNSET
    learned = checked("prairielearn", result)
    assert (learned.gradable, learned.score) == (False, msgspec.UNSET)
    assert len(learned.format_errors) == 1
    assert (checked("xqueue", result).score, checked("xqueue", result).correct) == (msgspec.UNSET, msgspec.UNSET)
    assert checked("check50", result).error.type == "NotGraded"
    assert checked("github-classroom", result).status == "error"
    score = checked("lti-ags", result)
    assert (score.grading, score.given) == ("Failed", msgspec.UNSET)


def test_a_grade_that_a_person_set_is_a_grade_whatever_failed_before() -> None:
    result = msgspec.structs.replace(lms_results.not_graded(), grade=30.0, adjustments=(Adjustment("override", 30.0, "by hand"),))
    assert checked("gradescope", result).score == 30
    assert checked("lti-ags", result).given == 30
    assert [(test.name, test.score) for test in checked("github-classroom", result).tests] == [("adjustments", 30)]
    assert mark(graded(result)).grade == 30
    assert mark(graded(lms_results.not_graded())).grade is None
    assert mark(graded(msgspec.structs.replace(lms_results.not_graded(), grade=0.0))).grade is None  # our fault is never a zero


def test_what_cannot_be_read_is_zero_with_the_reason() -> None:
    result = lms_results.unreadable()
    assert checked("gradescope", result).score == 0
    assert "it is no JSON: line 1" in checked("gradescope", result).output
    assert checked("coursera", result).fractional_score == 0
    assert "it is no JSON: line 1" in checked("coursera", result).feedback
    assert (checked("prairielearn", result).gradable, checked("prairielearn", result).score) == (True, 0)
    assert (checked("xqueue", result).correct, checked("xqueue", result).score) == (False, 0)
    assert checked("github-classroom", result).status == "fail"
    assert (checked("lti-ags", result).given, checked("lti-ags", result).grading) == (0, "FullyGraded")


def test_the_grade_is_what_counts_not_the_score() -> None:
    result = lms_results.full()
    assert checked("gradescope", result).score == 23
    assert sum(test.score for test in checked("gradescope", result).tests) == 25
    assert checked("coursera", result).fractional_score == 0.46
    assert checked("prairielearn", result).score == 0.46
    assert checked("xqueue", result).score == 0.46
    assert checked("lti-ags", result).given == 23


def test_classroom_s_sum_of_scores_is_the_grade() -> None:
    assert sum(test.score for test in checked("github-classroom", lms_results.full()).tests) == 23
    assert len(checked("github-classroom", lms_results.result()).tests) == 1


def test_a_bonus_is_no_more_than_all() -> None:
    result = lms_results.result(grade=60.0)
    assert [checked("coursera", result).fractional_score, checked("xqueue", result).score, checked("lti-ags", result).given] == [1, 1, 60]


def test_prairielearn_takes_a_megabyte() -> None:
    exercise = lms_results.hostile("李" * 4000).exercises[0]
    result = msgspec.structs.replace(lms_results.hostile("李" * 4000), exercises=(exercise,) * 60)
    data = converted("prairielearn", result)
    assert len(data) <= prairielearn.MAX_BYTES
    assert len(json.loads(data)["tests"]) == 60


def test_gradescope_s_own_runner_writes_the_same_fields() -> None:
    class Case(unittest.TestCase):
        def test_passes(self) -> None:
            pass

    Case.test_passes.__weight__ = 2  # type: ignore[attr-defined]
    file = io.StringIO()
    JSONTestRunner(stream=file, visibility="visible", stdout_visibility="hidden").run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Case)
    )
    theirs, ours = json.loads(file.getvalue()), json.loads(converted("gradescope", lms_results.full()))
    for ours_part, theirs_part in ((ours, theirs), (ours["tests"][0], theirs["tests"][0])):
        shared = ours_part.keys() & theirs_part.keys()
        assert shared >= {"score"}
        for key in shared:
            kinds = {int: float}
            assert kinds.get(type(ours_part[key]), type(ours_part[key])) is kinds.get(type(theirs_part[key]), type(theirs_part[key]))


def test_classroom_hears_no_command() -> None:
    assert github_classroom.harmless("::error::x\n a ::b\n\t::c") == ": :error::x\n a ::b\n\t: :c"


def graded(result: SubmissionResult, **fields: object) -> Graded:
    return msgspec.structs.replace(Graded(result, Path("/out") / result.submission.student), **fields)


CLASS = [graded(make()) for make in RESULTS.values()]


def test_junit_is_read_by_a_parser_of_others() -> None:
    file = io.BytesIO()
    assert junit.write(CLASS, file) == 3
    suites = list(junitparser.JUnitXml.fromstring(file.getvalue()))
    assert [(one.tests, one.failures, one.errors, one.skipped) for one in suites] == [(8, 5, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0)]
    cases = {f"{case.classname}.{case.name}": case for case in suites[0]}
    assert [type(entry).__name__ for entry in cases["second_function.h1"].result] == ["Failure"]
    assert cases["second_function.p2"].is_passed
    properties = {entry.name: entry.value for entry in suites[0].properties()}  # type: ignore[no-untyped-call]
    assert (properties["grade"], properties["second_function.score"]) == ("23", "15")


def test_the_table_of_a_class() -> None:
    file = io.BytesIO()
    entry = Entry("ada", "canvas", name='=cmd|" /C calc"!A0', submitted_at="2026-12-05T10:00:00+01:00", ids={"email": "@a"})
    assert plain_csv.write([graded(lms_results.full(), entry=entry), *CLASS[1:]], file) == 3
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8"), newline="")))
    assert [row["grade"] for row in rows] == ["23", "0", ""]
    assert [row["second_function"] for row in rows] == ["15", "", ""]
    assert rows[0]["name"] == '\'=cmd|" /C calc"!A0'
    assert [row["status"] for row in rows] == ["graded", "unreadable", "not_graded"]


def test_nbgrader_s_table() -> None:
    file = io.BytesIO()
    entry = Entry("ada", "nbgrader", name="Lovelace, Ada", submitted_at="2026-12-05T10:00:00.5+01:00", ids={"email": "a@x.edu"})
    assert nbgrader.write([graded(lms_results.full(), entry=entry), *CLASS[1:]], file) == 3
    text = file.getvalue().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.splitlines()[0] == ",".join(nbgrader.COLUMNS)
    first = rows[0]
    assert (first["student_id"], first["last_name"], first["first_name"], first["email"]) == ("ada", "Lovelace", "Ada", "a@x.edu")
    assert first["timestamp"] == "2026-12-05 09:00:00.500000"
    assert [first[name] for name in nbgrader.COLUMNS[7:]] == ["25.0", "2.0", "23.0", "50.0"]
    assert [rows[1]["score"], rows[2]["score"]] == ["0.0", ""]


def test_overrides_are_no_penalty_for_lateness() -> None:
    changes = (Adjustment("override", 5.0, "x"), Adjustment("late", -3.0, "y"))
    file = io.BytesIO()
    nbgrader.write([graded(lms_results.result(score=38.0, grade=40.0, adjustments=changes))], file)
    (row,) = csv.DictReader(io.StringIO(file.getvalue().decode("utf-8"), newline=""))
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("43.0", "3.0", "40.0")


def test_all_results_as_json_are_the_results() -> None:
    file = io.BytesIO()
    assert plain_json.write(CLASS, file) == 3
    assert msgspec.json.decode(file.getvalue(), type=list[SubmissionResult]) == [one.result for one in CLASS]
    empty = io.BytesIO()
    assert plain_json.write([], empty) == 0
    assert json.loads(empty.getvalue()) == []


@given(st.lists(st.sampled_from("=+-@\t\r a") | st.characters(), max_size=8).map("".join))
def test_no_text_is_a_formula(text: str) -> None:
    file = io.BytesIO()
    table.write_rows(file, [[table.neutral(text), "1"]])
    (row,) = csv.reader(io.StringIO(file.getvalue().decode("utf-8"), newline=""))
    assert row[1] == "1"
    assert not row[0].lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
