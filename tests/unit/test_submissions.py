"""Which notebook is whose: folders as they come from a course, names as they come from strangers."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import submissions
from grader.errors import SubmissionError, UsageError
from grader.lms.archive import read_tree
from grader.lms.bundle.grading import choose
from grader.sandbox.worker import disk
from grader.submissions import RESERVED, Submission, find

OUTSIDE = "a link to a place outside"


def make(root: Path, *names: str) -> Path:
    """Empty notebooks and other files below `root`; a name that ends in / is a folder."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def found(*paths: Path, notebook_name: str = "") -> dict[str, str | None]:
    """student -> path of the notebook below what was named."""
    listed = find(paths, notebook_name)
    for submission in listed:
        assert submission.path is None or submission.path.name == Path(submission.source).name
        assert submission.student
    return {submission.student: None if submission.path is None else submission.source for submission in listed}


# Layouts


def test_a_flat_folder(tmp_path: Path) -> None:
    make(tmp_path, "cleo.ipynb", "ada.ipynb", "ben.IPYNB", "notes.txt", "points.csv", "README.md")
    assert found(tmp_path) == {"ada": "ada.ipynb", "ben": "ben.IPYNB", "cleo": "cleo.ipynb"}
    assert list(found(tmp_path)) == ["ada", "ben", "cleo"]


def test_a_folder_a_student(tmp_path: Path) -> None:
    make(tmp_path, "ben/my_notebook.ipynb", "ada/my_notebook.ipynb", "ada/tools.py")
    assert found(tmp_path) == {"ada": "ada/my_notebook.ipynb", "ben": "ben/my_notebook.ipynb"}


def test_nested_as_systems_do(tmp_path: Path) -> None:
    make(tmp_path, "Ada Lovelace_123_file/on time/my_notebook.ipynb", "ben/a/b/c/nb.IPYNB")
    assert found(tmp_path) == {"Ada Lovelace_123_file": "Ada Lovelace_123_file/on time/my_notebook.ipynb", "ben": "ben/a/b/c/nb.IPYNB"}


def test_a_mixed_folder(tmp_path: Path) -> None:
    make(tmp_path, "ada.ipynb", "ben/nb.ipynb", "data/points.csv", "__pycache__/x.pyc", "images/")
    assert found(tmp_path) == {"ada": "ada.ipynb", "ben": "ben/nb.ipynb"}


def test_one_notebook(tmp_path: Path) -> None:
    make(tmp_path, "ada.ipynb", "tools.py", "ben.ipynb")
    (submission,) = find([tmp_path / "ada.ipynb"])
    assert (submission.student, submission.source, submission.files()) == ("ada", "ada.ipynb", {})
    assert submission.read() == b"ada.ipynb"


def test_several_paths_keep_their_order(tmp_path: Path) -> None:
    make(tmp_path, "late/zoe.ipynb", "late/amy.ipynb", "x.ipynb", "early/bob/nb.ipynb")
    assert list(found(tmp_path / "x.ipynb", tmp_path / "late", tmp_path / "early")) == ["x", "amy", "zoe", "bob"]


def test_folders_of_a_student_each_that_are_named_one_by_one(tmp_path: Path) -> None:
    """As a shell makes them of submissions/*; of the same folder the students are called the same."""
    make(tmp_path, "ada/notebook.ipynb", "ben/notebook.ipynb", "cleo/hw.ipynb", "dora.ipynb")
    assert list(found(*sorted(tmp_path.iterdir()))) == list(found(tmp_path)) == ["ada", "ben", "cleo", "dora"]


def test_sections_that_are_named_one_by_one(tmp_path: Path) -> None:
    make(tmp_path, "one/ada.ipynb", "two/ben.ipynb", "three/cleo.ipynb", "three/ada.ipynb")
    assert list(found(tmp_path / "one", tmp_path / "two")) == ["ada", "ben"]
    assert list(found(tmp_path / "one", tmp_path / "three")) == ["ada", "ada~2", "cleo"]


def test_the_folder_may_be_named_in_any_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "ada/nb.ipynb", "ada/tools.py")
    link = tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "ada")
    for path in (Path(".."), tmp_path, link, tmp_path / "ada" / ".."):
        (submission,) = find([path])
        assert (submission.student, submission.source) == ("ada", "ada/nb.ipynb")
        assert submission.read() == b"ada/nb.ipynb"
        assert submission.files() == {"tools.py": "ada/tools.py"}


