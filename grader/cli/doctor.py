"""grader doctor"""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, NOT_GRADED, write_stdout

if TYPE_CHECKING:
    from grader.sandbox.trials import Trial


@click.command("doctor", short_help="Tell what stands on this machine and what is missing.", epilog="Example:\n\n\b\n  grader doctor")
def command() -> int:
    """Tell what stands on this machine and what is missing, with the command that mends it.

    Every wall is tried: a small submission attempts what it must stop. The exit code is 4 where `grader grade` would refuse to
    run, and where a wall was broken through.
    """
    _say(f"python     {platform.python_version()} ({sys.platform}, {platform.machine()})")
    for package in ("numpy", "ipython", "ipykernel", "nbclient", "nbformat"):
        _say(f"{package:<10} {metadata.version(package)}")
    raised = _walls()
    _engine("prefork", raised)
    _engine("kernel", "full" if raised == "full" else "none")
    stand = _trials(raised)
    if raised == "full":
        _weaker_tier()
    _assignments()
    return DONE if stand else NOT_GRADED


def _say(line: str) -> None:
    write_stdout(f"{line}\n")


def _walls() -> str:
    """Says which walls stand, and gives the best."""
    from grader.sandbox.engines import choose_walls
    from grader.sandbox.walls import remedy

    raised, lacking = choose_walls("auto")
    match raised:
        case "full":
            _say("walls      full: bubblewrap outside, namespaces of its own for every submission, seccomp")
        case "landlock":
            _say(f"walls      landlock, the weaker tier; no full walls: {lacking}\n           {remedy(lacking)}")
        case _:
            _say(f"walls      MISSING: {lacking}; grade refuses, check runs without\n           {remedy(lacking)}")
    return raised


def _engine(name: str, raised: str) -> None:
    from grader.errors import GraderError
    from grader.sandbox.engines import open_sandbox
    from grader.sandbox.protocol import Call, Cell, Function, Limits, Request

    request = Request(
        cells=(Cell(0, "code", "def double(x):\n    return 2 * x"),),
        files={},
        functions=(Function("double", (), 1),),
        leftovers=(),
        sources={},
        calls=(Call("double", (["i", "21"],)),),
        limits=Limits(),
    )
    try:
        sandbox = open_sandbox(name, raised)
        try:
            reply = sandbox.run(request)
        finally:
            sandbox.close()
        works = reply.calls[0].value == 42
        _say(f"{name:<10} {'works, walls: ' + sandbox.walls if works else 'FAILS: a call of a small function gave no answer'}")
    except GraderError as error:
        _say(f"{name:<10} FAILS: {error}")


def _trials(raised: str) -> bool:
    """Says of each wall what its trial showed, and gives whether all stand."""
    if raised == "none":
        _say("trials     none: no walls stand that could be tried")
        return False
    from grader.errors import GraderError
    from grader.sandbox.trials import mend

    try:
        tried = _try(raised)
    except GraderError as error:
        _say(f"trials     FAILS: the walls could not be tried: {error}")
        return False
    for trial in tried:
        _say(f"{trial.name:<10} {'stands' if trial.stands else 'FAILS'}: {trial.text}")
        if not trial.stands:
            _say(f"           {mend(trial.name, raised)}")
    return all(trial.stands for trial in tried)


def _weaker_tier() -> None:
    """Says what the landlock tier would do, which a machine with full walls does not need."""
    from grader.errors import GraderError
    from grader.sandbox import landlock

    lacking = landlock.missing()
    try:
        failed = [] if lacking else [trial.name for trial in _try("landlock") if not trial.stands]
    except GraderError as error:
        lacking = str(error)
    if lacking:
        said = f"cannot be had here: {lacking}"
    else:
        said = f"FAILS in trials: {', '.join(failed)}" if failed else "stands in every trial, too"
    _say(f"landlock   the weaker tier, which is not used here, {said}")


def _try(tier: str) -> list[Trial]:
    """The trials of a tier, which hide what `grade` hides."""
    from grader import assignments
    from grader.files import cache_folder
    from grader.sandbox import trials, walls
    from grader.sandbox.engines import open_sandbox

    reference = assignments.reference_folder()
    hidden = [reference] if reference is not None else []
    secrets = {
        "the answer keys": trials.sample(cache_folder(), 1),
        "the reference": [path for folder in hidden for path in trials.sample(folder, 2)],
        "the grader": trials.sample(walls.PACKAGE, 2),  # the worker, which may be read, lies below
        "the home folder": _home(),
    }
    return trials.run(lambda: open_sandbox("prefork", tier, hidden), secrets)


def _home() -> list[Path]:
    """Files of the home folder, unless that is a folder of the system, which may be read."""
    from grader.sandbox import trials, walls

    home = Path(os.path.expanduser("~")).resolve()
    of_system = home == Path("/") or any(home.is_relative_to(place) for place in (*walls.SYSTEM, sys.base_prefix))
    return [] if of_system else trials.sample(home, 1)


def _assignments() -> None:
    from grader import assignments

    known = assignments.list_ids()
    reference = assignments.reference_folder()
    _say(f"assignments {', '.join(known) or 'none'}")
    _say(f"reference  {reference if reference else 'none at hand: grade needs --reference DIR or --public-only'}")
