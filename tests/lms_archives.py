"""Archives and trees as platforms make them, each by the rules of its own code where those are known.

Sources are named in the modules of grader/lms/intake. A builder takes `Piece`s, what students handed in, and knows nothing of the parsers.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# Names as courses have them: commas, quotes, apostrophes, particles, one word, other scripts and directions, digits, emoji, underscores.
NAMES = (
    "Ada Lovelace", "Grace Hopper", "Seán O'Brien", 'William "Bill" Gates', "Ludwig van Beethoven", "Jean-Luc Picard", "Prince",
    "Müller, Jürgen", "José María Aznar", "李 小龍", "山田 太郎", "김 철수", "محمد علي", "דוד כהן", "Владимир Иванов",
    "สมชาย ใจดี", "नरेन्द्र मोदी", "Nguyễn Thị Hồng",
    "Zoë 🦊 Fox", "R2 D2", "under_score name", "=cmd|'/c calc'!A1", "Ivan 1000", "X", "Ñandú Ç. Ğ.",
)  # fmt: skip


class Piece(NamedTuple):
    """One file of one student: `number` is the platform's id of them, `upload` grows with every file that is handed in."""

    name: str
    number: int
    upload: int
    file: str
    data: bytes
    late: bool = False
    stamp: str = "2026-12-05-23-59-00"

    @property
    def user(self) -> str:
        """The user name on platforms that have such."""
        return f"u_{self.number}"


def pieces(count: int, file: str = "Gradient_Checking.ipynb") -> list[Piece]:
    """A class: one notebook each, every seventh late."""
    return [
        Piece(NAMES[i % len(NAMES)] + (f" {i}" if i >= len(NAMES) else ""), 1_000 + i, 50_000 + 7 * i, file, b'{"n": %d}' % i, i % 7 == 0)
        for i in range(count)
    ]


