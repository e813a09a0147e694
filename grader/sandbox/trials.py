"""The walls tried for real: small submissions attempt what walls must stop. Used by `grader doctor`; only on Linux.

`NOTEBOOK` is what runs inside. Outside waits what it must not reach: another submission, sockets, the grader's own files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]

from grader.errors import SandboxError
from grader.sandbox.protocol import Call, CallReply, Cell, Function, Limits, Request, Sandbox
from grader.sandbox.worker import codec

LIMITS = Limits(cell_seconds=5, case_seconds=8, submission_seconds=20, memory_mb=256, disk_mb=16, processes=64)
SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # where everybody may write on a machine without walls
FORKS, MAX_FILES, SIBLING_SECONDS, END_SECONDS = 1_000, 50, 20, 10

NOTEBOOK = '''
import contextlib, ctypes, os, shutil, socket, sys, time
libc = ctypes.CDLL(None)

def passes(action, *arguments):
    """Whether an action is let happen."""
    try:
        return action(*arguments) is not False
    except Exception:
        return False

def take(name):
    """Takes a name by which this process and those that it forks are found from outside."""
    libc.prctl(15, name.encode(), 0, 0, 0)

def reads(path, size=None):
    """Opens a file, and tells whether it is the one of that size."""
    with open(path, "rb") as file:
        file.read(1)
        return size is None or os.fstat(file.fileno()).st_size == size

def lists(folder, paths):
    """Lists a folder, and tells whether it is the one that holds one of the paths."""
    return any(os.path.join(folder, name) in paths for name in os.listdir(folder))

def try_key(files, folders):
    """The paths that can be read or listed, also where walls may have put what lies on the way to them."""
    paths = {path for path, _ in files}
    reached = [folder for folder in folders if passes(lists, folder, paths)]
    for path, size in files:
        parts = path.strip("/").split("/")
        tails = ["/".join(parts[number:]) for number in range(len(parts))]
        places = [f"{root}/{tail}" for root in ("/proc/1/root", sys.base_prefix, *sys.path) for tail in tails]
        if passes(reads, path) or any(passes(reads, place, size) for place in places):
            reached.append(path)
    return reached

def stay(name, places):
    """Is another submission: leaves files and waits."""
    for place in places:
        passes(lambda: open(f"{place}/{name}", "w").write("another submission's"))
    take(name)
    time.sleep(60)

def try_sibling(pid, paths):
    """What of another submission's process and files can be reached."""
    paths = [*paths, *(f"/proc/{pid}/{name}" for name in ("cmdline", "environ", "mem"))]
    signalled = [f"process {pid} with signals"] if passes(os.kill, pid, 0) else []
    return signalled + [path for path in paths if passes(reads, path)]

def connects(family, kind, address):
    """Reaches a socket that waits at an address."""
    with socket.socket(family, kind) as client:
        client.settimeout(1)
        client.connect(address)
        for _ in range(2):  # with UDP the second fails where nobody had the first
            client.send(b"x")

def try_socket(addresses):
    """The sockets that can be reached."""
    return [f"{name} {address!r}" for name, family, kind, address in addresses if passes(connects, family, kind, address)]

def mounts():
    """Mounts a folder, and takes the mount away again."""
    os.mkdir("mounted")
    done = libc.mount(b"none", b"mounted", b"tmpfs", 0, None) == 0
    libc.umount2(b"mounted", 2)
    return done

ATTEMPTS = {
    "a user namespace": lambda: libc.unshare(0x10000000) == 0,
    "a mount": mounts,
    "ptrace": lambda: libc.ptrace(0, 0, None, None) == 0,
    "root's uid": lambda: os.setuid(0),
}

def try_privileges():
    """The privileges that can be had, each in a process of its own."""
    had = []
    for name, attempt in ATTEMPTS.items():
        pid = os.fork()
        if pid == 0:
            os._exit(0 if passes(attempt) else 1)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
            had.append(name)
    return had

def hold(had, most):
    """Keeps more than is allowed for so long that whoever watches must see it, also on a busy machine."""
    time.sleep(3 if had > most else 0)

def try_processes(much, most, name, places):
    """How many processes can be had beside this one."""
    take(name)
    had = 0
    with contextlib.suppress(OSError):
        while had < much:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
            had += 1
    hold(had, most)
    return had

def try_memory(much, most, name, places):
    """How many MB of memory can be had."""
    take(name)
    kept = []
    with contextlib.suppress(MemoryError):
        while 8 * len(kept) < much:
            kept.append(b"x" * (8 << 20))
    hold(8 * len(kept), most)
    return 8 * len(kept)

