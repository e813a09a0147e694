"""What the documentation promises exists."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import cli, errors
from grader.errors import GraderError
from tests import parts

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"`grader {name}" not in text] == []


def test_every_error_has_an_exit_code_of_its_own_choosing() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GraderError) and kind is not GraderError]
    assert len(kinds) >= 6
    for kind in kinds:
        assert cli.exit_code(kind("")) in (cli.USAGE, cli.UNREADABLE, cli.NOT_GRADED)
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_options_that_are_shown_exist(document: Path) -> None:
    shown = set(
        re.findall(
            r"grader (check|grade|doctor|report|history|diff|override|note|assignment)\b([^`\n|&]*)", document.read_text(encoding="utf-8")
        )
    )
    for command, rest in shown:
        arguments = [
            command,
            *([rest.split()[0]] if command == "assignment" and rest.split()[:1] not in ([], ["list|show|freeze`"]) else []),
        ]
        options = re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", rest)
        if not options:
            continue
        done = subprocess.run([sys.executable, "-m", "grader", *arguments, "--help"], capture_output=True, text=True, check=True)
        assert [option for option in options if option not in done.stdout] == [], (command, rest)


def test_the_readme_s_example_grades_from_python() -> None:
    parts.need_walls()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    notebook = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"
    code = code.replace('"submission.ipynb"', repr(str(notebook)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "50.0 50.0\n"
