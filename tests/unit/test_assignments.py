"""Assignments and references: loaded whole, or refused with the file that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from grader import answer_key, assignments
from grader.assignment_file import Attempts
from grader.errors import AssignmentError, UsageError
from grader.late import Amount, LatePolicy
from grader.model import Visibility
from grader.notebook import Notebook
from grader.plan import Plan
from grader.recognition import Profile
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.protocol import CallReply, Reply, Request

TOML = """\
schema = "grader.assignment/1"
id = "my_assignment"
version = "3"
title = "My Assignment"
notebook = "starter.ipynb"
support = ["support/tools.py"]
leftovers = ["total"]

[limits]
case_seconds = 2

[[exercise]]
name = "double"
points = 10
parameters = ["x"]
aliases = ["twice"]
options = { verbose = false }
uses = ["add"]

[[exercise]]
name = "triple"
points = 0
parameters = ["x"]

[[helper]]
name = "add"
parameters = ["a", "b"]
"""
CASES = """\
import injections
import inputs_of_mine

from grader.model import Case, Close

CASES = [
    Case("small", "double", (inputs_of_mine.SMALL,), Close(1e-9), inject={"add": "plain_sum"}),
    Case("small", "triple", (1,), Close(1e-9)),
]
"""
HIDDEN = """\
import injections

from grader.model import Case, Close, Relation, Visibility

CASES = [Case("h01", "double", (injections.LARGE,), Close(1e-9), visibility=Visibility.HIDDEN, inject={"add": "slow_sum"})]
RELATIONS = [Relation("linear", "double", "h01", "small", 2.0, 1e-9, "twice the input, twice the value")]
"""
SOLUTION = "def double(x):\n    return add(x, x)\n\n\ndef triple(x):\n    return 3 * x\n\n\ndef add(a, b):\n    return a + b\n"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_toml", ".toml").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one assignment, my_assignment, and a reference for it beside."""
    monkeypatch.delenv("GRADER_ASSIGNMENTS", raising=False)
    monkeypatch.delenv("GRADER_REFERENCE", raising=False)
    place = tmp_path / "assignments"
    write(
        place / "my_assignment",
        assignment_toml=TOML, cases_py=CASES, injections_py="def plain_sum(a, b):\n    return a + b\n", support__tools_py="TOOLS = 1\n",
    )  # fmt: skip
    (place / "my_assignment" / "inputs_of_mine.py").write_text("SMALL = 2\n")
    write(
        tmp_path / "reference" / "my_assignment",
        cases_py=HIDDEN,
        solution_py=SOLUTION,
        injections_py="LARGE = 4\ndef slow_sum(a, b):\n    return a + b\n",
    )
    return place


def change(folder: Path, old: str, new: str, name: str = "assignment.toml") -> None:
    path = folder / "my_assignment" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def refused(folder: Path) -> str:
    with pytest.raises(AssignmentError) as caught:
        assignments.load("my_assignment", folder)
    return str(caught.value)


# Loading


def test_load(folder: Path) -> None:
    loaded = assignments.load("my_assignment", folder)
    assert (loaded.id, loaded.version, loaded.title, loaded.points) == ("my_assignment", "3", "My Assignment", 10.0)
    assert [exercise.name for exercise in loaded.exercises] == ["double", "triple"]
    assert [exercise.name for exercise in loaded.graded] == ["double"]
    assert [function.name for function in loaded.functions] == ["double", "triple", "add"]
    assert loaded.exercises[0].options == {"verbose": False}
    assert loaded.leftovers == ("total",)
    assert loaded.files == {"tools.py": "TOOLS = 1\n"}
    assert (loaded.limits.case_seconds, loaded.limits.memory_mb) == (2, 1024)
    assert [(case.id, case.function, case.arguments) for case in loaded.cases] == [("small", "double", (2,)), ("small", "triple", (1,))]
    assert set(loaded.sources) == {"public"}
    assert loaded.profile == Profile("my_assignment", (("double", "twice"),))
    assert loaded.others == ()


