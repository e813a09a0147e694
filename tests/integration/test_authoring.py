"""Authors' commands as they use them: begin, hand out, look; whatever assignment there is, and whatever they get wrong."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

from grader import answer_key, assignments, cli, self_check
from grader.assignment_file import json_schema
from grader.authoring.notebooks import make_starter
from grader.errors import AssignmentError, GraderError, OutputError, UsageError
from grader.model import Visibility
from tests import parts

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "show.json"
IDS = assignments.list_ids(ROOT / "assignments")
SOLUTION = "integral = width * (ends + np.sum(values[1:-1]))"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.group, ["assignment", *map(str, arguments)], catch_exceptions=True)


def refused(result: Result) -> GraderError:
    assert isinstance(result.exception, GraderError), (result.output, result.exception)
    return result.exception


class Course:
    """A folder with assignments and references below it, and commands on them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.options = ("--assignments", str(place / "assignments"), "--reference", str(place / "reference"))

    def new(self, name: str) -> Result:
        return run("new", name, *self.options)

    def release(self, name: str, output: Path, *more: str | Path) -> Result:
        return run("release", name, "-o", output, *more, *self.options)

    def public(self, name: str, file: str) -> Path:
        return self.place / "assignments" / name / file

    def secret(self, name: str, file: str) -> Path:
        return self.place / "reference" / name / file


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of one assignment, `sums`, as `new` makes it."""
    made = Course(tmp_path)
    assert made.new("sums").exit_code == 0
    return made


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# new


def test_new_says_what_it_wrote_and_what_is_next(tmp_path: Path) -> None:
    result = Course(tmp_path).new("sums")
    assert f"wrote {tmp_path / 'assignments' / 'sums'}" in result.stdout
    assert f"grader assignment validate sums --assignments {tmp_path / 'assignments'} --reference {tmp_path / 'reference'}" in result.stdout
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"assignments/sums/assignment.toml", "assignments/sums/sums.ipynb", "reference/sums/sums.ipynb"} < written
    assert not [path for path in written if "@@" in (tmp_path / path).read_text(encoding="utf-8")]


def test_new_writes_where_the_variables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path / "a"))
    monkeypatch.setenv("GRADER_REFERENCE", str(tmp_path / "r"))
    result = run("new", "sums")
    assert "grader assignment validate sums\n" in result.stdout
    assert (tmp_path / "a" / "sums").is_dir()
    assert (tmp_path / "r" / "sums").is_dir()


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("My Homework 1", "my_homework_1"), ("Été", "ete"), ("a.b", "a_b"), ("x__y", "x_y"), ("_x", "x"), ("2fast", "fast"), ("../x", "x"),
        ("a/b", "a_b"), ("", "my_assignment"), ("作业", "my_assignment"), ("con", "my_assignment"), ("x" * 61, "x" * 60), ("a-b", "a_b"),
        ("x\n", "x"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused_with_one_that_is(tmp_path: Path, name: str, better: str) -> None:
    error = refused(Course(tmp_path).new(name))
    assert isinstance(error, UsageError)
    assert error.remedy == f"for example {better}"
    assert list(tmp_path.iterdir()) == []


def test_new_overwrites_nothing(course: Course) -> None:
    before = {path: path.read_bytes() for path in course.place.rglob("*") if path.is_file()}
    assert "exists already" in str(refused(course.new("sums")))
    shutil.rmtree(course.place / "assignments" / "sums")  # the reference alone is enough
    assert "exists already" in str(refused(course.new("sums")))
    assert not (course.place / "assignments" / "sums").exists()
    assert all(path.read_bytes() == data for path, data in before.items() if path.exists())


def test_where_one_part_cannot_be_written_the_other_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "reference").write_text("a file")
    assert isinstance(refused(Course(tmp_path).new("sums")), OutputError)
    assert not (tmp_path / "assignments" / "sums").exists()


def test_the_two_parts_have_places_of_their_own(tmp_path: Path) -> None:
    error = refused(run("new", "sums", "--assignments", tmp_path, "--reference", tmp_path))
    assert "cannot hold the assignment and its reference" in str(error)


def test_the_skeleton_fits_the_published_schema_and_the_starter_its_master(course: Course) -> None:
    text = course.public("sums", "assignment.toml").read_text(encoding="utf-8")
    jsonschema.validate(tomllib.loads(text), json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text.replace("points", "point")), json_schema())
    starter = make_starter(course.secret("sums", "sums.ipynb").read_bytes(), "master")
    assert starter.data == course.public("sums", "sums.ipynb").read_bytes()
    assert [line.strip() for line in starter.removed][-1] == SOLUTION


@pytest.mark.parametrize("name", IDS)
def test_assignments_fit_the_published_schema(name: str) -> None:
    data = tomllib.loads((ROOT / "assignments" / name / "assignment.toml").read_text(encoding="utf-8"))
    jsonschema.validate(data, json_schema())


# release, of every assignment that there is, and of a new one


@pytest.fixture(scope="module")
def handouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By assignment the folder that students get, made in a copy of the clone's: releasing may freeze anew."""
    parts.need_walls()
    made = Course(tmp_path_factory.mktemp("course"))
    for part in ("assignments", "reference"):
        shutil.copytree(ROOT / part, made.place / part, ignore=shutil.ignore_patterns("examples", "__pycache__"))
    assert made.new("area_under_curve").exit_code == 0
    for name in (*IDS, "area_under_curve"):
        result = made.release(name, made.place / "handouts" / name)
        assert result.exit_code == 0, (result.output, result.exception)
        assert "searched, and nothing secret found" in result.stdout
    return {name: made.place / "handouts" / name for name in (*IDS, "area_under_curve")}


