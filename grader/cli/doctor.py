"""grader doctor"""

from __future__ import annotations

import platform
import sys
from importlib import metadata

import click

from grader.cli import DONE, NOT_GRADED


@click.command("doctor", short_help="Tell what stands on this machine and what is missing.", epilog="Example:\n\n  grader doctor")
def command() -> int:
    """Tell what stands on this machine and what is missing, with the command that mends it.

    The exit code is 4 where `grader grade` would refuse to run.
    """
    click.echo(f"python     {platform.python_version()} ({sys.platform}, {platform.machine()})")
    for package in ("numpy", "ipython", "ipykernel", "nbclient", "nbformat"):
        click.echo(f"{package:<10} {metadata.version(package)}")
    raised = _walls()
    _engine("prefork", raised)
    _engine("kernel", "full" if raised == "full" else "none")
    _assignments()
    return NOT_GRADED if raised == "none" else DONE


def _walls() -> str:
    """Says which walls stand, and gives the best."""
    from grader.sandbox.engines import choose_walls
    from grader.sandbox.walls import remedy

    raised, lacking = choose_walls("auto")
    match raised:
        case "full":
            click.echo("walls      full: bubblewrap outside, namespaces of its own for every submission, seccomp")
        case "landlock":
            click.echo(f"walls      landlock, the weaker tier; no full walls: {lacking}\n           {remedy(lacking)}")
        case _:
            click.echo(f"walls      MISSING: {lacking}; grade refuses, check runs without\n           {remedy(lacking)}")
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
        click.echo(f"{name:<10} {'works, walls: ' + sandbox.walls if works else 'FAILS: a call of a small function gave no answer'}")
    except GraderError as error:
        click.echo(f"{name:<10} FAILS: {error}")


def _assignments() -> None:
    from grader import assignments

    known = assignments.list_ids()
    reference = assignments.reference_folder()
    click.echo(f"assignments {', '.join(known) or 'none'}")
    click.echo(f"reference  {reference if reference else 'none at hand: grade needs --reference DIR or --public-only'}")
