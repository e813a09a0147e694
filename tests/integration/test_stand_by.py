"""The processes that wait for the next submission: what ends or stops them costs nobody anything, and no submission reaches them."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
import psutil  # type: ignore[import-untyped]
import pytest

from grader.errors import SandboxError
from grader.sandbox import prefork
from grader.sandbox.enclosure import Enclosure
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Limits, Reply, Request
from grader.sandbox.worker import codec
from tests import parts

LIMITS = Limits(cell_seconds=5, case_seconds=5, submission_seconds=10, memory_mb=512, disk_mb=8, processes=30)
DOUBLE = "def f(x):\n    return 2 * x\n"
F, CALL = (Function("f", (), 1),), (Call("f", (codec.encode(2),)),)
FOUR_CRASHES = ["import os\nos._exit(3)"] * 4


class Waiting(NamedTuple):
    """The processes that wait."""

    supervisor: psutil.Process
    notebook: psutil.Process


VICTIMS: dict[str, Callable[[Waiting], list[psutil.Process]]] = {
    "supervisor": lambda waiting: [waiting.supervisor],
    "notebook": lambda waiting: [waiting.notebook],
    "both": lambda waiting: [waiting.notebook, waiting.supervisor],
}


@pytest.fixture(scope="module", params=["none", "landlock", "full"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[PreforkSandbox]:
    opened = parts.open_engine(f"prefork {request.param}")
    assert isinstance(opened, PreforkSandbox)
    with opened:
        yield opened
        folder = opened._folder
    assert folder is None or not folder.exists(), "what a killed supervisor leaves is removed"


def run(sandbox: PreforkSandbox, *cells: str) -> Reply:
    """The reply to a notebook whose `f` is called once with 2."""
    given = tuple(Cell(index, "code", source) for index, source in enumerate(cells))
    return sandbox.run(Request(given, {}, F, (), {}, CALL, LIMITS))


def value(sandbox: PreforkSandbox, *cells: str) -> object:
    """What the call returned."""
    (call,) = run(sandbox, *cells).calls
    assert call.outcome == "returned", call
    return call.value


def server_of(sandbox: PreforkSandbox) -> psutil.Process:
    """The warm server: the first interpreter below what was started, which may be bubblewrap."""
    assert sandbox._server is not None
    started = psutil.Process(sandbox._server.pid)
    return next(process for process in (started, *started.children(recursive=True)) if process.name().startswith("python"))


def waiting_in(sandbox: PreforkSandbox) -> Waiting:
    """The processes that wait now, as soon as there are both and those of the submission before are gone."""
    sandbox._await_ended()
    server, end = server_of(sandbox), time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(psutil.Error):
            found = [(child, child.children()) for child in server.children() if child.status() != psutil.STATUS_ZOMBIE]
            if len(found) == 1 and len(found[0][1]) == 1:
                return Waiting(found[0][0], found[0][1][0])
        time.sleep(0.01)
    raise AssertionError("nothing stands by")


def end(doomed: list[psutil.Process]) -> None:
    """Kills them, and waits until they have ended."""
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.001)


@pytest.mark.parametrize("victim", VICTIMS)
def test_what_waits_may_be_killed_between_two_submissions(sandbox: PreforkSandbox, victim: str) -> None:
    assert value(sandbox, DOUBLE) == 4
    server = server_of(sandbox)
    end(VICTIMS[victim](waiting_in(sandbox)))
    assert value(sandbox, DOUBLE) == 4
    assert server.is_running(), "the same server went on"
    assert value(sandbox, DOUBLE) == 4


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_one_is_no_restart_of_the_notebook(sandbox: PreforkSandbox, victim: str) -> None:
    """Four cells end their process, and as many restarts there are: with one less, the last cells would not run."""
    before = run(sandbox, DOUBLE, *FOUR_CRASHES)
    end(VICTIMS[victim](waiting_in(sandbox)))
    after = run(sandbox, DOUBLE, *FOUR_CRASHES)
    assert (after.cells, after.found) == (before.cells, before.found)


@pytest.mark.parametrize("victim", VICTIMS)
def test_what_waits_may_be_stopped(sandbox: PreforkSandbox, victim: str) -> None:
    for process in VICTIMS[victim](waiting_in(sandbox)):
        process.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    assert value(sandbox, DOUBLE) == 4
    assert time.monotonic() - begun < LIMITS.submission_seconds


@pytest.mark.parametrize("victim", VICTIMS)
def test_what_is_killed_just_when_a_submission_comes_is_no_zero(
    sandbox: PreforkSandbox, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = VICTIMS[victim](waiting_in(sandbox))
    name = "open" if sandbox.walls == "bubblewrap+inner" else "_pass"
    hand_over = getattr(sandbox, name)

    def kill_after(*given: object) -> object:
        handed = hand_over(*given)
        while doomed:  # once: what is opened for a restart is spared
            with contextlib.suppress(psutil.NoSuchProcess):
                doomed.pop().kill()
        return handed

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, name, kill_after)
        try:
            answer = value(sandbox, DOUBLE)
        except SandboxError:  # it is tried again, by whoever has the submission
            answer = 4
    assert answer == 4
    assert value(sandbox, DOUBLE) == 4


def test_crashes_leave_no_descriptor_and_no_process_behind(sandbox: PreforkSandbox) -> None:
    server = server_of(sandbox)
    leave = "import os\nif os.fork() == 0:\n    os.setsid()\n    os.closerange(3, 64)\n    import time\n    time.sleep(60)\n"
    counts = set()
    for _ in range(5):
        run(sandbox, leave, *FOUR_CRASHES, DOUBLE)
        waiting_in(sandbox)
        counts.add((psutil.Process().num_fds(), server.num_fds(), len(server.children(recursive=True))))
    assert len(counts) == 1


def test_a_submission_that_begins_late_has_all_its_time() -> None:
    """Behind weaker walls its supervisor keeps the time, and begins when the server comes to it; here that is held up."""
    limits = msgspec.structs.replace(LIMITS, case_seconds=2, submission_seconds=2)
    request = Request((Cell(0, "code", "def f(x):\n    while True:\n        pass\n"),), {}, F, (), {}, CALL, limits)
    with parts.open_engine("prefork none") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        server = server_of(sandbox)
        server.suspend()
        late = threading.Timer(6, server.resume)
        late.start()
        (call,) = sandbox.run(request).calls
        late.join()
    assert call.limit in ("case_seconds", "submission_seconds")


class Shut:
    """A host that opens one submission's processes, and then no more."""

    def __init__(self, sandbox: PreforkSandbox) -> None:
        self.sandbox, self.opened = sandbox, 0

    def open(self) -> list[int]:
        self.opened += 1
        if self.opened > 1:
            raise SandboxError("no more")
        return self.sandbox.open()

    def end(self) -> None:
        self.sandbox.end()