def test_load_reference_adds_the_hidden_cases_after_the_public_ones(folder: Path) -> None:
    reference = assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    assert reference is not None
    assert [case.id for case in reference.assignment.cases] == ["small", "small", "h01"]
    assert reference.assignment.cases[-1].visibility is Visibility.HIDDEN
    assert [relation.id for relation in reference.assignment.relations] == ["linear"]
    assert set(reference.assignment.sources) == {"public", "hidden"}
    assert reference.solution == SOLUTION
    assert reference.hidden_folder == folder.parent / "reference"


def test_no_reference_at_hand(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = assignments.load("my_assignment", folder)
    assert assignments.load_reference(loaded, tmp_path) is None
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("GRADER_REFERENCE", str(empty))
    assert assignments.load_reference(loaded) is None
    monkeypatch.setenv("GRADER_REFERENCE", str(tmp_path / "reference"))
    assert assignments.load_reference(loaded) is not None
    with pytest.raises(UsageError, match="no folder of references"):
        assignments.load_reference(loaded, tmp_path / "gone")


def test_folders_by_argument_then_variable_then_clone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assignments.list_ids(folder) == ["my_assignment"]
    in_the_clone = assignments.list_ids()
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(folder))
    assert assignments.list_ids() == ["my_assignment"]
    assert assignments.find_folder("my_assignment") == folder / "my_assignment"
    other = tmp_path / "other"
    other.mkdir()
    assert assignments.list_ids(other) == []
    monkeypatch.setenv("GRADER_ASSIGNMENTS", "")
    assert assignments.list_ids() == in_the_clone != ["my_assignment"]
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="no folder of assignments"):
        assignments.list_ids()


@pytest.mark.parametrize("name", ["my_asignment", "my-assignment", "My_Assignment", "assignment"])
def test_did_you_mean(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="there is no assignment") as caught:
        assignments.load(name, folder)
    assert caught.value.remedy == "did you mean my_assignment?"


@pytest.mark.parametrize(
    "name", ["xyz", "", ".", "..", "../assignments/my_assignment", "my_assignment/", "my_assignment/../my_assignment", "\0"]
)
def test_a_name_is_no_path(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="there is no assignment"):
        assignments.load(name, folder)


