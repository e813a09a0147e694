"""Platforms' own sheets, filled in: the grades stand where they should, and every other byte where it stood."""

from __future__ import annotations

import codecs
import csv
import importlib
import io
from collections.abc import Callable
from fractions import Fraction

import pytest

from grader.errors import UsageError
from grader.lms.export.filling import Choice, Summary, fill
from grader.lms.export.marks import Mark
from grader.lms.export.sheet import read_sheet
from tests.lms_results import grade_of, people
from tests.unit.test_export_sheet import raw_cells

TITLE = Choice(titles=("Gradient Checking", "gradient_checking"))
ENCODINGS = {"utf-8": b"", "utf-8-sig": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE}
COUNT = 400


def quote(text: str, delimiter: str = ",") -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in (delimiter, '"', "\n")) else text


def to_bytes(rows: list[list[str]], delimiter: str = ",", end: str = "\n", encoding: str = "utf-8", always: bool = False) -> bytes:
    lines = [delimiter.join('"' + c.replace('"', '""') + '"' if always else quote(c, delimiter) for c in row) for row in rows]
    return ENCODINGS[encoding] + (end.join(lines) + end).encode(encoding.removesuffix("-sig"))


def to_rows(data: bytes, delimiter: str = ",", encoding: str = "utf-8") -> list[list[str]]:
    text = data.removeprefix(ENCODINGS[encoding]).decode(encoding.removesuffix("-sig"))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def mark(student: str, grade: float | None = 38.0, **ids: str) -> Mark:
    """A grade out of 50."""
    value = None if grade is None else Fraction(repr(grade))
    return Mark(student, "", {**ids, "student": student}, value, Fraction(50))


def export(system: str, data: bytes, marks: list[Mark], choice: Choice = TITLE) -> tuple[bytes, Summary]:
    sheet = read_sheet(data, "t.csv")
    return fill(sheet, importlib.import_module(f"grader.lms.export.{system}").layout(sheet, choice), marks, system)


def left(summary: Summary) -> dict[str, str]:
    return {one.who: one.why for one in summary.left}


def canvas(count: int = COUNT) -> list[list[str]]:
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Gradient Checking (123)", "Regression (124)", "Final Score"]
    possible = ["    Points Possible", "", "", "", "", "50.00", "10.00", "(read only)"]
    rows = [[name, str(1000 + n), f"s{n}", f"u{n}@x.edu", "001", "", "9.00", "90.0"] for n, name in enumerate(people(count))]
    return [header, possible, *rows]


def moodle(count: int = COUNT, header: tuple[str, ...] = (), word: str = "Participant", yes: str = "Yes") -> list[list[str]]:
    english = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed")
    head = [*(header or english), "Last modified (submission)", "Last modified (grade)", "Feedback comments"]
    time = "Thursday, 3 December 2026, 11:59 PM"
    return [head] + [
        [f"{word} {500 + n}", name, f"u{n}@x.edu", "Submitted for grading", "", "50.00", yes, time, "-", 'was "good", so far\nnext'][
            : len(head)
        ]
        for n, name in enumerate(people(count))
    ]


def blackboard(count: int = COUNT) -> list[list[str]]:
    header = ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability",
              "Gradient Checking [Total Pts: 50 Score] |664617", "Essay [Total Pts: up to 10 Score] |664618"]  # fmt: skip
    split = [name.partition(", ") for name in people(count)]
    return [header] + [[last, first, f"user{n}", f"00{n}", "2026-12-01", "Yes", "", "7"] for n, (last, _, first) in enumerate(split)]


def brightspace(count: int = COUNT) -> list[list[str]]:
    item = "Gradient Checking Points Grade <Numeric MaxPoints:50 Weight:5 Category:Labs>"
    header = ["OrgDefinedId", "Username", "Last Name", "First Name", item, "Quiz Points Grade", "End-of-Line Indicator"]
    split = [name.partition(", ") for name in people(count)]
    return [header] + [[f"#00{n}", f"#user{n}", last, first, "", "3", "#"] for n, (last, _, first) in enumerate(split)]


