"""Sandboxes whose servers are forks of another sandbox's: each is its own, and none needs another one's to go on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

import psutil  # type: ignore[import-untyped]
import pytest

from grader.executors import usable_cores
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Limits, Request
from grader.sandbox.worker import codec
from tests import parts

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


def settled(sandbox: PreforkSandbox) -> int:
    """The same, once it has stayed so for a while: processes that stand by are forked after an answer."""
    counts = [-1]
    while len(counts) < 4 or len(set(counts[-4:])) > 1:
        time.sleep(0.1)
        counts.append(count_below(sandbox))
    return counts[-1]


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
    assert ask(root, "sorted(os.sched_getaffinity(0))") == usable_cores()


def test_what_is_closed_leaves_no_process(root: PreforkSandbox) -> None:
    root.ready()
    before = settled(root)
    with root.fork() as sandbox:
        assert ask(sandbox, "x") == 2
        assert settled(root) > before
    assert settled(root) == before


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
    os.killpg(root._server.pid, 9)
    root._server.wait()
    with root.fork() as sandbox:
        assert ask(sandbox, "x") == 2
    assert ask(root, "x") == 2


def test_a_root_that_ends_before_it_is_ready_costs_its_forks_nothing(root: PreforkSandbox) -> None:
    with root.fork() as sandbox:
        root.close()
        assert ask(sandbox, "x") == 2