def test_where_a_restart_is_refused_nobody_elses_descriptor_is_closed() -> None:
    with parts.open_engine("prefork full") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        enclosure = Enclosure(Shut(sandbox), LIMITS.disk_mb)
        with pytest.raises(SandboxError, match="no more"):
            enclosure.restart()
        others = [os.open(os.devnull, os.O_RDONLY) for _ in range(6)]  # they get the numbers that are free again
        enclosure.close()
        for other in others:
            os.close(other)  # raises where it is closed
        assert value(sandbox, DOUBLE) == 4, "what was ended twice was awaited once"


def test_who_waits_for_the_end_while_another_closes_is_told_so() -> None:
    with parts.open_engine("prefork full") as sandbox, ThreadPoolExecutor(1) as thread:
        assert isinstance(sandbox, PreforkSandbox)
        assert value(sandbox, DOUBLE) == 4
        server_of(sandbox).suspend()  # it says no more that all has ended
        running = thread.submit(sandbox.open)
        time.sleep(0.2)
        sandbox.close()
        with pytest.raises(SandboxError):
            running.result()
        assert value(sandbox, DOUBLE) == 4


@pytest.mark.parametrize("awaited", ["the end", "the next"])
def test_an_interrupt_while_the_server_is_awaited_leaves_no_answer_behind(awaited: str) -> None:
    with parts.open_engine("prefork full") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        assert value(sandbox, DOUBLE) == 4
        if awaited == "the next":
            sandbox._await_ended()
        server, handler = server_of(sandbox), signal.signal(signal.SIGALRM, _interrupt)
        server.suspend()
        try:
            with pytest.raises(KeyboardInterrupt):
                open_with_alarm(sandbox, 0.2)
        finally:
            signal.signal(signal.SIGALRM, handler)
            with contextlib.suppress(psutil.NoSuchProcess):  # it is ended where the next was awaited, lest that answers the order after
                server.resume()
        assert value(sandbox, DOUBLE) == 4


