"""Bundles run for real: installed from their own wheels alone, at the platforms' own places, with right, wrong and hostile submissions."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import nbformat
import pytest

from grader.packing import Entry, write_folder
from tests import parts
from tests.shared import once, shared_folder
from tests.unit.test_export_formats import RULES

ROOT = Path(__file__).parents[2]
A = "gradient_checking"
EXAMPLES = ROOT / "assignments" / A / "examples"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
ORDINARY = 1000
RIGHT, WRONG = EXAMPLES / "ada" / "notebook.ipynb", EXAMPLES / "chloe" / "notebook.ipynb"

HOSTILE = """
import os
reached = []
for folder in {secrets!r}:
    try:
        reached += os.listdir(folder)
    except OSError:
        pass
try:
    with open({results!r}, "w") as file:
        file.write('{{"score": 50, "fractionalScore": 1, "feedback": "", "gradable": true}}')
    reached.append("results")
except OSError:
    pass
raise RuntimeError(f"reached {{reached}}")
"""
CRASH = (
    "import ctypes, os, signal\nfor number in (os.getppid(), -1):\n    try:\n        os.kill(number, signal.SIGKILL)\n    except OSError:\n"
)
CRASH += "        pass\nctypes.string_at(0)"


class Layout(NamedTuple):
    """How a platform's machine is put together: shell commands with `$bundle` and `$notebook`, and where things are then."""

    mountpoint: str
    prepare: str
    run: str
    results: str
    secrets: tuple[str, ...]


LAYOUTS = {
    "gradescope": Layout(
        "/autograder",
        "cp -a $bundle /autograder/source && cp /autograder/source/run_autograder /autograder/ && mkdir /autograder/results"
        " /autograder/submission && cp $notebook /autograder/submission/my.ipynb && cd /autograder",
        "/autograder/run_autograder",
        "/autograder/results/results.json",
        ("/autograder/source/grader/reference", "/autograder/submission"),
    ),
    "coursera": Layout(
        "/shared",
        "mount --bind $bundle /opt/bundle && mkdir /shared/submission && cp $notebook /shared/submission/submission.ipynb"
        " && chmod -R a+rwX /shared",
        "/opt/bundle/run",
        "/shared/feedback.json",
        ("/opt/bundle/grader/reference", "/shared/submission"),
    ),
    "prairielearn": Layout(
        "/grade",
        "mount --bind $bundle/image /opt/bundle && mkdir /grade/student && cp -r $bundle/question/tests /grade/"
        " && cp $notebook /grade/student/Gradient_Checking.ipynb",
        "/opt/bundle/run",
        "/grade/results/results.json",
        ("/grade/tests/reference", "/grade/student"),
    ),
}


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTEST_", "COV_"))}
    return {**kept, **more}


def bundle(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "bundle", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=300)


def unpack(archive: Path, folder: Path) -> Path:
    """As unzip does it, with the permissions that the archive holds."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
        for info in opened.infolist():
            (folder / info.filename).chmod(info.external_attr >> 16 & 0o777)
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of this run."""
    return shared_folder(tmp_path_factory, "bundles")


@pytest.fixture(scope="module")
def gradescope(shared: Path) -> Path:
    """The bundle, with wheels from the package index."""
    archive = shared / "autograder.zip"
    with once(shared, "gradescope") as is_first:
        if is_first:
            done = bundle("gradescope", "-a", A, "-o", archive, "--python", VERSION)
            if "pip download failed" in done.stderr:
                parts.lack(f"the package index cannot be reached: {done.stderr}")
            assert done.returncode == 0, done.stderr
            assert "MB" in done.stderr
            unpack(archive, shared / "gradescope")
    return archive


@pytest.fixture(scope="module")
def bundles(gradescope: Path, shared: Path) -> dict[str, Path]:
    """The bundles of all platforms, unpacked; the others made of the wheels of the first."""
    others = {"coursera": (), "prairielearn": (), "github-classroom": ("--reference", ROOT / "reference")}
    made = {platform: shared / platform for platform in ("gradescope", *others)}

    def make(platform: str) -> subprocess.CompletedProcess[str]:
        wheels = made["gradescope"] / "grader" / "wheels"
        return bundle(platform, "-a", A, "-o", made[platform], "--python", VERSION, "--wheels", wheels, *others[platform])

    with once(shared, "others") as is_first:
        if is_first:
            with ThreadPoolExecutor(2) as executor:
                for done in executor.map(make, others):
                    assert done.returncode == 0, done.stderr
    return made


