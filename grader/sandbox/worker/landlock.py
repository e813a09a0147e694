"""The wall for machines that refuse namespaces: Landlock, which a process raises around itself for good.

Source: landlock(7), linux/landlock.h; the rights by ABI version as listed there.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from . import inner

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
LOWEST_ABI = 4  # file rights and TCP; below it there is no network wall
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_DEVICES = 1 << 6 | 1 << 11  # character and block devices
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # what a rule on a file may hold: + truncate, ioctl on devices
_ALL_BY_ABI = {4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 1 << 0 | 1 << 1  # bind, connect
_SCOPES = 1 << 0 | 1 << 1  # abstract sockets, signals to processes outside: ABI 6

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that the kernel has, or 0."""
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(0, int(version))


def restrict(readable: Iterable[str], listable: Iterable[str], writable: Iterable[str]) -> None:
    """From now on this process and its children may read below `readable`, list folders below `listable`, do all below
    `writable`, and nothing else with files.

    No TCP, and from ABI 6 on no abstract socket and no signal to a process outside. Raises WallError where the kernel refuses.
    """
    version = abi()
    if version < LOWEST_ABI:
        raise inner.WallError(0, f"Landlock has ABI {version} here, {LOWEST_ABI} is needed")
    handled = _ALL_BY_ABI[min(version, 5)]
    attributes = _Ruleset(handled, _TCP, _SCOPES if version >= 6 else 0)
    size = ctypes.sizeof(_Ruleset) if version >= 6 else ctypes.sizeof(_Ruleset) - 8
    ruleset = _check("landlock_create_ruleset", _libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0))
    try:
        for paths, rights in ((readable, _READ), (listable, _READ_DIR), (writable, handled & ~_MAKE_DEVICES)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _check("landlock_restrict_self", _libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _FILE_RIGHTS
        rule = _PathBeneath(rights, descriptor)
        _check("landlock_add_rule", _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(descriptor)


def _check(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise inner.WallError(number, f"{name}: {os.strerror(number)}")
    return result
