"""The weaker tier, for machines that refuse namespaces: Landlock, seccomp and rlimits, raised by an unprivileged process itself.

What it lets through that the full walls stop is listed in docs/explanation/security.md.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from grader.sandbox import seccomp
from grader.sandbox.walls import FLAGS, NOBODY, PACKAGE, SYSTEM, WORKER, environment, program, site_folders
from grader.sandbox.worker import landlock as worker

_DEVICES = ("/dev/random", "/dev/urandom")  # not /dev/zero, which mapped as shared is memory that nothing counts
_SINKS = ("/dev/null", "/dev/full")


class Tier(msgspec.Struct, frozen=True):
    """How a server of this tier is started, and what its submissions may reach."""

    command: tuple[str, ...]
    path: tuple[str, ...]
    environment: Mapping[str, str]
    readable: tuple[str, ...]
    listable: tuple[str, ...]
    sinks: tuple[str, ...]


def missing() -> str | None:
    """What this machine lacks for the tier, in one sentence, or None."""
    if sys.platform != "linux":
        return "the walls need Linux"
    version = worker.abi()
    if version < worker.LOWEST_ABI:
        return f"the kernel has Landlock ABI {version}, {worker.LOWEST_ABI} is needed"
    return seccomp.missing() or _probe()


@functools.cache
def _probe() -> str | None:
    """Whether the interpreter runs as the user that student code gets."""
    tier = prepare(())
    check = f"import sys; sys.path[:0] = {list(tier.path)!r}; import numpy, worker.codec"
    try:
        done = subprocess.run(
            [*tier.command, *FLAGS, "-c", check], env=dict(tier.environment), capture_output=True, timeout=60, check=False,
            stdin=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the interpreter does not start: {error}"
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"root cannot be dropped, or the interpreter not be read then: {said[-1][:300] if said else done.returncode}"
    return None


def prepare(hidden: Iterable[Path]) -> Tier:
    """The tier for a machine; `hidden` are folders that must stay unreadable wherever they lie."""
    sites = site_folders()
    secret = [path.resolve() for path in (PACKAGE, *(folder / PACKAGE.name for folder in sites), *hidden)]
    readable, listable = [str(WORKER.resolve())], list[str]()
    for tree in (*map(Path, SYSTEM), Path(sys.base_prefix).resolve(), *sites):
        _carve(tree, secret, readable, listable)
    python = Path(sys.base_prefix).resolve() / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Tier(
        command=(*_drop_root(python), str(python)),
        path=(str(WORKER.parent), *map(str, sites)),
        environment={**environment("/nonexistent"), **_library(python)},
        readable=(*readable, *_DEVICES),
        listable=tuple(listable),
        sinks=_SINKS,
    )


def _library(python: Path) -> dict[str, str]:
    """Where the interpreter's own library lies: the loader does not follow its RUNPATH for a process with capabilities."""
    return {"LD_LIBRARY_PATH": str(python.parents[1] / "lib")} if sysconfig.get_config_var("Py_ENABLE_SHARED") else {}


def _carve(tree: Path, secret: list[Path], readable: list[str], listable: list[str]) -> None:
    """Makes `tree` readable but for what is secret below it: there each neighbour on the way gets a rule of its own."""
    resolved = tree.resolve()
    if any(resolved.is_relative_to(path) for path in secret):
        return
    if not any(path.is_relative_to(resolved) for path in secret):
        readable.append(str(tree))
        return
    listable.append(str(tree))
    for child in sorted(resolved.iterdir()):
        _carve(child, secret, readable, listable)


@functools.cache
def _drop_root(python: Path) -> tuple[str, ...]:
    """What comes before the interpreter where root starts it: another user, which may pass through root's folders to an
    interpreter that lies there only if it must. Landlock bounds what that lets it read."""
    if os.geteuid() != 0:
        return ()
    setpriv = program("setpriv") or "setpriv"
    identity = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs")
    none = (*identity, "--bounding-set=-all", "--inh-caps=-all")
    # An interpreter whose own library cannot be read may run with the system's, of another version.
    same = f"import sys; sys.exit(sys.version != {sys.version!r} or not open({str(WORKER / 'codec.py')!r}))"
    if subprocess.run([*none, str(python), *FLAGS, "-c", same], capture_output=True, check=False, cwd="/").returncode == 0:
        return none
    capability = "dac_read_search"
    return (*identity, f"--bounding-set=-all,+{capability}", f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}")