def test_unknown_names_list_the_known_ones(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        assignments.load("xyz", folder)
    assert caught.value.remedy == "known assignments: my_assignment"
    with pytest.raises(UsageError) as caught:
        assignments.load("xyz", tmp_path / "reference")
    assert caught.value.remedy == "known assignments: none"


def test_late_and_attempts(folder: Path) -> None:
    loaded = assignments.load("my_assignment", folder)
    assert (loaded.late, loaded.attempts) == (None, Attempts("last"))
    late = """
[late]
due = 2026-12-05T23:59:00
timezone = "Europe/Berlin"
grace = "15m"
per_day = "10%"
of = "points"
cap = "50%"
until = 2026-12-20T00:00:00Z
clock = "modified"

[late.extensions]
ada = "48h"
"Ben B." = 2026-12-09T12:00:00

[attempts]
keep = "best"

[limits]"""
    change(folder, "[limits]", late)
    loaded = assignments.load("my_assignment", folder)
    due = datetime(2026, 12, 5, 22, 59, tzinfo=UTC)
    assert loaded.late == LatePolicy(
        due=due,
        zone=ZoneInfo("Europe/Berlin"),
        grace=timedelta(minutes=15),
        per_day=Amount(Fraction(1, 10), is_share=True),
        of="points",
        cap=Amount(Fraction(1, 2), is_share=True),
        until=datetime(2026, 12, 20, tzinfo=UTC),
        clock="modified",
        extensions={"ada": due + timedelta(hours=48), "ben b.": datetime(2026, 12, 9, 11, tzinfo=UTC)},
    )
    assert loaded.attempts == Attempts("best")


def test_the_example_in_the_docs(folder: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "late.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    change(folder, "[limits]", f"{example}\n[limits]")
    loaded = assignments.load("my_assignment", folder)
    assert loaded.late is not None
    assert list(loaded.late.extensions) == ["ada", "ben b."]
    assert loaded.attempts == Attempts("best")


def test_the_late_policy_makes_no_frozen_key_stale(folder: Path) -> None:
    freeze(folder)
    change(folder, "[limits]", '[late]\ndue = 2026-12-05T23:59:00Z\n[attempts]\nkeep = "best"\n[limits]')
    assert answer_key.load_frozen(assignments.load("my_assignment", folder)).entries


# What authors get wrong


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "My Assignment"', 'titel = "My Assignment"', ["assignment.toml", "titel"]),
        ("leftovers = [", "left_overs = [", ["assignment.toml", "left_overs"]),
        ("points = 10", 'points = "10"', ["assignment.toml", "exercise[0].points"]),
        ("points = 10", "points = 10\npoint = 10", ["assignment.toml", "point", "exercise[0]"]),
        ("case_seconds = 2", "case_second = 2", ["assignment.toml", "case_second", "limits"]),
        ("case_seconds = 2", "case_seconds = 2.5", ["assignment.toml", "limits.case_seconds"]),
        ('schema = "grader.assignment/1"', 'schema = "grader.assignment/9"', ["assignment.toml", "grader.assignment/9"]),
        ('version = "3"', "version = 3", ["assignment.toml", "version"]),
        ("[limits]", "[limits", ["assignment.toml", "line"]),
        ('id = "my_assignment"', 'id = "your_assignment"', ["assignment.toml", "your_assignment", "my_assignment"]),
        ("support/tools.py", "support/gone.py", ["gone.py"]),
        ("[limits]", '[late]\ngrace = "1h"\n[limits]', ["assignment.toml", "due", "late"]),
        ("[limits]", "[late]\ndue = 2026-12-05\n[limits]", ["assignment.toml", "datetime", "late.due"]),
        ("[limits]", "[late]\ndue = 2026-12-05T23:59:00\n[limits]", ["assignment.toml", "late.due", "no offset from UTC"]),
        ("[limits]", '[late]\ndue = 2026-12-05T23:59:00Z\ncap = "5"\n[limits]', ["assignment.toml", "late.cap", "'5'"]),
        ("[limits]", "[late]\ndue = 2026-12-05T23:59:00Z\nperday = 1\n[limits]", ["assignment.toml", "perday", "late"]),
        ("[limits]", '[attempts]\nkeep = "first"\n[limits]', ["assignment.toml", "first", "attempts.keep"]),
        ('name = "triple"', 'name = "treble"', ["my_assignment", "small", "triple", "no such exercise"]),
        ('parameters = ["x"]\naliases', 'parameters = ["x", "y"]\naliases', ["small of double", "1 arguments for 2 parameters"]),
    ],
)
def test_a_wrong_assignment_file(folder: Path, old: str, new: str, said: list[str]) -> None:
    change(folder, old, new)
    message = refused(folder)
    assert all(part in message for part in said), message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("CASES = [", "CASES = [(", "SyntaxError"),
        ("CASES = [", "CASES = [nothing,", "NameError: name 'nothing' is not defined"),
        ("import inputs_of_mine", "import inputs_of_yours", "ModuleNotFoundError: No module named 'inputs_of_yours'"),
        ("import injections", "raise ValueError('by design')", "ValueError: by design"),
        ("import injections", "raise SystemExit(0)", "SystemExit"),
        ("CASES = [", "CASES = [5,", "something else than public cases"),
        ("inject=", "visibility=Visibility.HIDDEN, inject=", "something else than public cases"),
    ],
)
def test_broken_cases(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, "import Case, Close", "import Case, Close, Visibility", "cases.py")
    change(folder, old, new, "cases.py")
    message = refused(folder)
    assert str(folder / "my_assignment" / "cases.py") in message
    assert said in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"small", "triple"', '"small", "double"', "small of double: a second case of this id"),
        ('Case("small", "triple", (1,), Close(1e-9)),', "", "exercise triple has no case that counts"),
        ("(1,), Close(1e-9)", "(1, 2), Close(1e-9)", "small of triple: 2 arguments for 1 parameters"),
        ("(1,), Close(1e-9)", "(), Close(1e-9)", "small of triple: 0 arguments for 1 parameters"),
        ("(1,), Close(1e-9)", "(1,), Close(1e-9), weight=0", "exercise triple has no case that counts"),
        ("(1,), Close(1e-9)", "(1,), Close(1e-9), weight=-1", "its weight is negative"),
        ("CASES = [", "NO_CASES = [", "exercise double has no case that counts"),
    ],
)
def test_cases_that_do_not_fit(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, old, new, "cases.py")
    assert said in refused(folder)