def try_disk(much, most, name, places):
    """How many MB can be written in one place."""
    take(name)
    had = dict.fromkeys(places, 0)
    for place in places:
        with contextlib.suppress(OSError):
            os.mkdir(f"{place}/{name}")
            while had[place] < much:
                with open(f"{place}/{name}/{had[place]}", "wb") as file:
                    file.write(bytes(1 << 20))
                had[place] += 1
    hold(max(had.values()), most)
    for place in places:
        shutil.rmtree(f"{place}/{name}", ignore_errors=True)
    return max(had.values())

def double(x):
    return 2 * x
'''

# By trial: what holds where the wall stands; or the limit that must stop it, and what that counts.
_HELD = {
    "key": "{} cannot be read",
    "sibling": "another submission's process and files cannot be reached",
    "socket": "no TCP, UDP or Unix socket outside can be reached",
    "privileges": "a user namespace, a mount, ptrace and root's uid are refused",
}
_BOUNDS = {"processes": ("processes", "processes"), "memory": ("memory_mb", "MB of memory"), "disk": ("disk_mb", "MB on disk")}
NAMES = (*_HELD, *_BOUNDS)
Open = Callable[[], Sandbox]
Secrets = Mapping[str, Sequence[Path]]
Addresses = list[tuple[str, int, int, object]]


class Trial(msgspec.Struct, frozen=True):
    """A wall that was tried: its name, whether it stands, and what was seen."""

    name: str
    stands: bool
    text: str


def run(open_sandbox: Open, secret: Secrets, *, exhausting: bool = True) -> list[Trial]:
    """All trials against sandboxes that `open_sandbox` gives, in the order of NAMES.

    secret: what must not be read, by its name in words, as `sample` gives it. exhausting: also take processes, memory and disk
    space, which only walls stop. Raises SandboxError where the sandbox cannot be had.
    """
    token = f"grader{secrets.token_hex(4)}"  # also a process's name, of which the kernel keeps 15 characters
    try:
        with contextlib.closing(open_sandbox()) as sandbox:
            tried = _reach(sandbox, open_sandbox, secret, token)
            return tried + [_exhaust(sandbox, name, token) for name in _BOUNDS if exhausting]
    finally:
        _remove(token)


def sample(folder: Path, depth: int) -> list[Path]:
    """A folder and the first of the files in it, at most `depth` levels down; nothing where it holds none."""
    folder, files = folder.resolve(), list[Path]()
    with contextlib.suppress(OSError):
        for level in range(1, depth + 1):
            below = sorted(folder.glob("/".join("*" * level)))
            files += [path for path in below if path.is_file() and not path.is_symlink() and path.stat().st_size]
    return [folder, *files[:MAX_FILES]] if files else []


def mend(name: str, tier: str) -> str:
    """What can be done where the trial of that name fails behind the walls `tier`."""
    if name == "key":
        return "move it out of the folders of the system, of Python and of its packages (GRADER_REFERENCE, GRADER_CACHE)"
    if tier == "landlock":
        return "raise the full walls, which stop this: the line of the walls says what they lack"
    return "grade no strangers' code on this machine, and tell the maintainers"


def _remove(token: str) -> None:
    """Takes away what submissions leave in shared places where no walls stand."""
    for place in SHARED:
        shutil.rmtree(f"{place}/{token}", ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(f"{place}/{token}")


def _ask(sandbox: Sandbox, calls: Mapping[str, Sequence[object]], **limits: int) -> tuple[CallReply, ...]:
    """The answers of one submission to calls of the notebook's functions with these arguments; `limits` in the place of LIMITS."""
    functions = tuple(Function(name, (), len(arguments)) for name, arguments in calls.items())
    wired = tuple(Call(name, tuple(map(codec.encode, arguments))) for name, arguments in calls.items())
    bounds = msgspec.structs.replace(LIMITS, **limits)
    return sandbox.run(Request((Cell(0, "code", NOTEBOOK),), {}, functions, (), {}, wired, bounds)).calls


# What a submission must not reach


def _reach(sandbox: Sandbox, open_sandbox: Open, secret: Secrets, token: str) -> list[Trial]:
    """The trials of reaching out, all in one submission."""
    paths = [path for several in secret.values() for path in several]
    files = [(str(path), path.stat().st_size) for path in paths if path.is_file()]
    folders = [str(path) for path in paths if path.is_dir()]
    with tempfile.TemporaryDirectory(prefix="grader-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # so that walls alone keep it closed
        planted = Path(folder, "submission.py")
        planted.write_text("another submission's")
        with _sibling(open_sandbox, token) as (pid, left), _listeners(folder, token) as addresses:
            arguments = {"key": (files, folders), "sibling": (pid, [str(planted), *left]), "socket": (addresses,), "privileges": ()}
            answers = _ask(sandbox, {f"try_{name}": given for name, given in arguments.items()})
    words = " and ".join(", ".join(word for word, several in secret.items() if several).rsplit(", ", 1))
    return [_judge_reached(name, answer, words) for name, answer in zip(arguments, answers, strict=True)]


def _judge_reached(name: str, answer: CallReply, words: str) -> Trial:
    if answer.outcome != "returned" or not isinstance(answer.value, list):
        return Trial(name, False, f"it could not be tried: {_ended(answer)}")
    if not answer.value:
        return Trial(name, True, _HELD[name].format(words))
    more = f" and {len(answer.value) - 3} more" if len(answer.value) > 3 else ""
    return Trial(name, False, f"reached {', '.join(map(str, answer.value[:3]))}{more}")


def _ended(answer: CallReply) -> str:
    return f"{answer.raised.type}: {answer.raised.message}" if answer.raised else answer.reason or answer.outcome


@contextlib.contextmanager
def _sibling(open_sandbox: Open, token: str) -> Iterator[tuple[int, list[str]]]:
    """Another submission that runs in a sandbox of its own: its process as seen from here, and the files that it left."""
    with contextlib.closing(open_sandbox()) as sandbox, ThreadPoolExecutor(1) as threads:
        stays = threads.submit(_ask, sandbox, {"stay": (token, [".", *SHARED])}, case_seconds=SIBLING_SECONDS)
        process = _find(token, stays)
        places = [*SHARED]
        with contextlib.suppress(psutil.Error):
            places.append(process.cwd())
        try:
            yield process.pid, [f"{place}/{token}" for place in places]
            if stays.done():
                raise SandboxError(f"the second submission ended too early: {_ended(stays.result()[0])}")
        finally:
            with contextlib.suppress(psutil.Error):
                process.kill()


def _find(token: str, stays: Future[tuple[CallReply, ...]]) -> psutil.Process:
    """The process of the submission that took the name `token`."""
    while not stays.done():  # its limits end it
        for process in _named(token):
            return process
        time.sleep(0.02)
    raise SandboxError(f"no second submission could be started beside the first: {_ended(stays.result()[0])}")


def _named(token: str) -> list[psutil.Process]:
    """The processes that took the name `token` and run."""
    named = [process for process in psutil.process_iter(["name", "status"]) if process.info["name"] == token]
    return [process for process in named if process.info["status"] != psutil.STATUS_ZOMBIE]


@contextlib.contextmanager
def _listeners(folder: str, token: str) -> Iterator[Addresses]:
    """Sockets of this process: what each is in words, its family, kind and address."""
    unix, inet, stream = socket.AF_UNIX, socket.AF_INET, socket.SOCK_STREAM
    places = (("Unix", unix, stream, f"{folder}/socket"), ("abstract Unix", unix, stream, f"\0{token}"))
    wanted = (("TCP", inet, stream, ("127.0.0.1", 0)), ("UDP", inet, socket.SOCK_DGRAM, ("127.0.0.1", 0)), *places)
    with contextlib.ExitStack() as stack:
        addresses: Addresses = []
        for word, family, kind, place in wanted:
            listener = stack.enter_context(socket.socket(family, kind))
            listener.bind(place)
            if kind == stream:
                listener.listen()
            addresses.append((word, int(family), int(kind), listener.getsockname() if family == inet else place))
        os.chmod(f"{folder}/socket", 0o777)
        yield addresses


# What a submission must not take


def _exhaust(sandbox: Sandbox, name: str, token: str) -> Trial:
    """Whether a submission that takes too much is stopped at the limit and ended whole, and the next one works."""
    limit, unit = _BOUNDS[name]
    most: int = getattr(LIMITS, limit)
    much = FORKS if name == "processes" else 4 * most
    more = {"memory_mb": 1 << 16} if name == "processes" else {}  # memory that forks share counts for each of them
    try:
        (answer,) = _ask(sandbox, {f"try_{name}": (much, most, token, [".", *SHARED])}, **more)
        (after,) = _ask(sandbox, {"double": (21,)})
    except SandboxError as error:
        return Trial(name, False, f"the sandbox broke: {error}")
    had = answer.value if isinstance(answer.value, int) else None
    if answer.limit != limit and (had is None or had > most):
        return Trial(name, False, f"the limit of {most} {unit} did not stop it: {_ended(answer) if had is None else f'it had {had}'}")
    if after.value != 42:
        return Trial(name, False, f"the next submission does not work: {_ended(after)}")
    if not _is_gone(token):
        return Trial(name, False, "its processes still run when it has been ended")
    return Trial(name, True, f"stopped at {most} {unit}, and the next submission works")


def _is_gone(token: str) -> bool:
    """Whether every process of that name ends within a moment."""
    deadline = time.monotonic() + END_SECONDS
    while _named(token) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _named(token)
