"""The outer wall: the bubblewrap command that a server or a kernel is started behind.

Flags and traps: bwrap(1). As root no user namespace is made (root would stay root inside); the real uid is dropped to
`NOBODY` by setpriv before the interpreter starts. An ordinary user gets a user namespace.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from grader.errors import WallsError
from grader.sandbox import seccomp

NOBODY = 65534
PYTHON_PLACE, SITE_PLACE, WORKER_PLACE = "/opt/python", "/opt/site", "/opt/worker"
PACKAGE = Path(__file__).parents[1]
WORKER = Path(__file__).parent / "worker"
# Nothing of the caller's folders or site; but not -I, which would ignore PYTHONHASHSEED and so let sets differ from run to run.
FLAGS = ("-P", "-s", "-S")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/certs", "/etc/localtime")


class Inside(msgspec.Struct, frozen=True):
    """Where things lie for the process that runs inside: the interpreter, the folders of sys.path, the worker's parent."""

    command: tuple[str, ...]
    python: str
    path: tuple[str, ...]
    environment: Mapping[str, str]


def environment(home: str) -> dict[str, str]:
    """The whole environment of student code: nothing of the caller's but what its system cannot run without."""
    system = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "TEMP", "TMP", "PATH")
    windows = {"USERPROFILE": home, **{name: os.environ[name] for name in system if name in os.environ}}
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "TMPDIR": "/tmp",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp",
        "PIP_NO_INDEX": "1",
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "IPYTHONDIR": home,
        "JUPYTER_PLATFORM_DIRS": "1",
        **{name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ},
        **(windows if sys.platform == "win32" else {}),
    }


def remedy(lacking: str) -> str:
    """What can be done about something that `missing` says."""
    without = "pass --walls none to run without walls"
    for word, command in (
        ("bwrap", "install bubblewrap (Debian: sudo apt-get install bubblewrap)"),
        ("setpriv", "install util-linux (Debian: sudo apt-get install util-linux)"),
        ("seccomp", "install libseccomp (Debian: sudo apt-get install libseccomp2)"),
        ("namespaces", "allow user namespaces (sudo sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1)"),
    ):
        if word in lacking:
            return f"{command}, or {without}"
    return without


def missing() -> str | None:
    """What of the full walls this machine lacks, in one sentence, or None."""
    if sys.platform != "linux":
        return "the walls need Linux"
    for name in ("bwrap", "setpriv"):
        if program(name) is None:
            return f"{name} is not installed"
    return seccomp.missing() or _probe()


def program(name: str) -> str | None:
    """A program of the system's own, never one that PATH puts before it."""
    return shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")


def begin_probe() -> None:
    """Has the trial begin that `missing` waits for."""
    if program("bwrap") is not None and program("setpriv") is not None:
        _start_probe()


@functools.cache
def _start_probe() -> subprocess.Popen[bytes] | str:
    """The trial's process, or why there is none."""
    inside = bubblewrap(())
    command = [*inside.command, "/usr/bin/unshare", "--user", "--pid", "--mount", "--net", "--ipc", "--fork", "--mount-proc", "true"]
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError as error:
        return f"bubblewrap does not run: {error}"


@functools.cache
def _probe() -> str | None:
    probe = _start_probe()
    if isinstance(probe, str):
        return probe
    try:
        _, said = probe.communicate(timeout=20)
    except subprocess.TimeoutExpired as error:
        probe.kill()
        probe.communicate()
        return f"bubblewrap does not run: {error}"
    if probe.returncode != 0:
        return "namespaces are refused: " + said.decode("utf-8", "replace").strip()[:300]
    return None


def site_folders() -> list[Path]:
    """The folders that this interpreter takes its packages from, without the grader's own clone."""
    standard = {Path(sysconfig.get_path("stdlib")).resolve(), Path(sysconfig.get_path("platstdlib")).resolve()}
    folders = []
    for entry in list(sys.path):  # a copy: another thread may be loading an assignment just now
        folder = Path(entry).resolve()
        if folder.name in ("site-packages", "dist-packages") and folder.is_dir() and folder not in standard and folder not in folders:
            folders.append(folder)
    return folders


