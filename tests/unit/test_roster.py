"""Rosters as spreadsheets save them: read whole, or refused with the line that is wrong."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.late import LatePolicy
from grader.roster import Row, has_times, read_roster
from grader.submissions import Submission

NOON = datetime(2026, 12, 5, 12, tzinfo=UTC)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(folder: Path, text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_roster(write(folder, text))
    assert str(folder / "roster.csv") in str(caught.value)
    return caught.value


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_as_spreadsheets_save_it(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    rows = [
        ("Name", "STUDENT", "Section", "E-Mail", "Email", "Submitted_At", "Extension", "Attempt"),
        ('"Lovelace, Ada; ""Countess"""', "ada", "A", "", "ada@example.org", "2026-12-05T13:00:00+01:00", "48h", "2"),
        ("", "", "", "", "", "", "", ""),
        ("Zoë", " zoë ", "", "", "", "", "2026-12-07T12:00Z", ""),
        ("Ben", "ben"),
    ]
    text = newline.join(delimiter.join(row) for row in rows) + newline
    bom = "\ufeff" if encoding.endswith(("le", "be")) else ""
    roster = read_roster(write(tmp_path, bom + text, encoding))
    assert roster.rows == {
        "ada": Row("ada", 2, 'Lovelace, Ada; "Countess"', "ada@example.org", NOON, timedelta(hours=48), 2),
        "zoë": Row("zoë", 4, "Zoë", extension=NOON + timedelta(days=2)),
        "ben": Row("ben", 5, "Ben"),
    }


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "student,submitted\nzoë,2026-12-05T13:00:00+01:00\n", encoding)
    assert has_times(path)
    assert read_roster(path).rows == {"zoë": Row("zoë", 2, submitted_at=NOON)}


@pytest.mark.parametrize("student", ["student", "Student ID", "id", "USER", "username", " Username "])
@pytest.mark.parametrize("submitted", ["submitted", "Submitted at", "TIMESTAMP"])
def test_columns_by_any_of_their_names(tmp_path: Path, student: str, submitted: str) -> None:
    roster = read_roster(write(tmp_path, f"{submitted},{student}\n2026-12-05T12:00Z,ada\n"))
    assert roster.rows["ada"].submitted_at == NOON


def test_one_column_is_enough(tmp_path: Path) -> None:
    assert list(read_roster(write(tmp_path, "student\nada\nben\n")).rows) == ["ada", "ben"]


def test_local_times_are_in_the_zone_of_the_assignment(tmp_path: Path) -> None:
    path = write(tmp_path, "id,submitted,extension\nada,2026-12-05 13:00,2026-10-25 02:30\n")
    row = read_roster(path, ZoneInfo("Europe/Berlin")).rows["ada"]
    assert row.submitted_at == NOON
    assert row.extension == datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "of two such times the later: it is a due date"
    with pytest.raises(UsageError, match="line 2: submitted_at: 2026-12-05 13:00:00 has no offset"):
        read_roster(path)


def test_a_name_that_acts_on_a_terminal_is_made_visible(tmp_path: Path) -> None:
    row = read_roster(write(tmp_path, f"id,name\nada,\x1b[31mAda\u202e{'x' * 1000}\n")).rows["ada"]
    assert "\x1b" not in row.name
    assert "\u202e" not in row.name
    assert len(row.name) < 300


def test_the_same_row_twice_says_it_once(tmp_path: Path) -> None:
    """As of a student of two sections."""
    text = "id,section,extension\nada,1,1d\nben,1,\nada,2,1d\n"
    assert read_roster(write(tmp_path, text)).rows == {"ada": Row("ada", 2, extension=timedelta(days=1)), "ben": Row("ben", 3)}


