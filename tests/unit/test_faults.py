"""What is wrong with an author's TOML file: all of it, on its line, and what was meant."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import assignments, cli
from grader.assignment_file import SCHEMA, AssignmentFile, json_schema
from grader.errors import AssignmentError
from grader.faults import find_faults
from grader.sandbox.protocol import Limits
from grader.tables import read_table
from grader.validation.evidence import Reasons
from tests.unit.test_assignments import CASES, TOML, change, folder

__all__ = ["folder"]  # a fixture

ROOT = Path(__file__).parents[2]
RIGHT = tomllib.loads(TOML)
LATE = "\n[late]\ndue = 2026-12-05T23:59:00Z\n"


def refused(folder: Path) -> AssignmentError:
    with pytest.raises(AssignmentError) as caught:
        assignments.load("my_assignment", folder)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "line", "said", "remedy"),
    [
        ('title = "My', 'titel = "My', 4, "unknown key 'titel'", "did you mean title?"),
        ('title = "My', 'Title = "My', 4, "unknown key 'Title'", "did you mean title?"),
        ("[limits]", "[limit]", 9, "unknown key 'limit'", "did you mean limits?"),
        ("[[exercise]]\nname = \"double\"", "[[exercises]]\nname = \"double\"", 12, "unknown key 'exercises'", "did you mean exercise?"),
        ("[[helper]]", "[helper]", 25, "[helper] is one table", "write [[helper]]"),
        ("points = 10", 'points = "10"', 14, 'exercise[0].points is "10", and has to be a number', "write it without quotes: 10"),
        ("points = 10", "points = true", 14, "exercise[0].points is true", ""),
        ("points = 10", "points = -1", 14, "has to be a number from 0", ""),
        ("points = 10", "points = nan", 14, "has to be a number from 0", ""),
        ("points = 10\n", "", 12, "the key 'points' is missing in exercise[0]", "write points = 10"),
        ("points = 10", "point = 10", 14, "unknown key 'point' in exercise[0]", "did you mean points?"),
        ('parameters = ["x"]\naliases', 'parameters = "x"\naliases', 15, "has to be a list", 'write it in brackets: ["x"]'),
        ('parameters = ["x"]\naliases', 'parameters = ["x", 5]\naliases', 15, "parameters[1] is 5", 'write it in quotes: "5"'),
        ('parameters = ["x"]\naliases', 'parameters = [\n"x",\n"x"]\naliases', 17, "is there twice", ""),
        ('uses = ["add"]', 'uses = ["ad"]', 18, "double uses 'ad', which is neither an exercise nor a helper", "did you mean add?"),
        ('version = "3"', "version = 3", 3, "version is 3", 'write it in quotes: "3"'),
        ("case_seconds = 2", "case_seconds = 0", 10, "has to be more than 0", ""),
        ("case_seconds = 2", 'leftovers = ["x"]', 10, "unknown key 'leftovers' in limits", "leftovers belongs to the whole file"),
        ("leftovers = [", "memory_mb = 5\nleftovers = [", 7, "unknown key 'memory_mb'", "memory_mb belongs below [limits]"),
        ('"support/tools.py"', '"support/tool.py"', 6, "there is no file", "did you mean support/tools.py?"),
        ('"support/tools.py"', '"../../reference/my_assignment/solution.py"', 6, "lies outside", "only files inside"),
        ('"starter.ipynb"', '"sub/starter.ipynb"', 5, "has to be a file name", ""),
        ('id = "my_assignment"', 'id = "other"', 2, "its id is 'other', its folder's name 'my_assignment'", "make the two the same"),
        ('name = "triple"', 'name = "double"', 13, "2 functions are called 'double'", ""),
        ('name = "triple"', 'name = "a b"', 21, "'a b' is no name of a Python function", ""),
        ('schema = "grader.assignment/1"', 'schema = "grader.assignment/2"', 1, "reads 'grader.assignment/1'", "pip install --upgrade"),
        ('schema = "grader.assignment/1"', 'schema = "assignment"', 1, "schema is 'assignment'", 'write schema = "grader.assignment/1"'),
        ("[limits]", "[attempts]\nkeep = \"Best\"\n[limits]", 10, 'attempts.keep is "Best"', "did you mean best?"),
        ("[limits]", "[credits]\nx = \"1/0\"\n[limits]", 10, "the credit of x is no number", "write 0.7"),
        ("[limits]", "[lines]\nx = '('\n[limits]", 10, "no regular expression", ""),
        ("[limits]", "[bars]\nkilled = 2\n[limits]", 10, "bars.killed is 2, and has to be a number from 0 to 1", ""),
        ("[limits]", f"{LATE}perday = 1\n[limits]", 12, "unknown key 'perday' in late", "did you mean per_day?"),
        ("[limits]", f"{LATE}timezone = \"Europe/Berln\"\n[limits]", 12, "is no time zone", "did you mean Europe/Berlin?"),
        ("[limits]", f"{LATE}[late.extension]\nada = \"1d\"\n[limits]", 12, "unknown key 'extension' in late", "did you mean extensions?"),
        ("[limits]", f"{LATE}[late.extensions]\nada = \"1d\"\nben = \"2x\"\n[limits]", 14, "late.extensions.ben: '2x' is no time", ""),
        ("[limits]", "[late]\ndue = 2026-12-05\n[limits]", 10, "late.due is 2026-12-05, and has to be a date with a time", ""),
        ("[limits]", "[limits", 9, "Expected ']'", ""),
        ("leftovers = [", "leftovers = [[", 7, "", ""),
        ('title = "My Assignment"', 'title = """My Assignment', 4, "Unterminated string", "look at what begins on line 4"),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_and_a_remedy(folder: Path, old: str, new: str, line: int, said: str, remedy: str) -> None:
    path = folder / "my_assignment" / "assignment.toml"
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
    error = refused(folder)
    told = f"{error}; {error.remedy}"
    assert f"{path}:{line}: " in told
    assert said in told
    assert remedy in told


