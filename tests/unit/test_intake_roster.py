"""Rosters as platforms export them: submissions get the course's ids, and nobody is dropped."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.lms.intake.gathering import Gathered, gather
from grader.lms.intake.handin import Wanted
from grader.lms.roster import read_roster
from tests import lms_archives as made
from tests.lms_archives import Piece

ADA, BEN = Piece("Ada Lovelace", 1, 11, "nb.ipynb", b"a"), Piece("Ben O'Hara", 2, 12, "nb.ipynb", b"b")
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,HW (77),Current Score\r\n"
    "    Points Possible,,,,,10,(read only)\r\n"
    '"Lovelace, Ada",1,S1,ada@x.edu,1,,\r\n"O\'Hara, Ben",2,S2,ben@x.edu,1,,\r\n"Zed, Zoë",3,S3,zoe@x.edu,1,,\r\n'
)
MOODLE = (
    'Bezeichner,"Vollständiger Name","E-Mail-Adresse","ID-Nummer",Status,Bewertung\nTeilnehmer/in1,"x",,,,\n'.replace(
        "Teilnehmer/in1", "Teilnehmer/in 1"
    )
    + '"Teilnehmer/in 2","y",,,,\n'
)


def matched(tmp_path: Path, members: list[tuple[str, bytes]], roster: str | bytes) -> Gathered:
    path = tmp_path / "roster.csv"
    path.write_bytes(roster if isinstance(roster, bytes) else roster.encode())
    return gather([made.write_zip(tmp_path / "a.zip", members)], Wanted(), roster=path)


def students(found: Gathered) -> dict[str, bytes]:
    return {submission.student: submission.read() for submission in found.submissions}


@pytest.mark.parametrize("encode", [str.encode, lambda text: codecs.BOM_UTF8 + text.encode(), lambda text: text.encode("utf-16")])
def test_canvas_s_gradebook_as_it_is(tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    found = matched(tmp_path, made.canvas([ADA, BEN]), encode(CANVAS))
    assert students(found) == {"ada@x.edu": b"a", "ben@x.edu": b"b"}
    assert (found.absent, found.unlisted) == (("zoe@x.edu",), ())
    entry = found.manifest.by_student()["ada@x.edu"]
    assert entry.name == "Lovelace, Ada"
    assert entry.ids == {"user_id": "1", "attachment_id": "11", "sis_user_id": "S1", "sis_login_id": "ada@x.edu"}


def test_moodle_s_worksheet_in_another_language(tmp_path: Path) -> None:
    found = matched(tmp_path, made.moodle([ADA, BEN], blind="Teilnehmer/in"), MOODLE)
    assert students(found) == {"Teilnehmerin_1": b"a", "Teilnehmerin_2": b"b"}, "no column has another id for them"
    assert found.unlisted == ()
    english = "Identifier,Full name,ID number\nParticipant 2,Ben O'Hara,m2\nParticipant 1,Ada Lovelace,m1\nParticipant 9,Z,\n"
    teams = matched(tmp_path, made.moodle([ADA, BEN], team=lambda _: "Team-A"), english)
    assert students(teams) == {"m1": b"a", "m2": b"b"}
    assert {(entry.name, entry.group) for entry in teams.manifest.submissions} == {("Ada Lovelace", "Team-A"), ("Ben O'Hara", "")}
    assert teams.absent == ("Z",)


def test_blackboard_brightspace_and_github(tmp_path: Path) -> None:
    blackboard = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\n"Lovelace"\t"Ada"\t"u_1"\t"007"\n'
    found = matched(tmp_path, made.blackboard([ADA, BEN]), blackboard.encode("utf-16"))
    assert students(found) == {"u_1": b"a", "u_2": b"b"}
    assert found.unlisted == ("u_2",)
    brightspace = "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\n#9001,#ada,Lovelace,Ada,#\n#9002,#ben,O'Hara,Ben,#\n"
    assert students(matched(tmp_path, made.brightspace([ADA, BEN]), brightspace)) == {"ada": b"a", "ben": b"b"}
    github = '"identifier","github_username","github_id","name"\n"s1","u_1","5",""\n"s2","","",""\n'
    found = matched(tmp_path, made.plain([ADA, BEN]), github)
    assert found.absent == ("s2",)


def test_a_column_student_and_names(tmp_path: Path) -> None:
    found = matched(tmp_path, made.brightspace([ADA, BEN]), 'Name;STUDENT\nada  LOVELACE;al\n"O\'Hara, Ben";bo\n')
    assert students(found) == {"al": b"a", "bo": b"b"}


def test_a_name_that_two_have_joins_neither(tmp_path: Path) -> None:
    twins = [ADA, ADA._replace(number=5, data=b"A")]
    found = matched(tmp_path, made.brightspace(twins), "student,name\nx,Ada Lovelace\n")
    assert found.absent == ("x",)
    assert len(found.unlisted) == 2
    found = matched(tmp_path, made.brightspace([ADA]), "student,name\nx,Ada Lovelace\ny,Ada Lovelace\n")
    assert (found.absent, len(found.unlisted)) == (("x", "y"), 1)


def test_a_student_of_two_sections_is_one(tmp_path: Path) -> None:
    """As Gradescope's roster has one row a section."""
    text = "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,a1,ada@x.edu,1\nBen,O'Hara,b2,ben@x.edu,1\nAda,Lovelace,a1,ada@x.edu,2\n"
    found = matched(tmp_path, made.brightspace([ADA, BEN]), text)
    assert students(found) == {"a1": b"a", "b2": b"b"}
    assert (found.absent, found.unlisted) == ((), ())


def test_ids_of_a_roster_are_no_paths(tmp_path: Path) -> None:
    found = matched(tmp_path, made.brightspace([ADA, BEN]), "student,name\n../../x,Ada Lovelace\nindex.html,Ben O'Hara\n")
    assert sorted(students(found)) == ["_._.._x", "index.html~2"] or all("/" not in student for student in students(found))
    assert "index.html" not in students(found)


@pytest.mark.parametrize(
    ("text", "why"), [("", "is empty"), ("a,b\n1,2\n", "no column that tells students"), ('student\n"x', "a quoted cell has no end")]
)
def test_rosters_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(UsageError, match=why):
        read_roster(tmp_path / "r.csv")


def test_a_roster_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_roster(tmp_path / "r.csv")
