"""The inner wall: what one submission is shut into, raised by its own processes before student code runs.

System calls go through ctypes: the standard library of Python 3.11 has neither unshare nor mount.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 1, 4, 36, 38, 24
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 40
_CAPABILITY_HEADER, _NO_CAPABILITIES = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
_CLONE = {"x86_64": 56, "aarch64": 220}  # the system call's number; both take (flags, stack, ...) with no stack of their own

_libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    _libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
_forking = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock, which the child has no other thread to get it from


class WallError(OSError):
    """A system call that raises the wall was refused."""


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise WallError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, value, 0, 0, 0)


def fork_enclosed() -> int:
    """Forks a child that is the first process of new user, PID, mount, IPC and net namespaces; its pid, or 0 in the child.

    One clone(2) instead of unshare(2) and two forks: every fork of a warm server costs milliseconds of page faults. The child has
    no ids until `keep_ids`. As in `fork_bare`, nothing of Python's is done about it; the C library has not even noticed. Source:
    clone(2), user_namespaces(7), pid_namespaces(7).
    """
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET
    return _forked(_forking.syscall(_CLONE[platform.machine()], ctypes.c_ulong(flags | signal.SIGCHLD), None, None, None, None))


def fork_bare() -> int:
    """Forks as os.fork does, but for what Python does about it: the child's pid, or 0 in the child. Only where there is one thread.

    Python's work in the child, new locks in the place of those that other threads held, writes to 200 pages, which the child then
    has to copy; where there is one thread, nobody held a lock.
    """
    return _forked(_forking.fork())


def _forked(pid: int) -> int:
    if pid < 0:
        number = ctypes.get_errno()
        raise WallError(number, f"fork: {os.strerror(number)}")
    return pid


def keep_ids(uid: int, gid: int) -> None:
    """Gives this process, in a new user namespace, the ids it had outside; nobody else's exist inside."""
    for name, content in (("setgroups", b"deny"), ("uid_map", b"%d %d 1" % (uid, uid)), ("gid_map", b"%d %d 1" % (gid, gid))):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, content)
        os.close(descriptor)


def enclose(disk_mb: int, places: tuple[str, ...]) -> None:
    """Raises the inner wall around a process that is alone behind the outer one: its own user, mounts and IPC."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC)
    keep_ids(uid, gid)
    _mount("none", "/", None, MS_REC | MS_PRIVATE, "")
    _mount_places(disk_mb, places)
    _mount_terminals()
    bound_privileges()
    drop_privileges()


def mount_private(disk_mb: int, places: tuple[str, ...]) -> None:
    """Gives the submission empty, bounded `places` of its own, and a /proc and terminals that are its own only."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE, "")
    _mount_places(disk_mb, places)
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid")  # the supervisor watches through it
    _mount_terminals()


def _mount_places(disk_mb: int, places: tuple[str, ...]) -> None:
    for place in places:
        _mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk_mb}m,nr_inodes=16384,mode=0700")


def _mount_terminals() -> None:
    """Terminals of its own: else others' are in the folder, and without a bound it could leave none on the machine."""
    _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0600,max=64")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str) -> None:
    encoded = kind.encode() if kind else None
    _call("mount", source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), options.encode())


def bound_privileges() -> None:
    """This process and its children gain no capability by exec, whatever they have now. Source: capabilities(7)."""
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    refuse_new_privileges()


def drop_privileges() -> None:
    """No capability in any set, where `bound_privileges` has been called by this process or one above it. Source: capabilities(7)."""
    _call("capset", _CAPABILITY_HEADER, _NO_CAPABILITIES)


def refuse_new_privileges() -> None:
    """No exec gains a privilege from now on. Source: PR_SET_NO_NEW_PRIVS(2const)."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def load_filter(program: bytes) -> None:
    """From now on this process and its children run under a seccomp filter, an array of struct sock_filter. Source: seccomp(2)."""
    instructions = ctypes.create_string_buffer(program, len(program))
    loaded = _Program(len(program) // 8, ctypes.addressof(instructions))
    refuse_new_privileges()
    _call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(loaded), 0, 0)


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may trace this one or read its memory. Source: PR_SET_DUMPABLE(2const)."""
    _prctl(PR_SET_DUMPABLE, int(dumpable))


def adopt_orphans() -> None:
    """Makes this process the parent of its orphaned descendants, where it is not the init of a PID namespace."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def set_rlimits(limits: dict[str, int]) -> None:
    """Bounds each process of the submission. Memory, processes and processor time as a whole are the supervisor's watch."""
    megabyte = 1024 * 1024
    wanted = {
        "RLIMIT_AS": (limits["memory_mb"] + 256) * megabyte if sys.platform == "linux" else 0,
        "RLIMIT_CPU": limits["cpu_seconds"] + 5,
        "RLIMIT_FSIZE": limits["disk_mb"] * megabyte,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_NPROC": limits["processes"],  # where the user's other processes count too, they are in it
    }
    wanted = {name: value for name, value in wanted.items() if value}
    for name, value in {**wanted, "RLIMIT_CORE": 0, "RLIMIT_MSGQUEUE": 0, "RLIMIT_MEMLOCK": 0}.items():
        number = getattr(resource, name, None)  # each system has its own
        if number is not None:
            _, hard = resource.getrlimit(number)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


def keep_to_one_core(pid: int = 0) -> None:
    """A process, this one for 0, stays on the core that this one is on now: a submission sees one core wherever it runs, and whatever
    else does."""
    os.sched_setaffinity(pid, {_libc.sched_getcpu()})


def lift_descriptor_limit() -> None:
    """As many descriptors as this process may have: handing some over is refused while its user has more of them on their way."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def tasks_of_user() -> int:
    """How many processes and threads this process's user has, as RLIMIT_NPROC counts them."""
    uid, total = os.getuid(), 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                total += len(os.listdir(entry / "task"))
        except OSError:
            continue
    return total


def close_descriptors(kept: tuple[int, ...]) -> None:
    """Closes every descriptor but the standard ones, which become /dev/null, and `kept`."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard not in kept:
            os.dup2(null, standard)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 1 << 20)
