"""What student code can see and reach, behind full walls and without any."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from grader.sandbox import walls
from grader.sandbox.kernel import KernelSandbox
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Limits, Request
from grader.sandbox.worker import codec
from tests.parts import ENGINES, Engine, need_walls, open_engine

LIMITS = Limits(cell_seconds=5, case_seconds=5, submission_seconds=60, memory_mb=512, disk_mb=8, processes=30)
WALLED = ("prefork full", "kernel full")


@pytest.fixture(scope="module", params=WALLED)
def walled(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as opened:
        yield opened


def ask(engine: Engine, expression: str, preparation: str = "") -> object:
    """The value of an expression inside, or the type of the exception that it raised."""
    source = f"{preparation}\ndef f(x):\n    import os, sys, socket, subprocess\n    from pathlib import Path\n    return {expression}\n"
    call = Call("f", (codec.encode(0),))
    request = Request((Cell(0, "code", source),), {}, (Function("f", (), 1),), (), {}, (call,), LIMITS)
    reply = engine.run(request)
    assert reply.cells == (), reply.cells
    (answer,) = reply.calls
    return answer.raised.type if answer.raised is not None else answer.value if answer.outcome == "returned" else answer


def status(engine: Engine, field: str) -> str:
    """A line of /proc/self/status inside, wherever that process can read it."""
    text = ask(engine, "Path('/proc/self/status').read_text()")
    assert isinstance(text, str)
    return next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith(field + ":"))


# Who it is


def test_it_is_not_root(walled: Engine) -> None:
    assert ask(walled, "os.getuid() != 0 and os.geteuid() != 0 and os.getgid() != 0") is True


def test_files_of_root_cannot_be_read(walled: Engine) -> None:
    assert ask(walled, "open('/etc/shadow').read()") in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize("field", ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"])
def test_it_has_no_capability(walled: Engine, field: str) -> None:
    assert int(status(walled, field), 16) == 0


def test_it_cannot_gain_privileges(walled: Engine) -> None:
    assert status(walled, "NoNewPrivs") == "1"


def test_no_process_is_the_first_of_its_namespace(walled: Engine) -> None:
    assert ask(walled, "os.getpid()") in (2, 3)  # the case process is the child of the notebook's, which is the second
    assert ask(walled, "pid", "import os\npid = os.getpid()") == 2


def test_only_its_own_processes_are_seen(walled: Engine) -> None:
    pids = ask(walled, "sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")
    assert isinstance(pids, list)
    assert set(pids) <= {1, 2, 3}


def test_the_first_process_cannot_be_ended_or_read(walled: Engine) -> None:
    assert ask(walled, "os.kill(1, 9)") in ("PermissionError", None)
    assert ask(walled, "open('/proc/1/mem', 'rb')") in ("PermissionError", "FileNotFoundError")
    if walled.engine == "prefork":  # the kernel's is bubblewrap, which holds nothing that the kernel does not
        assert ask(walled, "os.listdir('/proc/1/fd')") in ("PermissionError", "FileNotFoundError")


# What it can reach


@pytest.mark.parametrize("address", ["('1.1.1.1', 53)", "('127.0.0.1', 22)", "('localhost', 80)"])
def test_there_is_no_network(walled: Engine, address: str) -> None:
    expression = f"socket.create_connection({address}, timeout=1)"
    assert ask(walled, expression) in ("OSError", "ConnectionRefusedError", "PermissionError", "gaierror", "TimeoutError")


def test_a_listener_of_ours_cannot_be_reached(walled: Engine) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer = ask(walled, f"socket.create_connection(('127.0.0.1', {port}), timeout=1)")
    assert answer in ("OSError", "ConnectionRefusedError", "PermissionError")


def test_the_grader_is_not_there(walled: Engine) -> None:
    # Where it is installed among the packages an empty folder stands in its place, which Python takes for an empty package.
    assert ask(walled, "__import__('grader.sandbox')") == "ModuleNotFoundError"
    assert ask(walled, "[name for place in sys.path for name in Path(place, 'grader').glob('*')]") == []
    assert ask(walled, "[name for name in sys.modules if name.split('.')[0] == 'grader']") == []
    assert ask(walled, "sorted({name.split('.')[0] for name in sys.modules if name.startswith('worker')})") == ["worker"]


def test_the_environment_is_ours_alone(walled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ask(walled, "sorted(os.environ)")
    assert isinstance(names, list)
    allowed = {*walls.environment("/work"), "LD_LIBRARY_PATH", "PWD", "LC_CTYPE", "COLUMNS", "LINES", "PYDEVD_USE_FRAME_EVAL"}
    allowed |= {"TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER", "NO_COLOR"}  # ipykernel's own
    assert set(names) <= allowed


@pytest.mark.parametrize("place", ["/", "/home", "/opt", "/etc", "/dev", "/usr", "/opt/worker", "/opt/worker/worker", "/run", "/proc"])
def test_nothing_outside_its_own_places_can_be_written(walled: Engine, place: str) -> None:
    assert ask(walled, f"Path({place!r}, 'leak').write_text('x')") in ("OSError", "PermissionError", "FileNotFoundError")


@pytest.mark.parametrize("place", ["/tmp", "/work", "/dev/shm"])
def test_its_own_places_are_bounded(walled: Engine, place: str) -> None:
    fill = f"for i in range(40):\n    open(f'{place}/{{i}}', 'wb').write(bytes(1 << 20))"
    text = ask(
        walled,
        "problem",
        f"problem = ''\ntry:\n    {fill.replace(chr(10), chr(10) + '    ')}\nexcept OSError as error:\n    problem = error.strerror",
    )
    assert text == "No space left on device"


def test_memory_is_bounded(walled: Engine) -> None:
    assert ask(walled, "len(bytearray(3 << 30))") == "MemoryError"


def test_processes_are_bounded(walled: Engine) -> None:
    many = "import subprocess\nstarted = []\ntry:\n    for _ in range(200):\n        started.append(subprocess.Popen(['sleep', '5']))\n"
    many += "except OSError:\n    pass\n"
    many += "count = len(started)\nfor process in started:\n    process.kill()\n    process.wait()"
    count = ask(walled, "count", many)
    assert isinstance(count, int)
    assert count <= LIMITS.processes


# Hidden folders


@pytest.fixture
def in_a_bound_place() -> Iterator[tuple[Path, Path]]:
    """Two folders with a file each among the packages, which are bound; other workers of the tests have others."""
    hidden, seen = (walls.site_folders()[0] / f"grader_test_{what}_{os.getpid()}" for what in ("hidden", "seen"))
    folders = hidden, seen
    try:
        for folder in folders:
            folder.mkdir(exist_ok=True)
            (folder / "key.txt").write_text("the key")
    except OSError:
        pytest.skip("the environment's packages are read-only")
    yield folders
    for folder in folders:
        (folder / "key.txt").unlink()
        folder.rmdir()


@pytest.mark.parametrize("sandbox", [PreforkSandbox, KernelSandbox])
def test_a_hidden_folder_cannot_be_read(sandbox: type[Engine], tmp_path: Path, in_a_bound_place: tuple[Path, Path]) -> None:
    need_walls()
    hidden, seen = in_a_bound_place
    elsewhere = tmp_path / "reference"
    elsewhere.mkdir()
    (elsewhere / "key.txt").write_text("the key")
    with sandbox(walls="full", hidden=[hidden, elsewhere]) as opened:
        assert ask(opened, f"Path('{walls.SITE_PLACE}/0/{seen.name}/key.txt').read_text()") == "the key"
        assert ask(opened, f"Path('{walls.SITE_PLACE}/0/{hidden.name}/key.txt').read_text()") == "FileNotFoundError"
        assert ask(opened, f"Path('{walls.SITE_PLACE}/0/{hidden.name}/leak').write_text('x')") in ("PermissionError", "OSError")
        for path in (hidden, seen, elsewhere):
            assert ask(opened, f"Path({str(path / 'key.txt')!r}).read_text()") in ("FileNotFoundError", "PermissionError")


# One submission and the next


ASLEEP = str(10**6 + os.getpid())  # seconds: other workers of the tests look for others
LEAVE = f"""
import os, subprocess, sys
for place in ("/tmp", "/work", "/dev/shm", "/home", "/", "/run/kernel"):
    try:
        open(place + "/left", "w").write("x")
    except OSError:
        pass
