"""Parts of this machine that a test needs: where one is missing the test is skipped, unless GRADER_REQUIRE_ALL=1 makes that a failure."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys

import pytest

from grader.sandbox import landlock, walls
from grader.sandbox.kernel import KernelSandbox
from grader.sandbox.prefork import PreforkSandbox

Engine = PreforkSandbox | KernelSandbox

ENGINES = ("prefork none", "prefork landlock", "prefork full", "kernel none", "kernel full")

# A container that refuses namespaces and, where the first argument is "landlock", Landlock, too; then it runs the other arguments. clone3
# must not be there, so that glibc falls back to clone.
REFUSE = """
import os, sys
import pyseccomp
rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
rules.add_rule(pyseccomp.ERRNO(1), "unshare")
rules.add_rule(pyseccomp.ERRNO(38), "clone3")
for bit in range(17, 31):
    if 0x7E020000 >> bit & 1:
        rules.add_rule(pyseccomp.ERRNO(1), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit))
if sys.argv[1] == "landlock":
    rules.add_rule(pyseccomp.ERRNO(38), "landlock_create_ruleset")
rules.load()
os.execv(sys.argv[2], sys.argv[2:])
"""


def lack(what: str) -> None:
    """Ends the test: this machine lacks `what`."""
    if os.environ.get("GRADER_REQUIRE_ALL") == "1":
        pytest.fail(f"GRADER_REQUIRE_ALL=1, and this machine lacks a part: {what}", pytrace=False)
    pytest.skip(what)


def need_linux() -> None:
    """Ends the test elsewhere."""
    if sys.platform != "linux":
        lack("this needs Linux")


def need(module: str) -> None:
    """Ends the test where a package of an extra is not installed."""
    if importlib.util.find_spec(module) is None:
        lack(f"{module} is not installed")


def need_walls() -> None:
    """Ends the test where the full walls cannot be raised."""
    lacking = _missing()
    if lacking is not None:
        lack(lacking)


def need_landlock() -> None:
    """Ends the test where the landlock walls cannot be raised."""
    lacking = landlock.missing()
    if lacking is not None:
        lack(lacking)


@functools.cache
def _missing() -> str | None:
    return walls.missing()


def open_engine(name: str) -> Engine:
    """One of ENGINES, or the end of the test where this machine cannot have it."""
    engine, raised = name.split()
    if engine == "prefork":
        need_linux()
    if raised == "full":
        need_walls()
    if raised == "landlock":
        need_landlock()
    sandbox = PreforkSandbox(walls=raised) if engine == "prefork" else KernelSandbox(walls=raised)
    sandbox.ready()
    return sandbox