def test_a_case_that_costs_nothing_may_leave_out_what_has_a_default(folder: Path) -> None:
    change(folder, "CASES = [", 'CASES = [Case("default", "triple", (), Close(1e-9), weight=0),', "cases.py")
    assert assignments.load("my_assignment", folder).cases[0].arguments == ()
    change(folder, "(), Close(1e-9), weight=0", "(1, 2), Close(1e-9), weight=0", "cases.py")
    assert "default of triple: 2 arguments for 1 parameters" in refused(folder)


@pytest.mark.parametrize("other", ["triple", "double", "quadruple"])
def test_builds_on_what_is_no_other_graded_exercise(folder: Path, other: str) -> None:
    change(folder, 'uses = ["add"]', f'uses = ["add"]\nbuilds_on = ["{other}"]')
    assert f"double builds on {other!r}, which is no other graded exercise" in refused(folder)


def test_what_an_exercise_builds_on_has_to_be_at_hand(folder: Path) -> None:
    change(folder, "points = 0", "points = 5")
    change(folder, 'uses = ["add"]', 'uses = ["add"]\nbuilds_on = ["triple"]')
    loaded = assignments.load("my_assignment", folder)
    with pytest.raises(AssignmentError, match=r"built_on\.py: there is no triple, which double builds on"):
        assignments.load_reference(loaded, folder.parent / "reference")
    path = folder.parent / "reference" / "my_assignment" / "built_on.py"
    path.write_text("def triple(x):\n    return 3 * x\n")
    reference = assignments.load_reference(loaded, folder.parent / "reference")
    assert reference is not None
    plan, notebook = Plan(reference.assignment), Notebook((), "")
    whole, again = (b"".join(one.parts()[2]) for one in (plan.request(notebook), plan.again(notebook, {"double"}, ["triple"])))
    assert b"3 * x" not in whole, "an answer lies where submissions can call it"
    assert b"3 * x" in again


def test_injections_hold_no_answer(folder: Path) -> None:
    change(folder, "points = 0", "points = 5")
    loaded = assignments.load("my_assignment", folder)
    path = folder.parent / "reference" / "my_assignment" / "injections.py"
    path.write_text(path.read_text() + "\n\ndef triple(x):\n    return 3 * x\n")
    with pytest.raises(AssignmentError, match=r"injections\.py: it holds triple, which is graded, where submissions can call it"):
        assignments.load_reference(loaded, folder.parent / "reference")


def test_files_that_are_missing(folder: Path) -> None:
    place = folder / "my_assignment"
    (place / "injections.py").unlink()
    change(folder, "import injections\n", "", "cases.py")
    assert "no injections.py" in refused(folder)
    (place / "cases.py").unlink()
    assert f"{place / 'cases.py'} is missing" in refused(folder)
    (place / "assignment.toml").write_bytes(b"\xff\xfe")
    assert "assignment.toml cannot be read" in refused(folder)


def test_a_broken_reference_names_its_file(folder: Path) -> None:
    loaded = assignments.load("my_assignment", folder)
    path = folder.parent / "reference" / "my_assignment" / "cases.py"
    path.write_text("1 / 0")
    with pytest.raises(AssignmentError, match="ZeroDivisionError") as caught:
        assignments.load_reference(loaded, folder.parent / "reference")
    assert str(path) in str(caught.value)


# The author's modules


@pytest.fixture
def process() -> Iterator[None]:
    before, path, writes = dict(sys.modules), list(sys.path), sys.dont_write_bytecode
    yield
    sys.modules.clear()
    sys.modules.update(before)
    sys.path[:] = path
    sys.dont_write_bytecode = writes


def test_nothing_of_an_author_is_left_in_the_process(folder: Path, process: None) -> None:
    assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    modules, path, writes = set(sys.modules), list(sys.path), sys.dont_write_bytecode
    assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    change(folder, "import inputs_of_mine", "import inputs_of_mine\n1 / 0", "cases.py")
    refused(folder)
    assert set(sys.modules) == modules
    assert not {"injections", "inputs_of_mine", "cases", "_author_cases"} & modules
    assert (sys.path, sys.dont_write_bytecode) == (path, writes)
    assert not list(folder.parent.rglob("__pycache__"))


