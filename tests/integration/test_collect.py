"""`grader collect`, and `grader grade` on what platforms hand out: real processes, real archives, the disk afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.lms.collection import collect
from grader.lms.intake.commit import last_commit
from grader.lms.intake.gathering import gather
from grader.lms.intake.handin import Wanted
from grader.lms.manifest import read_manifest
from tests import lms_archives as made
from tests import parts
from tests.lms_archives import Piece

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"
NOTEBOOK = "Gradient_Checking.ipynb"


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTEST_", "COV_"))}
    environment = {**kept, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def entries(folder: Path) -> dict[str, Any]:
    text = (folder / "submissions.json").read_text(encoding="utf-8")
    return {entry["student"]: entry for entry in json.loads(text)["submissions"]}


# The folder


def test_collect_then_again_then_a_newer_attempt(tmp_path: Path) -> None:
    first = Piece("Ada Lovelace", 1, 11, NOTEBOOK, b"first")
    module = Piece("Ada Lovelace", 1, 12, "tools.py", b"x = 1")
    made.write_zip(tmp_path / "a.zip", made.canvas([first, module, Piece("Ben", 2, 13, NOTEBOOK, b"ben", late=True)]))
    done = run(tmp_path, "collect", "a.zip", "-o", "in")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a.zip: canvas (100% of the files are named so)\n2 submissions in in, 1 late\n" in done.stdout
    before = files(tmp_path / "in")
    assert {name for name in before if "json" not in name} == {
        "lovelaceada_1/Gradient_Checking.ipynb", "lovelaceada_1/tools.py", "ben_2/Gradient_Checking.ipynb"
    }  # fmt: skip
    assert "2 with nothing new" in run(tmp_path, "collect", "a.zip", "-o", "in").stdout
    assert files(tmp_path / "in") == before
    made.write_zip(tmp_path / "b.zip", made.canvas([first._replace(upload=20, data=b"second"), Piece("Cleo", 3, 14, NOTEBOOK, b"c")]))
    collect(gather([tmp_path / "b.zip"], Wanted()).found, tmp_path / "in")
    after = files(tmp_path / "in")
    assert after["lovelaceada_1/Gradient_Checking.ipynb"] == b"second"
    assert after["lovelaceada_1/attempts/1/Gradient_Checking.ipynb"] == b"first"
    assert after["lovelaceada_1/attempts/1/tools.py"] == b"x = 1"
    assert set(entries(tmp_path / "in")) == {"lovelaceada_1", "ben_2", "cleo_3"}
    collect(gather([tmp_path / "a.zip"], Wanted()).found, tmp_path / "in")
    assert {**files(tmp_path / "in"), "submissions.json": b""} == {**after, "submissions.json": b""}, "an older archive takes nothing back"


def test_another_platform_s_student_of_the_same_name_gets_a_folder_of_their_own(tmp_path: Path) -> None:
    made.write_zip(tmp_path / "a.zip", made.plain([Piece("Ada", 1, 1, NOTEBOOK, b"one")]))
    made.write_zip(tmp_path / "b.zip", made.blackboard([Piece("Eve", 1, 2, NOTEBOOK, b"two")]))
    for name in ("a.zip", "b.zip", "b.zip", "a.zip"):
        collect(gather([tmp_path / name], Wanted()).found, tmp_path / "in")
    found = files(tmp_path / "in")
    assert (found["u_1/Gradient_Checking.ipynb"], found["u_1~2/Gradient_Checking.ipynb"]) == (b"one", b"two")
    assert len(found) == 3


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    made.write_zip(tmp_path / "a.zip", made.plain(made.pieces(2)))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "precious.txt").write_text("mine")
    done = run(tmp_path, "collect", "a.zip", "-o", "in")
    assert (done.returncode, list(files(tmp_path / "in"))) == (2, ["precious.txt"])
    assert "not made by collect" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.zip", "-o", "in"], "no such file"),
        (["cut.zip", "-o", "in"], "cut off on its way"),
        (["a.zip", "-o", "in", "--roster", "none.csv"], "none.csv cannot be read"),
        (["a.zip", "-o", "in", "--from", "sakai"], "'sakai' is not one of"),
        (["a.zip", "-o", "in", "--timezone", "Mars/Olympus"], "no time zone"),
        (["a.tar.gz", "-o", "in"], "not read"),
        (["a.zip"], "Missing option '-o'"),
    ],
)
def test_what_the_caller_gets_wrong(tmp_path: Path, arguments: list[str], told: str) -> None:
    made.write_zip(tmp_path / "a.zip", made.plain(made.pieces(2)))
    (tmp_path / "a.tar.gz").write_bytes(b"")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    done = run(tmp_path, "collect", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "in").exists()


# Hostile members


def hostile() -> list[tuple[str, bytes]]:
    """One hostile member a row, of students 900 and up."""
    return [
        ("../../slip.ipynb", b"slip"),
        ("/tmp/absolute_slip_900.ipynb", b"slip"),
        ("bomb_901_1901_Gradient_Checking.ipynb", bytes(60_000_000)),
        (f"long_902_1902_{'x' * 4_000}.ipynb", b"long"),
        ("esc_903_1903_\x1b]0;owned\x07\u202egnp.ipynb", b"escape"),
        ("nested_904_1904_a.zip", made.zipped([("../../../slip.ipynb", b"slip"), ("/abs.ipynb", b"slip"), ("nb.ipynb", b"nested")])),
        ("bad_905_1905_a.zip", b"PK\x03\x04 no zip"),
        ("con_906_1906_CON.ipynb", b"device"),
    ]


def test_hostile_members_cost_their_own_rows(tmp_path: Path) -> None:
    work = tmp_path / "a" / "b" / "c"
    work.mkdir(parents=True)
    honest = made.pieces(50)
    made.write_zip(work / "course.zip", [*made.canvas(honest[:25]), *hostile(), *made.canvas(honest[25:])])
    done = run(work, "collect", "course.zip", "-o", "in")
    assert done.returncode == 3
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    found = files(work / "in")
    assert sorted(data for name, data in found.items() if name.endswith(f"/{NOTEBOOK}")) == sorted(piece.data for piece in honest)
    others = {data for name, data in found.items() if name.endswith(".ipynb")} - {piece.data for piece in honest}
    assert others == {b"long", b"escape", b"nested", b"device"}
    assert set(files(tmp_path)) == {f"a/b/c/in/{name}" for name in found} | {"a/b/c/course.zip"}
    assert not Path("/tmp/absolute_slip_900.ipynb").exists()
    told = entries(work / "in")
    assert told["bomb_901"]["notes"] == ["it unpacks to more than 200 times its size"]
    assert all(len(part.encode()) < 256 for name in found for part in name.split("/"))


NAMES = st.text(st.sampled_from("./\\:a_1~ \0\n\u202e\x1b0文CON"), min_size=1, max_size=40)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(names=st.lists(NAMES.map(lambda name: f"{name}.ipynb") | NAMES, min_size=1, max_size=5, unique=True))
def test_no_name_writes_outside(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("x") / "deep" / "deeper"
    folder.mkdir(parents=True)
    members = {name.split("\0")[0]: b"hostile" for name in names if name.split("\0")[0]}
    inner = made.zipped(members.items())
    archive = made.write_zip(folder / "a.zip", {**members, "eve/hand_in.zip": inner, "ada/nb.ipynb": b"good"}.items())
    kept = collect(gather([archive], Wanted(), system="folder").found, folder / "in")
    outside = set(files(folder.parents[1])) - {"deep/deeper/a.zip"}
    assert all(name.startswith("deep/deeper/in/") for name in outside)
    assert any(one.entry.student == "ada" and not one.problem for one in kept)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    contents=st.lists(st.lists(st.binary(max_size=20), min_size=1, max_size=3, unique=True), min_size=1, max_size=8),
    build=st.sampled_from((made.canvas, made.blackboard)),
)
def test_collect_gives_back_exactly_what_was_handed_in(
    tmp_path_factory: pytest.TempPathFactory, contents: list[list[bytes]], build: Any
) -> None:
    folder = tmp_path_factory.mktemp("x")
    handed_in = [
        Piece(
            made.NAMES[who % len(made.NAMES)], 10 + who, 100 + 10 * who + attempt, NOTEBOOK, data, stamp=f"2026-12-0{attempt + 1}-10-00-00"
        )
        for who, attempts in enumerate(contents)
        for attempt, data in enumerate(attempts)
    ]
    archive = made.write_zip(folder / "a.zip", build(handed_in))
    collect(gather([archive], Wanted(notebook=NOTEBOOK), system="canvas" if build is made.canvas else "blackboard").found, folder / "in")
    found = files(folder / "in")
    for who, attempts in enumerate(contents):
        (student,) = {name.split("/")[0] for name in found if name.split("/")[0].endswith(f"_{10 + who}")}
        mine = [data for name, data in sorted(found.items()) if name.startswith(f"{student}/attempts/")]
        assert (mine, found[f"{student}/{NOTEBOOK}"]) == (attempts[:-1], attempts[-1])


# A large class


def test_a_thousand_submissions_are_read_one_at_a_time(tmp_path: Path) -> None:
    """200 MB of notebooks, in an archive of 1,000, in less memory than half of it, the interpreter's own included."""
    parts.need_linux()
    image = os.urandom(50_000) * 4
    made.write_zip(tmp_path / "a.zip", ((name, image) for name, _ in made.canvas(made.pieces(1_000))), 0)
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from grader.lms.intake.gathering import gather\nfrom grader.lms.intake.handin import Wanted\n"
        "found = gather([Path(sys.argv[1])], Wanted())\nprint(sum(len(one.read()) for one in found.submissions))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "a.zip"], cwd=ROOT, capture_output=True, text=True, check=True)
    total, kilobytes = map(int, done.stdout.split())
    assert total == 1_000 * len(image)
    assert kilobytes < 100_000


