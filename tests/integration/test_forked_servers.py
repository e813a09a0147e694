"""Sandboxes whose servers are forks of another sandbox's: each is its own, and none needs another one's to go on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from grader.executors import usable_cores
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Limits, Request
from grader.sandbox.worker import codec
from tests import parts
from tests.integration.test_stand_by import waiting_in

ROOT = Path(__file__).parents[2]
LIMITS = Limits(cell_seconds=5, case_seconds=5, submission_seconds=10, memory_mb=512, disk_mb=8, processes=30)


@pytest.fixture
def root() -> Iterator[PreforkSandbox]:
    parts.need_linux()
    parts.need_walls()
    with PreforkSandbox() as opened:
        opened.start()
        yield opened


def ask(sandbox: PreforkSandbox, expression: str) -> object:
    """What an expression gives inside."""
    cells = (Cell(0, "code", f"import os\ndef f(x):\n    return {expression}\n"),)
    (call,) = sandbox.run(Request(cells, {}, (Function("f", (), 1),), (), {}, (Call("f", (codec.encode(2),)),), LIMITS)).calls
    assert call.outcome == "returned", call
    return call.value


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, which must be soon."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def count_below(sandbox: PreforkSandbox) -> int:
    """How many processes the root's bubblewrap holds."""
    assert sandbox._server is not None
    count = 0
    for process in psutil.Process(sandbox._server.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            count += process.status() != psutil.STATUS_ZOMBIE
    return count


def test_each_runs_submissions_of_its_own(root: PreforkSandbox) -> None:
    with root.fork() as first, root.fork() as second:
        for sandbox in (first, second, root, first, second):
            assert ask(sandbox, "x + len(os.listdir('.'))") == 2
            assert ask(sandbox, "(open('left', 'w').write('abc'), len(os.listdir('.')))[1]") == 1
        assert first._server is None, "it has no server but the fork"


def test_those_forked_before_the_root_is_ready_wait_for_it(root: PreforkSandbox) -> None:
    with root.fork() as early:
        early.ready()
        assert ask(early, "x") == 2
    root.ready()


def test_one_stays_on_its_core(root: PreforkSandbox) -> None:
    core = usable_cores()[-1]
    with root.fork(core) as sandbox:
        assert ask(sandbox, "sorted(os.sched_getaffinity(0))") == [core]
    assert ask(root, "len(os.sched_getaffinity(0))") == 1


def test_what_is_closed_leaves_no_process(root: PreforkSandbox) -> None:
    root.ready()
    waiting_in(root)
    before = count_below(root)
    with root.fork() as sandbox:
        assert ask(sandbox, "x") == 2
        wait_for(lambda: count_below(root) > before)
    wait_for(lambda: count_below(root) == before)


def test_without_its_root_a_sandbox_starts_a_server_of_its_own(root: PreforkSandbox) -> None:
    with root.fork() as sandbox:
        assert ask(sandbox, "x") == 2
        sandbox._await_ended()
        root.close()
        wait_for(sandbox._is_gone)
        assert ask(sandbox, "x + 1") == 3
        assert sandbox._server is not None


def test_of_a_root_that_is_gone_none_is_forked(root: PreforkSandbox) -> None:
    root.ready()
    assert root._server is not None
    inside = psutil.Process(root._server.pid).children(recursive=True)
    os.killpg(root._server.pid, 9)
    root._server.wait()
    assert not psutil.wait_procs(inside, timeout=10)[1], "they end a moment after bubblewrap"
    with root.fork() as sandbox:
        assert ask(sandbox, "x") == 2
    assert ask(root, "x") == 2


def test_a_root_that_ends_before_it_is_ready_costs_its_forks_nothing(root: PreforkSandbox) -> None:
    with root.fork() as sandbox:
        root.close()
        assert ask(sandbox, "x") == 2


# Few descriptors are allowed. A process of the sandbox's user has more on their way for a second, which the kernel counts for all of
# that user's processes together; the next submission waits for that, and is run.
IN_FLIGHT = """
import array, os, resource, socket, time
from tests.integration.test_forked_servers import PreforkSandbox, ask

resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
with PreforkSandbox() as root:
    assert ask(root, "x") == 2
    there, told = os.pipe()
    begin, ready = os.pipe()
    if os.fork() == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 250))])
        os.write(told, b"x")
        os.read(begin, 1)
        time.sleep(1)
        os._exit(0)
    os.read(there, 1)
    begun = time.monotonic()
    os.write(ready, b"x")
    assert ask(root, "x") == 2
    assert time.monotonic() - begun > 0.5, "it was not hindered"
"""


def test_too_many_descriptors_of_others_cost_time_and_no_submission() -> None:
    parts.need_linux()
    parts.need_walls()
    done = subprocess.run([sys.executable, "-c", IN_FLIGHT], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