RELEASED = [*IDS, "area_under_curve"]


def flat(data: bytes) -> bytes:
    return re.sub(rb"\s+", b"", data)


@pytest.mark.parametrize("name", RELEASED)
def test_nothing_of_the_reference_is_in_what_students_get(handouts: dict[str, Path], name: str) -> None:
    """Looked for in another way than release does: whole files, bodies of solutions, and hidden numbers, as bytes and in base64."""
    folder = handouts[name]
    got = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    everything = b"\n".join(got.values())
    tokens = re.findall(rb"[A-Za-z0-9+/]{12,}", everything)
    decoded = b"\n".join(base64.b64decode(token[: len(token) // 4 * 4]) for token in tokens)
    place = folder.parents[1]
    reference = assignments.load_reference(assignments.load(name, place / "assignments"), place / "reference")
    assert reference is not None
    graded = {exercise.name for exercise in reference.assignment.graded}
    bodies = re.findall(r"^def (\w+)\(.*?\n(.*?)(?=^\S|\Z)", reference.solution, re.MULTILINE | re.DOTALL)
    secrets = [body.encode() for function, body in bodies if function in graded and len(flat(body.encode())) >= 16]
    secrets += [path.read_bytes() for path in (place / "reference" / name).rglob("*") if path.is_file()]
    for secret in secrets:
        for layer in (everything, decoded):
            assert flat(secret) not in flat(layer)
        for offset in range(3):
            assert base64.b64encode(b"\0" * offset + secret)[4:-4] not in everything
    for case in reference.assignment.cases:
        if case.visibility is Visibility.HIDDEN:
            assert json.dumps(case.id).encode() not in got[folder / self_check.FOLDER / self_check.FILE] or case.id in {
                other.id for other in reference.assignment.cases if other.visibility is Visibility.PUBLIC
            }


@pytest.mark.parametrize("name", RELEASED)
def test_the_students_folder_is_the_public_part(handouts: dict[str, Path], name: str) -> None:
    """What is read from it is the assignment itself, but for what comes after grading."""
    loaded = self_check.load(handouts[name] / self_check.FOLDER)
    public = assignments.load(name, handouts[name].parents[1] / "assignments")
    assert answer_key.hash_cases(loaded) == answer_key.hash_cases(public)
    later = {"folder", "late", "attempts", "bars", "cases", "figures", "others", "notes", "older_numpy"}
    for field in loaded.__struct_fields__:
        if field not in later:
            assert getattr(loaded, field) == getattr(public, field), field
    assert [(case.id, case.expect, case.weight, case.title) for case in loaded.cases] == [
        (case.id, case.expect, case.weight, case.title) for case in public.cases
    ]
    assert len(loaded.figures) == len(public.figures)
    assert answer_key.load_frozen(loaded).entries.keys() == {(case.function, case.id) for case in public.cases}
    assert set(loaded.files) <= {path.name for path in handouts[name].iterdir()}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel, unpacked as pip does, and what it needs: the clone is nowhere in it."""
    folder = tmp_path_factory.mktemp("clean")
    code = f"import hatchling.build as b; b.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(site)
    needed = {str(Path(entry).resolve()) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    (site / "needed.pth").write_text("\n".join(sorted(needed)) + "\n")
    return folder / "env" / "bin" / "python"


def test_the_students_folder_checks_itself_with_the_wheel_alone(handouts: dict[str, Path], elsewhere: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTHON"))}
    environment |= {"HOME": str(tmp_path / "home"), "GRADER_CACHE": str(tmp_path / "cache")}

    def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([elsewhere, *arguments], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)

    where = python("-c", "import grader; print(grader.__file__)", cwd=tmp_path).stdout
    assert where.startswith(str(elsewhere.parents[1])), where
    for name in RELEASED:
        student = tmp_path / "student" / name
        shutil.copytree(handouts[name], student)
        (notebook,) = student.glob("*.ipynb")
        done = python("-m", "grader", "check", notebook.name, "--format", "json", cwd=student)
        assert done.returncode == 1, done.stderr
        assert json.loads(done.stdout)["assignment"]["id"] == name
    student = tmp_path / "student" / "area_under_curve"
    change(student / "area_under_curve.ipynb", "integral = None", "integral = width * (np.sum(values) - (values[0] + values[-1]) / 2)")
    done = python("-m", "grader", "check", "area_under_curve.ipynb", cwd=student)
    assert done.returncode == 0, done.stderr
    assert "10 of 10 points" in done.stdout
    done = python("-m", "grader", "check", "area_under_curve.ipynb", "-a", "gradient_checking", "--format", "json", cwd=student)
    assert json.loads(done.stdout)["assignment"]["id"] == "gradient_checking"


def test_check_in_a_notebook_goes_by_the_self_check_beside_it(handouts: dict[str, Path], tmp_path: Path) -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "grader.magics")
shell.run_cell("import numpy as np\\ndef trapezoid(values, width): return width * np.sum(values)")
shell.run_line_magic("check", "")
"""
    student = tmp_path / "student"
    shutil.copytree(handouts["area_under_curve"], student)
    done = subprocess.run([sys.executable, "-c", code], cwd=student, capture_output=True, encoding="utf-8", check=False)
    assert "the two ends count as much as the points between them" in " ".join(done.stdout.split()), done.stdout + done.stderr


# What release refuses


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("support/sums_tools.py", f"# {SOLUTION}\n"),
        ("support/sums_tools.py", f"HINT = '{base64.b64encode(SOLUTION.encode()).decode()}'\n"),
        ("injections.py", "def other(values, width):\n    return np.sum(values[1:]   +values[ :-1 ])/2\\\n     *width\n"),
        ("assignment.toml", '[lines]\nleft_sum = "return width \\\\* np.sum"\n'),
        ("support/sums_tools.py", "KEY = 0.5291\n"),
    ],
    ids=["comment", "base64", "formatted", "nothing", "short number"],
)
def test_a_secret_in_any_file_stops_the_release(
    course: Course, file: str, text: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    parts.need_walls()
    path = course.public("sums", file)
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + text, encoding="utf-8")
    result = course.release("sums", tmp_path / "out")
    if request.node.callspec.id in ("nothing", "short number"):
        assert result.exit_code == 0, result.exception
        return
    error = refused(result)
    assert "not released: what students must not see" in str(error)
    assert "given.toml" in error.remedy
    assert not (tmp_path / "out").exists()


def test_hidden_inputs_and_expected_values_stop_the_release_until_the_author_allows_a_line(course: Course, tmp_path: Path) -> None:
    parts.need_walls()
    reference = assignments.load_reference(assignments.load("sums", course.place / "assignments"), course.place / "reference")
    assert reference is not None
    values, width = reference.assignment.cases[-1].arguments
    assert isinstance(values, np.ndarray)
    tools = course.public("sums", "support/sums_tools.py")
    before = tools.read_text(encoding="utf-8")
    tools.write_text(f"{before}\nWIDTH = {width}\nFIRST = bytes.fromhex('{values[0].tobytes().hex()}')\n# {SOLUTION}\n", encoding="utf-8")
    message = str(refused(course.release("sums", tmp_path / "out")))
    assert "sums_tools.py: the input of hidden case h03 of trapezoid" in message
    assert "the solution in the master notebook: integral = width" in message
    tools.write_text(f"{before}\n# {SOLUTION}\n", encoding="utf-8")
    course.secret("sums", "given.toml").write_text(f'[given]\n"{SOLUTION}" = "it is what the lecture shows"\n')
    change(course.secret("sums", "solution.py"), "return width * (ends", "return 1 * width * (ends")
    assert course.release("sums", tmp_path / "out").exit_code == 0


def test_a_master_without_markers_or_with_half_of_them_or_wrong_stops_the_release(course: Course, tmp_path: Path) -> None:
    parts.need_walls()
    master = course.secret("sums", "sums.ipynb")
    right = master.read_text(encoding="utf-8")
    master.write_text(
        right.replace("### START CODE HERE ### (about", "# (about").replace("    ### END CODE HERE ###\\n", ""), encoding="utf-8"
    )
    solution = "import numpy as np\n\n\ndef trapezoid(values, width):\n    return np.sum(np.diff(values) / 2 + values[:-1]) * width\n"
    course.secret("sums", "solution.py").write_text(solution)  # another one than the master's, whose lines would be found
    for name in ("misconceptions.py", "equivalents.py"):
        course.secret("sums", name).unlink()
    assert "has full marks for trapezoid" in str(refused(course.release("sums", tmp_path / "out")))
    master.write_text(right.replace("    ### END CODE HERE ###\\n", ""), encoding="utf-8")
    assert re.search(r"sums\.ipynb, cell 3, line 15: .*has no end", str(refused(course.release("sums", tmp_path / "out"))))
    master.write_text(right.replace("values[1:-1]", "values[1:]"), encoding="utf-8")
    assert "lose points: trapezoid" in str(refused(course.release("sums", tmp_path / "out")))
    master.write_text("{", encoding="utf-8")
    assert "is no notebook" in str(refused(course.release("sums", tmp_path / "out")))


def test_release_overwrites_nothing_and_needs_the_reference(course: Course, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()
    assert "exists already" in str(refused(course.release("sums", tmp_path / "out")))
    for place in (course.public("sums", "out"), course.secret("out", "x")):
        assert "lies inside" in str(refused(course.release("sums", place)))
    shutil.rmtree(course.place / "reference" / "sums")
    assert "there is no reference for sums" in str(refused(course.release("sums", tmp_path / "new")))


# What a stranger's self-check may not do


def test_a_self_check_of_a_stranger_s_runs_nothing_and_raises_no_limit(handouts: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / self_check.FOLDER
    shutil.copytree(handouts["area_under_curve"] / self_check.FOLDER, folder)
    (folder / "cases.py").write_text("raise SystemExit('it ran')")
    path = folder / self_check.FILE
    right = json.loads(path.read_text(encoding="utf-8"))

    def load(**fields: object) -> assignments.Assignment:
        path.write_text(json.dumps({**right, **fields}), encoding="utf-8")
        return self_check.load(folder)

    assert load(limits={**right["limits"], "memory_mb": 10**9, "case_seconds": -1}).limits.memory_mb == 10_240
    assert load(limits={**right["limits"], "case_seconds": -1}).limits.case_seconds == 1
    refusals: list[dict[str, object]] = [
        {"files": {"../../x.py": ""}},
        {"schema": "grader.self_check/2"},
        {"cases": []},
        {"lines": {"x": "("}},
        {"more": 1},
    ]
    for wrong in refusals:
        with pytest.raises(AssignmentError, match=r"no case|damaged"):
            load(**wrong)
    path.write_bytes(b"\xff")
    with pytest.raises(AssignmentError, match="damaged"):
        self_check.load(folder)


# show, list, freeze


def test_show_prints_the_assignment_whole(course: Course) -> None:
    shown = run("show", "sums", "--json", "--assignments", course.place / "assignments").stdout
    if os.environ.get("GRADER_REGENERATE_GOLDEN") == "1":
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")
    hidden = json.loads(run("show", "sums", "--json", "--hidden", *course.options).stdout)
    assert {case["visibility"] for case in hidden["cases"]} == {"public", "hidden"}
    assert [item["id"] for item in hidden["misconceptions"]] == ["ends_counted_whole", "width_forgotten", "left_sum"]
    text = run("show", "sums", "--hidden", *course.options).stdout
    assert "hidden case h01, 30.0% of the weight" in text
    assert "known mistake left_sum: rectangles are summed" in text
    assert "hidden" not in run("show", "sums", *course.options[:2]).stdout


@pytest.mark.parametrize("name", IDS)
def test_show_prints_every_assignment_as_json(name: str) -> None:
    shown = json.loads(
        run("show", name, "--json", "--hidden", "--assignments", ROOT / "assignments", "--reference", ROOT / "reference").stdout
    )
    assert shown["schema"] == "grader.show/1"
    assert {exercise["name"] for exercise in shown["exercises"]} == {case["exercise"] for case in shown["cases"]}


def test_list_goes_on_after_one_that_is_broken(course: Course) -> None:
    assert course.new("broken").exit_code == 0
    change(course.public("broken", "assignment.toml"), "title", "titel")
    result = CliRunner().invoke(cli.group, ["assignment", "list", *course.options[:2]], standalone_mode=False)
    assert result.return_value == cli.USAGE
    assert "sums  Sums  10 points" in result.stdout
    assert "assignment.toml:5: unknown key 'titel'" in result.stderr


def test_freeze_says_what_changed(course: Course) -> None:
    parts.need_walls()
    first = run("freeze", "sums", *course.options).stdout
    assert [Path(line).name for line in first.splitlines()] == ["answer_key.json", "misconceptions.json"]
    assert run("freeze", "sums", *course.options).stdout == "nothing has changed\n"
    course.secret("sums", "misconceptions.py").unlink()
    run("freeze", "sums", *course.options)
    assert not course.public("sums", "misconceptions.json").exists()


def test_an_author_s_file_that_raises_is_told_with_its_line(course: Course) -> None:
    change(course.secret("sums", "cases.py"), "draw.uniform(0.5, 2.0, count)", "draw.unifrm(0.5, 2.0, count)")
    done = subprocess.run(
        [sys.executable, "-m", "grader", "assignment", "validate", "sums", *course.options],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == cli.USAGE
    assert f"{course.secret('sums', 'cases.py')}:13: AttributeError: " in done.stderr
    assert "Traceback" not in done.stderr