def test_all_faults_are_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    change(folder, 'title = "My', 'titel = "My')
    change(folder, "points = 10", 'points = "10"')
    change(folder, "case_seconds = 2", "case_seconds = []")
    lines = str(refused(folder)).splitlines()
    assert [line.split("assignment.toml:")[1].split(":")[0] for line in lines] == ["4", "10", "14"]
    assert lines[0].endswith("did you mean title?")


def test_an_empty_file_says_what_has_to_stand_there(folder: Path) -> None:
    (folder / "my_assignment" / "assignment.toml").write_text("")
    message = str(refused(folder))
    assert all(f"'{key}' is missing" in message for key in ("schema", "id", "version", "title", "notebook", "exercise"))


def test_a_byte_order_mark_and_other_line_ends_are_read(folder: Path) -> None:
    path = folder / "my_assignment" / "assignment.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    assert assignments.load("my_assignment", folder).title == "My Assignment"


def test_a_credit_for_a_misconception_that_there_is_not(folder: Path) -> None:
    reference = folder.parent / "reference" / "my_assignment"
    (reference / "misconceptions.py").write_text(
        "from fractions import Fraction\nfrom grader.model import Misconception\n"
        "MISCONCEPTIONS = [Misconception('tripled', 'double', 't', 'h', Fraction(0), 'formula', {'x': '3 * x'})]\n"
    )
    change(folder, "[limits]", '[credits]\ntripled = "1"\n[limits]')
    loaded = assignments.load("my_assignment", folder)
    assert assignments.load_reference(loaded, folder.parent / "reference") is not None
    change(folder, 'tripled = "1"', 'trippled = "1"')
    with pytest.raises(AssignmentError, match=r"assignment\.toml:10: .*trippled, and no such misconception") as caught:
        assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    assert caught.value.remedy == "did you mean tripled?"


def test_survivors_are_read_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text('[equivalent]\n"a" = "b"\n\n[acepted]\n"c" = "d"\n')
    with pytest.raises(AssignmentError, match=r"survivors\.toml:4: unknown key 'acepted'"):
        read_table(path, Reasons)


# Python files of authors


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("CASES = [", "CASES = [nothing,", 6, "NameError: name 'nothing' is not defined"),
        ("CASES = [", "CASES = [(", None, "SyntaxError"),
        ("import injections", "import injections\n1 / 0", 2, "ZeroDivisionError: division by zero"),
    ],
)
def test_what_an_author_s_file_raises_has_the_author_s_line(folder: Path, old: str, new: str, line: int | None, said: str) -> None:
    change(folder, old, new, "cases.py")
    path = folder / "my_assignment" / "cases.py"
    assert str(refused(folder)).startswith(f"{path}:{'' if line is None else f'{line}: '}")
    assert said in str(refused(folder))


