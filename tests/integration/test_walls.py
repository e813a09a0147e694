"""The seccomp filter and the Landlock tier, raised for real."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Limits, Request
from grader.sandbox.worker import codec
from tests import parts
from tests.parts import Engine

LIMITS = Limits(cell_seconds=5, case_seconds=5, submission_seconds=60, memory_mb=512, disk_mb=8, processes=30)
ROOT = Path(__file__).parents[2]
CALLS = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def refused(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(number, *arguments) == -1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
"""
# x86-64 numbers: unshare, mount, ptrace, keyctl, bpf, perf_event_open, userfaultfd, memfd_create, shmget, io_uring_setup, clone3
NUMBERS = {272: "unshare", 165: "mount", 101: "ptrace", 250: "keyctl", 321: "bpf", 298: "perf_event_open", 323: "userfaultfd"}
NUMBERS |= {319: "memfd_create", 29: "shmget", 425: "io_uring_setup", 435: "clone3"}


def ask(engine: Engine, expression: str, preparation: str = "") -> object:
    """The value of an expression inside, or the type of the exception that it raised."""
    source = f"{preparation}\nimport os, socket, sys\nfrom pathlib import Path\ndef f(x):\n    return {expression}\n"
    call = Call("f", (codec.encode(0),))
    reply = engine.run(Request((Cell(0, "code", source),), {}, (Function("f", (), 1),), (), {}, (call,), LIMITS))
    (answer,) = reply.calls
    return answer.raised.type if answer.raised is not None else answer.value if answer.outcome == "returned" else answer


@pytest.fixture(scope="module", params=["prefork full", "kernel full", "prefork landlock"])
def filtered(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with parts.open_engine(request.param) as engine:
        yield engine


@pytest.mark.skipif("x86_64" not in str(getattr(sys.implementation, "_multiarch", "")), reason="the numbers are of another architecture")
def test_system_calls_that_reach_out_are_refused(filtered: Engine) -> None:
    passed = ask(filtered, f"[number for number in {sorted(NUMBERS)} if not refused(number, 0, 0, 0, 0, 0)]", CALLS)
    assert isinstance(passed, list)
    assert [NUMBERS[number] for number in passed] == []


def test_sockets_of_other_families_are_refused(filtered: Engine) -> None:
    assert ask(filtered, "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)") == "PermissionError"
    assert ask(filtered, "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)") == "PermissionError"


def test_what_a_notebook_needs_still_works(filtered: Engine) -> None:
    threads = "t = __import__('threading').Thread(target=print); t.start(); t.join()"
    assert ask(filtered, "__import__('subprocess').run(['true']).returncode", threads) == 0


@pytest.fixture(scope="module")
def landlocked() -> Iterator[PreforkSandbox]:
    parts.need_landlock()
    with PreforkSandbox(walls="landlock", hidden=[ROOT / "reference"]) as sandbox:
        assert sandbox.walls == "landlock"
        yield sandbox


@pytest.mark.parametrize(
    "path",
    [ROOT / "reference", ROOT / "grader" / "grade.py", ROOT / "README.md", Path("/etc/shadow"), Path("/proc/self/environ"), Path("/root")],
)
def test_files_that_are_none_of_its_business_cannot_be_read(landlocked: PreforkSandbox, path: Path) -> None:
    listed = f"os.listdir({str(path)!r})" if path.is_dir() else f"open({str(path)!r}, 'rb').read(1)"
    assert ask(landlocked, listed) in ("PermissionError", "FileNotFoundError")


def test_it_writes_into_its_own_folder_alone(landlocked: PreforkSandbox, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert ask(landlocked, f"open({str(tmp_path / 'x')!r}, 'w')") == "PermissionError"
    assert ask(landlocked, "open('/tmp/x-of-a-test', 'w')") == "PermissionError"
    assert ask(landlocked, "open('x', 'w').write('y')") == 1


def test_it_has_no_socket_and_signals_no_one(landlocked: PreforkSandbox) -> None:
    assert ask(landlocked, "socket.socket()") == "PermissionError"
    assert ask(landlocked, "os.kill(os.getpid(), 0)") is None
    assert ask(landlocked, "os.kill(supervisor, 0)", "supervisor = __import__('os').getppid()") == "PermissionError"
    assert ask(landlocked, "os.kill(1, 0)") == "PermissionError"
    assert ask(landlocked, "os.getuid() != 0") is True


def test_where_namespaces_are_refused_the_landlock_tier_serves(tmp_path: Path) -> None:
    """A child under a filter that refuses namespaces, as many containers do."""
    parts.need_landlock()
    notebook = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"
    grade = ["-m", "grader", "grade", str(notebook), "-a", "gradient_checking", "-o", str(tmp_path / "out")]
    command = [sys.executable, "-c", parts.REFUSE, "namespaces", sys.executable, *grade]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "landlock" in done.stderr
    text = (tmp_path / "out" / "notebook" / "result.json").read_text(encoding="utf-8")
    assert '"walls":"landlock"' in text
    assert '"score":50.0' in text