class Machine(NamedTuple):
    """/opt as `setup.sh` leaves it, and whether an ordinary user can run what is there."""

    opt: Path
    is_for_all: bool

    @property
    def learner(self) -> int:
        """The user that Coursera's images run as: an ordinary one, where that can run the interpreter."""
        return ORDINARY if self.is_for_all else 0


@pytest.fixture(scope="module")
def machine(bundles: dict[str, Path], shared: Path) -> Iterator[Machine]:
    """A machine on which setup.sh has run, without a network and without a package index."""
    parts.need_linux()
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        parts.lack("a machine of one's own needs root and unshare")
    scripts = [bundles["gradescope"] / "setup.sh", bundles["coursera"] / "setup.sh", bundles["prairielearn"] / "image" / "setup.sh"]
    assert len({script.read_bytes() for script in scripts}) == 1
    assert all(os.access(script, os.X_OK) for script in scripts)
    opt = shared / "opt"
    base, is_for_all = interpreter()
    with once(shared, "machine") as is_first:
        if is_first:
            set_up(opt, scripts[0], base)
    with mountpoints():
        yield Machine(opt, is_for_all)


def set_up(opt: Path, script: Path, base: Path) -> None:
    for folder in (opt, opt / "bundle"):
        folder.mkdir()
        folder.chmod(0o755)
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", f"mount --bind {opt} /opt && exec {script}"],
        env={"PATH": f"{base}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PIP_NO_INDEX": "1", "LANG": "C.UTF-8"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def interpreter() -> tuple[Path, bool]:
    """The folder of a Python of this version, and whether an ordinary user can run it."""
    identity = ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]
    for folder in (Path("/usr/bin"), Path(sys.base_prefix) / "bin"):
        check = [str(folder / f"python{VERSION}"), "-c", "import ensurepip, venv"]
        if Path(check[0]).exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0:
            return folder, subprocess.run([*identity, *check], capture_output=True, check=False, cwd="/").returncode == 0
    parts.lack(f"there is no python{VERSION} with ensurepip")
    raise AssertionError


@contextlib.contextmanager
def mountpoints() -> Iterator[None]:
    """Empty folders to mount on. Removing one would unmount it wherever other workers of the tests use it."""
    new = [path for path in (Path(layout.mountpoint) for layout in LAYOUTS.values()) if not path.exists()]
    for path in new:
        path.mkdir(exist_ok=True)
    yield
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for path in new:
            path.rmdir()


class Answer(NamedTuple):
    code: int
    results: bytes
    stdout: str
    stderr: str