def open_with_alarm(sandbox: PreforkSandbox, seconds: float) -> None:
    """Opens a submission's processes; the alarm goes off meanwhile, or, on a machine that stands still, right before."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    sandbox.open()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_process_without_descriptors_left_is_no_fault_of_the_submission(sandbox: PreforkSandbox) -> None:
    assert value(sandbox, DOUBLE) == 4
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))), before[1]))
        taken = []
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        with pytest.raises((SandboxError, OSError)):
            run(sandbox, DOUBLE)
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert value(sandbox, DOUBLE) == 4


@contextlib.contextmanager
def crowd(user: int, count: int) -> Iterator[None]:
    """As many processes of that user's."""
    other = ["setpriv", f"--reuid={user}", "--clear-groups"] if os.geteuid() != user else []
    processes = [subprocess.Popen([*other, "sleep", "60"]) for _ in range(count)]
    try:
        while any(psutil.Process(process.pid).uids().effective != user for process in processes):
            time.sleep(0.01)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def refused(sandbox: PreforkSandbox) -> str:
    """Why a submission could not be run, or nothing where it could."""
    try:
        run(sandbox, DOUBLE)
    except SandboxError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("walls", ["landlock", "full"])
def test_where_nothing_can_be_forked_the_server_says_so_and_lives(walls: str) -> None:
    for _ in range(3):  # the limit counts the user's other processes, which come and go where tests run at once
        with contextlib.suppress(AssertionError, SandboxError):
            check_where_nothing_can_be_forked(walls)
            return
    check_where_nothing_can_be_forked(walls)


def count_tasks(user: int) -> int:
    """How many processes and threads that user has."""
    count = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            if process.uids().effective == user:
                count += process.num_threads()
    return count


def check_where_nothing_can_be_forked(walls: str) -> None:
    user = os.geteuid() or 65534  # no such limit holds for root
    parts.need_linux()
    tasks = count_tasks(user)
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        resource.setrlimit(resource.RLIMIT_NPROC, (tasks + 40, before[1]))
        opened = parts.open_engine(f"prefork {walls}")
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, before)
    assert isinstance(opened, PreforkSandbox)
    with opened as sandbox:
        waiting_in(sandbox)
        server = server_of(sandbox)
        with crowd(user, 60):
            with contextlib.suppress(SandboxError):  # two processes wait for this one, but it may fork no case process
                assert value(sandbox, DOUBLE) == 4
            assert "Resource temporarily unavailable" in refused(sandbox)
        assert value(sandbox, DOUBLE) == 4
        assert server.is_running()


def test_a_submission_that_kills_what_waits_without_walls() -> None:
    """The server forks the next submission's processes while student code of the same user runs."""
    kill = (
        "import os, signal, time\n"
        "def fields(pid):\n    return open(f'/proc/{pid}/stat').read().rpartition(') ')[2].split()\n"
        "supervisor = os.getppid()\nserver = int(fields(supervisor)[1])\nkilled, end = 0, time.monotonic() + 4\n"
        "while not killed and time.monotonic() < end:\n    time.sleep(0.5)\n"
        "    for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "        try:\n            parent = int(fields(pid)[1])\n            above = int(fields(parent)[1])\n"
        "            if int(pid) not in (supervisor, os.getpid()) and server in (parent, above) and supervisor != parent:\n"
        "                os.kill(int(pid), signal.SIGKILL)\n                killed += 1\n"
        "        except OSError:\n            pass\n"
    )
    with parts.open_engine("prefork none") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        assert value(sandbox, kill, "def f(x):\n    return killed") in (1, 2)
        assert value(sandbox, DOUBLE) == 4


# Harmless for whatever process it should reach.
REACH = """
import os, signal, time
own = os.getpid()
def reached():
    found = []
    for pid in [*range(2, 300), *range(max(300, own - 100), own + 500)]:
        if pid in (own, os.getpid(), os.getppid()):
            continue
        try:
            os.kill(pid, 0)
            found.append(pid)
        except OSError:
            pass
    return found
for pause in (0.5, 2):  # the server may take its time to fork them
    time.sleep(pause)
    if seen := reached():
        break
def f(x):
    return len(seen)
"""