# What is refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column of students"),
        ("name,email\nAda,ada@example.org\n", "has no column of students"),
        ("ada,2026-12-05\n", "has no column of students"),
        ("student,user\nada,ada\n", "student and user are one column"),
        ("id,submitted,timestamp\nada,,\n", "submitted and timestamp are one column"),
        ("id,name\n,Ada\n", "line 2: the student is missing"),
        ("id,name\nada,Ada\n\nAda,Ada\n", "line 4: Ada is in line 2 already"),
        ("id,extension\nada,1d\nada,2d\n", "line 3: ada is in line 2 already"),
        ("id,name\nada,Lovelace,Ada\n", "line 2: 3 cells below 2 columns"),
        ("id,submitted\nada,yesterday\n", "line 2: submitted_at: 'yesterday' is no time"),
        ("id,submitted\nada,2026-12-05\n", "line 2: submitted_at: 2026-12-05 has no time of day"),
        ("id,extension\nada,2\n", "line 2: extension: '2' is no time"),
        ("id,attempt\nada,0\n", "line 2: attempt: '0' is no number"),
        ("id,attempt\nada,1.0\n", "line 2: attempt"),
        ("id,attempt\nada,²\n", "line 2: attempt"),
        (f"id,attempt\nada,{'9' * 100_000}\n", "line 2: attempt"),
        ('id,name\nada,"Ada\n', "line 2: unexpected end of data"),
        (f"id,name\nada,{'x' * 200_000}\n", "line 2: field larger"),
    ],
)
def test_a_roster_that_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    message = str(refused(tmp_path, text))
    assert said in message
    assert len(message) < 400


@pytest.mark.parametrize(("column", "meant"), [("extention", "extension"), ("Extensions", "extension"), ("submited", "submitted")])
def test_a_slip_in_the_name_of_a_column_that_changes_grades(tmp_path: Path, column: str, meant: str) -> None:
    error = refused(tmp_path, f"id,{column}\nada,1d\n")
    assert error.remedy == f"did you mean {meant}?"


def test_files_that_are_none(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "gone.csv", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(UsageError, match=said):
            read_roster(path)
    with pytest.raises(UsageError, match="neither UTF-8 nor UTF-16") as caught:
        read_roster(write(tmp_path, "id,name\nzo\xeb,Zo\xeb\n", "latin-1"))
    assert caught.value.remedy == "save it as CSV UTF-8"


@given(st.binary(max_size=200) | st.text('id,;\t"\n\r\ufeff2a', max_size=60).map(str.encode))
def test_any_file_is_a_roster_or_a_usage_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        path.write_bytes(b"id,extension,attempt\n" + data)
        with contextlib.suppress(UsageError):
            assert all(row.student for row in read_roster(path).rows.values())
        path.write_bytes(data)
        with contextlib.suppress(UsageError):
            read_roster(path)


# Whose


def test_what_the_roster_records_counts_before_what_was_found(tmp_path: Path) -> None:
    text = "id,submitted,attempt\nZoe\u0308,2026-12-05T12:00Z,3\nben,,\ncleo,,\nNobody,,\n"
    roster = read_roster(write(tmp_path, text))
    early = NOON - timedelta(days=1)
    given_ones = [Submission(name, name, None, tmp_path, submitted_at=early, attempt=1) for name in ("zo\u00eb", "ben", "dan")]
    match = roster.match(given_ones)
    assert [(one.student, one.submitted_at, one.attempt) for one in match.submissions] == [
        ("zo\u00eb", NOON, 3),
        ("ben", early, 1),
        ("dan", early, 1),
    ]
    assert (match.absent, match.unlisted) == (("cleo", "Nobody"), ("dan",))


def test_names_to_show_act_on_no_terminal(tmp_path: Path) -> None:
    match = read_roster(write(tmp_path, "id\n\x1b[31mada\n")).match([Submission("\x1b[2Jben\n" + "x" * 1000, "", None, tmp_path)])
    for (name,) in (match.absent, match.unlisted):
        assert "\x1b" not in name
        assert "\n" not in name
        assert len(name) < 300


def test_extensions_join_those_of_the_assignment(tmp_path: Path) -> None:
    policy = LatePolicy(due=NOON, extensions={"dan": NOON + timedelta(days=9)})
    roster = read_roster(write(tmp_path, "id,extension\nAda,48h\nben,2026-12-06T12:00Z\ncleo,\n"))
    assert roster.extend(policy).extensions == {
        "dan": NOON + timedelta(days=9),
        "ada": NOON + timedelta(days=2),
        "ben": NOON + timedelta(days=1),
    }


@pytest.mark.parametrize(("row", "said"), [("ben,2026-12-05T11:59Z", "is before the assignment is due"), ("dan,1d", "a second extension")])
def test_extensions_that_cannot_be(tmp_path: Path, row: str, said: str) -> None:
    roster = read_roster(write(tmp_path, f"id,extension\nada,1d\n{row}\n"))
    with pytest.raises(UsageError, match=f"line 3: extension: .*{said}"):
        roster.extend(LatePolicy(due=NOON, extensions={"dan": NOON}))
