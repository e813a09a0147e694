"""The command line: one file a command, loaded when it is called. Exit codes are in docs/reference/cli.md.

Here alone an exception becomes a message and an exit code.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path

import click

from grader import __version__
from grader.errors import AssignmentError, GradebookError, GraderError, OutputError, SandboxError, SubmissionError, UsageError

DONE, FAILED, USAGE, UNREADABLE, NOT_GRADED = range(5)
COMMANDS = {
    "check": "Check your own notebook with the public cases.",
    "grade": "Grade notebooks officially, hidden cases too.",
    "collect": "Sort what a platform hands out into a folder a student.",
    "export": "Write results in another platform's form.",
    "push": "Post scores to a learning platform (LTI 1.3).",
    "bundle": "Make what a platform's autograder runs.",
    "xqueue": "Answer one submission of an edX queue.",
    "doctor": "Tell what stands on this machine and what is missing.",
    "report": "Show a class at a glance: scores, cases, mistakes, and every student.",
    "history": "Show every event behind a grade, and verify that none was changed.",
    "diff": "Show whose grade moved between two runs, and why.",
    "override": "Put your own points in the place of an exercise's score, with a reason.",
    "note": "Say something, in Markdown, to everyone behind a mistake, a behaviour or an exercise.",
    "assignment": "Make, try, hand out and look at assignments.",
}
EPILOG = "Examples:\n\n\b\n  grader check my_notebook.ipynb -a my_assignment\n\n\b\n  grader grade submissions/ -a my_assignment -o out/"


class LazyGroup(click.Group):
    """Commands whose modules are imported when they are called; `--help` needs their first lines only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a first use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        if ctx.resilient_parsing or cmd_name in ctx.meta.get("listing", ()):
            return click.Command(cmd_name, help=COMMANDS[cmd_name])
        module = importlib.import_module(f"grader.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in COMMANDS])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name, or an error with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = nearest(args[0], list(COMMANDS))
            raise click.UsageError(f"{error.format_message().rstrip('.')}.{f' Did you mean {near}?' if near else ''}", ctx) from error


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that is most like `word`, or None."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    return near[0] if near else None


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="grader")
def group() -> None:
    """Grades numerical notebook assignments in a sandbox, and says which mistake it sees."""


def write_stdout(text: str) -> None:
    """Writes to stdout in UTF-8, whatever the terminal's encoding; a reader that has gone away ends nothing."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.buffer.write(_encoded(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _encoded(text: str) -> bytes:
    """UTF-8; bytes of a path that were no text for the system are themselves again, and whatever else is no text is spelled out."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def write_output(text: str, output: Path | None) -> None:
    """Writes to a file, whole or not at all, or to stdout. Raises UsageError where it cannot."""
    if output is None:
        write_stdout(text)
        return
    from grader.files import led_to, write_atomically

    try:
        write_atomically(led_to(output), _encoded(text))
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error


def has_color(output: Path | None) -> bool:
    """Whether what is written there may have colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and output is None and sys.stdout is not None and sys.stdout.isatty()


def main() -> None:
    """Runs the command line; every way out has an exit code of the documented ones."""
    _end_as_interrupted()
    try:
        status = group.main(standalone_mode=False, prog_name="grader")
        sys.exit(status if isinstance(status, int) else DONE)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was finished is in place", err=True)
        sys.exit(130)
    except GraderError as error:
        click.echo(f"grader: {error}" + (f"\n  {error.remedy}" if error.remedy else ""), err=True)
        sys.exit(exit_code(error))
    except OSError as error:
        click.echo(f"grader: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""), err=True)
        sys.exit(NOT_GRADED)


def _end_as_interrupted() -> None:
    """What service managers, queues and closed terminals send keeps what is finished and clears up as Ctrl-C does."""
    answer = signal.getsignal(signal.SIGINT)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is None or signal.getsignal(number) is not signal.SIG_DFL:  # nohup has it ignored
            continue
        if answer is signal.default_int_handler:
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
        elif answer is signal.SIG_IGN:  # begun with `&` in a script: Ctrl-C is meant for others
            signal.signal(number, signal.default_int_handler)


def exit_code(error: GraderError) -> int:
    """The exit code of an error that ended a command."""
    match error:
        case UsageError() | AssignmentError():
            return USAGE
        case SubmissionError():
            return UNREADABLE
        case SandboxError() | OutputError() | GradebookError():
            return NOT_GRADED
    return NOT_GRADED
