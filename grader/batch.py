"""Many submissions: the one place that maps work onto executors, and writes what comes of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from grader.answer_key import write_atomically
from grader.api import Grader
from grader.errors import OutputError, SubmissionError, UsageError
from grader.feedback import Material, Texts, render, render_index
from grader.messages import say
from grader.model import Status, SubmissionRef, SubmissionResult
from grader.notebook import Notebook, parse
from grader.submissions import Submission


class Graded(msgspec.Struct, frozen=True):
    """A result, the notebook it came from where that could be read, what its page shows besides, and how long it took."""

    result: SubmissionResult
    notebook: Notebook | None
    material: Material
    seconds: float


def grade_submission(grader: Grader, submission: Submission) -> Graded:
    """One submission's result; what is wrong with the file is in it."""
    start = time.perf_counter()
    parsed: Notebook | None = None
    material = Material()
    reference = SubmissionRef(submission.student, 1, submission.source, "")
    try:
        data = submission.read()
        reference = msgspec.structs.replace(reference, sha256=hashlib.sha256(data).hexdigest())
        parsed = parse(data)
        result, material = grader.examine(parsed, reference, submission.files())
    except SubmissionError as error:
        result = grader.unreadable(reference, str(error))
    except Exception as error:  # a mistake of ours must cost neither the student nor the batch
        traceback.print_exc()
        result = grader.rule.ungraded(reference, Status.NOT_GRADED, say("the grader failed: {error}", error=type(error).__name__))
    if submission.others:
        passed_over = say("several notebooks were handed in; not graded: {files}", files=", ".join(submission.others[:5]))
        result = msgspec.structs.replace(result, notes=(*result.notes, passed_over))
    return Graded(result, parsed, material, time.perf_counter() - start)


def grade_all(submissions: Sequence[Submission], make_grader: Callable[[], Grader], jobs: int) -> Iterator[Graded]:
    """The results in the order of the submissions, made by `jobs` workers with a warm sandbox each.

    Whatever ends the iteration, the sandboxes are closed.
    """
    local = threading.local()
    graders: list[Grader] = []
    stopped = threading.Event()

    def work(submission: Submission) -> Graded:
        if not hasattr(local, "grader"):
            local.grader = make_grader()
            graders.append(local.grader)
        if stopped.is_set():  # before this worker's sandbox was there to be closed
            local.grader.close()
            raise CancelledError
        return grade_submission(local.grader, submission)

    executor = ThreadPoolExecutor(jobs)
    ahead: list[Future[Graded]] = []
    try:
        for submission in submissions:
            ahead.append(executor.submit(work, submission))
            if len(ahead) > 2 * jobs:
                yield ahead.pop(0).result()
        while ahead:
            yield ahead.pop(0).result()
    finally:
        stopped.set()
        for future in ahead:
            future.cancel()
        for grader in graders:
            grader.close()
        executor.shutdown()


class Output:
    """The folder that a run writes: a folder a student, the class page, and the run's timings."""

    def __init__(self, folder: Path, texts: Texts, language: str | None = None) -> None:
        self.folder, self.texts, self.language = folder, texts, language
        self.results: list[SubmissionResult] = []
        self.seconds: dict[str, float] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}") from error

    def write(self, graded: Graded) -> None:
        """Writes one submission's result.json and feedback.html. Raises OutputError where it cannot."""
        result = graded.result
        place = self.folder / result.submission.student
        page = render(result, graded.material, self.texts, language=self.language)
        with _writing(place):
            place.mkdir(exist_ok=True)
            write_atomically(place / "feedback.html", page.encode("utf-8"))
            write_atomically(place / "result.json", result.to_json().encode("utf-8") + b"\n")
        self.results.append(result)
        self.seconds[result.submission.student] = round(graded.seconds, 4)

    def finish(self) -> None:
        """Writes index.html and run.json of what was graded so far."""
        index = render_index(self.results, self.texts, language=self.language)
        run = {"schema": "grader.run/1", "submissions": len(self.results), "seconds": self.seconds, "cores": os.cpu_count()}
        with _writing(self.folder):
            write_atomically(self.folder / "index.html", index.encode("utf-8"))
            write_atomically(self.folder / "run.json", json.dumps(run, indent=1).encode("ascii") + b"\n")


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{place} cannot be written: {error.strerror}") from error