def test_the_line_is_that_of_the_file_that_raises(folder: Path) -> None:
    path = folder / "my_assignment" / "inputs_of_mine.py"
    path.write_text("import json\n\nSMALL = json.loads('{')\n")
    assert str(refused(folder)).startswith(f"{path}:3: JSONDecodeError: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("(1,), Close(1e-9)", "(1), Close(1e-9)", "of one argument it is (x,)"),
        ("(1,), Close(1e-9)", "(1,), 1e-9", "none of Close, Below, Blocks and Parts"),
        ("(1,), Close(1e-9)", "(1,), Close(1e-9), weight=0.5", "a whole number or a Fraction"),
        ("(1,), Close(1e-9)", "(1,), Close(1e-9), inject=['add']", "inject has to be a dict"),
        ("(1,), Close(1e-9)", "(1,), Close(1e-9), observe={'add': 'a'}", "observe has to be a dict of tuples"),
        ("CASES = [", "CASES = 5\nNO = [", "CASES holds something else"),
        ("CASES = [", "RELATIONS = [5]\nCASES = [", "RELATIONS holds something else"),
        ("CASES = [", "FIGURES = [5]\nCASES = [", "FIGURES holds something else"),
    ],
)
def test_a_case_of_wrong_parts_is_refused_in_words(folder: Path, old: str, new: str, said: str) -> None:
    assert old in CASES
    change(folder, old, new, "cases.py")
    assert said in str(refused(folder))


# The schema


def test_the_published_schema_is_that_of_the_structs() -> None:
    published = (ROOT / "docs" / "reference" / "schemas" / "assignment.schema.json").read_text(encoding="utf-8")
    done = CliRunner().invoke(cli.group, ["assignment", "schema"])
    assert published == done.stdout  # else: grader assignment schema -o docs/reference/schemas/assignment.schema.json


def test_the_example_in_the_docs_is_read() -> None:
    text = (ROOT / "docs" / "reference" / "authoring.md").read_text(encoding="utf-8")
    example = text.partition("## assignment.toml\n")[2].partition("```toml\n")[2].partition("```")[0]
    read = msgspec.convert(tomllib.loads(example), AssignmentFile)
    assert read.limits == Limits()
    lacking = {field for field in AssignmentFile.__struct_fields__ if f"{field} =" not in example and f"[{field}]" not in example}
    assert lacking <= {"bars", "late"}  # which have pages of their own


def test_every_key_of_the_schema_is_described() -> None:
    definitions = json_schema()["$defs"]
    own = {name: definitions[name]["properties"] for name in ("AssignmentFile", "Exercise", "Helper", "Bars")}
    assert [(name, key) for name, keys in own.items() for key, value in keys.items() if not value.get("description")] == []


def mutated(data: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    first, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    if value is None and not rest:
        if isinstance(copy, dict):
            copy.pop(first, None)
        return copy
    inner = copy.get(first, {}) if isinstance(copy, dict) else copy[first]  # type: ignore[index]
    copy[first] = mutated(inner, tuple(rest), value)  # type: ignore[index]
    return copy


PATHS = st.sampled_from(
    [
        (), ("schema",), ("title",), ("titel",), ("exercise",), ("exercise", 0), ("exercise", 0, "points"), ("exercise", 1, "uses"),
        ("exercise", 0, "options"), ("exercise", 0, "options", "verbose"), ("limits",), ("limits", "memory_mb"), ("limits", "memory"),
        ("late",), ("late", "due"), ("late", "until"), ("late", "per_day"), ("late", "extensions"), ("bars", "killed"), ("credits", "x"),
        ("lines",), ("lines", "x"), ("remember",), ("language",), ("helper",), ("support",), ("support", 0), ("bars", "false_names"),
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=3) | st.sampled_from(["zh", "score", 1.0, 2.5])
    | st.datetimes() | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["name", "points", "due", "x", "killed"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(PATHS, VALUES), max_size=3))
def test_faults_are_found_where_msgspec_refuses_and_nowhere_else(changes: list[tuple[tuple[str | int, ...], object]]) -> None:
    data: Any = RIGHT
    for path, value in changes:
        try:
            data = mutated(data, path, value)
        except (LookupError, TypeError, AttributeError, ValueError):
            continue
    if not isinstance(data, dict):
        return
    try:
        msgspec.convert(data, AssignmentFile)
        fits = True
    except msgspec.ValidationError:
        fits = False
    assert (find_faults(data, AssignmentFile) == ()) is fits


def test_the_schema_s_version_is_the_one_that_is_read() -> None:
    assert json_schema()["$defs"]["AssignmentFile"]["properties"]["schema"]["enum"] == [SCHEMA]
