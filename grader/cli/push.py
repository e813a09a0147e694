"""grader push"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, NOT_GRADED, UNREADABLE, options, write_stdout
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.lms.lti import Platform
    from grader.lms.push import Journal, Planned

KEY = "GRADER_LTI_KEY"


@click.command(
    "push",
    short_help="Post scores to a learning platform (LTI 1.3).",
    epilog="Examples:\n\n\b\n  grader push out/ --lineitem https://lms.example/lineitems/7 --client-id 10000000000001"
    " --token-url https://lms.example/login/oauth2/token"
    "\n\n\b\n  grader push out/ --lineitem https://lms.example/lineitems/7 --client-id 10000000000001"
    " --token-url https://lms.example/login/oauth2/token --key-file key.pem --send",
)
@click.argument("out", type=options.Place(), metavar="OUT")
@click.option("--lineitem", required=True, metavar="URL", help="The line item that gets the scores.")
@click.option("--client-id", required=True, metavar="ID", help="The tool's id on the platform.")
@click.option("--token-url", required=True, metavar="URL", help="Where the platform gives tokens.")
@click.option("--audience", default="", metavar="URL", help="Whom the platform wants named in the request.  [default: --token-url]")
@click.option("--key-id", default="", metavar="ID", help="The key's name in the tool's key set.  [default: its thumbprint]")
@click.option("--key-file", type=options.Place(), metavar="PEM", help=f"The tool's private RSA key.  [default: {KEY} holds it]")
@click.option("--roster", type=options.Place(), metavar="CSV", help="Students' ids on the platform, beside a column `student`.")
@click.option("--send", is_flag=True, help="Post for real; else tell what would be posted.")
def command(
    out: Path, lineitem: str, client_id: str, token_url: str, audience: str, key_id: str, key_file: Path | None, roster: Path | None,
    send: bool,
) -> int:  # fmt: skip
    """Post the scores of OUT to a learning platform by LTI 1.3.

    Without --send nothing is asked for or posted: stdout gets the payloads, one a line. OUT/push.json remembers what was posted,
    so that pushing again posts only what changed. Results that were not graded are never posted.
    """
    from grader.lms.export.identities import read_identities
    from grader.lms.export.marks import Results
    from grader.lms.lti import Platform, check_url
    from grader.lms.push import Journal, plan

    check_url(lineitem, "--lineitem")
    check_url(token_url, "--token-url")
    results = Results(out, read_identities(roster) if roster else None)
    journal = Journal(out, lineitem)
    left: list[str] = []
    scores = plan(results, journal, datetime.now(UTC), left)
    if send:
        is_done = _send(scores, journal, Platform(lineitem, client_id, token_url, audience, key_id), _read_key(key_file))
    else:
        is_done = _tell(scores)
    for student in left:
        click.echo(f"{_short(student)}: not graded, so not posted", err=True)
    for student, why in results.unreadable.items():
        click.echo(f"{_short(student)}: {_short(why)}", err=True)
    if not is_done:
        return NOT_GRADED
    return UNREADABLE if results.unreadable else DONE


def _read_key(path: Path | None) -> str:
    if path is None:
        if not os.environ.get(KEY):
            raise UsageError("there is no key to sign with", remedy=f"pass --key-file PEM, or put the key into {KEY}")
        return os.environ[KEY]
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no key in PEM form") from None


def _tell(scores: Iterable[Planned]) -> bool:
    import json

    count = 0
    for planned in scores:
        write_stdout(json.dumps(json.loads(planned.score.body())) + "\n")
        count += 1
    click.echo(f"dry run: {count} scores would be posted; --send posts them", err=True)
    return True


def _send(scores: Iterable[Planned], journal: Journal, platform: Platform, key: str) -> bool:
    import msgspec

    from grader.lms.lti import Client
    from grader.lms.push import push

    counts = {"posted": 0, "refused": 0, "unanswered": 0}
    try:
        with Client(platform, key) as client:
            for pushed in push(scores, journal, client):
                counts[pushed.status] += 1
                if pushed.why:
                    click.echo(f"{_short(pushed.student)}: {_short(pushed.why)}", err=True)
    finally:
        write_stdout(msgspec.json.encode({"schema": "grader.pushed/1", **counts}).decode("ascii") + "\n")
    return counts["posted"] == sum(counts.values())


def _short(text: str) -> str:
    from grader.values import bounded

    return bounded(text, 300, newlines=False)
