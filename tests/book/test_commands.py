"""The page of commands is of today's command line."""

from __future__ import annotations

import re

import click

from docs import commands
from grader import cli


def test_the_page_is_what_the_script_writes() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(), "python docs/commands.py makes it anew"


def test_it_has_every_command_and_each_of_its_options() -> None:
    sections = re.split(r"^## ", commands.PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {section.partition("\n")[0]: section for section in sections}
    contexts = [*commands.commands(click.Context(cli.group, info_name="grader"))]
    assert [*found] == [context.command_path for context in contexts]
    assert len(found) > len(cli.COMMANDS)
    for context in contexts:
        options = [option for parameter in context.command.params if isinstance(parameter, click.Option) for option in parameter.opts]
        assert [option for option in options if option not in found[context.command_path]] == []
    assert "UNSET" not in "".join(sections)
