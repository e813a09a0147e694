"""Which engine and which walls: from what was asked for and what the machine has."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError, WallsError

if TYPE_CHECKING:
    from grader.sandbox.protocol import WarmSandbox

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


def begin_to_choose(asked: str) -> None:
    """Has begin what choosing the walls will wait for, so that this process can do something else meanwhile."""
    if sys.platform == "linux" and asked in ("auto", "full"):
        from grader.sandbox import walls

        walls.begin_probe()


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


def choose(engine: str, walls: str, *, allow_none: bool) -> tuple[str, str]:
    """The walls to raise for an engine, and why they are not the full ones where they are not.

    allow_none: whether "auto" may mean none at all. Raises WallsError where it may not, or where those named cannot be raised.
    """
    raised, lacking = choose_walls(walls)
    if engine == "kernel" and raised == "landlock" and walls == "auto":
        raised = "none"  # that tier allows no sockets, and a kernel speaks through them
    if raised == "none" and walls == "auto" and not allow_none:
        from grader.sandbox.walls import remedy

        raise WallsError(f"refusing to run strangers' code without walls: {lacking}", remedy=remedy(lacking))
    return raised, lacking


def open_sandbox(
    engine: str, walls: str, hidden: Sequence[Path] = (), *, brief: bool = False, files: Mapping[str, str] = {}
) -> WarmSandbox:
    """A sandbox: `engine` of ENGINES, `walls` "full", "landlock" or "none", `hidden` the folders that must not exist inside.

    brief: it is for one submission only, and should start soon. files: public ones, which most of its submissions will have beside them.
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no engine called {engine!r}", remedy=f"choose one of {', '.join(ENGINES)}")
    if engine == "prefork" and sys.platform != "linux":
        raise UsageError("the prefork engine needs Linux", remedy="pass --engine kernel")
    if engine == "prefork" or (engine == "auto" and sys.platform == "linux"):
        from grader.sandbox.prefork import PreforkSandbox

        return PreforkSandbox(walls=walls, hidden=hidden, brief=brief, files=files)
    from grader.sandbox.kernel import KernelSandbox

    return KernelSandbox(walls=walls, hidden=hidden)