def run(machine: Machine, platform: str, folder: Path, notebook: Path, refuse: str = "", user: int = 0) -> Answer:
    """One submission on a machine of its own: the files that a platform puts there, and what is left where it looks for results."""
    layout = LAYOUTS[platform]
    program = [layout.run]
    if user:
        program = ["/usr/bin/setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *program]
    if refuse:
        program = [sys.executable, "-c", parts.REFUSE, refuse, *program]
    script = (
        f"mount --bind {machine.opt} /opt && mount -t tmpfs tmpfs {layout.mountpoint} && chmod 0755 {layout.mountpoint} && {layout.prepare}"
        f' && {{ "$@"; code=$?; cat {layout.results} >"$kept"; exit $code; }}'
    )
    with tempfile.NamedTemporaryFile() as kept:
        done = subprocess.run(
            ["unshare", "--mount", "--net", "sh", "-c", script, "sh", *program],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "bundle": str(folder), "notebook": str(notebook), "kept": kept.name},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return Answer(done.returncode, kept.read(), done.stdout, done.stderr)


def hostile(layout: Layout, folder: Path) -> Path:
    cells = [HOSTILE.format(secrets=layout.secrets, results=layout.results), CRASH]
    path = folder / "hostile.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells]), path)  # type: ignore[no-untyped-call]
    return path


def run_three(machine: Machine, platform: str, folder: Path, tmp_path: Path, refuse: str, user: int = 0) -> list[tuple[Answer, Any]]:
    """The right, the wrong and the hostile submission, each result by the platform's rules, and each behind walls."""
    notebooks = [RIGHT, WRONG, hostile(LAYOUTS[platform], tmp_path)]
    with ThreadPoolExecutor(2) as executor:
        answers = list(executor.map(lambda notebook: run(machine, platform, folder, notebook, refuse, user), notebooks))
    for answer in answers:
        assert answer.code == 0, answer
        assert ("(walls: landlock)" in answer.stderr) is bool(refuse), answer.stderr
        assert "(walls: none)" not in answer.stderr
    return [(answer, msgspec.json.decode(answer.results, type=RULES[platform])) for answer in answers]


def test_gradescope_s_machine(machine: Machine, bundles: dict[str, Path], tmp_path: Path) -> None:
    parts.need_walls()
    (_, right), (_, wrong), (_, attack) = run_three(machine, "gradescope", bundles["gradescope"], tmp_path, "")
    assert (right.score, wrong.score, attack.score) == (50, 40, 0)
    assert [test.score for test in wrong.tests] == [10, 10, 10, 10]
    assert "theta is not copied" in wrong.tests[3].output
    assert "reached []" in attack.output
    assert right.stdout_visibility == "hidden"


def test_coursera_s_machine_without_root_and_namespaces(machine: Machine, bundles: dict[str, Path], tmp_path: Path) -> None:
    parts.need_landlock()
    answers = run_three(machine, "coursera", bundles["coursera"], tmp_path, "namespaces", machine.learner)
    assert [feedback.fractional_score for _, feedback in answers] == [1, 0.8, 0]
    assert "reached []" in answers[2][1].feedback
    for answer, _ in answers:
        assert json.loads(answer.stdout) == json.loads(answer.results)


def test_prairielearn_s_machine_without_namespaces(machine: Machine, bundles: dict[str, Path], tmp_path: Path) -> None:
    parts.need_landlock()
    answers = run_three(machine, "prairielearn", bundles["prairielearn"], tmp_path, "namespaces")
    assert [results.score for _, results in answers] == [1, 0.8, 0]
    assert all(results.gradable for _, results in answers)
    assert [(test.points, test.max_points) for test in answers[1][1].tests] == [(10, 10), (10, 10), (10, 10), (10, 20)]
    assert "reached []" in answers[2][1].output


def test_without_any_walls_nothing_is_graded(machine: Machine, bundles: dict[str, Path]) -> None:
    """Never without walls: the platform's form of "not graded" instead, and the reason where the instructor reads."""
    parts.need_walls()
    for platform in LAYOUTS:
        # As root the harness would shut its folder, which the workers of the tests share, to the learner of the other test.
        user = machine.learner if platform == "coursera" else 0
        answer = run(machine, platform, bundles[platform], RIGHT, "landlock", user)
        results = msgspec.json.decode(answer.results, type=RULES[platform])
        assert "refusing to run strangers' code without walls" in answer.stderr
        if platform == "prairielearn":  # results are read where the exit code is 0
            assert (answer.code, results.gradable, results.score) == (0, False, msgspec.UNSET)
        elif platform == "coursera":
            assert (answer.code, results.fractional_score) == (4, msgspec.UNSET)
        else:
            assert (answer.code, results.score, results.tests) == (4, msgspec.UNSET, [])


ALONE = """
import ctypes, json, subprocess, sys, time
import psutil
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what the harness leaves behind becomes this process's
code = subprocess.call(sys.argv[1:])
deadline = time.monotonic() + 20
left = psutil.Process().children(recursive=True)
while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in left) and time.monotonic() < deadline:
    time.sleep(0.1)
left = [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
print(json.dumps([code, [one.cmdline() for one in left]]))
"""


@pytest.mark.parametrize("refuse", ["", "namespaces"])
def test_a_real_grading_that_takes_too_long_leaves_nothing(tmp_path: Path, refuse: str) -> None:
    parts.need_landlock() if refuse else parts.need_walls()
    for name in ("assignments", "reference"):
        (tmp_path / "data" / name).mkdir(parents=True)
        shutil.copytree(ROOT / name / A, tmp_path / "data" / name / A, ignore=shutil.ignore_patterns("examples", "__pycache__"))
    results = tmp_path / "results.json"
    command = [
        sys.executable,
        "-I",
        "-m",
        "grader.lms.bundle.harness",
        "gradescope",
        "-a",
        A,
        "--data",
        str(tmp_path / "data"),
        "--seconds",
        "6",
    ]
    command += ["--submission", str(EXAMPLES / "lena"), "--results", str(results)]
    command = [sys.executable, "-c", parts.REFUSE, refuse, *command] if refuse else command
    done = subprocess.run([sys.executable, "-c", ALONE, *command], capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stdout) == [4, []], done.stderr
    assert "took longer than 6 seconds" in done.stderr
    assert msgspec.json.decode(results.read_bytes(), type=RULES["gradescope"]).score is msgspec.UNSET


@pytest.mark.parametrize("has_secret", [True, False])
def test_classroom_s_step(machine: Machine, bundles: dict[str, Path], tmp_path: Path, has_secret: bool) -> None:
    parts.need_walls()
    repository = tmp_path / "repository"
    shutil.copytree(bundles["github-classroom"] / "repository", repository)
    shutil.copy(WRONG, repository / "my.ipynb")
    (repository / "grader.py").write_text("raise SystemExit('a module of the student')")
    secret = (bundles["github-classroom"] / "private" / "GRADER_REFERENCE_ARCHIVE.txt").read_text() if has_secret else ""
    output = tmp_path / "output"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"mount --bind {machine.opt} /opt && exec .github/grader/run"],
        cwd=repository, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(tmp_path), "GRADER_REFERENCE_ARCHIVE": secret,
             "GITHUB_WORKSPACE": str(repository), "GITHUB_OUTPUT": str(output)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    name, _, value = output.read_text().partition("=")
    assert name == "result"
    result = msgspec.json.decode(base64.b64decode(value), type=RULES["github-classroom"])
    assert sum(test.score for test in result.tests) == 40
    assert ("hidden case" in "".join(test.message for test in result.tests)) is has_secret
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp.")] == []


