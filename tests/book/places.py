"""What lies in a page's folder when its reader begins, by the names that pages give it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import lms_archives
from tests.lms_archives import Piece
from tests.shared import once

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
CLASS = {"ada": "Ada Lovelace", "ben": "Ben Sow", "chloe": "Chloé Martin", "dmitri": "Dmitri Volkov", "elif": "Elif Kaya"}
NOTEBOOK = "Gradient_Checking.ipynb"


def prepare(names: Sequence[str], folder: Path, shared: Path) -> None:
    """Makes them. `shared` is a folder of all workers of one run."""
    for name in names:
        PLACES[name](folder, shared)


def _notebook(folder: Path, _: Path) -> None:
    """my_notebook.ipynb, in which θ is not copied, stub.ipynb, with nothing filled in, and submission.ipynb, which is right."""
    shutil.copy(EXAMPLES.parent / NOTEBOOK, folder / "stub.ipynb")
    shutil.copy(EXAMPLES / "chloe" / "notebook.ipynb", folder / "my_notebook.ipynb")
    shutil.copy(EXAMPLES / "ada" / "notebook.ipynb", folder / "submission.ipynb")


def _class(folder: Path, _: Path) -> None:
    """submissions/, with five students."""
    for student in CLASS:
        shutil.copytree(EXAMPLES / student, folder / "submissions" / student)


def _graded(folder: Path, shared: Path) -> None:
    """out/, the class of five graded: once for all pages."""
    with once(shared, "graded") as is_first:
        if is_first:
            _class(shared, shared)
            command = [sys.executable, "-m", "grader", "grade", "submissions", "-a", "gradient_checking", "-o", "out"]
            subprocess.run(command, cwd=shared, check=True, capture_output=True, timeout=300)
    shutil.copytree(shared / "out", folder / "out")


def _assignment(folder: Path, _: Path) -> None:
    """assignments/ and reference/ as they lie in the clone."""
    for name in ("assignments", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("examples", "__pycache__"))


def _late(folder: Path, _: Path) -> None:
    """with-deadline/: the assignments, with a deadline as the page shows it."""
    shutil.copytree(ROOT / "assignments", folder / "with-deadline", ignore=shutil.ignore_patterns("examples", "__pycache__"))
    policy = '[late]\ndue = 2026-12-05T23:59:00+01:00\ngrace = "15m"\nper_day = "10%"\ncap = "50%"\n'
    path = folder / "with-deadline" / "gradient_checking" / "assignment.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[limits]", f"{policy}\n[limits]", 1), encoding="utf-8")


def pieces() -> list[Piece]:
    """What the class of five handed in."""
    data = [(EXAMPLES / student / "notebook.ipynb").read_bytes() for student in CLASS]
    return [Piece(name, 1000 + n, 5000 + n, NOTEBOOK, data[n], n == 4) for n, name in enumerate(CLASS.values())]


def _rows(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def _split(piece: Piece) -> tuple[str, str]:
    first, _, last = piece.name.partition(" ")
    return last, first


def _canvas(folder: Path, _: Path) -> None:
    lms_archives.write_zip(folder / "submissions.zip", lms_archives.canvas(pieces()))
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Gradient Checking (123)", "Final Score"]
    rows = [[", ".join(_split(piece)), str(piece.number), f"s{piece.number}", piece.user, "001", "", "90.0"] for piece in pieces()]
    _rows(folder / "gradebook.csv", [header, ["    Points Possible", "", "", "", "", "50.00", "(read only)"], *rows])


def _moodle(folder: Path, _: Path) -> None:
    lms_archives.write_zip(folder / "course-assignment-123.zip", lms_archives.moodle(pieces()))
    header = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"]
    rows = [
        [f"Participant {piece.number}", piece.name, f"{piece.user}@x.edu", "Submitted for grading", "", "50.00", "Yes"]
        for piece in pieces()
    ]
    _rows(folder / "worksheet.csv", [header, *rows])


def _blackboard(folder: Path, _: Path) -> None:
    lms_archives.write_zip(folder / "gradebook_course_assignment.zip", lms_archives.blackboard(pieces(), title="Gradient Checking"))
    header = ["Last Name", "First Name", "Username", "Student ID", "Gradient Checking [Total Pts: 50 Score] |664617"]
    rows = [[*_split(piece), piece.user, f"00{piece.number}", ""] for piece in pieces()]
    _rows(folder / "gc_course.xls", [header, *rows], "\t", "utf-16")


def _brightspace(folder: Path, _: Path) -> None:
    lms_archives.write_zip(folder / "assignment.zip", lms_archives.brightspace(pieces()))
    item = "Gradient Checking Points Grade <Numeric MaxPoints:50 Weight:5 Category:Labs>"
    rows = [[f"#{piece.number}", f"#{piece.user}", *_split(piece), "", "#"] for piece in pieces()]
    _rows(folder / "grades.csv", [["OrgDefinedId", "Username", "Last Name", "First Name", item, "End-of-Line Indicator"], *rows])


def _nbgrader(folder: Path, _: Path) -> None:
    lms_archives.write_tree(folder / "course", lms_archives.nbgrader(pieces(), "gradient_checking"))
    lms_archives.write_tree(folder / "exchange" / "course" / "inbound", lms_archives.exchange(pieces(), "gradient_checking"))


def _classroom(folder: Path, _: Path) -> None:
    """A folder of clones, as `gh classroom clone` makes them."""
    for student in CLASS:
        clone = folder / "gradient-checking-submissions" / f"gradient-checking-{student}"
        clone.mkdir(parents=True)
        shutil.copy(EXAMPLES / student / "notebook.ipynb", clone / NOTEBOOK)
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=s", "-c", "user.email=s@x.edu", "commit", "-qm", "done"]):
            subprocess.run(["git", "-C", str(clone), *command], check=True, capture_output=True)


def _queue(folder: Path, _: Path) -> None:
    response = (EXAMPLES / "ada" / "notebook.ipynb").read_text(encoding="utf-8")
    body = json.dumps({"student_response": response, "grader_payload": ""})
    (folder / "content.json").write_text(json.dumps({"xqueue_header": "{}", "xqueue_body": body}), encoding="utf-8")


PLACES: dict[str, Callable[[Path, Path], None]] = {
    "notebook": _notebook,
    "class": _class,
    "graded": _graded,
    "assignment": _assignment,
    "late": _late,
    "canvas": _canvas,
    "moodle": _moodle,
    "blackboard": _blackboard,
    "brightspace": _brightspace,
    "nbgrader": _nbgrader,
    "classroom": _classroom,
    "queue": _queue,
}
