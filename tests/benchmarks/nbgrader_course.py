"""What nbgrader's autograde and generate_feedback take for a submission of the same assignment.

Makes a course from the starter notebook (solution cells and graded test cells marked as nbgrader's own editor marks them), releases it,
hands in submissions of a generated class, and times the two commands over them.

    python -m venv NB && NB/bin/pip install nbgrader numpy
    python tests/benchmarks/classes.py CLASS_DIR 200
    python tests/benchmarks/nbgrader_course.py COURSE_DIR CLASS_DIR --sample 10 --python NB/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grader import assignments
from tests.benchmarks.costs import Cost, machine, run

NAME = "gradient_checking"
_GAP = re.compile(r"^( *)### START CODE HERE ###.*?\n(.*?)^ *### END CODE HERE ###", re.MULTILINE | re.DOTALL)
_DEFINED = re.compile(r"^(?:def|class) (\w+)|^(\w+) = lambda", re.MULTILINE)
_TESTED = re.compile(r"^(\w+)_test\(", re.MULTILINE)
_START = "import nbgrader.apps.autogradeapp, nbgrader.apps.generatefeedbackapp"

Document = dict[str, Any]


class Timing(NamedTuple):
    """What the commands cost over `submissions`; `start` is what either takes before it looks at the first."""

    submissions: int
    release: Cost
    autograde: Cost
    feedback: Cost
    start: Cost

    def each(self, size: int) -> Cost:
        """A submission's share of both commands in a class of that size: what one takes, and its share of their start."""
        pairs = zip(self.autograde, self.feedback, self.start, strict=True)
        return Cost(*((a + b - 2 * c) / self.submissions + 2 * c / size for a, b, c in pairs))


def make_course(course: Path, notebooks: Sequence[Path]) -> int:
    """Writes the course's source, and the notebooks as submissions. The number of submissions."""
    assignment = assignments.load(NAME)
    points = {exercise.name: exercise.points for exercise in assignment.graded}
    source = course / "source" / NAME
    source.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = {NAME!r}\n", encoding="utf-8")
    for name, text in assignment.files.items():
        (source / name).write_text(text, encoding="utf-8")
    starter = _marked(_read(assignment.folder / assignment.notebook), points)
    tests = [cell for cell in starter["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    for cell in starter["cells"]:
        cell["source"] = _GAP.sub(r"\1### BEGIN SOLUTION\n\2\1### END SOLUTION", cell["source"])
    _write(source / assignment.notebook, starter)
    for number, path in enumerate(notebooks):
        submission = _marked(_read(path), points)
        missing = {cell["metadata"]["nbgrader"]["grade_id"] for cell in tests} - {
            cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in submission["cells"]
        }
        submission["cells"] += [cell for cell in tests if cell["metadata"]["nbgrader"]["grade_id"] in missing]
        _write(course / "submitted" / f"student{number}" / NAME / assignment.notebook, submission)
    return len(notebooks)


def time_course(course: Path, python: str) -> Timing:
    """Releases, autogrades, and makes feedback. Raises SystemExit where a submission came out without feedback."""
    programs = Path(python).absolute().parent  # nbgrader calls alembic by its bare name
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    def nbgrader(*arguments: str) -> Cost:
        return run([programs / Path(python).name, "-m", "nbgrader", *arguments, f"--course={NAME}"], cwd=course, env=environment)

    release = nbgrader("generate_assignment", NAME, "--create")
    autograde = nbgrader("autograde", NAME, "--create")
    feedback = nbgrader("generate_feedback", NAME)
    submitted, pages = (len(list(course.glob(pattern))) for pattern in (f"submitted/*/{NAME}/*.ipynb", f"feedback/*/{NAME}/*.html"))
    if pages != submitted:
        raise SystemExit(f"nbgrader made {pages} pages of feedback for {submitted} submissions; see {course}")
    return Timing(submitted, release, autograde, feedback, run([python, "-c", _START]))


def choose(class_folder: Path, sample: int) -> list[Path]:
    """As many of the class's notebooks, spread over it."""
    found = sorted(class_folder.rglob("*.ipynb"))
    return found[:: max(1, len(found) // sample)][:sample]


def _read(path: Path) -> Document:
    """A notebook with its cells' sources as single texts, in the minor version whose cells have no ids."""
    document: Document = json.loads(path.read_bytes())
    for cell in document["cells"]:
        cell["source"] = "".join(cell["source"])
        cell.pop("id", None)
        if cell["cell_type"] == "code":
            cell.setdefault("outputs", [])
            cell.setdefault("execution_count", None)
    return document | {"nbformat_minor": 4}


def _marked(document: Document, points: dict[str, float]) -> Document:
    """The notebook with the metadata of graded functions and of their tests, as a notebook that nbgrader released has them."""
    taken = set()
    for cell in document["cells"]:
        if cell["cell_type"] != "code":
            continue
        tested = [name for name in _TESTED.findall(cell["source"]) if name in points]
        defined = [name for match in _DEFINED.findall(cell["source"]) for name in match if name in points]
        names = [(f"{name}_test", True) for name in tested] or [(name, False) for name in defined]
        if names and names[0][0] not in taken:
            grade_id, is_test = names[0]
            taken.add(grade_id)
            mark: Document = {"grade": is_test, "grade_id": grade_id, "locked": is_test, "solution": not is_test, "schema_version": 3}
            mark |= {"task": False, "cell_type": "code"} | ({"points": points[tested[0]]} if is_test else {})
            cell["metadata"]["nbgrader"] = mark
        if tested:  # as every dialect can be called
            cell["source"] = cell["source"].replace(", print_msg=True", "").replace(", 1e-7, True)", ")")
    return document


def _write(path: Path, document: Document) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def report(timing: Timing) -> str:
    """The figures as lines."""
    rows = {
        "generate_assignment": timing.release,
        "autograde": timing.autograde,
        "generate_feedback": timing.feedback,
        "start of either": timing.start,
        "a submission's share": timing.each(timing.submissions),
    }
    lines = [f"{name:<22}{cost.wall:8.2f} s   {cost.cpu:8.2f} s of processor" for name, cost in rows.items()]
    return "\n".join([f"nbgrader, {timing.submissions} submissions; the share is of all but generate_assignment", *lines])


def main() -> None:
    """Makes the course and prints what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("course", type=Path, metavar="COURSE_DIR", help="made anew; must not exist")
    parser.add_argument("class_folder", type=Path, metavar="CLASS_DIR")
    parser.add_argument("--sample", type=int, default=10)
    parser.add_argument("--python", default=sys.executable, help="that of an environment with nbgrader and numpy")
    parser.add_argument("--remove", action="store_true", help="remove the course afterwards")
    options = parser.parse_args()
    print(machine())
    make_course(options.course, choose(options.class_folder, options.sample))
    print(report(time_course(options.course, options.python)))
    if options.remove:
        shutil.rmtree(options.course)


if __name__ == "__main__":
    main()