def test_the_same_inputs_give_the_same_bytes(bundles: dict[str, Path], gradescope: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    done = bundle("gradescope", "-a", A, "-o", again, "--python", VERSION, "--wheels", bundles["gradescope"] / "grader" / "wheels")
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == gradescope.read_bytes()


def test_an_installed_grader_packs_the_wheel_that_it_came_from(machine: Machine, bundles: dict[str, Path], tmp_path: Path) -> None:
    (wheel,) = (bundles["gradescope"] / "grader" / "wheels").glob("grader-*.whl")
    code = "import pathlib, sys; from importlib.metadata import distribution; from grader.lms.bundle import wheels\n"
    code += "print(wheels.pack_installed(distribution('grader'), pathlib.Path(sys.argv[1])))"
    command = [
        "sh",
        "-c",
        'mount --bind "$0" /opt && exec "$@"',
        str(machine.opt),
        "/opt/grader/bin/python",
        "-I",
        "-c",
        code,
        str(tmp_path),
    ]
    done = subprocess.run(["unshare", "--mount", *command], capture_output=True, text=True, check=True)
    with zipfile.ZipFile(done.stdout.strip()) as packed, zipfile.ZipFile(wheel) as original:
        assert {*packed.namelist()} == {*original.namelist()}
        for name in original.namelist():
            if not name.endswith("/RECORD"):
                assert packed.read(name) == original.read(name), name
        lines = {
            tuple(line.split(","))
            for line in packed.read(next(n for n in packed.namelist() if n.endswith("/RECORD"))).decode().splitlines()
        }
        assert lines == {
            tuple(line.split(","))
            for line in original.read(next(n for n in original.namelist() if n.endswith("/RECORD"))).decode().splitlines()
        }


def usage(*arguments: str | Path) -> str:
    done = bundle(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_what_cannot_be_bundled_is_said(tmp_path: Path) -> None:
    write_folder(tmp_path / "full", [Entry("x", b"")])
    empty = tmp_path / "empty"
    empty.mkdir()
    commands: Sequence[tuple[str, tuple[str | Path, ...]]] = (
        ("which assignment?", ("coursera", "-o", tmp_path / "x")),
        ("did you mean gradient_checking?", ("coursera", "-a", "gradient_check", "-o", tmp_path / "x")),
        ("there is no reference", ("coursera", "-a", A, "-o", tmp_path / "x", "--reference", empty)),
        ("exists already", ("coursera", "-a", A, "-o", tmp_path / "full")),
        ("is a folder", ("gradescope", "-a", A, "-o", empty)),
        ("no folder of wheels", ("gradescope", "-a", A, "-o", tmp_path / "x", "--wheels", tmp_path / "none")),
        ("the folder of --wheels lacks it", ("gradescope", "-a", A, "-o", tmp_path / "x", "--wheels", empty)),
    )
    with ThreadPoolExecutor(2) as executor:
        said = list(executor.map(lambda command: usage(*command[1]), commands))
    assert [(wanted, text) for (wanted, _), text in zip(commands, said, strict=True) if wanted not in text] == []
    assert not (tmp_path / "x").exists()