def bubblewrap(hidden: Iterable[Path], extra: Sequence[str] = ()) -> Inside:
    """The command prefix of the outer wall.

    hidden: paths that must not exist inside even where they lie under a folder that is bound (reference, results,
    submissions). extra: further bubblewrap arguments. Raises WallsError where bubblewrap is not installed.
    """
    bwrap, setpriv = program("bwrap"), program("setpriv")
    if bwrap is None or setpriv is None:
        raise WallsError("bwrap or setpriv is not installed", remedy=remedy("bwrap"))
    root = os.geteuid() == 0
    unshare = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    user = [] if root else ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    arguments = [bwrap, *user, *unshare, "--die-with-parent", "--new-session", "--clearenv"]
    links, bound = _system_places()
    arguments += links
    base = Path(sys.base_prefix).resolve()
    python_place = str(base) if base.is_relative_to("/usr") else PYTHON_PLACE
    sites = site_folders()
    arguments += ["--perms", "0755", "--dir", "/opt", "--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/etc/ssl"]
    if python_place == PYTHON_PLACE:
        bound[str(base)] = PYTHON_PLACE
    for number, folder in enumerate(sites):
        bound[str(folder)] = f"{SITE_PLACE}/{number}"
    bound[str(WORKER)] = f"{WORKER_PLACE}/worker"
    bound |= {str(WORKER / name): f"/etc/{name}" for name in ("passwd", "group")}
    arguments += ["--perms", "0755", "--dir", SITE_PLACE, "--perms", "0755", "--dir", WORKER_PLACE]
    for source_path, place in bound.items():
        arguments += ["--ro-bind", source_path, place]
    arguments += _masks((PACKAGE, *(folder / PACKAGE.name for folder in sites), *hidden), bound)
    # Mapped as shared, /dev/zero is memory that nothing counts; /dev/full reads the same, and cannot be mapped.
    arguments += ["--proc", "/proc", "--dev", "/dev", "--dev-bind", "/dev/full", "/dev/zero"]
    for place in ("/tmp", "/home", "/work"):
        arguments += ["--perms", "0755", "--tmpfs", place] if place == "/home" else ["--perms", "1777", "--tmpfs", place]
    arguments += [*extra, "--remount-ro", "/", "--remount-ro", "/dev", "--remount-ro", "/home"]
    settings = environment("/work")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and python_place == PYTHON_PLACE:
        settings["LD_LIBRARY_PATH"] = f"{PYTHON_PLACE}/lib"  # the interpreter's own, not an older one of the system's
    for name, value in settings.items():
        arguments += ["--setenv", name, value]
    arguments += ["--chdir", "/"]
    if root:
        arguments += _drop_root(setpriv)
    executable = Path(sys.base_prefix).resolve() / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = str(Path(python_place) / executable.relative_to(base))
    path = (WORKER_PLACE, *(f"{SITE_PLACE}/{number}" for number in range(len(sites))))
    return Inside(tuple(arguments), python, path, settings)


def _system_places() -> tuple[list[str], dict[str, str]]:
    """The arguments for the system's folders that are links, as /bin often is, and those that are bound where they lie."""
    links: list[str] = []
    bound: dict[str, str] = {}
    for place in SYSTEM:
        source = Path(place)
        if source.is_symlink() and len(source.parts) == 2:
            links += ["--symlink", os.readlink(place), place]
        elif source.exists():
            bound[place] = place
    return links, bound


def _drop_root(setpriv: str) -> list[str]:
    """The commands between bubblewrap that root started and the interpreter, which must not be root's."""
    # bubblewrap covers parts of a /proc that root could write to, and the kernel allows no fresh one beside a covered one.
    mount = ["/bin/sh", "-c", 'mount -t proc -o nosuid,nodev,noexec proc /proc && exec "$@"', "sh"]
    identity = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    return [*mount, *identity, "--bounding-set=-all", "--inh-caps=-all"]


def _masks(hidden: Iterable[Path], bound: Mapping[str, str]) -> list[str]:
    """Empty folders over what must not be seen: for each hidden path, at every place where a bound folder shows it."""
    arguments: list[str] = []
    for path in hidden:
        resolved = path.resolve()
        for source, place in bound.items():
            if resolved.is_relative_to(source) and resolved.is_dir() and Path(place) != Path(WORKER_PLACE) / "worker":
                mask = str(Path(place) / resolved.relative_to(source))
                arguments += ["--perms", "0555", "--tmpfs", mask, "--remount-ro", mask]  # else submissions could meet there
    return arguments