SHEETS = {"canvas": canvas, "moodle": moodle, "blackboard": blackboard, "brightspace": brightspace}
COLUMN = {"canvas": 5, "moodle": 4, "blackboard": 6, "brightspace": 4}
FIRST = {"canvas": 2, "moodle": 1, "blackboard": 1, "brightspace": 1}
IDS: dict[str, Callable[[int], dict[str, str]]] = {
    "canvas": lambda n: {"user_id": str(1000 + n)},
    "moodle": lambda n: {"participant_id": str(500 + n)},
    "blackboard": lambda n: {"username": f"user{n}"},
    "brightspace": lambda n: {"org_defined_id": f"00{n}"},
}


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize(("delimiter", "end", "encoding"), [(",", "\n", "utf-8"), (";", "\r\n", "utf-8-sig"), ("\t", "\r\n", "utf-16-le")])
@pytest.mark.parametrize("system", SHEETS)
def test_grades_of_a_class_go_into_their_cells_and_nowhere_else(system: str, delimiter: str, end: str, encoding: str, always: bool) -> None:
    rows = SHEETS[system]()
    data = to_bytes(rows, delimiter, end, encoding, always)
    marks = [mark(f"folder-{n}", grade_of(n), **IDS[system](n)) for n in range(COUNT)]
    filled, summary = export(system, data, marks[::-1])
    assert (summary.written, summary.left, summary.scaled) == (COUNT, (), ())
    first, column = FIRST[system], COLUMN[system]
    after = to_rows(filled, delimiter, encoding)
    assert [row[column] for row in after[first:]] == [f"{grade_of(n):.2f}".rstrip("0").rstrip(".") for n in range(COUNT)]
    mark_bytes, codec = ENCODINGS[encoding], encoding.removesuffix("-sig")
    before = raw_cells(data.removeprefix(mark_bytes).decode(codec), delimiter)
    now = raw_cells(filled.removeprefix(mark_bytes).decode(codec), delimiter)
    for old, new in zip(before, now, strict=True):
        assert [*old[:column], *old[column + 1 :]] == [*new[:column], *new[column + 1 :]]
    assert filled[: len(mark_bytes)] == mark_bytes


@pytest.mark.parametrize("system", SHEETS)
def test_exporting_again_changes_nothing(system: str) -> None:
    data = to_bytes(SHEETS[system](20))
    marks = [mark(f"f{n}", grade_of(n), **IDS[system](n)) for n in range(20)]
    filled, _ = export(system, data, marks)
    again, summary = export(system, filled, marks)
    assert (again, summary.written, summary.unchanged) == (filled, 0, 20)


@pytest.mark.parametrize("system", SHEETS)
def test_a_student_who_is_missing_on_either_side_is_listed(system: str) -> None:
    data = to_bytes(SHEETS[system](3))
    marks = [mark("one", 10.0, **IDS[system](0)), mark("stranger", 11.0, **IDS[system](77)), mark("ours", None, **IDS[system](2))]
    filled, summary = export(system, data, marks)
    assert [row[COLUMN[system]] for row in to_rows(filled)[FIRST[system] :]] == ["10", "", ""]
    assert left(summary)["stranger"] == "there is no row of this student"
    assert left(summary)["ours"] == "not graded, through no fault of the student"
    assert [one.row for one in summary.left if one.why == "there is no result of this student"] == [FIRST[system] + 2]


def test_canvas_keeps_excuses_and_what_is_read_only() -> None:
    rows = canvas(3)
    rows[2][5], rows[3][5] = "EX", "(read only)"
    filled, summary = export("canvas", to_bytes(rows), [mark(f"s{n}") for n in range(3)])
    assert [row[5] for row in to_rows(filled)[2:]] == ["EX", "(read only)", "38"]
    assert left(summary) == {"s0": "the student is excused", "s1": "the cell is read only"}


def test_canvas_never_writes_to_a_column_without_an_id() -> None:
    rows = canvas(1)
    rows[0][5] = "Gradient Checking"
    with pytest.raises(UsageError, match="no column") as caught:
        export("canvas", to_bytes(rows), [mark("s0")])
    assert "'Regression (124)'" in caught.value.remedy
    assert "Final" not in caught.value.remedy


def test_canvas_rows_that_are_nobody_s_stay() -> None:
    rows = canvas(1)
    rows.insert(1, ["", "", "", "", "", "Manual Posting", "", ""])
    filled, summary = export("canvas", to_bytes(rows), [mark("s0")])
    assert [row[5] for row in to_rows(filled)[1:]] == ["Manual Posting", "50.00", "38"]
    assert summary.left == ()


def test_the_column_is_the_one_that_is_meant() -> None:
    rows = canvas(1)
    rows[0][6] = "Gradient Checking 2 (124)"
    filled, summary = export("canvas", to_bytes(rows), [mark("s0")])
    assert summary.column == "Gradient Checking (123)"
    rows[0][6] = "gradient  checking (124)"
    with pytest.raises(UsageError, match="2 columns fit"):
        export("canvas", to_bytes(rows), [mark("s0")])
    filled, _ = export("canvas", to_bytes(rows), [mark("s0")], Choice("gradient  checking (124)", TITLE.titles))
    assert to_rows(filled)[2][5:7] == ["", "7.6"]


def test_a_column_s_name_that_is_nowhere_is_refused() -> None:
    with pytest.raises(UsageError, match="no column for grades fits the name 'Nothing'"):
        export("canvas", to_bytes(canvas(1)), [mark("s0")], Choice("Nothing"))


