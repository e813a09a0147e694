"""Archives from strangers: whatever is in one, its other members are read, and nothing is written."""

from __future__ import annotations

import io
import os
import random
import re
import stat
import string
import struct
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError, UsageError
from grader.lms import archive
from grader.lms.archive import File, nested, read_each, read_tree
from grader.lms.names import decoded, fit, is_japanese, shown, split
from tests.lms_archives import write_zip, zipped

GOOD = ("good.ipynb", b'{"cells": []}')


def contents(path: Path) -> dict[str, bytes | str]:
    """What reading each member gives, or why it gives nothing; members that are refused by their names, too."""
    tree = read_tree(path)
    found: dict[str, bytes | str] = {one.file: one.why for one in tree.refused}
    for file in tree.files:
        try:
            found[file.name] = file.read()
        except SubmissionError as error:
            found[file.name] = str(error)
    return found


def member(name: str, *, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    info.flag_bits |= flags
    return info


# Names


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../x.ipynb", "leads out"),
        ("a/../../x.ipynb", "leads out"),
        ("a\\..\\..\\x.ipynb", "leads out"),
        ("..", "leads out"),
        ("/etc/x.ipynb", "absolute"),
        ("\\\\server\\x.ipynb", "absolute"),
        ("C:\\x.ipynb", "absolute"),
        ("c:x.ipynb", "absolute"),
        ("x\0.ipynb", "cannot be one"),
        ("x" * 5_000, "cannot be one"),
        ("/".join("x" * 80), "cannot be one"),
        ("./.", "cannot be one"),
    ],
)
def test_names_that_are_refused(name: str, why: str) -> None:
    with pytest.raises(SubmissionError, match=why):
        split(name)


def test_names_that_lead_out_cost_their_own_member(tmp_path: Path) -> None:
    names = ["../slip.ipynb", "/abs.ipynb", "a\\..\\..\\b.ipynb", "C:\\x.ipynb", "x" * 4_000 + ".ipynb", "dir/../../y.ipynb"]
    found = contents(write_zip(tmp_path / "a.zip", [*((name, b"{}") for name in names), GOOD]))
    assert found["good.ipynb"] == GOOD[1]
    assert [name for name in names[:4] if not isinstance(found[name], str)] == []
    assert found["x" * 4_000 + ".ipynb"] == b"{}", "a long name is nobody's harm before it is written"


def test_a_name_with_a_nul(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("evilX.ipynb", b"{}"), GOOD])
    path.write_bytes(path.read_bytes().replace(b"evilX", b"evil\0"))
    found = contents(path)
    assert found.pop("good.ipynb") == GOOD[1]
    assert list(found.values()) == ["its name cannot be one of a file"]


@given(st.text(max_size=60) | st.text(st.sampled_from("./\\:ab\0C~ \u202e"), max_size=30))
def test_whatever_is_not_refused_stays_inside(name: str) -> None:
    try:
        parts = split(name)
    except SubmissionError:
        return
    assert parts
    for part in parts:
        assert part not in ("", ".", "..")
        assert not set(part) & {"/", "\\", "\0"}


@given(st.text(max_size=300) | st.text(st.sampled_from('.:<>|"?*\\/ \u202e\x1b\0aüß文🦊'), max_size=200), st.booleans())
def test_fit_names_are_names_everywhere(name: str, folder: bool) -> None:
    fitted = fit(name, folder=folder)
    assert fitted == fit(fitted, folder=folder), "fit once, fit for good"
    assert 1 <= len(fitted.encode("utf-8")) <= 120
    assert not re.search(r'[<>:"|?*\\/\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]', fitted)
    assert not fitted.startswith(".")
    assert not fitted.endswith((".", " "))
    assert fitted.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    if folder:
        assert not fitted.lower().endswith(".ipynb")


@pytest.mark.parametrize("name", ["con", "NUL.ipynb", "Com1.tar.gz", "lpt9", "aux ", "prn."])
def test_names_that_windows_keeps(name: str) -> None:
    assert fit(name).startswith("_")


@pytest.mark.parametrize("name", ["falcon", "falcon.ipynb", "manual.con.ipynb", "_LPT0"])
def test_names_that_only_end_like_one(name: str) -> None:
    assert fit(name) == name


def test_long_names_keep_their_ending_and_stay_different() -> None:
    one, two = fit("文" * 4_000 + "1.ipynb"), fit("文" * 4_000 + "2.ipynb")
    assert one != two
    assert one.endswith(".ipynb")


@given(st.text(max_size=500))
def test_what_is_shown_is_one_bounded_line(text: str) -> None:
    line = shown(text, 80)
    assert len(line) <= 80
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", line)


# Encodings of names