def write_zip(path: Path, members: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """An archive of these members, in their order; its times are fixed."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 5, 23, 59, 0)), data, compression)
    return path


def write_tree(root: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """The same unpacked."""
    for name, data in members:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def _sortable(name: str) -> str:
    words = name.split()
    return f"{words[-1]}, {' '.join(words[:-1])}" if len(words) > 1 and "," not in name else name


def _word_characters(text: str) -> str:
    """What Ruby's [[:word:]] keeps: letters, marks, decimal numbers, connecting punctuation."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LM" or unicodedata.category(char) in ("Nd", "Pc"))


def canvas(handed_in: Sequence[Piece], anonymous: bool = False) -> list[tuple[str, bytes]]:
    """Canvas, `lib/content_zipper.rb`: get_filename, sanitize_user_name, sanitize_attachment_filename, make_unique_filename."""
    members: dict[str, bytes] = {}
    for piece in handed_in:
        name = re.sub(r"^(\d+)$", r"\1", re.sub(r"_(\d+)_", r"\1", _sortable(piece.name))).lower()
        owner = f"anon_{piece.number:x}Zq" if anonymous else str(piece.number)
        start = "_".join(part for part in (None if anonymous else name, "LATE" if piece.late else None, owner) if part is not None)
        file = re.sub(r'[\x00/\\:*?"<>|]+', "_", piece.file)
        members[f"{_word_characters(start)}_{piece.upload}_{file}"] = piece.data
    return list(members.items())


def _clean_filename(text: str) -> str:
    """Moodle's clean_filename: no control characters, none of the characters that a path or Windows cares for."""
    return re.sub(r"\.\.+", "", re.sub(r'[\x00-\x1f\x7f&<>"`|\':\\/]', "", text))


def moodle(
    handed_in: Sequence[Piece], flat: bool = False, underscore: bool = True, blind: str = "", team: Callable[[Piece], str] = lambda _: ""
) -> list[tuple[str, bytes]]:
    """Moodle, `mod/assign/locallib.php`: download_submissions; `blind` is the word for "Participant", `team` gives a team's name."""
    members = []
    for piece in handed_in:
        prefix = (team(piece) + "-" if team(piece) else "") + (blind or piece.name)
        start = _clean_filename(prefix.replace("_", " ") + f"_{piece.number}") + "_assignsubmission_file"
        members.append((f"{start}_{piece.file}" if flat else f"{start}{'_' if underscore else ''}/{piece.file}", piece.data))
    return members


BLACKBOARD_TEXT = {
    "attempt": "Name: {name} ({user})\nAssignment: {title}\nDate Submitted: {stamp}\nCurrent Grade: Needs Marking\n\n"
    "Submission Field:\nThere is no student submission text data for this assignment.\n\nComments:\n\nFiles:\n"
    "\tOriginal filename: {file}\n\tFilename: {member}\n",
    "poging": "Naam: {name} ({user})\nOpdracht: {title}\nIngediend op: {stamp}\nHuidig cijfer: -\n\nBestanden:\n\tBestandsnaam: {member}\n",
    "Versuch": "Name：{name} ({user})\r\nAufgabe: {title}\r\n",
}


def blackboard(
    handed_in: Sequence[Piece], title: str = "Gradient_Checking 1", word: str = "attempt", texts: bool = True
) -> list[tuple[str, bytes]]:
    """Blackboard's "Assignment File Download"."""
    members = []
    for piece in handed_in:
        start = f"{title}_{piece.user}_{word}_{piece.stamp}"
        text = BLACKBOARD_TEXT[word].format(
            name=piece.name, user=piece.user, title=title, stamp=piece.stamp, file=piece.file, member=f"{start}_{piece.file}"
        )
        members.append((f"{start}_{piece.file}", piece.data))
        if texts and f"{start}.txt" not in dict(members):
            members.append((f"{start}.txt", text.encode("utf-8")))
    return members


def brightspace(handed_in: Sequence[Piece], dates: Mapping[int, str] | None = None) -> list[tuple[str, bytes]]:
    """Brightspace's download, as scripts for it expect (from memory)."""
    members = [("index.html", b"<html></html>")]
    for piece in handed_in:
        date = (dates or {}).get(piece.upload, "Dec 5, 2026 1159 PM")
        members.append((f"{piece.number}-67890 - {re.sub('[/:]', '', piece.name)} - {date}/{piece.file}", piece.data))
    return members


def nbgrader(handed_in: Sequence[Piece], assignment: str = "ps1") -> list[tuple[str, bytes]]:
    """nbgrader's course folder after `nbgrader collect`: the layout of a course that nbgrader 0.9.6 made."""
    members = [(f"release/{assignment}/Gradient_Checking.ipynb", b"{}"), ("nbgrader_config.py", b"")]
    for piece in handed_in:
        place = f"submitted/{piece.user}/{assignment}"
        members += [(f"{place}/{piece.file}", piece.data), (f"{place}/timestamp.txt", b"2026-12-05 23:59:00.123456 Europe/Berlin")]
        members.append((f"{place}/submission_secret.txt", b"1b7f"))
    return members


def exchange(handed_in: Sequence[Piece], assignment: str = "ps1") -> list[tuple[str, bytes]]:
    """nbgrader's exchange, the inbound folder."""
    members = []
    for piece in handed_in:
        time = f"{piece.stamp[:10]} {piece.stamp[11:].replace('-', ':')}.000001 UTC"
        place = f"{piece.user}+{assignment}+{time}+{piece.upload:x}"
        members += [
            (f"{place}/{piece.file}", piece.data),
            (f"{place}/timestamp.txt", time.encode()),
            (f"{place}/submission_secret.txt", b"s"),
        ]
    return members


def plain(handed_in: Sequence[Piece], flat: bool = False) -> list[tuple[str, bytes]]:
    """A folder of one's own: by user name."""
    return [(f"{piece.user}.ipynb" if flat else f"{piece.user}/{piece.file}", piece.data) for piece in handed_in]


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive in memory, as a student hands one in."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()