def test_a_student_without_a_notebook(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb", "ben/report.pdf", "cleo/")
    assert found(tmp_path) == {"ada": "ada/nb.ipynb", "ben": None, "cleo": None}
    _, without, empty = find([tmp_path])
    with pytest.raises(SubmissionError, match=r"its name would end in \.ipynb, and the folder holds report\.pdf$"):
        without.read()
    with pytest.raises(SubmissionError, match=r"there is no notebook in the folder$"):
        empty.read()
    assert without.files() == {}


def test_a_notebook_under_another_ending_is_named(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb", "ben/nb.ipynb.json", "ben/.DS_Store", "ben/a.txt", "ben/b.txt", "ben/z.txt")
    with pytest.raises(SubmissionError, match=r"the folder holds nb\.ipynb\.json, a\.txt, b\.txt, …$"):
        find([tmp_path])[1].read()


# Several notebooks


def test_copies_and_checkpoints_beside_the_real_file(tmp_path: Path) -> None:
    make(
        tmp_path,
        "flat/ada.ipynb", "flat/ada-Copy1.ipynb", "flat/ada-Copy12.ipynb", "flat/ada (1).ipynb",
        "flat/.ipynb_checkpoints/ada-checkpoint.ipynb",
        "deep/ben/nb-Copy1.ipynb", "deep/ben/nb.ipynb", "deep/ben/.ipynb_checkpoints/nb-checkpoint.ipynb",
        "deep/ben/sub/.ipynb_checkpoints/x.ipynb",
    )  # fmt: skip
    assert found(tmp_path / "flat") == {"ada": "ada.ipynb"}
    assert found(tmp_path / "deep") == {"ben": "ben/nb.ipynb"}
    assert find([tmp_path / "deep"])[0].others == ()


def test_a_copy_alone_counts(tmp_path: Path) -> None:
    make(tmp_path, "ada-Copy1.ipynb", "ben/nb-Copy2.ipynb")
    assert found(tmp_path) == {"ada-Copy1": "ada-Copy1.ipynb", "ben": "ben/nb-Copy2.ipynb"}


def test_what_systems_add_is_passed_over(tmp_path: Path) -> None:
    make(
        tmp_path,
        "ada.ipynb",
        "._ada.ipynb",
        ".DS_Store",
        "__MACOSX/ada/nb.ipynb",
        ".git/x.ipynb",
        "ben/._nb.ipynb",
        "ben/nb.ipynb",
        "ben/.trash/a.ipynb",
    )
    assert found(tmp_path) == {"ada": "ada.ipynb", "ben": "ben/nb.ipynb"}


def test_of_several_notebooks_the_assignment_s_name_wins_then_the_outermost(tmp_path: Path) -> None:
    make(tmp_path, "ada/zz/my_assignment.ipynb", "ada/b.ipynb", "ada/a.ipynb", "ben/deep/a.ipynb", "ben/b.ipynb")
    assert found(tmp_path, notebook_name="my_assignment.ipynb") == {"ada": "ada/zz/my_assignment.ipynb", "ben": "ben/b.ipynb"}
    first, second = find([tmp_path])
    assert (first.source, first.others) == ("ada/a.ipynb", ("ada/b.ipynb", "ada/zz/my_assignment.ipynb"))
    assert (second.source, second.others) == ("ben/b.ipynb", ("ben/deep/a.ipynb",))


# No regular files


def test_a_folder_named_like_a_notebook(tmp_path: Path) -> None:
    make(tmp_path, "ada.ipynb/", "ben.ipynb", "cleo.IPYNB/x.ipynb")
    assert found(tmp_path) == {"ada": "ada.ipynb", "ben": "ben.ipynb", "cleo": "cleo.IPYNB"}
    with pytest.raises(SubmissionError, match="not a regular file"):
        find([tmp_path])[0].read()


def test_a_folder_named_like_a_notebook_beside_the_real_one(tmp_path: Path) -> None:
    make(tmp_path, "ada/a.ipynb/", "ada/b.ipynb")
    assert find([tmp_path])[0].read() == b"ada/b.ipynb"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_never_opened(tmp_path: Path) -> None:
    make(tmp_path, "ada/tools.py")
    os.mkfifo(tmp_path / "ada" / "nb.ipynb")
    os.mkfifo(tmp_path / "ada" / "pipe.py")
    (submission,) = find([tmp_path])
    with pytest.raises(SubmissionError, match="not a regular file"):
        submission.read()
    assert submission.files() == {"tools.py": "ada/tools.py"}
    (submission,) = find([tmp_path / "ada" / "nb.ipynb"])
    with pytest.raises(SubmissionError, match="not a regular file"):
        submission.read()


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = make(tmp_path / "secret", "key.ipynb", "key.py")
    root = make(tmp_path / "in", "ada/", "ben/nb.ipynb", "cleo/nb.ipynb")
    (root / "ada" / "nb.ipynb").symlink_to(secret / "key.ipynb")
    (root / "dan.ipynb").symlink_to("../secret/key.ipynb")
    (root / "ben" / "key.py").symlink_to(secret / "key.py")
    (root / "eve").symlink_to(secret, target_is_directory=True)
    listed = {submission.student: submission for submission in find([root])}
    assert listed["ben"].read() == b"ben/nb.ipynb"
    assert listed["ben"].files() == {}
    for name in ("ada", "dan", *({"eve"} & set(listed))):
        with pytest.raises(SubmissionError, match=OUTSIDE):
            listed[name].read()
        assert "key.py" not in listed[name].files()


def test_links_inside_the_folder_are_files_like_others(tmp_path: Path) -> None:
    make(tmp_path, "shared/nb.ipynb", "ada/")
    (tmp_path / "ada" / "nb.ipynb").symlink_to(tmp_path / "shared" / "nb.ipynb")
    assert {submission.student: submission.read() for submission in find([tmp_path])} == {
        "ada": b"shared/nb.ipynb",
        "shared": b"shared/nb.ipynb",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="paths are short there")
def test_folders_nested_deeper_than_the_stack(tmp_path: Path) -> None:
    """A student's own folders must not end the search for everybody's notebooks, whoever looks through them."""
    for student in ("ada", "ben"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "nb.ipynb").write_text("{}")
    place = os.open(tmp_path / "ada", os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir("a", dir_fd=place)
        inner = os.open("a", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    try:
        assert [one.source for one in find([tmp_path])] == ["ada/nb.ipynb", "ben/nb.ipynb"]
        assert [file.name for file in read_tree(tmp_path).files] == ["ada/nb.ipynb", "ben/nb.ipynb"]
        assert choose(tmp_path / "ada", "").source == "nb.ipynb"
    finally:
        disk.remove(tmp_path / "ada")  # pytest's own way would end for want of stack, too


def test_loops_and_dangling_links_end(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb")
    (tmp_path / "ada" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self.ipynb").symlink_to(tmp_path / "self.ipynb")
    (tmp_path / "gone.ipynb").symlink_to(tmp_path / "nowhere")
    listed = {submission.student: submission for submission in find([tmp_path])}
    assert listed["ada"].read() == b"ada/nb.ipynb"
    for name in ("self", "gone"):
        with pytest.raises(SubmissionError):
            listed[name].read()


# Names


@pytest.mark.parametrize("name", sorted(RESERVED - {".", ".."}))
def test_reserved_names_are_made_different(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/nb.ipynb", f"{name.upper()}/nb.ipynb")
    first, second = sorted(found(tmp_path), key=len)
    assert (first, second[:-6]) == (f"{name}~2", f"{name.upper()}~")


def test_the_same_student_twice(tmp_path: Path) -> None:
    make(tmp_path, "a/ada.ipynb", "b/ada.ipynb", "b/Ada/nb.ipynb", "b/ada~2/nb.ipynb")
    names = [submission.student for submission in find([tmp_path / "a", tmp_path / "b", tmp_path / "a"])]
    assert names == ["ada", "Ada~99a563", "ada~3", "ada~2"], "the folder that was named twice counts once"
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize(("name", "student"), [("..ipynb", ".~2"), ("...ipynb", "..~2")])
def test_no_student_is_the_folder_itself_or_the_one_above(tmp_path: Path, name: str, student: str) -> None:
    make(tmp_path, name)
    assert list(found(tmp_path / name)) == [student]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    for name in (b"\xff.ipynb", b"b\xe9n/nb\xff.ipynb", b"b\xe9n/other\xff.ipynb", b"cl\xffo/x.txt"):
        path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    listed = find([tmp_path])
    for submission in listed:
        for text in (submission.student, submission.source, *submission.others):
            text.encode("utf-8")
    assert [submission.read() for submission in listed if submission.path] == [b"x", b"x"]


NAMES = st.sampled_from(
    ["ada", "Ada", "ADA", "ada~2", "ada~3", "ben", "index.html", "RUN.json", "ß", "SS", "ss", ".", "..", "é"]
) | st.text(min_size=1, max_size=5)


@given(st.lists(NAMES, max_size=12))
def test_students_become_unique_whatever_they_are_called(names: list[str]) -> None:
    given_names = [Submission(name, name, None, Path()) for name in names]
    unique = submissions.with_unique_names(given_names)
    folded = [submission.student.casefold() for submission in unique]
    assert len(set(folded)) == len(names)
    assert not set(folded) & RESERVED
    assert [submission.source for submission in unique] == names
    for before, after in zip(names, unique, strict=True):
        assert after.student == before or after.student.startswith(f"{before}~")
    assert submissions.with_unique_names(unique) == unique


@given(st.lists(NAMES, max_size=12), st.sets(NAMES, max_size=4), st.randoms())
def test_names_do_not_depend_on_the_order(names: list[str], there: set[str], random: Random) -> None:
    given_names = [Submission(name, f"{number}.ipynb", None, Path()) for number, name in enumerate(names)]
    shuffled = given_names[:]
    random.shuffle(shuffled)
    named = [submissions.with_unique_names(one, there) for one in (given_names, shuffled)]
    assert sorted(one.student + one.source for one in named[0]) == sorted(one.student + one.source for one in named[1])


def test_names_that_differ_in_case_alone(tmp_path: Path) -> None:
    def named(*names: str, output: Path | None = None) -> list[str]:
        folder = tmp_path / "-".join(names)
        make(folder, *(f"{name}.ipynb" for name in names))
        return [one.student for one in find([folder / f"{name}.ipynb" for name in names], output=output)]

    both = named("Ada", "ada")
    assert both == ["Ada~99a563", "ada"]
    assert named("ada", "Ada", "ADA")[:2] == both[::-1]
    assert len(set(named("Ada", "ADA"))) == 2
    # One alone is called the same, if the results of both lie in the folder.
    out = tmp_path / "out"
    make(out, "Ada~99a563/result.json", "ada/result.json")
    assert (named("Ada", output=out), named("ada", output=out)) == (both[:1], both[1:])
    # Who was there first keeps the name.
    make(tmp_path / "first", "Ada/result.json")
    assert named("ada", "Ada", output=tmp_path / "first")[1] == "Ada"


# Files beside the notebook


def test_files_beside_the_notebook_are_bounded(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb", "ada/sub/deep.py", "ada/notes.txt", "ada/folder.py/", *(f"ada/m{number:02}.py" for number in range(40)))
    (tmp_path / "ada" / "a_binary.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "ada" / "a_large.py").write_text("x" * (submissions.MAX_FILE_BYTES + 1))
    if sys.platform == "linux":  # its name is no text
        (tmp_path / "ada" / os.fsdecode(b"a_\xff.py")).write_text("x = 1")
    files = find([tmp_path])[0].files()
    assert set(files) < {f"m{number:02}.py" for number in range(40)}
    assert 0 < len(files) <= submissions.MAX_FILES


# When it was handed in


STAMP = "2015-02-02 14:58:23.948203 America/Los_Angeles"
MOMENT = datetime(2015, 2, 2, 22, 58, 23, 948203, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [STAMP, STAMP + "\n", "2015-02-02 22:58:23.948203 UTC", "2015-02-02 22:58:23.948203", "2015-02-02 14:58:23.948203 -0800",
     "2015-02-02T14:58:23.948203-08:00"],
)  # fmt: skip
def test_the_timestamp_beside_a_student_s_notebook(tmp_path: Path, text: str) -> None:
    make(tmp_path, "ada/my_assignment/nb.ipynb", "ada/my_assignment/other.ipynb", "ben/nb.ipynb")
    (tmp_path / "ada" / "my_assignment" / "timestamp.txt").write_text(text)
    ada, ben = find([tmp_path], "nb.ipynb")
    assert (ada.submitted_at, ben.submitted_at) == (MOMENT, None)
    assert (ada.attempt, ada.flagged_late) == (None, False)


def test_a_timestamp_among_the_notebooks_of_several_students_is_nobody_s(tmp_path: Path) -> None:
    make(tmp_path, "ada.ipynb")
    (tmp_path / "timestamp.txt").write_text(STAMP)
    for path in (tmp_path, tmp_path / "ada.ipynb"):
        assert find([path])[0].submitted_at == MOMENT
    make(tmp_path, "ben.ipynb")
    for path in (tmp_path, tmp_path / "ada.ipynb"):
        assert find([path])[0].submitted_at is None


@pytest.mark.parametrize("text", [b"", b"soon", b"2015-02-02", b"\xff\xfe", b"2015-02-02 14:58:23 PST", STAMP.encode() + b" " * 1_000_000])
def test_a_timestamp_that_says_nothing(tmp_path: Path, text: bytes) -> None:
    make(tmp_path, "ada/nb.ipynb")
    (tmp_path / "ada" / "timestamp.txt").write_bytes(text)
    assert find([tmp_path])[0].submitted_at is None


def test_a_timestamp_that_is_no_file_of_the_submission(tmp_path: Path) -> None:
    make(tmp_path, "in/ada/nb.ipynb", "in/ben/nb.ipynb", "in/ben/timestamp.txt/")
    (tmp_path / "secret.txt").write_text(STAMP)
    (tmp_path / "in" / "ada" / "timestamp.txt").symlink_to(tmp_path / "secret.txt")
    assert [submission.submitted_at for submission in find([tmp_path / "in"])] == [None, None]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_timestamp_that_is_a_fifo_is_never_opened(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb")
    os.mkfifo(tmp_path / "ada" / "timestamp.txt")
    assert find([tmp_path])[0].submitted_at is None


def test_the_notebook_s_own_time_counts_only_where_asked_for_and_none_is_recorded(tmp_path: Path) -> None:
    make(tmp_path, "ada/nb.ipynb", "ben/nb.ipynb", "cleo/")
    (tmp_path / "ada" / "timestamp.txt").write_text(STAMP)
    for name in ("ada", "ben"):
        os.utime(tmp_path / name / "nb.ipynb", (1_000_000_000, 1_000_000_000.5))
    submissions_ = find([tmp_path])
    assert [submission.handed_in_at("recorded") for submission in submissions_] == [MOMENT, None, None]
    modified = datetime(2001, 9, 9, 1, 46, 40, 500_000, tzinfo=UTC)
    assert [submission.handed_in_at("modified") for submission in submissions_] == [MOMENT, modified, None]
    (tmp_path / "ben" / "nb.ipynb").unlink()
    assert submissions_[1].handed_in_at("modified") is None


# What the caller gets wrong


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    make(tmp_path, "submissions/ada.ipynb")
    with pytest.raises(UsageError, match="no such file or folder") as caught:
        find([tmp_path / "submisions"])
    assert caught.value.remedy == f"did you mean {tmp_path / 'submissions'}?"
    with pytest.raises(UsageError, match="no such file or folder") as caught:
        find([tmp_path / "gone" / "ada.ipynb"])
    assert caught.value.remedy == ""


@pytest.mark.parametrize(
    "names", [(), ("notes.txt",), ("ada/notes.txt", "ben/"), (".hidden/nb.ipynb",), (".ada.ipynb",), ("ada/.ipynb_checkpoints/x.ipynb",)]
)
def test_a_folder_without_notebooks(tmp_path: Path, names: tuple[str, ...]) -> None:
    make(tmp_path, *names)
    with pytest.raises(UsageError, match="there is no notebook in"):
        find([tmp_path])


def test_one_wrong_path_among_right_ones(tmp_path: Path) -> None:
    make(tmp_path, "ada.ipynb", "empty/")
    with pytest.raises(UsageError, match="no notebook in"):
        find([tmp_path / "ada.ipynb", tmp_path / "empty"])


@pytest.mark.parametrize("name", ["all.zip", "ALL.ZIP", "gone.zip"])
def test_an_archive(tmp_path: Path, name: str) -> None:
    if name != "gone.zip":
        make(tmp_path, name)
        with pytest.raises(UsageError, match="is an archive, not a notebook") as caught:
            find([tmp_path / name])
        assert "unpack it" in caught.value.remedy
    else:
        with pytest.raises(UsageError, match="no such file or folder"):
            find([tmp_path / name])


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        find([tmp_path])
