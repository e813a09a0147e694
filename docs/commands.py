"""Makes the page of every command and option, docs/reference/commands.md, of the command line itself.

python docs/commands.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from grader import cli

PAGE = Path(__file__).parent / "reference" / "commands.md"
HEAD = """# Every command and option

Made of the program by `python docs/commands.py`. [The command line](cli.md) says what commands take, write and end with.
"""


def page() -> str:
    """The page's text."""
    context = click.Context(cli.group, info_name="grader")
    return "\n".join([HEAD, *(line for command in commands(context) for line in section(command))])


def commands(context: click.Context) -> Iterator[click.Context]:
    """Every command that does something, in the order of `--help`, in a context that knows its whole name."""
    command = context.command
    if not isinstance(command, click.Group):
        yield context
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(click.Context(found, info_name=name, parent=context))


def section(context: click.Context) -> list[str]:
    """One command: what it does, how it is called, its options, examples."""
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    rows = [f"| {cell(names(option, context))} | {cell(option.help or '')}{default(option)} |" for option in options if not option.hidden]
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith(("grader ", "python "))]
    return [
        f"## {context.command_path}\n",
        inspect.cleandoc(command.help or "").replace("\b\n", "") + "\n",
        *block("text", "how it is called", [usage]),
        "| option | |\n|---|---|",
        *rows,
        "",
        *(block("console", "an example of its help", examples) if examples else []),
    ]


def names(option: click.Option, context: click.Context) -> str:
    """`-o, --output FILE`, with what it takes."""
    spelled = ", ".join([*option.opts, *option.secondary_opts])
    return f"`{spelled}`" if option.is_flag or option.count else f"`{spelled} {option.make_metavar(context)}`"


def default(option: click.Option) -> str:
    """Its default, where the option shows it."""
    return f" Default: `{option.default}`." if option.show_default and not option.is_flag else ""


def cell(text: str) -> str:
    """In one cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def block(language: str, why_not: str, lines: list[str]) -> list[str]:
    """A block of code, with why the tests do not run it."""
    return [f"<!-- not run: {why_not} -->\n", f"```{language}", *lines, "```\n"]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
