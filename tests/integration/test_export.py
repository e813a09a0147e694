"""`grader export` from the command line: whole classes, what goes wrong, and archives of feedback."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from grader.cli.export import command
from grader.errors import OutputError, UsageError
from grader.lms import export
from grader.lms.export import nbgrader
from grader.lms.manifest import Entry
from grader.model import AssignmentRef
from tests import parts
from tests.lms_results import full, grade_of, not_graded, people, result, unreadable, write_out
from tests.unit.test_export_templates import FIRST, IDS, SHEETS, to_bytes, to_rows

ROOT = Path(__file__).parents[2]
COUNT = 400


def run(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    done = CliRunner().invoke(command, [str(argument) for argument in arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def make_class(folder: Path, system: str, count: int = COUNT) -> Path:
    """A class that was collected from a platform; the assignment's title is that of the course's own."""
    results, entries = [], []
    for number, name in enumerate(people(count)):
        student = f"student-{number:03}"
        one = result(student, grade_of(number), assignment=AssignmentRef("gradient_checking", "1"))
        ids = {**IDS[system](number), "attachment_id": str(90_000 + number)}
        results.append(one)
        entries.append(Entry(student, "canvas", name=name, ids=ids))  # the system's name decides nothing here
    return write_out(folder, results, entries)


@pytest.mark.parametrize("system", SHEETS)
def test_a_class_of_400_from_results_to_the_platform_s_sheet(system: str, tmp_path: Path) -> None:
    out = make_class(tmp_path / "out", system)
    template, filled = tmp_path / "sheet.csv", tmp_path / "filled.csv"
    template.write_bytes(to_bytes(SHEETS[system](COUNT), ";", "\r\n", "utf-8-sig"))
    code, (summary,), stderr = run(out, "--to", system, "--template", template, "-o", filled)
    assert (code, summary["written"], summary["left"], stderr) == (0, COUNT, [], "")
    before, after = to_rows(template.read_bytes(), ";", "utf-8-sig"), to_rows(filled.read_bytes(), ";", "utf-8-sig")
    changed = [(r, c) for r, row in enumerate(before) for c, cell in enumerate(row) if cell != after[r][c]]
    assert len(changed) == COUNT
    assert len({c for _, c in changed}) == 1
    assert [float(after[r][c]) for r, c in changed] == [grade_of(number) for number in range(COUNT)]
    assert changed[0][0] == FIRST[system]


@pytest.mark.parametrize(
    ("system", "name"),
    [("canvas", r"[^\W\d_]+_10\d\d_9\d{4}_feedback\.html"), ("moodle", r"[^/_]+_[0-9]+_assignsubmission_file_/feedback\.html")],
)
def test_feedback_archives_have_names_that_the_platform_finds_students_by(system: str, name: str, tmp_path: Path) -> None:
    out = make_class(tmp_path / "out", system, 40)
    (out / "student-003" / "feedback.html").unlink()
    template = tmp_path / "sheet.csv"
    template.write_bytes(to_bytes(SHEETS[system](40)))
    archives = []
    for archive in (tmp_path / "one.zip", tmp_path / "two.zip"):
        _, (_, summary), stderr = run(out, "--to", system, "--template", template, "-o", tmp_path / "f.csv", "--feedback", archive)
        assert (summary["written"], [left["who"] for left in summary["left"]]) == (39, ["student-003"])
        assert "student-003: there is no feedback page" in stderr
        archives.append(archive.read_bytes())
    assert archives[0] == archives[1]
    with zipfile.ZipFile(io.BytesIO(archives[0])) as pages:
        assert [one for one in pages.namelist() if not re.fullmatch(name, one)] == []
        for member in pages.namelist():  # the first two numbers between underscores, as Canvas; the second of five parts, as Moodle
            number = int(re.findall(r"(?<=_)\d+(?=_)", member)[0]) - (1000 if system == "canvas" else 500)
            assert pages.read(member).decode("utf-8").endswith(f"<p>student-{number:03}")


def test_who_is_missing_is_told(tmp_path: Path) -> None:
    out = make_class(tmp_path / "out", "canvas", 3)
    (out / "student-001" / "result.json").write_text("{", "utf-8")
    write_out(out, [msgspec.structs.replace(not_graded(), assignment=AssignmentRef("gradient_checking", "1"))])
    template = tmp_path / "sheet.csv"
    template.write_bytes(to_bytes(SHEETS["canvas"](4)))
    code, (summary,), stderr = run(out, "--to", "canvas", "--template", template, "-o", tmp_path / "filled.csv")
    assert (code, summary["written"]) == (3, 2)
    why = {left["who"]: left["why"] for left in summary["left"]}
    assert len(why) == 4
    assert why["eve"] == "there is no row of this student"
    assert why["student-001"].startswith("Input data was truncated")
    assert sorted(left["row"] for left in summary["left"] if left["row"]) == [4, 6]
    assert len(stderr.splitlines()) == 4


def test_a_roster_says_who_is_who(tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [result("ada", 12.5), result("bob", 7.0)])
    template, roster, filled = tmp_path / "sheet.csv", tmp_path / "roster.csv", tmp_path / "filled.csv"
    template.write_bytes(to_bytes(SHEETS["canvas"](2)))
    roster.write_bytes("Student;User ID\r\nada;1001\r\nbob;1000\r\n".encode("utf-16"))
    _, (summary,), _ = run(out, "--to", "canvas", "--template", template, "--column", "Regression", "--roster", roster, "-o", filled)
    assert (summary["written"], summary["scaled"]) == (2, ["50 -> 10"])
    assert [row[5:7] for row in to_rows(filled.read_bytes())[2:]] == [["", "1.4"], ["", "2.5"]]
    roster.write_text("student,User ID\nada,1\nada,2\n", "utf-8")
    with pytest.raises(UsageError, match="two rows of the student 'ada'"):
        run(out, "--to", "csv", "--roster", roster, "-o", filled)


@pytest.mark.parametrize("form", export.SUBMISSION_FILES)
def test_forms_of_one_file_a_submission_make_a_folder(form: str, tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [full(), unreadable(), not_graded(), result("名前 'x'")])
    code, (summary,), _ = run(out, "--to", form, "-o", tmp_path / "made")
    assert (code, summary["written"]) == (0, 4)
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert sorted(made) == ["ada.json", "bob.json", "eve.json", "名前 'x'.json"]
    assert all(json.loads(data) for data in made.values())
    run(out, "--to", form, "-o", tmp_path / "again")
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}


@pytest.mark.parametrize("form", export.CLASS_FILES)
def test_forms_of_one_file_a_class(form: str, tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [full(), unreadable(), not_graded()])
    code, (summary,), _ = run(out, "--to", form, "-o", tmp_path / "made")
    assert (code, summary["schema"], summary["to"], summary["written"], summary["left"]) == (0, "grader.export/1", form, 3, [])
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o644


def test_results_are_read_one_by_one(tmp_path: Path) -> None:
    notes = ("x" * 1_000_000,)
    out = write_out(tmp_path / "out", [result(f"s{number}", notes=notes) for number in range(40)])
    for form in export.CLASS_FILES:
        run(out, "--to", form, "-o", tmp_path / "warm")
        tracemalloc.start()
        run(out, "--to", form, "-o", tmp_path / "made")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 15_000_000, form


ARCHIVES = {
    "canvas": "{name}_{number}_9{number}_notebook.ipynb",
    "moodle": "{name}_{number}_assignsubmission_file/notebook.ipynb",
}


@pytest.mark.parametrize("system", ARCHIVES)
def test_from_a_platform_s_archive_to_its_sheet(system: str, tmp_path: Path) -> None:
    parts.need_walls()
    examples = ROOT / "assignments" / "gradient_checking" / "examples"
    archive, out, template, filled = (tmp_path / name for name in ("submissions.zip", "out", "sheet.csv", "filled.csv"))
    name, number = {"canvas": ("lovelaceada", 1000), "moodle": ("Ada Lovelace", 500)}[system]
    with zipfile.ZipFile(archive, "w") as file:
        file.write(examples / "ada" / "notebook.ipynb", ARCHIVES[system].format(name=name, number=number))
    grade = [sys.executable, "-m", "grader", "grade", str(archive), "-a", "gradient_checking", "-o", str(out), "--public-only", "-j", "1"]
    subprocess.run(grade, check=True, capture_output=True)
    template.write_bytes(to_bytes(SHEETS[system](3)))
    _, (summary,), _ = run(out, "--to", system, "--template", template, "-o", filled)
    assert (summary["written"], len(summary["left"])) == (1, 2)
    before, after = to_rows(template.read_bytes()), to_rows(filled.read_bytes())
    changed = [(r, cell, after[r][c]) for r, row in enumerate(before) for c, cell in enumerate(row) if cell != after[r][c]]
    assert changed == [(FIRST[system], "", "50")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--to", "canvas"), "needs a sheet"),
        (("--to", "csv", "--template", "t.csv"), "--template and --column are for"),
        (("--to", "csv", "--column", "x"), "--template and --column are for"),
        (("--to", "csv", "--feedback", "f.zip"), "--feedback is for canvas and moodle"),
        (("--to", "canvas", "--template", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--to", "csv", "--roster", "nowhere.csv"), "nowhere.csv cannot be read"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: tuple[str, ...], why: str, tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [result()])
    with pytest.raises(UsageError, match=re.escape(why)):
        run(out, *arguments, "-o", tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no result"):
        run(tmp_path, "--to", "csv", "-o", tmp_path / "made")


@pytest.mark.parametrize("form", ["csv", "gradescope"])
def test_a_place_that_cannot_be_written_is_our_problem(form: str, tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [result()])
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        run(out, "--to", form, "-o", tmp_path / "file" / "made")


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", [result()])
    template, filled = tmp_path / "sheet.csv", tmp_path / "filled.csv"
    template.write_bytes(to_bytes(SHEETS["canvas"](2)))
    filled.write_text("before")
    with pytest.raises(UsageError, match="no column for grades"):
        run(out, "--to", "canvas", "--template", template, "--column", "Nothing", "-o", filled)
    assert filled.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filled.csv", "out", "sheet.csv"]


def test_help_imports_nothing_heavy() -> None:
    heavy = {"numpy", "msgspec", "httpx2", "authlib", "jinja2", "rich"}
    code = f"import sys\nfrom grader.cli import export, push\nprint(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_format_has_a_page() -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "docs" / "how-to" / "platforms").glob("*.md"))
    assert [form for form in export.FORMATS if f"--to {form}" not in text] == []


def test_nbgrader_writes_the_same_table(tmp_path: Path) -> None:
    plugins = pytest.importorskip("nbgrader.plugins.export", reason="nbgrader is too large to be among what the tests install")
    from nbgrader.api import Gradebook  # type: ignore[import-not-found]

    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("my_assignment")
        gradebook.add_notebook("nb", "my_assignment")
        gradebook.add_grade_cell("cell", "nb", "my_assignment", max_score=50, cell_type="code")
        gradebook.add_student("ada", last_name="Lovelace", first_name="Ada", email="a@x.edu")
        gradebook.add_submission("my_assignment", "ada")
        gradebook.find_submission_notebook("nb", "my_assignment", "ada").late_submission_penalty = 2.0
        grade = gradebook.find_grade("cell", "nb", "my_assignment", "ada")
        grade.manual_score, grade.needs_manual_grade = 25.0, False
        gradebook.db.commit()
        plugins.CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    out = write_out(tmp_path / "out", [full()], [Entry("ada", "nbgrader", name="Lovelace, Ada", ids={"email": "a@x.edu"})])
    run(out, "--to", "nbgrader", "-o", tmp_path / "ours.csv")
    theirs, ours = (list(csv.DictReader((tmp_path / f"{who}.csv").open(encoding="utf-8"))) for who in ("theirs", "ours"))
    assert tuple(theirs[0]) == nbgrader.COLUMNS
    assert ours == theirs