def test_modules_of_the_same_names_neither_disturb_nor_suffer(folder: Path, process: None) -> None:
    mine = {name: ModuleType(name) for name in ("injections", "inputs_of_mine")}
    sys.modules.update(mine)
    reference = assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    assert reference is not None
    assert reference.assignment.cases[-1].arguments == (4,)
    assert {name: sys.modules[name] for name in mine} == mine


def test_threads_may_load_at_once(folder: Path, process: None) -> None:
    interval = sys.getswitchinterval()
    path, modules = list(sys.path), set(sys.modules)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            loaded = list(pool.map(lambda _: assignments.load("my_assignment", folder), range(200)))
    finally:
        sys.setswitchinterval(interval)
    assert {assignment.cases[0].arguments for assignment in loaded} == {(2,)}
    assert sys.path == path
    assert "inputs_of_mine" not in set(sys.modules) - modules


# The frozen answer key


def freeze(folder: Path) -> Path:
    def answer(request: Request) -> Reply:
        return Reply((), {}, (CallReply("returned", 4), CallReply("returned", 3)))

    reference = assignments.load_reference(assignments.load("my_assignment", folder), folder.parent / "reference")
    assert reference is not None
    path = folder / "my_assignment" / answer_key.FROZEN
    path.write_bytes(answer_key.freeze(reference, FakeSandbox(answer)))
    return path


def test_a_frozen_key_holds_the_public_cases_alone(folder: Path) -> None:
    path = freeze(folder)
    key = answer_key.load_frozen(assignments.load("my_assignment", folder))
    assert {place: entry.value for place, entry in key.entries.items()} == {("double", "small"): 4, ("triple", "small"): 3}
    assert b"h01" not in path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("(1,), Close(1e-9)", "(5,), Close(1e-9)", "cases.py"),
        ('"small", "triple"', '"tiny", "triple"', "cases.py"),
        ("a + b", "a - b", "injections.py"),
        ('version = "3"', 'version = "4"', "assignment.toml"),
        ("verbose = false", "verbose = true", "assignment.toml"),
    ],
)
def test_a_stale_frozen_key(folder: Path, old: str, new: str, name: str) -> None:
    freeze(folder)
    change(folder, old, new, name)
    with pytest.raises(AssignmentError, match="does not belong to its cases") as caught:
        answer_key.load_frozen(assignments.load("my_assignment", folder))
    assert "grader assignment freeze my_assignment" in caught.value.remedy


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": "grader.answer_key/1"}', b"null"])
def test_a_damaged_frozen_key(folder: Path, damage: bytes) -> None:
    freeze(folder).write_bytes(damage)
    with pytest.raises(AssignmentError, match="answer key of my_assignment is damaged") as caught:
        answer_key.load_frozen(assignments.load("my_assignment", folder))
    assert "grader assignment freeze my_assignment" in caught.value.remedy


@pytest.mark.parametrize(("old", "new"), [('"i"', '"q"'), ('"4"', '"four"'), ('"value"', '"values"'), ('"entries"', '"entry"')])
def test_a_frozen_key_changed_by_hand(folder: Path, old: str, new: str) -> None:
    path = freeze(folder)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(AssignmentError) as caught:
        answer_key.load_frozen(assignments.load("my_assignment", folder))
    assert "grader assignment freeze my_assignment" in caught.value.remedy


def test_no_frozen_key(folder: Path) -> None:
    with pytest.raises(AssignmentError, match="cannot be read") as caught:
        answer_key.load_frozen(assignments.load("my_assignment", folder))
    assert "grader assignment freeze my_assignment" in caught.value.remedy


def test_every_assignment_of_this_clone_loads_and_its_frozen_key_fits() -> None:
    for assignment_id in assignments.list_ids():
        loaded = assignments.load(assignment_id)
        assert answer_key.load_frozen(loaded).entries
        assert loaded.points > 0


def test_the_clone_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = assignments.list_ids()
    monkeypatch.chdir(tmp_path)
    assert assignments.list_ids() == known
    assert all(folder.is_absolute() for folder in assignments.assignment_folders())
