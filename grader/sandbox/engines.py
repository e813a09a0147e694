"""Which engine and which walls: from what was asked for and what the machine has."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError, WallsError
from grader.sandbox.protocol import Sandbox

ENGINES = ("auto", "prefork", "kernel")
WALLS = ("auto", "full", "landlock", "none")


def choose_walls(asked: str) -> tuple[str, str]:
    """The walls to raise for `asked` (one of WALLS), and, where they are not the full ones, why not.

    "auto" gives the best this machine has; the caller decides whether that is good enough. Raises WallsError where the
    walls that were asked for by name cannot be raised.
    """
    if asked not in WALLS:
        raise UsageError(f"there are no walls called {asked!r}", remedy=f"choose one of {', '.join(WALLS)}")
    if asked == "none":
        return "none", "none were asked for"
    if sys.platform != "linux":
        if asked == "auto":
            return "none", "the walls need Linux"
        raise WallsError("the walls need Linux", remedy="pass --walls none to run without walls")
    return _choose_on_linux(asked)


def _choose_on_linux(asked: str) -> tuple[str, str]:
    from grader.sandbox import landlock, walls

    lacking = walls.missing() if asked in ("auto", "full") else "they were not asked for"
    if lacking is None:
        return "full", ""
    if asked == "full":
        raise WallsError(f"the full walls cannot be raised: {lacking}", remedy=walls.remedy(lacking))
    lacking_landlock = landlock.missing()
    if lacking_landlock is None:
        return "landlock", lacking
    if asked == "landlock":
        raise WallsError(f"the landlock walls cannot be raised: {lacking_landlock}", remedy=walls.remedy(lacking_landlock))
    return "none", f"{lacking}; {lacking_landlock}"


def open_sandbox(engine: str, walls: str, hidden: Sequence[Path] = ()) -> Sandbox:
    """A sandbox: `engine` of ENGINES, `walls` "full", "landlock" or "none", `hidden` the folders that must not exist inside."""
    if engine not in ENGINES:
        raise UsageError(f"there is no engine called {engine!r}", remedy=f"choose one of {', '.join(ENGINES)}")
    if engine == "prefork" and sys.platform != "linux":
        raise UsageError("the prefork engine needs Linux", remedy="pass --engine kernel")
    if engine == "prefork" or (engine == "auto" and sys.platform == "linux"):
        from grader.sandbox.prefork import PreforkSandbox

        return PreforkSandbox(walls=walls, hidden=hidden)
    from grader.sandbox.kernel import KernelSandbox

    return KernelSandbox(walls=walls, hidden=hidden)
