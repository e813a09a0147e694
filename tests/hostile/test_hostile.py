"""Every attack against every engine: no point is gained, nothing secret is read, no one else is touched, and the record says why.

The attacks are folders beside this file; see attacks.py. After each of them a right notebook is graded in the same sandbox,
which must give the same bytes as before any attack.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import dashboard
from grader.console import render_text, summary_line
from grader.feedback import Texts, render
from grader.model import Outcome, Status, SubmissionResult, Visibility
from grader.output import Output
from grader.submissions import Submission, find
from tests import parts
from tests.hostile import attacks, pages
from tests.hostile.attacks import Attack
from tests.hostile.bench import HIDDEN_INPUTS, Bench, Graded, World, markers

_TEMPLATES = Path(__file__).parents[2] / "grader"
STYLE, _OF_CLASS, CLASS_SCRIPT = (
    (_TEMPLATES / name).read_text(encoding="utf-8")
    for name in ("feedback/templates/style.css", "dashboard/templates/dashboard.css", "dashboard/templates/dashboard.js")
)
CLASS_STYLE = f"{STYLE}\n{_OF_CLASS}"
Record = Callable[[str, object], None]
Open = Callable[[str], Bench]

ATTACKS = [
    pytest.param(folder, engine, id=f"{folder.name}-{engine}")
    for engine in attacks.ENGINES
    for folder in attacks.FOLDERS
    if engine in attacks.read_attack(folder).engines
]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Closed when all attacks are over."""
    parts.need_linux()
    parts.need_walls()
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("hostile")
        patch.setenv("GRADER_CACHE", str(folder / "cache"))
        world = World(folder)
        yield world
        world.close()


@pytest.fixture(scope="session")
def open_bench(world: World) -> Iterator[Open]:
    """The warm sandbox of an engine, or, with `-sibling` behind its name, a second one."""
    benches: dict[str, Bench] = {}

    def open_one(name: str) -> Bench:
        if name not in benches:
            engine = name.removesuffix("-sibling")
            benches[name] = Bench(world, engine, None if engine == name else open_one(engine))
            for other in benches.values():
                other.settle()
        return benches[name]

    yield open_one
    for bench in benches.values():
        bench.grader.close()


