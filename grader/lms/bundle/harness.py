"""What a platform's container runs: grades the one submission and writes the platform's file, whatever becomes of the grading.

`python -I -m grader.lms.bundle.harness PLATFORM -a ID --data DIR`. The grading is a process of its own. Where it crashes, is killed,
takes too long or cannot raise walls, the platform gets its form of "not graded", which costs no attempt. There is no way to grade without
walls. Places and forms: gradescope/autograder_samples, docs/specs.md; coursera_autograder, commands/grade.py; PrairieLearn,
docs/externalGrading.md and apps/grader-host (which reads no results where the exit code is not 0).
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from types import FrameType

import click
import msgspec
import psutil  # type: ignore[import-untyped]

from grader.files import write_atomically
from grader.lms.bundle.grading import Job, not_graded
from grader.lms.export import SUBMISSION_FILES
from grader.model import Status, SubmissionResult

GRADING = (sys.executable, "-I", "-m", "grader.lms.bundle.grading")
NOT_GRADED = 4
_GRACE = 3.0  # seconds in which a grading that is stopped may end its sandbox
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_SAID = 4_000  # bytes of what it said that are shown


class Place(msgspec.Struct, frozen=True):
    """Where a platform puts the submission and takes the results.

    not_graded: the exit code where there is no grade. prints: stdout gets the results, too. public_log: students read what is printed.
    """

    submission: str
    results: str
    not_graded: int = NOT_GRADED
    prints: bool = False
    public_log: bool = False


PLACES: Mapping[str, Place] = {
    "gradescope": Place("/autograder/submission", "/autograder/results/results.json"),
    "coursera": Place("/shared/submission", "/shared/feedback.json", prints=True),
    "prairielearn": Place("/grade/student", "/grade/results/results.json", not_graded=0),
    "github-classroom": Place("", "", public_log=True),
}


class StoppedError(Exception):
    """The platform ends this process."""


class GradingError(Exception):
    """There is no result. The text is for the student; `said` is what the grading said last, for the instructor."""

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


def run(platform: str, job: Job, results: Path, seconds: float, command: Sequence[str] = GRADING) -> int:
    """Grades `job` within `seconds`, writes the platform's file, and gives the exit code. Raises OSError where it cannot be written.

    command: what reads the job from stdin and writes its result.
    """
    place = PLACES[platform]
    try:
        with _stopped_by_signals():
            results.parent.mkdir(parents=True, exist_ok=True)
            results.unlink(missing_ok=True)
            _close(Path(job.data))
            result = _graded(job, seconds, command)
            data = _convert(platform, result)
    except Exception as failure:  # whatever it is, the platform gets its file
        if not place.public_log or job.public_only:
            print(failure.said if isinstance(failure, GradingError) else traceback.format_exc(), file=sys.stderr)
        why = str(failure) if isinstance(failure, GradingError) else "the grader failed"
        result = not_graded(job.assignment, why, Path(job.data) / "assignments")
        data = _convert(platform, result)
    write_atomically(results, data)
    if place.prints:
        print(data.decode("ascii"), end="")
    if result.status is Status.NOT_GRADED:
        print(f"not graded: {result.notes[0]}", file=sys.stderr)
        return place.not_graded
    print(f"{result.status.value}: {result.grade or 0:g} of {result.points:g} (walls: {result.provenance.walls})", file=sys.stderr)
    return 0


def _convert(platform: str, result: SubmissionResult) -> bytes:
    data: bytes = importlib.import_module(f"grader.lms.export.{SUBMISSION_FILES[platform]}").convert(result)
    return data


def _close(data: Path) -> None:
    """Takes the data from everybody but root, where this is root: behind the walls student code is another user."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # the walls keep it closed, too
            os.chown(data, 0, 0)
            data.chmod(0o700)


def _graded(job: Job, seconds: float, command: Sequence[str]) -> SubmissionResult:
    """The result, from a process of its own. Raises GradingError for every way in which there is none."""
    with tempfile.TemporaryDirectory(prefix="grader-harness-") as temporary:
        folder = Path(temporary)
        job = msgspec.structs.replace(job, result=str(folder / "result.json"))
        (folder / "job").write_bytes(msgspec.json.encode(job))
        environment = {**os.environ, "GRADER_CACHE": str(folder / "cache")}
        others = {child.pid for child in psutil.Process().children()}
        with open(folder / "job", "rb") as asked, open(folder / "said", "w+b") as said:
            process = subprocess.Popen(command, stdin=asked, stdout=said, stderr=said, env=environment, cwd="/", start_new_session=True)
            try:
                why = _wait(process, seconds)
            finally:
                _end_what_is_left(others)
        if why:
            raise GradingError(why, _last(folder / "said"))
        try:
            return SubmissionResult.from_json(Path(job.result).read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            raise GradingError("the grading left no result", f"{error}\n{_last(folder / 'said')}") from error


def _wait(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Waits for the grading to end, and ends it where it does not; why there is no result, or ""."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"the grading took longer than {seconds:g} seconds"
    except StoppedError:
        return "the platform ended the grading"
    finally:
        _end(process)
    return "" if code == 0 else f"the grading was killed by signal {-code}" if code < 0 else f"the grading ended with exit code {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupts the grading, which then ends its sandbox, and kills what is left of its group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, StoppedError):
            process.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _adopt() -> None:
    """What a grading that is killed leaves behind, such as a submission behind the landlock walls, becomes a child of this process."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_what_is_left(others: Set[int]) -> None:
    """Kills all descendants but `others` and theirs, until there are none."""
    deadline = time.monotonic() + _GRACE
    while time.monotonic() < deadline:
        mine = [child for child in psutil.Process().children() if child.pid not in others]
        left = [one for child in mine for one in (child, *_descendants(child))]
        if not left:
            return
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(mine, timeout=0.1)


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.Error:
        return []
    return found


def _last(said: Path) -> str:
    with open(said, "rb") as file:
        file.seek(max(0, said.stat().st_size - _SAID))
        return file.read(_SAID).decode("utf-8", "replace").strip()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turns the signals by which a platform ends a process into an exception, once; later ones change nothing."""

    def stop(number: int, _: FrameType | None) -> None:
        for other in stoppers:
            signal.signal(other, signal.SIG_IGN)
        raise StoppedError

    stoppers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in stoppers}
    try:
        yield
    except StoppedError as stopped:  # while it was not waiting
        raise GradingError("the platform ended the grading") from stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@click.argument("platform", type=click.Choice(list(PLACES)))
@click.option("-a", "--assignment", required=True, metavar="ID", help="The assignment.")
@click.option("--data", required=True, metavar="DIR", help="The folder that holds assignments/ and reference/.")
@click.option("--seconds", type=click.FloatRange(1), default=600.0, show_default=True, help="The time for the grading.")
@click.option("--public-only", is_flag=True, help="Grade by the public cases alone.")
@click.option("--submission", default="", metavar="DIR", help="What was handed in.  [default: where the platform puts it]")
@click.option("--results", default="", metavar="FILE", help="The file to write.  [default: where the platform looks for it]")
def command(platform: str, assignment: str, data: str, seconds: float, public_only: bool, submission: str, results: str) -> None:
    """Grade the one submission and write the platform's file."""
    _adopt()
    place = PLACES[platform]
    job = Job(assignment, data, submission or place.submission, "", public_only)
    sys.exit(run(platform, job, Path(results or place.results), seconds))


if __name__ == "__main__":
    command()
