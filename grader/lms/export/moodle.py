"""Moodle: the grading worksheet, and the archive of feedback files.

Sources: mod/assign `feedback/offline` (the import needs the identifier, the grade and its time, and passes over locked rows) and
`feedback/file/importziplib.php` (a file's folder is split by underscores into full name, number, plugin type, plugin). Headers and the
word "Participant" are in the site's language, so columns are told by their content and their place; known names only decide first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from grader.errors import UsageError
from grader.lms.export.filling import Choice, Column, Layout, choose, find_column, squeezed
from grader.lms.export.marks import STUDENT, Graded, parse_number
from grader.lms.export.matching import Key
from grader.lms.export.sheet import Sheet

_IDENTIFIER = re.compile(r"(\D*[^\W\d_]\D*?)(?:\s+|(?<=[^\x00-\x7f]))(\d+)", re.DOTALL)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_GRADE = (
    "Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Nota", "Avaliação", "Cijfer", "Beoordeling", "Qualificació", "Ocena",
    "Оценка", "Оцінка", "成绩", "成績", "评分", "評点", "評定", "성적", "점수", "Not", "Betyg", "Karakter", "Arvosana", "Hodnocení",
    "Známka", "Pontszám", "Osztályzat", "Notă", "Βαθμός", "الدرجة", "التقدير", "ציון", "نمره", "Nilai", "Điểm", "Hinne", "Atzīme",
)  # fmt: skip
_YES = (
    "yes", "ja", "oui", "sí", "si", "sì", "sim", "tak", "да", "так", "是", "はい", "예", "evet", "kyllä", "ano", "igen", "da", "ναι", "نعم",
    "כן", "بله", "ya", "có", "jah", "jā", "taip", "áno", "já", "bai",
)  # fmt: skip
_NO = (
    "no", "nein", "non", "nee", "não", "nie", "нет", "ні", "否", "いいえ", "아니오", "아니요", "hayır", "ei", "ne", "nem", "nu", "όχι",
    "لا", "לא", "خیر", "tidak", "không", "nē", "nej", "nei", "ez",
)  # fmt: skip


def layout(sheet: Sheet, choice: Choice) -> Layout:
    """What the columns of a grading worksheet mean. Raises UsageError where it is none, or no column is sure to be the grade's."""
    rows = tuple(row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row))
    identifier = _identifier(sheet, rows)
    column = _grade_column(sheet, rows, choice)
    maximum = {row: parse_number(sheet.text(row, column.index + 1)) for row in rows}
    possible: dict[int, Fraction] = {row: points for row, points in maximum.items() if points is not None and points > 0}
    if not possible:
        raise UsageError(
            f"no maximum grade stands after the column {column.header!r}",
            remedy="an assignment that is graded by a scale cannot get points; name the right column with --column",
        )
    return Layout(
        column=column,
        keys=(Key(identifier, ("participant_id",), is_numbered=True), *_more_keys(sheet, rows)),
        names=(identifier + 1,),
        rows=rows,
        possible=possible,
        locked=_locked(sheet, rows, column.index),
    )


def _identifier(sheet: Sheet, rows: Sequence[int]) -> int:
    """The first column in which every cell is one word, in whatever language, and a number."""
    for column in range(len(sheet.header)):
        found = [_IDENTIFIER.fullmatch(sheet.text(row, column)) for row in rows]
        if found and all(found) and len({match[1] for match in found if match}) == 1:
            return column
    raise UsageError(
        "the template is no grading worksheet of Moodle: no column holds participants and their numbers",
        remedy="download it: View all submissions > Grading action > Download grading worksheet",
    )


def _grade_column(sheet: Sheet, rows: Sequence[int], choice: Choice) -> Column:
    columns = [Column(index, title, title) for index, title in enumerate(sheet.header)]
    if choice.name:
        return choose(columns, choice)
    names = {squeezed(name) for name in _GRADE}
    numbers = [column for column in columns if _may_be_grades(sheet, rows, column.index)]
    named = [column for column in numbers if squeezed(column.title) in names]
    for found in (named, numbers):
        if len(found) == 1:
            return found[0]
    return choose(columns, Choice())


def _may_be_grades(sheet: Sheet, rows: Sequence[int], column: int) -> bool:
    """Whether the next column is one maximum for all, and this one has nothing but numbers up to that."""
    maxima = {parse_number(sheet.text(row, column + 1)) for row in rows}
    if len(maxima) != 1 or None in maxima:
        return False
    (maximum,) = maxima
    grades = [(sheet.text(row, column), parse_number(sheet.text(row, column))) for row in rows]
    return all(text in ("", "-") or (grade is not None and maximum is not None and grade <= maximum) for text, grade in grades)


def _more_keys(sheet: Sheet, rows: Sequence[int]) -> tuple[Key, ...]:
    header = sheet.header
    email = find_column(header, "Email address")
    if email is None:
        texts = {column: [sheet.text(row, column) for row in rows] for column in range(len(header))}
        email = next((column for column, cells in texts.items() if any(cells) and all(map(_EMAIL.fullmatch, filter(None, cells)))), None)
    number, username = find_column(header, "ID number", "idnumber"), find_column(header, "Username")
    keys = ((username, ("username", STUDENT)), (number, ("org_defined_id", "student_id", STUDENT)), (email, ("email", STUDENT)))
    return tuple(Key(column, ids) for column, ids in keys if column is not None)


def _locked(sheet: Sheet, rows: Sequence[int], grade: int) -> dict[int, str]:
    """The rows where one of the two columns after the maximum answers "Grade can be changed" with no."""
    for column in (grade + 2, grade + 3):
        answers = {row: sheet.text(row, column).casefold() for row in rows}
        if {*answers.values()} <= {*_YES, *_NO}:
            return {row: "its grade can not be changed" for row, answer in answers.items() if answer in _NO}
    return {}


def feedback_name(graded: Graded) -> str:
    """The path of a student's feedback file, whose folder Moodle finds the participant by; "" where the number is not known."""
    number = graded.ids.get("participant_id", "")
    if not re.fullmatch(r"[0-9]{1,20}", number):
        return ""
    name = " ".join(re.sub(r"[\W_]", " ", graded.name).split())[:60] or "Participant"
    return f"{name}_{number}_assignsubmission_file_/feedback.html"