class Tally:
    """What came of one attack, for the table, and what is wrong with that."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.gained, self.read, self.touched, self.lost = 0.0, 0, 0, 0

    def record(self, record: Record, name: str, seconds: float) -> None:
        """Puts it into the report."""
        counts = {"points gained": self.gained, "keys read": self.read, "siblings touched": self.touched, "results lost": self.lost}
        for key, value in {"attack": True, "name": name, "seconds": round(seconds, 1), **counts}.items():
            record(key, value)


@pytest.mark.parametrize(("folder", "engine"), ATTACKS)
def test_attack(folder: Path, engine: attacks.Engine, world: World, open_bench: Open, tmp_path: Path, record_property: Record) -> None:
    attack = attacks.read_attack(folder)
    bench = open_bench(engine)
    if attack.needs == "seccomp" and not _filtered(bench):
        parts.lack("no filter of system calls stands yet")
    tally = Tally()
    path = tmp_path / "handed in" / (attack.student or folder.name) / "notebook.ipynb"
    path.parent.mkdir(parents=True)
    attacks.hand_in(folder, attack, path, world.places)
    seconds, results = 0.0, list[SubmissionResult]()
    try:
        with _time_limit(90), _sibling(folder, engine, world, open_bench, tally):
            began = time.monotonic()
            graded = bench.grade(_only(path), attacks.limits(attack))
            seconds = time.monotonic() - began
        results = [graded.result]
        _check_result(attack, graded.result, tally)
        _check_output(graded, world, tmp_path / "out", bench, tally)
        _check_next(folder, bench, tmp_path, world, tally)
    except Exception as error:
        tally.lost += 1
        tally.problems.append(f"grading broke: {type(error).__name__}: {error}")
    _check_surroundings(bench, world, tally)
    _check_secrets(bench, world, results, tally)
    longest = attacks.limits(attack).submission_seconds + attack.expect.seconds
    if seconds > longest:
        tally.problems.append(f"it held the run for {seconds:.1f} s")
    tally.record(record_property, f"{folder.name}, {engine}", seconds)
    if tally.problems:
        pytest.fail("\n".join([attack.about, *tally.problems]), pytrace=False)


_filters: dict[str, bool] = {}


def _filtered(bench: Bench) -> bool:
    if bench.engine not in _filters:
        _filters[bench.engine] = bench.has_seccomp()
    return _filters[bench.engine]


def _only(path: Path) -> Submission:
    (submission,) = find([path.parent.parent])
    return submission


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Ends what this process does after so long."""

    def stop(number: int, frame: object) -> None:
        raise TimeoutError(f"not over after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _sibling(folder: Path, engine: str, world: World, open_bench: Open, tally: Tally) -> Iterator[None]:
    """Has the attack's sibling, where there is one, graded at the same time."""
    if not (folder / "sibling.py").exists():
        yield
        return
    other = open_bench(f"{engine}-sibling")
    name = f"{folder.name}-sibling-{engine}"
    world.write(name, attacks.to_notebook(attacks.read_text(folder, "sibling.py"), world.places))
    met: list[Graded] = []
    thread = threading.Thread(target=lambda: met.append(other.grade(world.submission(name), attacks.LIMITS)))
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if not met or _values(met[0].result, "backward_propagation") != {"'refused'"}:
            tally.touched += 1
            tally.problems.append(f"the sibling was met: {[_values(graded.result, 'backward_propagation') for graded in met]}")


def _values(result: SubmissionResult, exercise: str) -> set[str | None]:
    """What the calls of an exercise returned, or why they did not."""
    cases = [case for other in result.exercises if other.name == exercise for case in other.cases]
    return {case.actual if case.actual is not None else f"{case.outcome.value}: {case.message}" for case in cases}


def _check_result(attack: Attack, result: SubmissionResult, tally: Tally) -> None:
    expect, problems = attack.expect, tally.problems
    if result.status is Status.NOT_GRADED:
        tally.lost += 1
    allowed = expect.status if isinstance(expect.status, tuple) else (expect.status,)
    if result.status not in allowed:
        problems.append(f"it is {result.status.value}: {result.notes}")
    for exercise in result.exercises:
        honest = exercise.name in expect.honest
        most = exercise.points if honest else expect.max_scores.get(exercise.name, exercise.points / 10)
        tally.gained += max(0.0, exercise.score - most)
        if exercise.score > most or (honest and exercise.score < most):
            problems.append(f"{exercise.name} has {exercise.score} of {exercise.points} points: {_values(result, exercise.name)}")
        wanted = expect.outcomes.get(exercise.name)
        if wanted is not None and exercise.outcome not in wanted:
            problems.append(f"{exercise.name} {exercise.outcome.value}: {_values(result, exercise.name)}")
    problems += [f"not refused: {values}" for name in expect.refused if (values := _values(result, name)) != {"'refused'"}]
    types = [error.type for error in result.notebook.errors] if result.notebook else []
    problems += [f"no cell ended with {error}: {types}" for error in expect.errors if error not in types]
    problems += _unexplained(result)


def _unexplained(result: SubmissionResult) -> list[str]:
    """What the record does not say."""
    if result.status is not Status.GRADED:
        return [] if result.notes and result.notes[0] else ["no note says why"]
    missing = []
    for exercise in result.exercises:
        if exercise.score < exercise.points and not exercise.observations and not exercise.diagnoses:
            missing.append(f"nothing explains {exercise.name}")
        silent = [case.id for case in exercise.cases if case.outcome is not Outcome.PASSED and not case.message]
        missing += [f"no message: {case} of {exercise.name}" for case in silent]
    return missing


def _check_output(graded: Graded, world: World, folder: Path, bench: Bench, tally: Tally) -> None:
    """What students and instructors read."""
    cells = {cell.index for cell in graded.notebook.cells} if graded.notebook else set()
    errors = graded.result.notebook.errors if graded.result.notebook else ()
    tally.problems += [f"an error of cell {error.cell}, which does not exist" for error in errors if error.cell not in cells]
    texts = Texts("A title")
    output = Output(folder)
    output.write(graded.result, render(graded.result, graded.material, texts))
    output.write_index(dashboard.render(dashboard.census_of([(graded.result, graded.material)]), texts))
    of_class = (folder / "index.html").read_text(encoding="utf-8")
    tally.problems += pages.check_page(of_class, CLASS_STYLE, CLASS_SCRIPT)
    instructors = render(graded.result, graded.material, texts, audience=Visibility.HIDDEN)
    students = (folder / graded.result.submission.student / "feedback.html").read_text(encoding="utf-8")
    for page in (students, instructors):
        tally.problems += pages.check_page(page, STYLE)
    text = render_text(graded.result, graded.material, Texts("A title"))
    tally.problems += pages.check_terminal(text) + pages.check_terminal(summary_line(graded.result))
    if SubmissionResult.from_json(graded.result.to_json()) != graded.result:
        tally.problems.append("the result is not what its JSON says")
    if world.secrets[HIDDEN_INPUTS] in students + text:
        tally.read += 1
        tally.problems.append("the student's page tells what the hidden cases inject")


def _check_next(folder: Path, bench: Bench, tmp_path: Path, world: World, tally: Tally) -> None:
    """What the next submission finds."""
    if not (folder / "then.py").exists():
        return
    path = tmp_path / "next" / "next" / "notebook.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(attacks.to_notebook((folder / "then.py").read_text(encoding="utf-8"), world.places))
    values = _values(bench.grade(_only(path), attacks.LIMITS).result, "backward_propagation")
    if values != {"'refused'"}:
        tally.touched += 1
        tally.problems.append(f"the next submission found {values}")


def _check_surroundings(bench: Bench, world: World, tally: Tally) -> None:
    """The right notebook, this machine's files and processes, and the listeners."""
    after = bench.control()
    if after != bench.baseline:
        tally.touched += 1
        tally.problems.append(f"a right notebook now gets {after[:2_000]}")
    if survivors := bench.survivors():
        tally.problems.append(f"{survivors} processes are left")
    if left := [str(path) for path in markers()]:
        tally.problems.append(f"it left {left}")
    if reached := world.reached():
        tally.touched += 1
        tally.problems.append(f"it reached {', '.join(reached)}")


def _check_secrets(bench: Bench, world: World, results: list[SubmissionResult], tally: Tally) -> None:
    seen = bench.replies() + "".join(result.to_json() for result in results)
    read = [what for what, secret in world.secrets.items() if secret in seen and what != HIDDEN_INPUTS]
    tally.read += len(read)
    tally.problems += [f"it read the secret of {what}" for what in read]
