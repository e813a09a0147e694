"""One submission graded in a process of its own, which `harness` starts, watches and, where it must, kills."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import msgspec

from grader import __version__, assignments
from grader.errors import GraderError
from grader.model import RESULT_SCHEMA, AssignmentRef, Provenance, Status, SubmissionRef, SubmissionResult
from grader.submissions import Submission, rank, walk, without_copies

STUDENT = "student"
MAX_FILES = 20_000


class Job(msgspec.Struct, frozen=True):
    """What to grade: the folder that was handed in, by an assignment (and its reference) below `data`; `result` gets the JSON."""

    assignment: str
    data: str
    submission: str
    result: str
    public_only: bool = False


def grade(job: Job) -> SubmissionResult:
    """The result of the one submission in a folder. Raises GraderError where it cannot be graded through no fault of the student."""
    from grader import work
    from grader.api import Grader

    data, folder = Path(job.data), Path(job.submission)
    assignment = assignments.load(job.assignment, data / "assignments")
    submission = choose(folder, assignment.notebook)
    reference = None if job.public_only else data / "reference"
    with Grader(assignment, public_only=job.public_only, reference=reference, hidden=[data, folder]) as grader:
        result, _ = work.grade(grader, work.read(submission))
    return result


def choose(folder: Path, notebook_name: str) -> Submission:
    """The submission that a folder is: as where a folder a student is handed in, but with the notebooks of all depths as one's."""
    below = [path.relative_to(folder) for path in _notebooks(folder)]
    chosen = sorted(without_copies(below), key=lambda path: rank(path, notebook_name))
    source, *others = (path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8") for path in chosen or [Path()])
    return Submission(STUDENT, source if chosen else "", chosen[0].as_posix() if chosen else None, folder, tuple(others))


def _notebooks(folder: Path) -> list[Path]:
    """The notebooks of a folder that a student filled: no link is followed, and no tree is without end."""
    found: list[Path] = []
    seen = 0
    for place, folders, files in walk(folder):
        seen += len(files) + len(folders)
        if seen > MAX_FILES:
            break
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += [Path(place, name) for name in sorted(files) if name.lower().endswith(".ipynb") and not name.startswith((".", "__"))]
    return found


def not_graded(assignment_id: str, why: str, folder: Path | None = None) -> SubmissionResult:
    """The result where there is none, through no fault of the student; with the points, where the assignment can be read."""
    version, points = "", 0.0
    try:
        assignment = assignments.load(assignment_id, folder)
        version, points = assignment.version, assignment.points
    except GraderError:
        pass  # what is wrong may be the assignment itself
    return SubmissionResult(
        schema=RESULT_SCHEMA,
        assignment=AssignmentRef(assignment_id, version),
        submission=SubmissionRef(STUDENT, 1, "", ""),
        status=Status.NOT_GRADED,
        points=points,
        score=None,
        notebook=None,
        exercises=(),
        reports=(),
        notes=(why,),
        adjustments=(),
        grade=None,
        provenance=Provenance(__version__, "", "", "", platform.python_version(), ""),
    )


def main() -> int:
    """Grades the job that stands on stdin."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        result = grade(job)
    except GraderError as error:
        print(f"{error}\n  {error.remedy}" if error.remedy else error, file=sys.stderr)
        return 4
    Path(job.result).write_bytes(result.to_json().encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