@pytest.mark.parametrize(("walls", "reaches"), [("none", True), ("landlock", False), ("full", False)])
def test_no_submission_reaches_what_waits_behind_walls(walls: str, reaches: bool) -> None:
    """Without walls the same look finds them: so it is the wall that hides them."""
    with parts.open_engine(f"prefork {walls}") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        found = value(sandbox, REACH)
        assert isinstance(found, int)
        assert (found > 0) is reaches


CHILDREN_THAT_STAY = """import os, subprocess, time
for _ in range(3):
    subprocess.Popen(["sleep", "987"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(987)
    os._exit(0)
time.sleep(987)
"""


@pytest.mark.parametrize("walls", ["none", "landlock", "full"])
def test_closing_ends_a_submission_that_runs(walls: str) -> None:
    opened = parts.open_engine(f"prefork {walls}")
    assert isinstance(opened, PreforkSandbox)
    with opened as sandbox, ThreadPoolExecutor(1) as thread:
        server = server_of(sandbox)
        running = thread.submit(run, sandbox, CHILDREN_THAT_STAY, DOUBLE)
        deadline = time.monotonic() + 10
        while len(below := server.children(recursive=True)) < 8 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(below) >= 7, "the submission's processes, and those that wait"
        sandbox.close()
        with pytest.raises(SandboxError):
            running.result()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


# Looks for a text in its own memory, without ever holding the whole of it.
FIND = """
begin, hidden, found = {begin!r}, {hidden!r}, 0
for line in open("/proc/self/maps"):
    place, rights = line.split()[:2]
    if rights.startswith("rw") and "[v" not in line:
        start, end = (int(part, 16) for part in place.split("-"))
        with open("/proc/self/mem", "rb", 0) as memory:
            memory.seek(start)
            text = memory.read(end - start)
        for piece in text.split(begin)[1:]:
            found += bytes(byte ^ 1 for byte in piece[:len(hidden)]) == hidden
def f(x):
    return found
"""


def test_nothing_of_a_submission_is_in_the_memory_of_the_next() -> None:
    """The processes that stand by are forked while a submission runs: whoever forks them must not have read it."""
    begin, rest = b"a-word-of-", b"another-student"
    find = FIND.format(begin=begin, hidden=bytes(byte ^ 1 for byte in rest))
    word = f"word = {(begin + rest).decode()!r}\n"
    with parts.open_engine("prefork full") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        assert value(sandbox, word, find) != 0, "the look finds what is there"
        for _ in range(3):
            run(sandbox, word, f"def f(x):\n    return {(begin + rest).decode()!r}")
            assert value(sandbox, find) == 0


def test_a_restart_behind_the_full_walls_finds_no_files_of_before() -> None:
    leave = "import os\nwas_there = os.path.exists('left')\nopen('left', 'w').close()"
    with parts.open_engine("prefork full") as sandbox:
        assert isinstance(sandbox, PreforkSandbox)
        assert value(sandbox, leave, "os._exit(3)", "def f(x):\n    return was_there") is False


def test_a_first_process_that_is_gone_is_no_fault_of_the_submission() -> None:
    with parts.open_engine("prefork full") as sandbox, ThreadPoolExecutor(1) as thread:
        assert isinstance(sandbox, PreforkSandbox)
        first, server = waiting_in(sandbox).supervisor, server_of(sandbox)
        running = thread.submit(run, sandbox, "import time\ntime.sleep(4.5)", DOUBLE)
        while len(server.children()) < 2 and not running.done():  # it is handed over before the next are forked
            time.sleep(0.01)
        first.kill()
        with pytest.raises(SandboxError):
            running.result()
        assert value(sandbox, DOUBLE) == 4


@pytest.mark.parametrize("walls", ["none", "landlock", "full"])
def test_what_runs_ends_with_its_sandbox_however_slowly_that_is_looked_for(walls: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that learns first that it is over leaves, and what is below it is nobody's then."""
    end_below = prefork._end_below

    def slowly(pid: int) -> None:
        time.sleep(1)
        end_below(pid)

    monkeypatch.setattr(prefork, "_end_below", slowly)
    sandbox = parts.open_engine(f"prefork {walls}")
    assert isinstance(sandbox, PreforkSandbox)
    run(sandbox, DOUBLE)
    assert sandbox._server is not None
    server = psutil.Process(sandbox._server.pid)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run, sandbox, "import time\ntime.sleep(4)")
        time.sleep(1)
        below = server.children(recursive=True)
        sandbox.close()
        left = psutil.wait_procs(below, timeout=2)[1]
        running.exception()
    assert left == []
