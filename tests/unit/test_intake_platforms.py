"""Each platform's archives: who handed in what, when, and which notebook counts."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.cli import options
from grader.errors import SubmissionError, UsageError
from grader.lms.archive import File, Tree
from grader.lms.intake.detection import READERS, detect
from grader.lms.intake.gathering import Gathered, gather
from grader.lms.intake.handin import Wanted
from grader.lms.manifest import SYSTEMS, System
from tests import lms_archives as made
from tests.lms_archives import NAMES, Piece

NOTEBOOK = "Gradient_Checking.ipynb"
WANTED = Wanted("ps1", NOTEBOOK)
Members = list[tuple[str, bytes]]

FORMS: dict[str, tuple[System, Callable[[Sequence[Piece]], Members]]] = {
    "canvas": ("canvas", made.canvas),
    "canvas, anonymous": ("canvas", lambda handed_in: made.canvas(handed_in, anonymous=True)),
    "moodle": ("moodle", made.moodle),
    "moodle before 4.1": ("moodle", lambda handed_in: made.moodle(handed_in, underscore=False)),
    "moodle, flat": ("moodle", lambda handed_in: made.moodle(handed_in, flat=True)),
    "moodle, blind": ("moodle", lambda handed_in: made.moodle(handed_in, blind="Teilnehmer/in")),
    "moodle, teams": ("moodle", lambda handed_in: made.moodle(handed_in, team=lambda piece: f"Team {piece.number % 3}")),
    "blackboard": ("blackboard", made.blackboard),
    "blackboard in Dutch": ("blackboard", lambda handed_in: made.blackboard(handed_in, word="poging")),
    "blackboard in German": ("blackboard", lambda handed_in: made.blackboard(handed_in, word="Versuch")),
    "brightspace": ("brightspace", made.brightspace),
    "nbgrader": ("nbgrader", made.nbgrader),
    "nbgrader's exchange": ("nbgrader", made.exchange),
    "plain": ("folder", made.plain),
    "plain, flat": ("folder", lambda handed_in: made.plain(handed_in, flat=True)),
}


def gathered(tmp_path: Path, members: Members, wanted: Wanted = WANTED, system: System | None = None) -> Gathered:
    return gather([made.write_zip(tmp_path / "course.zip", members)], wanted, system=system)


def read(found: Gathered) -> dict[str, bytes | str]:
    """student -> what the notebook holds, or why there is none."""
    contents: dict[str, bytes | str] = {}
    for submission in found.submissions:
        try:
            contents[submission.student] = submission.read()
        except SubmissionError as error:
            contents[submission.student] = str(error)
    assert len(contents) == len(found.found)
    return contents


# All platforms


@pytest.mark.parametrize("form", FORMS)
def test_a_class_of_400(tmp_path: Path, form: str) -> None:
    system, build = FORMS[form]
    handed_in = made.pieces(400)
    members = build(handed_in)
    found = gathered(tmp_path, members)
    assert {entry.entry.system for entry in found.found} == {system}
    assert (found.refused, found.strays) == ((), ()) or system == "nbgrader"
    contents = read(found)
    assert sorted(contents.values(), key=str) == sorted((piece.data for piece in handed_in), key=str), "each student's bytes, once"
    random.Random(1).shuffle(members)
    again = gathered(tmp_path, members)
    assert [one.entry for one in again.found] == [one.entry for one in found.found], "whatever order the archive has"
    unpacked = gather([made.write_tree(tmp_path / "unpacked", members)], WANTED)
    assert read(unpacked) == contents, "unpacked it is the same"
    if system != "folder":
        assert unpacked.manifest == found.manifest


@pytest.mark.parametrize("form", FORMS)
def test_the_folder_that_packing_puts_around(tmp_path: Path, form: str) -> None:
    system, build = FORMS[form]
    handed_in = made.pieces(4)
    packed = [(f"course/{name}", data) for name, data in build(handed_in)]
    found = gathered(tmp_path, packed)
    assert {one.entry.system for one in found.found} == {system}
    assert len(found.found) == 4


texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\_:"), min_size=1, max_size=30).filter(
    lambda text: text.strip(" .") != "" and not text.startswith((" ", "."))
)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(names=st.lists(texts, min_size=2, max_size=6))
def test_whatever_students_are_called(tmp_path: Path, form: str, names: list[str]) -> None:
    system, build = FORMS[form]
    handed_in = [Piece(name, 100 + i, 1_000 + i, NOTEBOOK, str(i).encode()) for i, name in enumerate(names)]
    found = gathered(tmp_path, build(handed_in), system=system)
    assert sorted(read(found).values(), key=str) == [str(i).encode() for i in range(len(names))]


def test_the_option_s_words_are_the_systems() -> None:
    assert options._SYSTEMS == SYSTEMS
    assert set(READERS) == set(SYSTEMS)


def test_names_that_could_be_two_platforms_are_refused_until_told(tmp_path: Path) -> None:
    members = [(f"a{i}_{i}2_assignsubmission_file_{i}1_7{i}_x.ipynb", b"{}") for i in range(1, 4)]
    with pytest.raises(UsageError, match=r"canvas \(100% .* or moodle") as caught:
        gathered(tmp_path, members)
    assert caught.value.remedy == "say which: --from canvas or --from moodle"
    assert {one.entry.student for one in gathered(tmp_path, members, system="moodle").found} == {"a1_12", "a2_22", "a3_32"}


def test_dates_in_names_are_no_user_ids(tmp_path: Path) -> None:
    tree = made.write_tree(tmp_path / "in", [(f"{name}_2026_12_05.ipynb", b"{}") for name in ("ada", "ben", "cleo")])
    found = gather([tree], WANTED)
    assert [one.entry.system for one in found.found] == ["folder"] * 3


def test_an_empty_archive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no submission in"):
        gathered(tmp_path, [])


def test_the_same_archive_twice_and_two_archives(tmp_path: Path) -> None:
    first = made.write_zip(tmp_path / "a.zip", made.plain(made.pieces(2)))
    second = made.write_zip(tmp_path / "b.zip", made.plain(made.pieces(2)))
    assert [one.student for one in gather([first, first], WANTED).submissions] == ["u_1000", "u_1001"]
    found = gather([first, second], WANTED)
    assert (
        [one.student for one in found.submissions]
        == [one.entry.student for one in found.found]
        == ["u_1000", "u_1001", "u_1000~2", "u_1001~2"]
    )


# What was handed in


def test_files_that_are_no_notebook(tmp_path: Path) -> None:
    handed_in = [
        Piece("Ada Lovelace", 1, 11, "report.pdf", b"%PDF"),
        Piece("Ada Lovelace", 1, 12, "x.docx", b""),
        Piece("Ben", 2, 13, "nb.ipynb", b"b"),
    ]
    found = gathered(tmp_path, made.moodle(handed_in))
    contents = read(found)
    assert contents["Ben_2"] == b"b"
    assert str(contents["Ada Lovelace_1"]).startswith(
        "there is no notebook among what was handed in: Ada Lovelace_1_assignsubmission_file_/report.pdf"
    )
    assert [one.why for one in found.found[0].entry.others] == ["it is no notebook"] * 2


def test_two_notebooks_of_one_hand_in(tmp_path: Path) -> None:
    handed_in = [
        Piece("Ada", 1, 11, "draft.ipynb", b"d"),
        Piece("Ada", 1, 12, NOTEBOOK, b"right"),
        Piece("Ben", 2, 13, "b.ipynb", b"b"),
        Piece("Ben", 2, 14, "a.ipynb", b"a"),
    ]
    found = gathered(tmp_path, made.moodle(handed_in))
    assert read(found) == {"Ada_1": b"right", "Ben_2": b"a"}
    assert found.submissions[0].others == ("Ada_1_assignsubmission_file_/draft.ipynb",)
    canvas = gathered(tmp_path, made.canvas(handed_in))
    assert read(canvas) == {"ada_1": b"right", "ben_2": b"a"}, "with no name to tell, the one that was uploaded last"


def test_modules_beside_the_notebook_come_along(tmp_path: Path) -> None:
    handed_in = [Piece("Ada", 1, 11, NOTEBOOK, b"n"), Piece("Ada", 1, 12, "tools.py", b"x = 1"), Piece("Ada", 1, 13, "bad.py", b"\xff")]
    for build in (made.canvas, made.moodle, made.plain, made.blackboard):
        (submission,) = gathered(tmp_path, build(handed_in)).submissions
        assert submission.files() == {"tools.py": "x = 1"}


def test_a_zip_with_the_notebook_inside(tmp_path: Path) -> None:
    inner = made.zipped([("hw/nb.ipynb", b"deep"), ("hw/tools.py", b"y = 2"), ("hw/data.csv", b"")])
    handed_in = [
        Piece("Ada", 1, 11, "hw.zip", inner),
        Piece("Ben", 2, 12, "broken.zip", b"PK"),
        Piece("Cleo", 3, 13, "empty.zip", made.zipped([])),
    ]
    for build in (made.canvas, made.moodle, made.blackboard, made.brightspace, made.plain):
        found = gathered(tmp_path, build(handed_in))
        ada, ben, cleo = read(found).values()
        assert ada == b"deep"
        assert found.submissions[0].files() == {"tools.py": "y = 2"}
        assert "the archive in it cannot be read" in str(ben)
        assert "nothing was handed in" in str(cleo) or "no notebook" in str(cleo)


# Canvas


def test_canvas_late_flags_and_attempts(tmp_path: Path) -> None:
    handed_in = [
        Piece("Ada Lovelace", 1, 30, f"{NOTEBOOK[:-6]}-2.ipynb", b"third", late=True),
        Piece("Ada Lovelace", 1, 9, NOTEBOOK, b"first", late=True),
        Piece("Ada Lovelace", 1, 20, f"{NOTEBOOK[:-6]}-1.ipynb", b"second", late=True),
        Piece("Ben", 2, 8, NOTEBOOK, b"ben"),
    ]  # fmt: skip
    found = gathered(tmp_path, made.canvas(handed_in))
    ben, ada = found.found
    assert (ada.submission.read(), ada.submission.attempt, ada.submission.flagged_late) == (b"third", 3, True)
    assert [notebook.read() for notebook in ada.earlier] == [b"first", b"second"]
    assert (ada.entry.ids, ada.entry.file) == ({"user_id": "1", "attachment_id": "30"}, "lovelaceada_LATE_1_30_Gradient_Checking-2.ipynb")
    assert (ben.submission.attempt, ben.submission.flagged_late, ben.earlier) == (None, False, ())
    module = gathered(tmp_path, made.canvas([handed_in[0], Piece("Ada Lovelace", 1, 31, "tools-2.py", b"x = 1")]))
    assert module.submissions[0].files() == {"tools.py": "x = 1"}


def test_canvas_text_entries_and_links(tmp_path: Path) -> None:
    found = gathered(tmp_path, [("lovelaceada_1_text.html", b"<p>"), ("x_LATE_2_link.html", b""), *made.canvas(made.pieces(3))])
    assert "there is no notebook among" in str(read(found)["lovelaceada_1"])
    assert next(one.entry.late for one in found.found if one.entry.student == "x_2")


def test_canvas_a_name_cannot_take_another_s_row(tmp_path: Path) -> None:
    victim, eve = Piece("Ada Lovelace", 4711, 50, NOTEBOOK, b"ada"), Piece("eve_4711", 66, 51, NOTEBOOK, b"eve")
    found = gathered(tmp_path, made.canvas([victim, eve, *made.pieces(5)]))
    contents = read(found)
    assert contents["lovelaceada_4711"] == b"ada"
    assert [student for student, data in contents.items() if data == b"eve"] != ["lovelaceada_4711"]
    noted = [one.entry.student for one in found.found if one.entry.notes]
    assert "lovelaceada_4711" in noted
    assert len(noted) == 2, "whose row of the gradebook it is, is for a person to say"


def test_canvas_two_students_of_one_name(tmp_path: Path) -> None:
    found = gathered(tmp_path, made.canvas([Piece("Kim Lee", 1, 10, NOTEBOOK, b"1"), Piece("Kim Lee", 2, 11, NOTEBOOK, b"2")]))
    assert read(found) == {"leekim_1": b"1", "leekim_2": b"2"}


# Moodle


def test_moodle_online_text_is_noted_and_not_graded(tmp_path: Path) -> None:
    members = [("Ada_1_assignsubmission_onlinetext_/onlinetext.html", b"<p>"), *made.moodle([Piece("Ada", 1, 2, NOTEBOOK, b"a")])]
    found = gathered(tmp_path, members)
    assert read(found) == {"Ada_1": b"a"}
    assert "typed in" in found.found[0].entry.others[0].why


def test_moodle_names_and_blind_numbers(tmp_path: Path) -> None:
    seen = gathered(tmp_path, made.moodle([Piece("Ada Lovelace", 1, 2, NOTEBOOK, b"a"), Piece("Ben", 2, 3, NOTEBOOK, b"b")]))
    assert [(one.entry.name, one.entry.ids) for one in seen.found] == [
        ("Ada Lovelace", {"participant_id": "1"}),
        ("Ben", {"participant_id": "2"}),
    ]
    blind = gathered(tmp_path, made.moodle(made.pieces(3), blind="Participant"))
    assert [(one.entry.name, one.entry.student) for one in blind.found] == [("", f"Participant_{1_000 + i}") for i in range(3)]


# Blackboard and Brightspace


def test_blackboard_attempts_and_times(tmp_path: Path) -> None:
    early = Piece("Ada Lovelace", 1, 1, NOTEBOOK, b"early", stamp="2026-12-04-10-00-00")
    late = early._replace(data=b"late", stamp="2026-12-06-10-00-00")
    other = Piece("Ben", 2, 3, NOTEBOOK, b"ben", stamp="2026-07-01-10-00-00")
    found = gathered(tmp_path, made.blackboard([late, other, early]), Wanted("", NOTEBOOK, ZoneInfo("Europe/Berlin")))
    ada, ben = found.found
    assert (ada.submission.student, ada.entry.name, ada.submission.read(), ada.submission.attempt) == ("u_1", "Ada Lovelace", b"late", 2)
    assert [one.read() for one in ada.earlier] == [b"early"]
    assert (ada.entry.submitted_at, ben.entry.submitted_at) == ("2026-12-06T10:00:00+01:00", "2026-07-01T10:00:00+02:00")
    unknown = gathered(tmp_path, made.blackboard([late]))
    assert unknown.submissions[0].submitted_at is None, "a time without a zone is not known"


def test_blackboard_an_attempt_without_a_notebook_after_one_with(tmp_path: Path) -> None:
    early = Piece("Ada", 1, 1, NOTEBOOK, b"early", stamp="2026-12-04-10-00-00")
    found = gathered(tmp_path, made.blackboard([early, early._replace(file="comment.pdf", stamp="2026-12-06-10-00-00")]))
    assert read(found) == {"u_1": b"early"}
    assert found.found[0].entry.notes == ("the latest attempt holds no notebook; the one before is taken",)


def test_blackboard_without_texts_and_with_underscores_everywhere(tmp_path: Path) -> None:
    handed_in = [Piece("Ada", 1, 1, "my_final_nb.ipynb", b"a"), Piece("Ben", 22, 2, "x_attempt_2026-01-01-00-00-00_y.ipynb", b"b")]
    members = [(name.replace("u_1", "ada_l").replace("u_22", "ben_b"), data) for name, data in made.blackboard(handed_in, texts=False)]
    assert sorted(read(gathered(tmp_path, members))) == ["ada_l", "ben_b"]


def test_brightspace_dates(tmp_path: Path) -> None:
    handed_in = [
        Piece("Ada Lovelace", 1, 1, NOTEBOOK, b"old"),
        Piece("Ada Lovelace", 1, 2, NOTEBOOK, b"new"),
        Piece("Jean-Luc - P.", 2, 3, NOTEBOOK, b"j"),
    ]
    dates = {1: "Dec 5, 2026 1159 PM", 2: "Dec 6, 2026 1201 AM", 3: "5 Sep 2026 9:05"}
    found = gathered(tmp_path, made.brightspace(handed_in, dates), Wanted(zone=UTC))
    assert read(found) == {"Ada Lovelace_1-67890": b"new", "Jean-Luc - P._2-67890": b"j"}
    assert [one.submitted_at for one in found.submissions] == [
        datetime(2026, 12, 6, 0, 1, tzinfo=UTC),
        datetime(2026, 9, 5, 9, 5, tzinfo=UTC),
    ]


# nbgrader


def test_nbgrader_takes_the_wanted_assignment(tmp_path: Path) -> None:
    handed_in = made.pieces(2)
    members = [*made.nbgrader(handed_in, "ps1"), *made.nbgrader([piece._replace(data=b"2") for piece in handed_in], "ps2")]
    tree = made.write_tree(tmp_path / "course", members)
    assert set(read(gather([tree], Wanted("ps2"))).values()) == {b"2"}
    assert set(read(gather([tree / "submitted"], Wanted("PS_1"))).values()) == {piece.data for piece in handed_in}
    with pytest.raises(UsageError, match="several assignments: ps1, ps2"):
        gather([tree], Wanted("gradient_checking", NOTEBOOK))


def test_nbgrader_the_latest_of_the_exchange(tmp_path: Path) -> None:
    piece = Piece("Ada", 1, 1, NOTEBOOK, b"old", stamp="2026-12-04-10-00-00")
    found = gathered(tmp_path, made.exchange([piece, piece._replace(upload=2, data=b"new", stamp="2026-12-05-10-00-00")]))
    assert read(found) == {"u_1": b"new"}
    assert found.submissions[0].submitted_at == datetime(2026, 12, 5, 10, 0, 0, 1, tzinfo=UTC)
    assert "submission_secret.txt" not in str(found.manifest)


def test_nbgrader_s_whole_exchange(tmp_path: Path) -> None:
    members = [(f"inbound/{name}", data) for name, data in made.exchange(made.pieces(2))] + [("outbound/ps1/nb.ipynb", b"{}")]
    tree = made.write_tree(tmp_path / "exchange" / "course", members)
    for place in (tree, tree.parent, tree / "inbound"):
        assert sorted(read(gather([place], WANTED))) == ["u_1000", "u_1001"]


def test_nbgrader_s_downloaded_archives(tmp_path: Path) -> None:
    folder = tmp_path / "downloaded" / "ps1" / "archive"
    folder.mkdir(parents=True)
    made.write_zip(folder / "submissions.zip", made.canvas(made.pieces(3)))
    assert [one.entry.system for one in gather([folder], WANTED).found] == ["canvas"] * 3


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2015-02-02 14:58:23.948203 America/Los_Angeles", "2015-02-02T14:58:23.948203-08:00"),
        ("2026-11-22 14:46:23.386735 CET", "2026-11-22T14:46:23.386735+01:00"),
        ("2026-07-22 14:46:23 CEST", "2026-07-22T14:46:23+02:00"),
        ("2026-07-22 14:46:23 UTC\n", "2026-07-22T14:46:23+00:00"),
        ("2026-07-22 14:46:23", "2026-07-22T14:46:23+00:00"),
    ],
)
def test_nbgrader_stamps(tmp_path: Path, stamp: str, moment: str) -> None:
    members = [("submitted/ada/ps1/nb.ipynb", b"a"), ("submitted/ada/ps1/timestamp.txt", stamp.encode())]
    (one,) = gathered(tmp_path, members, Wanted("ps1", NOTEBOOK, ZoneInfo("Europe/Berlin"))).found
    assert one.entry.submitted_at == moment


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-12-05 23:59:00 ../../etc/passwd", "2026-99-05 23:59:00 UTC", "\0", "9" * 5_000])
def test_nbgrader_stamps_that_are_none(tmp_path: Path, stamp: str) -> None:
    members = [("submitted/ada/ps1/nb.ipynb", b"a"), ("submitted/ada/ps1/timestamp.txt", stamp.encode())]
    (submission,) = gathered(tmp_path, members).submissions
    assert (submission.student, submission.read(), submission.submitted_at) == ("ada", b"a", None)


# A folder of one's own


def test_names_of_400_characters_and_of_files(tmp_path: Path) -> None:
    long = ["x" * 400, "x" * 399 + "y", "CON", "a.ipynb", "index.html", "submissions.json"]
    found = gathered(tmp_path, [(f"{name}/nb.ipynb", name.encode()) for name in long])
    assert sorted(read(found).values(), key=str) == sorted((name.encode() for name in long), key=str)
    for one in found.submissions:
        assert len(one.student.encode()) <= 130
        assert one.student.casefold() not in {"con", "index.html", "submissions.json", "a.ipynb"}


def test_submissions_from_archives_can_be_sent_to_other_processes(tmp_path: Path) -> None:
    found = gathered(tmp_path, made.canvas(made.pieces(3)))
    sent = pickle.loads(pickle.dumps(found.submissions))
    assert [one.read() for one in sent] == list(read(found).values())


def test_forms_use_every_kind_of_name() -> None:
    assert {piece.name for piece in made.pieces(400)} >= set(NAMES)


def test_a_tree_of_nothing_has_no_platform() -> None:
    assert detect(Tree("x", Path(), (File(("a.ipynb",), "a.ipynb", "", Path()),))).system == "folder"


@pytest.mark.parametrize("form", FORMS)
def test_archives_that_students_packed_are_looked_into_on_disk_as_in_the_platform_s_archive(tmp_path: Path, form: str) -> None:
    handed_in = [piece._replace(file="work.zip", data=made.zipped([("hw/nb.ipynb", piece.data)])) for piece in made.pieces(3)]
    members = [(f"{piece.user}.zip", piece.data) for piece in handed_in] if form == "plain, flat" else FORMS[form][1](handed_in)
    folder = made.write_tree(tmp_path / "tree", members)
    on_disk = gather([folder], WANTED, system=FORMS[form][0] if form != "plain, flat" else None)
    assert sorted(map(str, read(on_disk).values())) == sorted(str(piece.data) for piece in made.pieces(3))
    assert read(on_disk) == read(gathered(tmp_path, members, system=FORMS[form][0]))


def test_a_folder_in_which_some_handed_in_archives_and_some_notebooks(tmp_path: Path) -> None:
    members = [
        ("ada.ipynb", b"1"),
        ("ben.zip", made.zipped([("nb.ipynb", b"2")])),
        ("chloe.zip", b"no archive"),
        ("out/ada/feedback.html", b""),
    ]
    folder = made.write_tree(tmp_path / "in", members)
    found = read(gather([folder], WANTED, output=folder / "out"))
    assert found["ada"] == b"1"
    assert found["ben"] == b"2"
    assert "chloe.zip" in str(found["chloe"])
    assert {*found} == {"ada", "ben", "chloe"}


@pytest.mark.parametrize("inside", ["Gradient_Checking.ipynb", "nb.ipynb", "homework/nb.ipynb"])
def test_archives_of_a_student_each_are_called_like_the_archives(tmp_path: Path, inside: str) -> None:
    paths = [made.write_zip(tmp_path / f"{student}.zip", [(inside, student.encode())]) for student in ("ada", "ben")]
    assert read(gather(paths, WANTED)) == {"ada": b"ada", "ben": b"ben"}


def test_a_single_archive_with_the_assignment_s_notebook_is_a_student_s_own(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "ada.zip", [(WANTED.notebook, b"1"), ("scratch.ipynb", b"2")])
    assert read(gather([path], WANTED)) == {"ada": b"1"}