def _named_raw(path: Path, raw: bytes) -> Path:
    """An archive whose only member's name is these bytes, without the flag that says UTF-8."""
    letters = string.ascii_letters * 4
    path.write_bytes(zipped([(letters[: len(raw)], b"x")]).replace(letters[: len(raw)].encode(), raw))
    return path


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Müller_1_2_é.ipynb", "utf-8"),
        ("李_1_2.ipynb", "utf-8"),
        ("Müller é.ipynb", "cp437"),
        ("山田太郎のノート.ipynb", "cp932"),
        ("plain.ipynb", "ascii"),
    ],
)
def test_names_without_the_flag(tmp_path: Path, name: str, encoding: str) -> None:
    (file,) = read_tree(_named_raw(tmp_path / "a.zip", name.encode(encoding))).files
    assert file.name == name
    assert file.read() == b"x"


@given(st.binary(min_size=1, max_size=40))
def test_any_bytes_are_some_name(raw: bytes) -> None:
    raw = bytes(byte for byte in raw if byte not in b"\0/\\:.") or b"x"
    data = zipped([("n" * len(raw), b"x")]).replace(b"n" * len(raw), raw)
    infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert isinstance(decoded(infos[0], is_japanese(infos)), str)


# Members


def test_links_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, kind in (("link", stat.S_IFLNK), ("fifo", stat.S_IFIFO), ("device", stat.S_IFCHR), ("file", stat.S_IFREG)):
            made.writestr(member(f"{name}.ipynb", mode=kind | 0o777), b"/etc/passwd")
    found = contents(path)
    assert found.pop("file.ipynb") == b"/etc/passwd"
    assert set(found.values()) == {"it is a link or a device, not a file"}


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("bomb.ipynb", bytes(30_000_000)), ("large.ipynb", bytes(101 * 2**20)), GOOD])
    found = contents(path)
    assert found["good.ipynb"] == GOOD[1]
    assert found["bomb.ipynb"] == "it unpacks to more than 200 times its size"
    assert found["large.ipynb"] == "the file is larger than 100 MB"


def test_a_notebook_full_of_images_and_one_full_of_warnings_are_read(tmp_path: Path) -> None:
    images, warnings = os.urandom(20_000_000), b"".join(b'"%06d RuntimeWarning: overflow\\n",' % (i * 7919 % 10**6) for i in range(400_000))
    found = contents(write_zip(tmp_path / "a.zip", [("images.ipynb", images), ("warnings.ipynb", warnings)]))
    assert found == {"images.ipynb": images, "warnings.ipynb": warnings}


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("liar.ipynb", bytes(50_000)), GOOD])
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 50_000), struct.pack("<I", 10)))
    found = contents(path)
    assert found["good.ipynb"] == GOOD[1]
    assert "damaged" in str(found["liar.ipynb"])


@pytest.mark.parametrize("flags", [0x1, 0x41])
def test_encrypted_members(tmp_path: Path, flags: int) -> None:
    path = write_zip(tmp_path / "a.zip", [("secret.ipynb", b"{}"), GOOD])
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= flags
    path.write_bytes(data)
    found = contents(path)
    assert (found["good.ipynb"], found["secret.ipynb"]) == (GOOD[1], "it is encrypted")


