"""Batches through the command line, with real workers: the same bytes in every way, resumed, reused, counted and explained."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.api import Grader
from grader.assignments import Attempts, load
from grader.batch import Batch
from grader.errors import UsageError
from grader.feedback import Material
from grader.gradebook import open_gradebook
from grader.kit import Settings, prepare
from grader.late import LateTable, read_policy
from grader.model import Close, Status
from grader.output import Output
from grader.submissions import find
from grader.work import Graded, Task, work
from tests import notebooks, parts
from tests.executors import DirectExecutor

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "gradient_checking"
CLASS = {
    "ada": "right_helper_nd",
    "ben": "wrong_zero_1d",
    "chloé": "right_class_1d",
    "dmitri": "wrong_zero_nd",
    "elif": "right_annotations_nd",
    "farid": "trap_sys_exit",
    "gül": "right_capture_cell_1d",
    "hanako": "wrong_backward_one",
}
Bytes = Mapping[str, tuple[bytes, bytes]]


@pytest.fixture(scope="module", autouse=True)
def walls() -> None:
    parts.need_linux()
    parts.need_walls()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder of submissions."""
    folder = tmp_path / "in"
    folder.mkdir()
    for student, fixture in CLASS.items():
        (folder / f"{student}.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / fixture))
    return folder


def grade(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """`grader grade` as a user runs it."""
    command = [sys.executable, "-m", "grader", "grade", *map(str, arguments), "-a", ASSIGNMENT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == status, done.stderr
    return done


def written(out: Path) -> Bytes:
    """What was written for each student."""
    return {
        path.parent.name: (path.read_bytes(), (path.parent / "feedback.html").read_bytes()) for path in sorted(out.glob("*/result.json"))
    }


def whole(out: Path) -> Bytes:
    """The same, and the class page."""
    return {**written(out), "index.html": ((out / "index.html").read_bytes(), b"")}


def note(out: Path) -> dict[str, Any]:
    """run.json."""
    content: dict[str, Any] = json.loads((out / "run.json").read_bytes())
    return content


def result(out: Path, student: str) -> dict[str, Any]:
    """A student's result."""
    content: dict[str, Any] = json.loads((out / student / "result.json").read_bytes())
    return content


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Bytes:
    """The class graded once, by one worker."""
    parts.need_walls()
    folder = tmp_path_factory.mktemp("once")
    for student, fixture in CLASS.items():
        (folder / f"{student}.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / fixture))
    grade(folder, "-o", folder / "out", "-j", 1)
    return whole(folder / "out")


@pytest.mark.parametrize("how", [("-j", "2"), ("-j", "2", "--no-reuse"), ("--cluster", "local:2")], ids=" ".join)
def test_the_same_bytes_in_every_way(course: Path, tmp_path: Path, once: Bytes, how: tuple[str, ...]) -> None:
    if "--cluster" in how:
        parts.need("distributed")
    grade(course, "-o", tmp_path / "out", *how)
    assert whole(tmp_path / "out") == once


def test_the_same_bytes_in_reverse_order(course: Path, tmp_path: Path, once: Bytes) -> None:
    files = sorted(course.iterdir(), reverse=True)
    lines = grade(*files, "-o", tmp_path / "out", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["submission"]["student"] for line in lines] == [path.stem for path in files]
    assert whole(tmp_path / "out") == once


def test_what_has_not_changed_is_kept(course: Path, tmp_path: Path, once: Bytes) -> None:
    out = tmp_path / "out"
    first = grade(course, "-o", out, "--format", "jsonl").stdout
    again = grade(course, "-o", out, "--format", "jsonl").stdout
    assert first == again
    assert (note(out)["kept"], note(out)["graded"]) == (len(CLASS), 0)
    (out / "ada" / "feedback.html").unlink()
    shutil.rmtree(out / "ben")
    grade(course, "-o", out)
    assert (note(out)["kept"], whole(out)) == (len(CLASS), once)
    assert "regraded" not in history(out)
    forced = grade(course, "-o", out, "--force").stdout
    assert "kept" not in forced
    assert whole(out) == once
    assert history(out).count("regraded") == len(CLASS)


def test_another_file_is_another_attempt(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(course, "-o", out)
    (course / "ben.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / CLASS["ada"]))
    grade(course, "-o", out)
    assert (note(out)["kept"], note(out)["graded"]) == (len(CLASS) - 1, 1)
    assert (result(out, "ben")["submission"]["attempt"], result(out, "ben")["score"]) == (2, 50.0)
    grade(course / "ada.ipynb", "-o", out)
    index = (out / "index.html").read_text(encoding="utf-8")
    assert all(f">{student}<" in index for student in CLASS), "a run over one student leaves the class page whole"


def test_the_best_attempt_counts_where_the_assignment_says_so(course: Path, tmp_path: Path) -> None:
    out, copies = tmp_path / "out", tmp_path / "assignments"
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, copies / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
    with open(copies / ASSIGNMENT / "assignment.toml", "a", encoding="utf-8") as file:
        file.write('\n[attempts]\nkeep = "best"\n')
    grade(course / "ada.ipynb", "-o", out, "--assignments", copies)
    best = written(out)
    (course / "ada.ipynb").write_bytes((course / "ben.ipynb").read_bytes())
    lines = grade(course / "ada.ipynb", "-o", out, "--assignments", copies, "--format", "jsonl").stdout.splitlines()
    assert (json.loads(lines[0])["submission"]["attempt"], json.loads(lines[0])["grade"]) == (1, 50.0)
    assert written(out) == best, "the files are those of the attempt that counts"
    grade(course / "ada.ipynb", "-o", out, "--assignments", copies)
    assert (note(out)["kept"], written(out)) == (1, best)
    history_of_ada = grader("history", "ada", "--out", out, "--format", "json")
    assert '"attempt": 2' in history_of_ada or '"attempt":2' in history_of_ada


def test_another_version_of_the_assignment_is_graded_anew(course: Path, tmp_path: Path) -> None:
    out, copies = tmp_path / "out", tmp_path / "assignments"
    grade(course / "ada.ipynb", "-o", out)
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, copies / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
    file = copies / ASSIGNMENT / "assignment.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"'), encoding="utf-8")
    grade(course / "ada.ipynb", "-o", out, "--assignments", copies)
    assert (note(out)["kept"], note(out)["graded"]) == (0, 1)
    diff = grader("diff", 1, 2, "--out", out)
    assert "assignment" in diff


def history(out: Path) -> str:
    return grader("history", "--verify", "--out", out) + grader("history", "--out", out)


def grader(*arguments: object) -> str:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_override_shows_at_once_and_survives_a_regrade(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(course, "-o", out)
    score = result(out, "ben")["score"]
    grader("override", "ben", "gradient_check", 9, "--why", "seen in class", "--out", out)
    for _ in range(2):
        now = result(out, "ben")
        assert (now["score"], now["grade"]) == (score, score + now["adjustments"][0]["points"])
        assert now["adjustments"][0]["why"] == "gradient_check: seen in class"
        assert "seen in class" in (out / "ben" / "feedback.html").read_text(encoding="utf-8")
        grade(course, "-o", out, "--force")
    assert "the ledger verifies" in grader("history", "--verify", "--out", out)


def test_a_note_shows_at_once_survives_a_regrade_and_changes_no_result(course: Path, tmp_path: Path, once: Bytes) -> None:
    out = tmp_path / "out"
    grade(course, "-o", out)
    assert whole(out) == once
    told = grader("note", "exercise", "gradient_check_n", "Read *lecture 4* again.", "--out", out)
    assert told == f"exercise gradient_check_n: concerns {len(CLASS)} students; {len(CLASS)} pages made anew\n"
    shown = whole(out)
    assert all("Read <em>lecture 4</em> again." in shown[student][1].decode() for student in CLASS)
    assert {student: shown[student][0] for student in CLASS} == {student: once[student][0] for student in CLASS}
    grade(course, "-o", out, "--force")
    assert whole(out) == shown
    grade(course, "-o", tmp_path / "other", "--gradebook", f"sqlite:///{out / 'gradebook.db'}")
    assert whole(tmp_path / "other") == shown


def test_a_late_submission(course: Path, tmp_path: Path) -> None:
    out, copies = tmp_path / "out", tmp_path / "assignments"
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, copies / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
    with open(copies / ASSIGNMENT / "assignment.toml", "a", encoding="utf-8") as file:
        file.write('\n[late]\ndue = 2026-12-05T23:59:00+01:00\nper_day = "10%"\n[late.extensions]\nelfi = "48h"\nzoe = "1d"\n')
    times = (
        "student,submitted,extension\nada,2026-12-06T12:00:00+01:00,\nben,2026-12-05T12:00:00+01:00,\n"
        "zoe,2026-12-01T12:00:00+01:00,\nelif,2026-12-07T12:00:00+01:00,24h\n"
    )
    (tmp_path / "roster.csv").write_text(times, encoding="utf-8")
    official = (course, "-o", out, "--assignments", copies, "--roster", tmp_path / "roster.csv")
    done = grade(*official)
    assert (result(out, "ada")["score"], result(out, "ada")["grade"]) == (50.0, 45.0)
    assert result(out, "ada")["submission"]["late"]
    assert result(out, "ben")["adjustments"] == []
    assert "zoe" in done.stderr
    assert "no recorded time for 5 of 8" in done.stderr
    assert done.stderr.count("extension") == 1
    assert "note: 1 with an extension, and neither in the submissions nor in a roster: elfi (did you mean elif?)" in done.stderr
    # An override makes files at once, by times and extensions as the run had them: the next run finds nothing to change.
    for student in ("ada", "elif"):
        said = grader("override", student, "gradient_check", 4, "--why", "seen", "--out", out, "--assignments", copies)
        assert said == f"{student}, gradient_check: 4 points\n"
    assert [one["kind"] for one in result(out, "elif")["adjustments"]] == ["override", "late"]
    assert "due 2026-12-06 23:59 UTC+01:00, extended" in result(out, "elif")["adjustments"][1]["why"]
    at_once = written(out)
    grade(*official)
    assert written(out) == at_once
    assert "the ledger verifies" in grader("history", "--verify", "--out", out)


def test_an_earlier_file_handed_in_again_is_the_last_attempt(course: Path, tmp_path: Path) -> None:
    out, first = tmp_path / "out", (course / "ada.ipynb").read_bytes()
    for content in (first, (course / "ben.ipynb").read_bytes(), first):
        (course / "ada.ipynb").write_bytes(content)
        grade(course / "ada.ipynb", "-o", out)
    assert (result(out, "ada")["submission"]["attempt"], result(out, "ada")["grade"]) == (3, 50.0)
    grader("override", "ada", "forward_propagation", 10, "--why", "as it was", "--out", out)
    assert result(out, "ada")["grade"] == 50.0
    assert "the ledger verifies" in grader("history", "--verify", "--out", out)


def test_a_gradebook_that_lost_its_runs_is_told(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(course / "ada.ipynb", "-o", out)
    (out / "gradebook.db").write_bytes(b"")
    assert "holds results of run 1, which this gradebook does not know" in grade(course / "ada.ipynb", "-o", out).stderr
    (out / "gradebook.db").write_bytes((out / "gradebook.db").read_bytes()[:5000])
    said = grade(course / "ada.ipynb", "-o", out, status=4).stderr
    assert "restore it from a copy" in said


def test_no_name_takes_the_gradebook_s_place_or_is_too_long(course: Path, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    for name in ("gradebook.db-wal", "gradebook.db-shm", "ünïcödé" * 15):
        (folder / f"{name}.ipynb").write_bytes((course / "ada.ipynb").read_bytes())
    os.rename(folder / f"{'ünïcödé' * 15}.ipynb", os.fsencode(folder) + b"/" + b"\xff" * 60 + b".ipynb")
    grade(folder, "-o", tmp_path / "out")
    assert len(list((tmp_path / "out").glob("*/result.json"))) == 3


def test_a_folder_of_another_assignment_s_results_is_refused(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(course / "ada.ipynb", "-o", out)
    content = json.loads((out / "run.json").read_bytes()) | {"assignment": "another"}
    (out / "run.json").write_text(json.dumps(content), encoding="utf-8")
    assert "holds results of another" in grade(course / "ada.ipynb", "-o", out, status=2).stderr


# In this process: what is run at all


def test_whatever_decides_a_score_decides_what_is_kept(tmp_path: Path) -> None:
    kit = Place(tmp_path).kit
    replace = msgspec.structs.replace
    whole, case = kit.assignment, kit.assignment.cases[0]
    exercise = replace(whole.exercises[0], points=7)
    others = [
        replace(whole, cases=(replace(case, weight=Fraction(1, 7)), *whole.cases[1:])),
        replace(whole, cases=(replace(case, expect=Close(rtol=0.5)), *whole.cases[1:])),
        replace(whole, exercises=(exercise, *whole.exercises[1:])),
        replace(whole, leftovers=("one", *whole.leftovers)),
        replace(whole, helpers=()),
        replace(whole, others=()),
        replace(whole, relations=()),
    ]
    digests = [replace(kit, assignment=other).sha256 for other in others]
    assert len({kit.sha256, *digests}) == len(others) + 1
    assert replace(kit, assignment=replace(whole, folder=tmp_path, attempts=Attempts("best"))).sha256 == kit.sha256


class Place:
    """A batch whose executor works in this process."""

    def __init__(self, tmp_path: Path, do: Any = work) -> None:
        kit, sandbox = prepare(load(ASSIGNMENT), Settings())
        sandbox.close()
        self.kit = kit.for_class()
        self.out, self.do = Output(tmp_path / "out"), do
        self.made: list[DirectExecutor] = []

    def executor(self) -> DirectExecutor:
        self.made.append(DirectExecutor(self.kit, self.do))
        return self.made[-1]

    def with_rule(self, **rule: Any) -> None:
        """Puts another late policy, or rule of attempts, in the place of the assignment's."""
        self.kit = msgspec.structs.replace(self.kit, assignment=msgspec.structs.replace(self.kit.assignment, **rule))

    def run(self, folder: Path, **options: Any) -> Batch:
        with open_gradebook(self.out.folder / "gradebook.db") as book:
            batch = Batch(self.kit, book, self.out, self.executor, **options)
            self.told = list(batch.run(find([folder])))
        return batch

    @property
    def ran(self) -> list[str]:
        """Who was sent to the sandbox."""
        return [task.input.submission.student for executor in self.made for task in executor.tasks if task.base is None]


def hand_in_copies(folder: Path, count: int) -> None:
    folder.mkdir()
    content = json.loads(notebooks.build(notebooks.FOLDER / CLASS["ben"]))
    for number in range(count):
        content["metadata"]["name"] = f"of student {number}"  # other bytes, the same cells
        (folder / f"student{number}.ipynb").write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("reuse", [True, False])
def test_identical_notebooks_run_once(tmp_path: Path, reuse: bool) -> None:
    place = Place(tmp_path)
    hand_in_copies(tmp_path / "in", 5)
    batch = place.run(tmp_path / "in", reuse=reuse)
    assert len(place.ran) == (1 if reuse else 5)
    assert batch.statuses == {Status.GRADED: 5}
    results = [result(place.out.folder, f"student{number}") for number in range(5)]
    assert len({one["submission"]["sha256"] for one in results}) == 5
    assert [one["submission"]["student"] for one in results] == [f"student{number}" for number in range(5)]
    for one in results:
        del one["submission"]
    assert all(one == results[0] for one in results)
    pages = [(place.out.folder / f"student{number}" / "feedback.html").read_text(encoding="utf-8") for number in range(5)]
    assert len({page.replace(f"student{number}", "student") for number, page in enumerate(pages)}) >= 1
    assert all(f"student{number}" in page for number, page in enumerate(pages))


def test_a_time_that_is_told_later_counts_for_an_earlier_attempt(tmp_path: Path) -> None:
    place, folder = Place(tmp_path), tmp_path / "in" / "ada"
    due = datetime(2026, 12, 5, 12, tzinfo=UTC)
    table = LateTable(due, per_day="90%")
    place.with_rule(late=read_policy(table), attempts=Attempts("best"))
    folder.mkdir(parents=True)
    (folder / "nb.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / CLASS["ada"]))
    place.run(tmp_path / "in")
    assert result(place.out.folder, "ada")["grade"] == 50.0
    (folder / "timestamp.txt").write_text("2026-12-06T12:00:00+00:00")
    place.run(tmp_path / "in")
    assert result(place.out.folder, "ada")["grade"] == 5.0
    (folder / "nb.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / CLASS["ben"]))
    (folder / "timestamp.txt").write_text("2026-12-04T12:00:00+00:00")
    place.run(tmp_path / "in")
    now = result(place.out.folder, "ada")
    assert (now["submission"]["attempt"], now["adjustments"]) == (2, [])
    assert 5 < now["grade"] < 50
    place.with_rule(late=read_policy(msgspec.structs.replace(table, extensions={"Ada": "2d"})))
    place.run(tmp_path / "in")
    assert result(place.out.folder, "ada")["submission"]["attempt"] == 1, "with more time the first is on time"


def test_a_submission_that_ends_its_worker_three_times_is_nobodys_zero(tmp_path: Path) -> None:
    deaths = []

    def deadly(grader: Grader, task: Task) -> Graded:
        if task.input.submission.student == "ben":
            deaths.append(task.position)
            raise ConnectionError
        return work(grader, task)

    place = Place(tmp_path, deadly)
    folder = tmp_path / "in"
    folder.mkdir()
    for student in ("ada", "ben", "elif"):
        (folder / f"{student}.ipynb").write_bytes(notebooks.build(notebooks.FOLDER / CLASS[student]))
    batch = place.run(folder)
    assert len(deaths) == 3
    assert batch.statuses == {Status.GRADED: 2, Status.NOT_GRADED: 1}
    ben = result(place.out.folder, "ben")
    assert (ben["status"], ben["score"], ben["grade"]) == ("not_graded", None, None)
    assert "through no fault" in ben["notes"][0]
    assert "through no fault" in (place.out.folder / "ben" / "feedback.html").read_text(encoding="utf-8")
    place.do = work
    again = place.run(folder)
    assert (again.kept, again.statuses) == (2, {Status.GRADED: 3})
    assert result(place.out.folder, "ben")["submission"]["attempt"] == 1, "a failure of ours costs no attempt"


def test_large_notebooks_are_not_read_all_at_once(tmp_path: Path) -> None:
    def nothing(grader: Grader, task: Task) -> Graded:
        place.made[-1].tasks.clear()
        base = grader.unreadable(task.input.submission, "not run here")
        return Graded.of(task.position, base, base, Material())

    place = Place(tmp_path, nothing)
    (tmp_path / "in").mkdir()
    for number in range(60):  # 8 MB of memory each
        source = f"# {'x' * 2_000_000}\N{GRINNING FACE}"  # alike: all but the first wait for its result
        notebook = {"nbformat": 4, "cells": [{"cell_type": "code", "source": source}]}
        (tmp_path / "in" / f"{number}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    tracemalloc.start()
    try:
        batch = place.run(tmp_path / "in")
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert batch.statuses.total() == 60


def test_nothing_is_started_where_nothing_is_to_do(tmp_path: Path) -> None:
    place = Place(tmp_path)
    hand_in_copies(tmp_path / "in", 2)
    place.run(tmp_path / "in")
    place.made.clear()
    assert place.run(tmp_path / "in").kept == 2
    assert place.made == []


def test_a_wrong_address_of_a_cluster_is_told_at_once(course: Path, tmp_path: Path) -> None:
    parts.need("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        start = time.monotonic()
        done = grade(course, "-o", tmp_path / "out", "--cluster", f"tcp://127.0.0.1:{port}", status=2)
    assert time.monotonic() - start < 20, "Dask alone tries for a minute; a loaded machine imports it slowly"
    assert f"the cluster tcp://127.0.0.1:{port} cannot be reached: Connection refused" in done.stderr
    assert "is its scheduler running" in done.stderr
    assert not (tmp_path / "out").exists()


def test_addresses_of_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    parts.need("distributed")
    from grader.cluster import check_address

    def resolve(host: str, *more: Any, **rest: Any) -> Any:
        if host == "no-such-host.invalid":  # asking for it takes as long as this machine's name servers do
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *more, **rest)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    for address, said in (
        ("tcp://no-such-host.invalid:8786", "no-such-host.invalid:8786 cannot be reached"),
        ("tcp://127.0.0.1", "is no address"),
        ("127.0.0.1:port", "is no address"),
        ("local:0", "local:0 is no cluster"),
        ("local:two", "local:two is no cluster"),
    ):
        with pytest.raises(UsageError, match=said):
            check_address(address)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # it is there, and answers nothing: Dask may wait for it
        check_address("tcp://{}:{}".format(*deaf.getsockname()))
    check_address("local:2")


# Interrupted


HANGUP = getattr(signal, "SIGHUP", signal.SIGTERM)  # of a terminal that is closed; Windows has none


@contextlib.contextmanager
def started(course: Path, out: Path, *, in_the_background: bool = False) -> Iterator[subprocess.Popen[str]]:
    """in_the_background: as a script's shell starts a command with `&`, which ignores Ctrl-C."""
    command = [sys.executable, "-m", "grader", "grade", str(course), "-a", ASSIGNMENT, "-o", str(out), "-j", "2"]
    if in_the_background:
        command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files with a short name: sockets lie in it, whose paths may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.parametrize(
    ("sent", "in_the_background"),
    [(signal.SIGINT, False), (signal.SIGTERM, False), pytest.param(signal.SIGTERM, True, id="SIGTERM-&"), (HANGUP, False)],
)
def test_an_interrupt_keeps_what_is_finished_and_ends_in_seconds(
    sent: signal.Signals, in_the_background: bool, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(temporary))
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(24):
        source = (notebooks.FOLDER / CLASS["ada"], notebooks.FOLDER / "right_class_1d")[number % 2]
        content = json.loads(notebooks.build(source))
        last = f"# {number}" if number < 20 else f"import time\ntime.sleep(9)  # {number}"  # before their end the interrupt comes
        content["cells"].append({"cell_type": "code", "source": last, "metadata": {}, "outputs": [], "execution_count": None})
        (folder / f"student{number:02}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    with started(folder, tmp_path / "out", in_the_background=in_the_background) as process:
        while len(written(tmp_path / "out")) < 3:
            assert process.poll() is None
            time.sleep(0.02)
        begun = time.monotonic()
        if sent is signal.SIGINT:
            os.killpg(process.pid, sent)  # a terminal sends it to all
        else:
            process.send_signal(sent)
        _, said = process.communicate(timeout=30)
        assert time.monotonic() - begun < 10
        assert process.returncode == 130, said
        assert "Traceback" not in said
    assert list(temporary.glob("grader-*")) == []
    finished = written(tmp_path / "out")
    assert 3 <= len(finished) <= 20
    assert note(tmp_path / "out")["ended"] == "interrupted"
    with contextlib.closing(sqlite3.connect(tmp_path / "out" / "gradebook.db")) as database:
        assert database.execute("SELECT count(*) FROM run_results").fetchone()[0] == len(finished)
    for number in range(20, 24):
        (folder / f"student{number:02}.ipynb").unlink()
    grade(folder, "-o", tmp_path / "out")
    assert note(tmp_path / "out")["kept"] == len(finished)
    assert {name: data for name, data in written(tmp_path / "out").items() if name in finished} == finished
