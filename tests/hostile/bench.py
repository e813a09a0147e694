"""One run's surroundings for the attacks: secrets to be kept, listeners that must not be reached, warm sandboxes."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psutil  # type: ignore[import-untyped]

from grader import work
from grader.api import Grader
from grader.feedback import Material
from grader.grade import Rule
from grader.model import SubmissionResult
from grader.notebook import Notebook
from grader.sandbox import walls
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Limits, Reply, Request, Sandbox
from grader.submissions import Submission, find
from tests.hostile import attacks

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "gradient_checking"
AMONG = "grader_test_hostile_"  # a hidden folder among the packages, and the process that made it
MARKER = "hostile_marker"  # the name of what attacks try to leave outside
HIDDEN_INPUTS = "the hidden cases' injections"  # these go in, and must not come out to students


class World:
    """Secrets in every place that student code must not read, and listeners on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, str] = {}
        self.hidden = folder / "hidden"
        self.among_packages = walls.site_folders()[0] / f"{AMONG}{os.getpid()}"
        for stale in self.among_packages.parent.glob(f"{AMONG}*"):
            if not psutil.pid_exists(int(stale.name.removeprefix(AMONG))):
                shutil.rmtree(stale)
        self._hide(self.hidden / "answer_key.json")
        with contextlib.suppress(OSError):  # an environment may be read-only
            self._hide(self.among_packages / "answer_key.json")
        self.reference = folder / "reference"
        shutil.copytree(ROOT / "reference" / ASSIGNMENT, self.reference / ASSIGNMENT, ignore=shutil.ignore_patterns("__pycache__"))
        self._append(self.reference / ASSIGNMENT / "solution.py", "reference")
        self._append(self.reference / ASSIGNMENT / "injections.py", HIDDEN_INPUTS)
        self.submissions = folder / "submissions"
        neighbour = f"# %%\nneighbour_knows = '{self._secret('another submission')}'\nprint(neighbour_knows)\n{NEIGHBOUR}"
        self.write("neighbour", attacks.to_notebook(f"{attacks.CLASSIC}\n{neighbour}", {}))
        self.write("control", attacks.to_notebook(attacks.CLASSIC, {}))
        self.out = folder / "out"
        self._hide(self.out / "gradebook.db")
        os.environ["GRADER_TEST_HOSTILE"] = self._secret("environment")
        self._listen()
        self.places = {
            "TCP_PORT": str(self.tcp.getsockname()[1]),
            "UDP_PORT": str(self.udp.getsockname()[1]),
            "ABSTRACT": self.abstract.getsockname().decode()[1:],
            "SOCKET": str(self.folder / "socket"),
            "SECRET_PLACES": repr([str(path) for path in (self.hidden, self.among_packages, self.reference, self.submissions, self.out)]),
            "AMONG": self.among_packages.name,
            "ROOT": str(ROOT),
        }

    def _secret(self, what: str) -> str:
        self.secrets[what] = ("HIDDEN-" if what == HIDDEN_INPUTS else "SECRET-") + secrets.token_hex(16)
        return self.secrets[what]

    def _hide(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_text(self._secret(str(path)))

    def _append(self, path: Path, what: str) -> None:
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\nNOTE = '{self._secret(what)}'\n", encoding="utf-8")

    def _listen(self) -> None:
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract, self.path = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0grader-test-hostile-{os.getpid()}")
        with contextlib.chdir(self.folder):  # the path of a socket is short
            self.path.bind("socket")
        os.chmod(self.folder / "socket", 0o777)
        for listener in (self.tcp, self.abstract, self.path):
            listener.listen(5)
        for listener in self.listeners():
            listener.setblocking(False)

    def listeners(self) -> tuple[socket.socket, ...]:
        """All of them."""
        return self.tcp, self.udp, self.abstract, self.path

    def write(self, student: str, notebook: bytes) -> None:
        """Puts a notebook among the submissions."""
        (self.submissions / student).mkdir(parents=True)
        (self.submissions / student / "notebook.ipynb").write_bytes(notebook)

    def submission(self, student: str) -> Submission:
        """What a student handed in."""
        return next(found for found in find([self.submissions]) if found.student == student)

    def reached(self) -> list[str]:
        """The listeners that somebody reached."""
        names = []
        for name, listener in zip(("TCP", "UDP", "an abstract socket", "a socket on disk"), self.listeners(), strict=True):
            with contextlib.suppress(BlockingIOError):
                if listener is self.udp:
                    listener.recv(100)
                else:
                    listener.accept()[0].close()
                names.append(name)
        return names

    def close(self) -> None:
        """Removes what lies outside of the folder."""
        for listener in self.listeners():
            listener.close()
        shutil.rmtree(self.among_packages, ignore_errors=True)
        os.environ.pop("GRADER_TEST_HOSTILE", None)


# What the neighbour leaves behind wherever it can.
NEIGHBOUR = """
import os
os.environ["NEIGHBOUR"] = neighbour_knows
for place in (".", "/tmp", "/dev/shm", "/run/kernel", os.path.expanduser("~")):
    try:
        with open(f"{place}/neighbour.txt", "w") as file:
            file.write(neighbour_knows)
    except OSError:
        pass
"""


class Recording:
    """A sandbox that keeps the replies of another."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.engine, self.walls, self.python, self.numpy = sandbox.engine, sandbox.walls, sandbox.python, sandbox.numpy
        self.replies: list[Reply] = []

    def run(self, request: Request) -> Reply:
        """The other's reply."""
        reply = self.sandbox.run(request)
        self.replies.append(reply)
        return reply

    def close(self) -> None:
        """Closes the other."""
        self.sandbox.close()


class Graded(NamedTuple):
    """A result, what its page shows besides, and the notebook that it came from, where that could be read."""

    result: SubmissionResult
    material: Material
    notebook: Notebook | None


class Bench:
    """A warm sandbox, and what a right notebook gets in it. root: a bench whose server this one's is a fork of, as in a batch."""

    def __init__(self, world: World, engine: str, root: Bench | None = None) -> None:
        self.world, self.engine = world, engine
        hidden = [world.hidden, world.among_packages, world.submissions, world.out]
        raised, chosen = ("landlock", "prefork") if engine == "landlock" else ("full", engine)
        self.foreign = {child.pid for child in psutil.Process().children()}  # of other tests: a browser, a database
        forked = root.grader.sandbox.fork() if root is not None and isinstance(root.grader.sandbox, PreforkSandbox) else None
        self.grader: Grader = Grader(ASSIGNMENT, reference=world.reference, engine=chosen, walls=raised, hidden=hidden, sandbox=forked)
        self.sandbox = Recording(self.grader.sandbox)
        self.rule = self.grader.rule
        self.rule.sandbox = self.sandbox
        self.rule.common = self.grader.kit.for_class().common  # submissions of a batch leave traces for the class page
        assert self.grade(world.submission("neighbour")).result.score == 50
        self.baseline = self.control()
        self.settle()
        self.sandbox.replies.clear()

    def grade(self, submission: Submission, limits: Limits | None = None) -> Graded:
        """What a batch makes of a submission."""
        self.grader.rule = self.rule if limits is None else Rule(self.rule.assignment, self.rule.key, self.sandbox, limits, common=self.rule.common)
        given = work.read(submission)
        return Graded(*work.grade(self.grader, given), given.notebook)

    def control(self) -> str:
        """The result of the right notebook."""
        return self.grade(self.world.submission("control")).result.to_json()

    def replies(self) -> str:
        """All that came out of the sandbox since the last call of this, as text."""
        text = msgspec.json.encode(self.sandbox.replies, enc_hook=_as_text).decode()
        self.sandbox.replies.clear()
        return text

    def settle(self) -> None:
        """Counts the processes once all is quiet: those that stand by are forked after an answer, on a busy machine a while after it."""
        counts = [-1]
        while len(counts) < 10 or len({*counts[-10:]}) > 1:
            time.sleep(0.1)
            counts.append(self._count_processes())
        self.processes = counts[-1]

    def survivors(self) -> int:
        """How many processes more there are than before the first attack."""
        deadline = time.monotonic() + 20
        while (more := self._count_processes() - self.processes) > 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        return max(0, more)

    def _count_processes(self) -> int:
        count = 0
        for child in psutil.Process().children():
            if child.pid not in self.foreign:
                for process in (child, *child.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        count += process.status() != psutil.STATUS_ZOMBIE
        return count

    def has_seccomp(self) -> bool:
        """Whether student code runs under a filter of system calls."""
        body = "import ctypes; return ctypes.CDLL(None).prctl(21, 0, 0, 0, 0)"  # PR_GET_SECCOMP
        source = f"# %%\ndef backward_propagation(x, theta):\n    {body}\n"
        self.world.write(f"probe-{self.engine}", attacks.to_notebook(source, {}))
        result = self.grade(self.world.submission(f"probe-{self.engine}")).result
        self.sandbox.replies.clear()
        (exercise,) = (exercise for exercise in result.exercises if exercise.name == "backward_propagation")
        return exercise.cases[0].actual == "2"


def _as_text(value: Any) -> str:
    return value.tobytes().decode("latin-1") if isinstance(value, (np.ndarray, np.generic)) else repr(value)


def markers() -> Iterator[Path]:
    """What attacks left outside of their sandbox."""
    places = ("/", "/tmp", "/home", "/root", "/dev", "/dev/shm", "/var/tmp", "/work", "/opt", "/etc")
    for place in (*places, str(ROOT), str(walls.site_folders()[0])):
        with contextlib.suppress(OSError):
            yield from Path(place).glob(f"*{MARKER}*")