def test_a_wrong_checksum(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("bad.ipynb", b"A" * 100), GOOD], zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"A" * 100, b"A" * 99 + b"B"))
    found = contents(path)
    assert found["good.ipynb"] == GOOD[1]
    assert "Bad CRC-32" in str(found["bad.ipynb"])


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compressions_that_take_memory(tmp_path: Path, compression: int) -> None:
    assert contents(write_zip(tmp_path / "a.zip", [("x.ipynb", b"{}")], compression)) == {
        "x.ipynb": "it is compressed in a way that no platform uses"
    }


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_and_of_names_that_differ_in_case(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, data in (("nb.ipynb", b"1"), ("nb.ipynb", b"2"), ("./nb.ipynb", b"3"), ("NB.ipynb", b"4")):
            made.writestr(name, data)
    tree = read_tree(path)
    assert {file.name: file.read() for file in tree.files} == {"nb.ipynb": b"1", "NB.ipynb": b"4"}
    assert {one.why for one in tree.refused} == {"another member has the same name"}


def test_what_systems_add_is_not_listed(tmp_path: Path) -> None:
    names = (
        "__MACOSX/ada/._nb.ipynb",
        "ada/.DS_Store",
        "ada/.ipynb_checkpoints/nb-checkpoint.ipynb",
        "ada/__pycache__/x.pyc",
        "ada/nb.ipynb",
    )
    tree = read_tree(write_zip(tmp_path / "a.zip", [(name, b"") for name in names]))
    assert [file.name for file in tree.files] == ["ada/nb.ipynb"]


# Whole archives


@pytest.mark.parametrize("keep", [0, 1, 10, 100, 0.5, 0.9])
def test_archives_that_were_cut_off(tmp_path: Path, keep: float) -> None:
    data = zipped([(f"{i}.ipynb", os.urandom(500)) for i in range(5)])
    path = tmp_path / "a.zip"
    path.write_bytes(data[: int(keep if keep >= 1 else keep * len(data))])
    with pytest.raises(UsageError, match="cut off on its way") as caught:
        read_tree(path)
    assert "download it again" in caught.value.remedy


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_damage_anywhere_is_an_error_of_a_known_kind(noise: bytes, at: int, change: bytes) -> None:
    data = bytearray(zipped([("a/x.ipynb", noise), GOOD]))
    at %= len(data)
    data[at : at + len(change)] = change
    file = File(("h.zip",), "h.zip", __file__, Path(__file__).parent)
    try:
        with archive._open_nested(bytes(data)) as opened:
            files, _ = archive._members(opened, file)
            for one in files:
                assert len(archive._extract(opened, one.inside[0], 1_000)) <= 1_000
    except SubmissionError:
        pass


def test_a_list_of_members_that_fills_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([(f"{i:06}.ipynb", b"") for i in range(6_000)]))
    write_zip(tmp_path / "outer.zip", [("hand_in.zip", path.read_bytes())])
    (file,) = read_tree(tmp_path / "outer.zip").files
    with pytest.raises(SubmissionError, match="too many members"):
        nested(file)
    assert len(read_tree(path).files) == 6_000


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped([("sub/nb.ipynb", b"deep"), ("../slip.ipynb", b"x"), ("deeper.zip", zipped([GOOD]))])
    path = write_zip(tmp_path / "a.zip", [("ada.zip", inner), ("bad.zip", b"PK no zip")])
    good, bad = read_tree(path).files
    assert {file.name: file.read() for file in nested(good)}["ada.zip/sub/nb.ipynb"] == b"deep"
    assert "slip" not in "".join(file.name for file in nested(good))
    with pytest.raises(SubmissionError, match="archive in it cannot be read"):
        nested(bad)


def test_an_archive_in_an_archive_is_unpacked_once_for_all_that_lie_in_it(tmp_path: Path) -> None:
    """Each time takes a third of a second: three students with 32 modules beside 100 MB of data held a batch for half a minute."""
    modules = [(f"m{number:02}.py", f"X = {number}".encode()) for number in range(32)]
    data = (random.Random(1).randbytes(1_000) + bytes(99_000)) * 600
    inner = zipped([*modules, ("long.py", bytes(1_001)), ("data.bin", data)], zipfile.ZIP_STORED)
    (file,) = read_tree(write_zip(tmp_path / "a.zip", [("ada.zip", inner)])).files
    files = [one for one in nested(file) if one.name.endswith(".py")]
    start = time.process_time()
    files[0].read()
    once = time.process_time() - start
    found = {one.parts[-1]: content for one, content in read_each(files, 1_000)}  # what is too large is left out
    assert time.process_time() - start < 5 * once + 0.5
    assert found == dict(modules)


def test_an_archive_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [GOOD, ("b.ipynb", b"b")])
    files = read_tree(path).files
    write_zip(path, [("other.ipynb", b"another's")])
    os.utime(path, (1, 1))
    with pytest.raises(SubmissionError, match="has changed"):
        files[1].read()
    path.unlink()
    with pytest.raises(SubmissionError, match="cannot be read"):
        files[0].read()


# Folders


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_in_folders_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.ipynb").write_bytes(b"secret")
    root = tmp_path / "in"
    root.mkdir()
    (root / "a.ipynb").symlink_to(tmp_path / "secret" / "key.ipynb")
    (root / "folder").symlink_to(tmp_path / "secret", target_is_directory=True)
    (root / "b.ipynb").write_bytes(b"b")
    found = contents(root)
    assert found["b.ipynb"] == b"b"
    assert b"secret" not in found.values()
    assert found["folder"] == "it is a link to a folder"


def test_members_are_read_alike_from_a_folder_and_from_an_archive(tmp_path: Path) -> None:
    members = [("a/x.ipynb", b"1"), ("b/y z.ipynb", b"2"), ("ü.txt", b"3")]
    for name, data in members:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    assert contents(tmp_path / "in") == contents(write_zip(tmp_path / "in.zip", reversed(members))) == dict(members)
    assert [file.name for file in read_tree(tmp_path / "in").files] == [file.name for file in read_tree(tmp_path / "in.zip").files]


def test_whose_files_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 5)
    for name in ("ada/nb.ipynb", *(f"ben/{number}" for number in range(5))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match="more than 5 files") as caught:
        read_tree(tmp_path)
    assert "5 files are in ben" in caught.value.remedy
