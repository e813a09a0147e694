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
    lacking = _walls()
    _engine("prefork", lacking)
    _engine("kernel", lacking)
    _assignments()
    return DONE if lacking is None else NOT_GRADED


def _walls() -> str | None:
    from grader.sandbox import walls

    lacking = walls.missing()
    if lacking is None:
        click.echo("walls      full: bubblewrap outside, namespaces of its own for every submission")
    else:
        click.echo(f"walls      MISSING: {lacking}\n           grade refuses to run; check runs without walls\n           {walls.REMEDY}")
    return lacking


def _engine(name: str, lacking: str | None) -> None:
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
        sandbox = open_sandbox(name, "none" if lacking else "full")
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