# GitHub Classroom


def clone(folder: Path, *commits: str, pack: bool) -> None:
    """A repository with commits at these times; its configuration would run a program, if git were run in it."""
    git = shutil.which("git")
    if git is None:
        parts.lack("git")
        return
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder.parent)}
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "x", f"GIT_{name}_EMAIL": "x@x"}
    folder.mkdir(parents=True)
    subprocess.run([git, "init", "-q", "-b", "main"], cwd=folder, env=environment, check=True)
    for number, date in enumerate(commits):
        (folder / NOTEBOOK).write_text(f"{folder.name} {number}")
        subprocess.run([git, "add", "-A"], cwd=folder, env=environment, check=True)
        dated = {**environment, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"}
        subprocess.run([git, "commit", "-q", "-m", f"committer x <x> 1 +0000 {number}"], cwd=folder, env=dated, check=True)
    if pack:
        subprocess.run([git, "gc", "-q"], cwd=folder, env=environment, check=True)
    with (folder / ".git" / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = touch {folder.parent}/ran\n\tsshCommand = touch {folder.parent}/ran\n")


def test_github_classroom_clones(tmp_path: Path) -> None:
    root = tmp_path / "gradient-checking-submissions"
    clone(root / "gradient-checking-ada-l", "2026-12-01T10:00:00+01:00", "2026-12-05T23:59:00-05:00", pack=False)
    clone(root / "gradient-checking-ada-m", "2026-12-01T10:00:00+01:00", "2026-12-04T10:00:00+0530", pack=True)
    found = gather([root], Wanted("gradient_checking", NOTEBOOK))
    assert {one.entry.student: (one.entry.system, one.submission.read()) for one in found.found} == {
        "ada-l": ("github-classroom", b"gradient-checking-ada-l 1"),
        "ada-m": ("github-classroom", b"gradient-checking-ada-m 1"),
    }
    assert [one.entry.submitted_at for one in found.found] == ["2026-12-05T23:59:00-05:00", "2026-12-04T10:00:00+05:30"]
    assert not (root / "ran").exists()


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    head=st.sampled_from([b"ref: refs/heads/main", b"ref: ../../x", b"a" * 40, b"\xff", b""]),
    data=st.binary(max_size=60),
    plain=st.booleans(),
)
def test_a_damaged_repository_has_no_time(tmp_path_factory: pytest.TempPathFactory, head: bytes, data: bytes, plain: bool) -> None:
    git = tmp_path_factory.mktemp("g") / ".git"
    for name, content in (
        ("HEAD", head),
        ("refs/heads/main", b"a" * 40),
        (f"objects/aa/{'a' * 38}", data if plain else zlib.compress(b"commit 9\0" + data)),
        ("objects/pack/x.idx", b"\xfftOc\0\0\0\2" + data),
        ("packed-refs", data),
    ):
        (git / name).parent.mkdir(parents=True, exist_ok=True)
        (git / name).write_bytes(content)
    assert last_commit(git) is None


# Grading


def test_an_archive_is_graded_as_it_is(tmp_path: Path) -> None:
    parts.need_walls()
    notebook = EXAMPLE.read_bytes()
    handed_in = [piece._replace(data=notebook + b" " * i) for i, piece in enumerate(made.pieces(3, "Gradient_Checking-1.ipynb"))]
    made.write_zip(tmp_path / "course.zip", [*made.canvas(handed_in), *hostile()[:3]])
    done = run(tmp_path, "grade", "course.zip", "-a", "gradient_checking", "--public-only", "-o", "out", "-j", "1")
    assert done.returncode == 3, done.stderr
    assert "3 graded, 1 unreadable" in done.stdout
    told = entries(tmp_path / "out")
    assert set(told) == {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert told["lovelaceada_1000"]["ids"] == {"user_id": "1000", "attachment_id": "50000"}
    result = json.loads((tmp_path / "out" / "lovelaceada_1000" / "result.json").read_text(encoding="utf-8"))
    assert result["submission"]["source"] == "lovelaceada_LATE_1000_50000_Gradient_Checking-1.ipynb"
    assert set(files(tmp_path)) - {f"out/{name}" for name in files(tmp_path / "out")} == {"course.zip"}
    run(tmp_path, "collect", "course.zip", "-o", "in")
    again = run(tmp_path, "grade", "in", "-a", "gradient_checking", "--public-only", "-o", "out2", "-j", "1")
    assert again.returncode == 3
    unreadable = json.loads((tmp_path / "out2" / "bomb_901" / "result.json").read_text(encoding="utf-8"))
    assert "200 times its size" in str(unreadable["notes"])
    assert entries(tmp_path / "out2")["lovelaceada_1000"]["late"] is True


def test_what_was_collected_keeps_its_attempts_out_of_the_grading(tmp_path: Path) -> None:
    early = Piece("Ada", 1, 1, NOTEBOOK, b"early", stamp="2026-12-04-10-00-00")
    archive = made.write_zip(tmp_path / "a.zip", made.blackboard([early, early._replace(data=b"late", stamp="2026-12-05-10-00-00")]))
    collect(gather([archive], Wanted()).found, tmp_path / "in")
    (one,) = gather([tmp_path / "in"], Wanted()).found
    assert (one.submission.read(), one.submission.attempt, one.submission.others) == (b"late", 2, ())
    assert (one.entry.system, one.entry.ids) == ("blackboard", {"username": "u_1"})
    (tmp_path / "in" / "submissions.json").write_text('{"schema": "grader.submissions/9"}')
    with pytest.raises(UsageError, match="no list of submissions"):
        gather([tmp_path / "in"], Wanted())


def test_manifests_of_two_runs_are_one(tmp_path: Path) -> None:
    for name, piece in (("a.zip", Piece("Ada", 1, 1, NOTEBOOK, b"a")), ("b.zip", Piece("Ben", 2, 2, NOTEBOOK, b"b"))):
        made.write_zip(tmp_path / name, made.canvas([piece]))
        collect(gather([tmp_path / name], Wanted()).found, tmp_path / "in")
    manifest = read_manifest(tmp_path / "in")
    assert manifest is not None
    assert list(manifest.by_student()) == ["ada_1", "ben_2"]
    shutil.rmtree(tmp_path / "in" / "ada_1")
    collect(gather([tmp_path / "b.zip"], Wanted()).found, tmp_path / "in")
    assert list(entries(tmp_path / "in")) == ["ben_2"], "who was removed by hand is gone"