def test_points_are_scaled_to_what_the_platform_gives() -> None:
    rows = canvas(2)
    rows[1][5] = "100.00"
    filled, summary = export("canvas", to_bytes(rows), [mark("s0", 38.0), mark("s1", 0.25)])
    assert [row[5] for row in to_rows(filled)[2:]] == ["76", "0.5"]
    assert summary.scaled == ("50 -> 100",)


def test_decimal_commas_are_written_where_the_sheet_has_them() -> None:
    rows = canvas(2)
    for row in rows[1:]:
        row[6], row[7] = "9,50", "90,0"
    rows[1][5] = "50,00"
    filled, _ = export("canvas", to_bytes(rows, ";"), [mark("s0", 12.25), mark("s1", 12.0)])
    assert [row[5] for row in to_rows(filled, ";")[2:]] == ["12,25", "12"]
    filled, _ = export("canvas", to_bytes(rows), [mark("s0", 12.25)])
    assert b',"12,25",' in filled


def test_thousands_prove_no_decimal_comma() -> None:
    rows = canvas(1)
    rows[1][6] = "1,000"
    filled, _ = export("canvas", to_bytes(rows), [mark("s0", 12.25)])
    assert to_rows(filled)[2][5] == "12.25"


GERMAN = ("ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung", "Bewertung kann geändert werden")
CHINESE = ("标识", "姓名", "电子邮件", "状态", "成绩", "最高分", "可以修改成绩")
UNKNOWN = ("Aaa", "Bbb", "Ccc", "Ddd", "Eee", "Fff", "Ggg")


@pytest.mark.parametrize(
    ("header", "word", "yes", "no"), [(GERMAN, "Teilnehmer/in", "Ja", "Nein"), (CHINESE, "参与者", "是", "否"), (UNKNOWN, "X", "?", "")]
)
def test_moodle_in_other_languages(header: tuple[str, ...], word: str, yes: str, no: str) -> None:
    rows = moodle(4, header, word, yes)
    if no:
        rows[2][6] = no
    filled, summary = export("moodle", to_bytes(rows, ";"), [mark(f"s{n}", 12.0, participant_id=str(500 + n)) for n in range(4)])
    assert [row[4] for row in to_rows(filled, ";")[1:]] == ["12", "" if no else "12", "12", "12"]
    assert left(summary) == ({"s1": "its grade can not be changed"} if no else {})
    assert [row[-1] for row in to_rows(filled, ";")] == [row[-1] for row in rows]


def test_moodle_of_blind_marking_has_no_names() -> None:
    rows = [[row[0], *row[3:]] for row in moodle(3)]
    filled, _ = export("moodle", to_bytes(rows), [mark("a", 12.5, participant_id="501")])
    assert [row[2] for row in to_rows(filled)[1:]] == ["", "12.5", ""]


def test_moodle_of_a_scale_is_refused() -> None:
    rows = moodle(2)
    for row in rows[1:]:
        row[5] = "Poor, Fair, Good"
    with pytest.raises(UsageError):
        export("moodle", to_bytes(rows), [mark("a")])
    with pytest.raises(UsageError, match="no maximum grade"):
        export("moodle", to_bytes(rows), [mark("a")], Choice("Grade"))


def test_a_row_that_a_student_forged_takes_nobody_s_grade() -> None:
    rows = moodle(3)
    forged = rows[2].copy()
    forged[1] = "Somebody, Else"
    filled, summary = export("moodle", to_bytes([*rows, forged]), [mark(f"s{n}", 12.0, participant_id=str(500 + n)) for n in range(3)])
    assert [row[4] for row in to_rows(filled)[1:]] == ["12", "", "12", ""]
    assert left(summary)["s1"] == "more than one row could be this student's"


def test_blackboard_in_another_language() -> None:
    rows = blackboard(2)
    rows[0] = [
        "Nachname",
        "Vorname",
        "Benutzer",
        "Nummer",
        "Letzter",
        "Ok",
        "Gradient Checking [Gesamtpunkte: 100 Punkte] |1",
        "Essay [x] |2",
    ]
    filled, _ = export("blackboard", to_bytes(rows), [mark("user1", 25.0)])
    assert [row[6] for row in to_rows(filled)[1:]] == ["", "50"]


def test_brightspace_by_user_name_alone() -> None:
    rows = [[*row[1:]] for row in brightspace(2)]
    filled, _ = export("brightspace", to_bytes(rows), [mark("USER1", 25.0)])
    assert [row[3] for row in to_rows(filled)[1:]] == ["", "25"]


@pytest.mark.parametrize("system", SHEETS)
def test_another_platform_s_sheet_is_refused(system: str) -> None:
    for other, make in SHEETS.items():
        if other != system:
            with pytest.raises(UsageError) as caught:
                export(system, to_bytes(make(3)), [mark("s0")])
            assert caught.value.remedy