sys.modules["left"] = os
os.environ["LEFT"] = "x"
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "{ASLEEP}"])
    os._exit(0)
"""


def test_nothing_of_one_submission_is_seen_by_the_next(walled: Engine) -> None:
    ask(walled, "0", LEAVE)
    places = ("/tmp", "/work", "/dev/shm", "/home", "/", "/run/kernel")
    assert ask(walled, f"[place for place in {places} if os.path.exists(place + '/left')]") == []
    assert ask(walled, "'left' in sys.modules, 'LEFT' in os.environ") == (False, False)
    commands = "[Path(p, 'cmdline').read_bytes() for p in Path('/proc').iterdir() if p.name.isdigit() and p.name != '1']"
    assert ASLEEP not in repr(ask(walled, commands))


def is_asleep() -> bool:
    """Whether a process that LEAVE starts runs on this machine."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline()[1:] == [ASLEEP] and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


@pytest.mark.skipif(os.name != "posix", reason="it forks")
@pytest.mark.parametrize("name", ENGINES)
def test_no_process_outlives_its_submission(name: str) -> None:
    with open_engine(name) as opened:
        for _ in range(20 if opened.engine == "prefork" else 1):  # one look at the processes missed one in six
            ask(opened, "0", LEAVE)
        deadline = time.monotonic() + 20
        while is_asleep() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_asleep()


@pytest.mark.parametrize("name", ENGINES)
def test_no_process_is_left_after_closing(name: str) -> None:
    before = set(psutil.Process().children(recursive=True))
    opened = open_engine(name)
    ask(opened, "0")
    started = set(psutil.Process().children(recursive=True)) - before
    opened.close()
    _, alive = psutil.wait_procs(started, timeout=20)
    assert [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("name", ENGINES)
def test_no_folder_is_left(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="t-") as own:  # in the common one other workers of the tests make folders, too
        Path(own).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", own)
        with open_engine(name) as opened:
            ask(opened, "Path('deep/er').mkdir(parents=True)", "open('file', 'w').write('x')")
            assert [*Path(own).rglob("file")] == []
        assert [*Path(own).iterdir()] == []


def test_sets_have_the_same_order_in_every_run() -> None:
    answers = []
    for _ in range(2):
        with open_engine("prefork none") as opened:
            answers.append(ask(opened, "list({'a', 'b', 'c', 'd', 'e', 'f'})"))
    assert answers[0] == answers[1]
