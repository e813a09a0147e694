"""Many submissions: what is there already is kept, the rest is mapped onto an executor, and all of it recorded before it is told."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import signal
import threading
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from grader.attempts import Kept, Shown, best_of, handed_in, in_force, is_better, kept_of, numbered, run_start
from grader.dashboard import write_index
from grader.executors import Arrived, Executor, usable_cores
from grader.feedback import Material, render, texts_of
from grader.feedback.comments import digest
from grader.grade import ungraded
from grader.gradebook import Gradebook, Known, Recorded
from grader.kit import Kit
from grader.messages import say
from grader.model import Status, SubmissionResult
from grader.output import Output, RunNote
from grader.serving import ANSWERED
from grader.submissions import Submission
from grader.work import Circumstances, Graded, Input, Task, adjusted_by, read

MAX_DEATHS = 3
_WINDOW = 32  # submissions that are read, and looked up in the gradebook, together
_MOST_HELD = 64 * 1024 * 1024  # bytes of texts of submissions on their way, from which on no more are read: a usual one has 30,000
_TOGETHER, _SECONDS = 16, 0.5  # results are recorded when there are so many of them, or the first has waited so long


class Told(msgspec.Struct, frozen=True):
    """A submission that is recorded and written: its place in the input, and its result."""

    position: int
    result: SubmissionResult


class _Pending(msgspec.Struct, frozen=True):
    """A submission on its way: what is to be recorded of it, and by whose result it is kept, if it is.

    best: of the earlier attempts the one with the best grade, where the assignment counts the best.
    """

    task: Task
    inputs_sha256: str
    kept: int | None
    best: Shown | None = None

    def counting(self, graded: Graded) -> Shown:
        """The attempt that counts, for which the files are."""
        if self.best is None or is_better(graded.adjusted, self.best.result):
            return Shown(graded.adjusted, graded.material)
        return self.best


class Batch:
    """One run over submissions, into an output folder and a gradebook.

    make_executor: called once there is something to do. force: grade again what is unchanged. reuse: run identical notebooks once.
    language: of the pages, where one was asked for.
    """

    def __init__(
        self,
        kit: Kit,
        book: Gradebook,
        output: Output,
        make_executor: Callable[[], Executor],
        *,
        force: bool = False,
        reuse: bool = True,
        language: str | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self._kit, self._book, self._output, self._make_executor = kit, book, output, make_executor
        self._force, self._reuse, self._language = force, reuse, language
        self._assignment, self._texts = kit.assignment, texts_of(kit.assignment)
        self._pages_hold = (note := output.note()) is not None and note.ended == "done" and note.pages == self._pages
        self.run_id = book.start_run(run_start(kit, settings or {}))
        self._executor: Executor | None = None
        self._waiting: deque[list[int]] = deque()  # chunks to send, as positions
        self._chunks: dict[int, list[int]] = {}  # those that were sent, by number
        self._numbers = itertools.count()
        self._pending: dict[int, _Pending] = {}
        self._held = 0  # bytes of their texts
        self._deaths: Counter[int] = Counter()
        self._twins: dict[int, list[int] | None] = {}  # content, in short -> who waits for its result, or None once it is recorded
        self._done: list[Graded] = []
        self._since = 0.0
        self.statuses: Counter[Status] = Counter()
        self.kept = 0
        self.undated = 0  # submissions whose time a late policy would need, and nobody recorded
        self.seconds = array("d")
        self._score = 0.0

    @property
    def _pages(self) -> dict[str, str]:
        """What pages depend on besides their result."""
        return {"language": self._language or "", "grader": self._kit.provenance.grader, "notes": digest(self._assignment.notes)}

    @property
    def points(self) -> float:
        """What a submission can earn."""
        return self._assignment.points

    @property
    def mean(self) -> float | None:
        """The mean score of those graded so far."""
        return self._score / self.statuses[Status.GRADED] if self.statuses[Status.GRADED] else None

    def run(self, submissions: Sequence[Submission]) -> Generator[Told, None, None]:
        """What becomes of the submissions, in any order; each is in the gradebook and the output folder when it is told.

        Whatever ends the iteration, what was finished is recorded and written, and the workers are ended.
        """
        start = time.perf_counter()
        ended: Literal["done", "interrupted"] = "interrupted"
        self._output.write_note(self._note("open", 0.0))
        try:
            yield from self._loop(self._read(submissions))
            ended = "done"
        finally:
            if self._executor is not None:
                self._executor.close()
            for _ in self._record():  # what an interruption left
                pass
            self._twins.clear()  # the class page takes their place
            seconds = time.perf_counter() - start
            self._book.finish_run(self.run_id, ended, seconds)
            self._output.write_note(self._note(ended, seconds))
            write_index(self._output, self._book, self._assignment, self._language)

    def _loop(self, coming: Iterator[None]) -> Iterator[Told]:
        more = True
        while more or self._waiting or self._chunks or self._done:
            while more and self._wants_more():
                more = next(coming, self) is not self
            self._send()
            if self._chunks and self._executor is not None:
                for arrived in self._executor.receive(_SECONDS):
                    self._take(arrived)
            idle = not self._chunks and not self._waiting
            wanted = _TOGETHER if self.statuses else 1  # whoever watches is told the first at once
            if len(self._done) >= wanted or (self._done and (idle or time.monotonic() - self._since > _SECONDS)):
                yield from self._record()

    def _wants_more(self) -> bool:
        """Whether to read on: enough to keep all workers at work, and no more than the memory is meant to hold."""
        capacity = 1 if self._executor is None else self._executor.capacity
        if self._held >= _MOST_HELD or len(self._pending) >= 2 * (_WINDOW + capacity):
            return False
        return len(self._waiting) <= capacity and len(self._done) < _TOGETHER

    # Reading: a window at a time, and what is to be done with each submission.

    def _read(self, submissions: Sequence[Submission]) -> Iterator[None]:
        for start in range(0, len(submissions), _WINDOW):
            window = submissions[start : start + _WINDOW]
            students = [submission.student for submission in window]
            known = self._book.known(self._assignment.id, students)
            overrides = self._book.overrides(self._assignment.id, students)
            for position, submission in enumerate(window, start):
                mine = known.get(submission.student, ())
                given = numbered(read(submission), submission, mine)
                moment = submission.handed_in_at(self._assignment.late.clock if self._assignment.late else "recorded")
                self.undated += self._assignment.late is not None and moment is None
                chosen = in_force(overrides.get(submission.student, ()))
                where = Circumstances(moment, submission.flagged_late, chosen)
                self._held += given.size
                self._decide(Task(position, given, where, language=self._language), mine)
                yield

    def _decide(self, task: Task, known: Sequence[Known]) -> None:
        """Keeps an earlier result, waits for an identical notebook's, or has it graded."""
        inputs = _digest(self._kit.sha256, task.input.content_sha256, msgspec.json.encode(task.input.submission).decode())
        best = self._best_before(task, known)
        same = [one for one in known if one.inputs_sha256 == inputs and one.status is not Status.NOT_GRADED]
        if same and not self._force:
            self._keep(task, inputs, same[-1].result_id, best)
            return
        self._pending[task.position] = _Pending(task, inputs, None, best)
        content = _short(task.input)
        if not self._reuse or content not in self._twins:
            self._twins[content] = []
            self._enqueue(task.position)
        elif (waiting := self._twins[content]) is not None:
            waiting.append(task.position)
        else:
            self._finish_like_twin(task.position)

    def _best_before(self, task: Task, known: Sequence[Known]) -> Shown | None:
        """The earlier attempt with the best grade, by what is in force now, where the best attempt counts."""
        if self._assignment.attempts.keep == "last":
            return None
        earlier = [one for one in known if one.attempt != task.input.submission.attempt]
        return best_of(self._book, self._assignment, earlier, task.circumstances.overrides)

    def _keep(self, task: Task, inputs: str, result_id: int, best: Shown | None) -> None:
        stored = self._book.result(result_id)
        kept = kept_of(stored)
        adjusted = adjusted_by(self._assignment, stored.result, task.circumstances)
        task = msgspec.structs.replace(task, base=stored.result, material=kept.material)
        pending = self._pending[task.position] = _Pending(task, inputs, result_id, best)
        graded = Graded.of(task.position, stored.result, adjusted, kept.material)
        if self._pages_hold and self._output.has(pending.counting(graded).result):
            self._finished(graded)
        else:
            self._enqueue(task.position)

    def _finish_like_twin(self, position: int) -> None:
        """Gives a submission the result of one with the same content, under its own name; grades it where that has none."""
        pending = self._pending[position]
        found = self._book.find(self._assignment.id, self._content(pending.task.input))
        if found is not None:
            stored = self._book.result(found)
            base = msgspec.structs.replace(stored.result, submission=pending.task.input.submission)
            material = kept_of(stored).material
            task = msgspec.structs.replace(pending.task, base=base, material=material)
            self._pending[position] = msgspec.structs.replace(pending, task=task)
        self._enqueue(position)

    def _content(self, given: Input) -> str:
        return _digest(self._kit.sha256, given.content_sha256)

    def _enqueue(self, position: int) -> None:
        size = 1 if self._executor is None else self._executor.size
        if self._waiting and len(self._waiting[-1]) < size and not self._deaths.keys() & self._waiting[-1]:
            self._waiting[-1].append(position)
        else:
            self._waiting.append([position])

    # Working

    def _send(self) -> None:
        if self._waiting and self._executor is None:
            self._executor = self._make_executor()
        while self._waiting and self._executor is not None and self._executor.room > 0:
            chunk, number = self._waiting.popleft(), next(self._numbers)
            self._chunks[number] = chunk
            self._executor.send(number, [self._pending[position].task for position in chunk])

    def _take(self, arrived: Arrived) -> None:
        chunk = self._chunks.pop(arrived.number)
        if arrived.graded is not None:
            for graded in arrived.graded:
                self._finished(graded)
        else:
            for position in chunk:  # one of them may be the cause: each for itself from now on
                self._retry(position, arrived.begun and len(chunk) == 1)

    def _retry(self, position: int, is_cause: bool) -> None:
        self._deaths[position] += is_cause
        if self._deaths[position] < MAX_DEATHS:
            self._waiting.append([position])
            return
        task = self._pending[position].task
        ended = say("its worker ended {n} times", n=MAX_DEATHS)
        why = say("it could not be graded, through no fault of its own: {error}", error=ended)
        base = ungraded(self._assignment, self._kit.provenance, task.input.submission, Status.NOT_GRADED, why)
        adjusted = adjusted_by(self._assignment, base, task.circumstances)
        page = render(adjusted, Material(), self._texts, language=self._language)
        self._finished(Graded.of(position, base, adjusted, Material(), page))

    def _finished(self, graded: Graded) -> None:
        if not self._done:
            self._since = time.monotonic()
        self._done.append(graded)

    # Recording

    def _record(self) -> Iterator[Told]:
        """Records what is finished, writes it, and then tells it."""
        done, self._done = self._done, []
        if not done:
            return
        with _undisturbed():
            self._book.record(self.run_id, [self._recorded(graded) for graded in done])
            for graded in done:
                self._write(graded)
                self._count(graded)
        for graded in done:
            pending = self._pending.pop(graded.position)
            self._held -= pending.task.input.size
            self._deaths.pop(graded.position, None)
            for twin in self._twins_of(pending.task.input):
                self._finish_like_twin(twin)
            yield Told(graded.position, pending.counting(graded).result)

    def _write(self, graded: Graded) -> None:
        shown = self._pending[graded.position].counting(graded)
        if shown.result is not graded.adjusted:
            if not self._output.has(shown.result):
                self._output.write(shown.result, render(shown.result, shown.material, self._texts, language=self._language))
        elif graded.page:
            self._output.write(graded.adjusted, graded.page)

    def _recorded(self, graded: Graded) -> Recorded:
        pending = self._pending[graded.position]
        where = pending.task.circumstances
        material = msgspec.msgpack.encode(Kept(graded.material, where.submitted_at, where.flagged_late))
        return Recorded(
            result=graded.base,
            adjusted=graded.adjusted,
            inputs_sha256=pending.inputs_sha256,
            content_sha256=self._content(pending.task.input),
            material=material,
            position=graded.position,
            seconds=graded.seconds,
            kept=pending.kept,
            why="forced" if self._force else "",
            handed_in=handed_in(self._assignment.late, graded.base.submission.student, where),
        )

    def _twins_of(self, given: Input) -> list[int]:
        content = _short(given)
        waiting = self._twins.get(content)
        if waiting is not None:
            self._twins[content] = None
        return waiting or []

    def _count(self, graded: Graded) -> None:
        result, pending = graded.adjusted, self._pending[graded.position]
        self.statuses[result.status] += 1
        self.kept += pending.kept is not None
        if result.status is Status.GRADED and result.score is not None:
            self._score += result.score
        if pending.kept is None:
            self.seconds.append(graded.seconds)

    def _note(self, ended: str, seconds: float) -> RunNote:
        times = sorted(self.seconds) or [0.0]
        middle, late = times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]
        return RunNote(
            run=self.run_id,
            assignment=self._assignment.id,
            pages=self._pages,
            ended=ended,
            submissions=self.statuses.total(),
            graded=self.statuses.total() - self.kept,
            kept=self.kept,
            seconds=round(seconds, 3),
            submission_seconds=(round(middle, 4), round(late, 4), round(times[-1], 4)),
            cores=len(usable_cores()),
        )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Puts off what would interrupt until what is to be done whole is done."""
    before = {number: handler for number in ANSWERED if callable(handler := signal.getsignal(number))}
    if threading.current_thread() is not threading.main_thread() or not before:
        yield
        return
    sent: list[int] = []
    for number in before:
        signal.signal(number, lambda number, _: sent.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for one in sent[:1]:
        signal.raise_signal(one)


def _short(given: Input) -> int:
    """A content's beginning: whoever waits for one that only begins alike finds no result of its own content, and is graded."""
    return int(given.content_sha256[:15], 16)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
