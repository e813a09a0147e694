"""The seccomp filter that student code runs under, compiled outside and loaded as bytes inside.

A deny-list over the system's own table: what reaches other processes, the kernel's rarely used parts, new namespaces, and memory
that no limit counts. Source: seccomp(2), libseccomp's documentation; the families follow systemd's @-groups (systemd.exec(5)).
"""

from __future__ import annotations

import base64
import contextlib
import errno
import functools
import tempfile
from typing import Any

# Refused with EPERM.
_DENIED = (
    # namespaces and mounts
    "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig",
    "fspick", "mount_setattr", "open_tree_attr",
    # other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "sched_setaffinity",  # a submission stays on its core, and off those of others
    # keys, programs in the kernel, tracing
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "lookup_dcookie", "fanotify_init", "syslog",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit", "io_destroy",
    # memory that no limit of the submission counts
    "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "msgsnd", "semget", "semop", "semtimedop", "mq_open",
    "vmsplice",
    # what happens to files that submissions share
    "inotify_init", "inotify_init1", "inotify_add_watch",
    # the machine
    "acct", "quotactl", "quotactl_fd", "swapon", "swapoff", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module",
    "delete_module", "create_module", "iopl", "ioperm", "modify_ldt", "vm86", "vm86old", "settimeofday", "stime", "clock_settime",
    "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "vhangup", "nfsservctl", "uselib", "personality", "open_by_handle_at",
    "name_to_handle_at", "mknod", "mknodat",
)  # fmt: skip
# Refused too where there are no namespaces: Landlock lets these pass. Some break shutil.copy, which the stronger walls do not.
_DENIED_WITHOUT_NAMESPACES = (
    "socket", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat",
    "futimesat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setpriority", "ioprio_set",
    "sched_setscheduler", "sched_setparam", "sched_setattr", "mq_unlink", "mq_timedsend", "msgctl", "semctl",
)  # fmt: skip
# Refused on the first process of the PID namespace: the supervisor, which must go on watching, and is of the same user.
_ON_OTHERS = ("prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr")
_PRIORITIES = {"setpriority": (0, 2), "ioprio_set": (1, 3)}  # what says that a process is named, or that a user is
_NEW_NAMESPACE_FLAGS = 0x7E020000 | 0x80  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; NEWTIME
_TERMINAL_IOCTLS = (0x5412, 0x541C)  # TIOCSTI pushes input into a terminal, TIOCLINUX pastes into a console
_FILE_WATCHES = (1024, 1026)  # F_SETLEASE holds up whoever writes to a file, F_NOTIFY tells what is opened in a folder
# Shared memory of no file: what is let go of it, or unmapped but for a page, no process's size tells of, and it is there as before.
_SHARED_ANONYMOUS = 0x21
_INIT = 1
_CLONE_FILES, _CLONE_THREAD, _CLOSE_RANGE_UNSHARE = 0x400, 0x10000, 2  # a thread with descriptors of its own, which nobody would count
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16


def missing() -> str | None:
    """What the filter lacks on this machine, in one sentence, or None."""
    try:
        program()
    except (ImportError, OSError, RuntimeError) as error:
        return f"libseccomp cannot be used: {error}"
    return None


def encoded(kind: str = "namespaced") -> str:
    """The filter of that kind in base64, to be handed to a worker."""
    return base64.b64encode(program(kind)).decode("ascii")


@functools.cache
def program(kind: str = "namespaced") -> bytes:
    """The filter as an array of struct sock_filter.

    kind: "namespaced", behind namespaces; "kernel", the same with netlink sockets, which ZeroMQ asks for its interfaces and which
    reach the own net namespace alone; "landlock", where there are no namespaces: no sockets at all, and nothing that reaches files
    or processes past Landlock. Raises ImportError, OSError or RuntimeError where libseccomp is missing or refuses.
    """
    import pyseccomp

    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    with contextlib.suppress(OSError, RuntimeError, ValueError):  # an older library writes a list
        rules.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a binary tree, which loads faster
    refused = pyseccomp.ERRNO(errno.EPERM)
    for name in _DENIED:
        with contextlib.suppress(OSError, RuntimeError):  # a call that this architecture or library does not know
            rules.add_rule(refused, name)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory: the C library falls back to clone
    for bit in range(32):
        flag = 1 << bit
        if _NEW_NAMESPACE_FLAGS & flag & ~0xFF:
            rules.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD | _CLONE_FILES, _CLONE_THREAD))
    with contextlib.suppress(OSError, RuntimeError):  # an older library does not know the call
        rules.add_rule(refused, "close_range", pyseccomp.Arg(2, pyseccomp.MASKED_EQ, _CLOSE_RANGE_UNSHARE, _CLOSE_RANGE_UNSHARE))
    rules.add_rule(refused, "mmap", pyseccomp.Arg(3, pyseccomp.MASKED_EQ, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS))
    for request in _TERMINAL_IOCTLS:
        rules.add_rule(refused, "ioctl", _is(1, request))
    for command in _FILE_WATCHES:
        rules.add_rule(refused, "fcntl", _is(1, command))
    if kind == "landlock":
        _add_for_landlock(rules, refused)
    else:
        _add_for_namespaces(rules, refused, [_AF_UNIX, _AF_INET, _AF_INET6, *([_AF_NETLINK] if kind == "kernel" else [])])
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _add_for_landlock(rules: Any, refused: int) -> None:
    """What Landlock lets pass."""
    import pyseccomp

    for name in _DENIED_WITHOUT_NAMESPACES:
        with contextlib.suppress(OSError, RuntimeError):
            rules.add_rule(refused, name)
    rules.add_rule(refused, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))


def _add_for_namespaces(rules: Any, refused: int, families: list[int]) -> None:
    """What starves the supervisor, and sockets of other families."""
    import pyseccomp

    for name in _ON_OTHERS:
        rules.add_rule(refused, name, _is(0, _INIT))
    for name, (process, user) in _PRIORITIES.items():
        rules.add_rule(refused, name, _is(0, process), _is(1, _INIT))
        rules.add_rule(refused, name, _is(0, user))
    for family in range(_AF_NETLINK + 1):
        if family not in families:
            rules.add_rule(refused, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    rules.add_rule(refused, "socket", pyseccomp.Arg(0, pyseccomp.GT, _AF_NETLINK))


def _is(position: int, value: int) -> Any:
    """A condition on an argument that is an int to the kernel, which does not look at the upper half of what is passed."""
    import pyseccomp

    return pyseccomp.Arg(position, pyseccomp.MASKED_EQ, 0xFFFFFFFF, value)
