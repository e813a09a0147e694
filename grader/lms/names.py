"""Strangers' names made fit for a file system and a terminal: of folders, of files, and in messages."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile

from grader.errors import SubmissionError
from grader.submissions import MAX_DEPTH

MAX_NAME = 4_096
_MAX_BYTES = 120  # of one name on disk; 255 is the most that common file systems take, and `~2` must fit, too
_REFUSED = re.compile(r'[<>:"|?*\\/]')  # by Windows
_DEVICES = re.compile(r"(?i)^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.)")  # names that Windows keeps for itself
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_NOT_JAPANESE = re.compile(r"[^\x00-\x7f\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_JOINERS = "\u200c\u200d"  # invisible, but part of the spelling of Persian, and of emoji


def split(name: str) -> tuple[str, ...]:
    """The parts of a member's name in an archive. Backslashes separate, as in archives made on Windows.

    Raises SubmissionError for a name that leads out of the folder it is unpacked in, or is none.
    """
    if "\0" in name or len(name) > MAX_NAME:
        raise SubmissionError("its name cannot be one of a file")
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise SubmissionError("its name is an absolute path")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise SubmissionError("its name leads out of the archive")
    if not parts or len(parts) > MAX_DEPTH:
        raise SubmissionError("its name cannot be one of a file")
    return parts


def shown(text: str, limit: int = 200) -> str:
    """Text for a message: one line, bounded, nothing in it that moves a cursor or turns the direction of writing.

    >>> shown("a\\x1b[2Jb\\u202ec\\nd")
    'a[2Jbc d'
    """
    spaced = "".join(" " if char in "\t\n\r" else char for char in text[: 4 * limit])
    line = "".join(char for char in spaced if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def fit(name: str, *, folder: bool = False) -> str:
    """A stranger's name as one that every file system takes; the same name always gives the same, long ones keep their ending.

    folder: as a student's folder, which must look neither hidden nor like a notebook.

    >>> fit("../a:b?.ipynb"), fit("CON"), fit(" ada. "), fit(".x", folder=True), fit("")
    ('_._a_b_.ipynb', '_CON', 'ada', '_x', 'unnamed')
    """
    text = _REFUSED.sub("_", unicodedata.normalize("NFC", shown(name, MAX_NAME))).strip(" ").rstrip(". ")
    text = f"_{text[1:]}" if text.startswith(".") else text
    if folder:
        text = re.sub(r"(?i)\.(?=ipynb$)", "_", re.sub(r"^__+", "_", text))
    text = _DEVICES.sub(lambda match: f"_{match.group()}", text)
    if len(text.encode("utf-8")) <= _MAX_BYTES:
        return text or "unnamed"
    stem, dot, ending = text.rpartition(".") if not folder and len(text.rpartition(".")[2]) <= 8 else (text, "", "")
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return stem.encode("utf-8")[: _MAX_BYTES - 20].decode("utf-8", "ignore").rstrip(". ") + f"~{mark}{dot}{ending}"


def decoded(info: zipfile.ZipInfo, japanese: bool) -> str:
    """A member's name: UTF-8 by its flag or its look, else as Windows writes it in Japan, else as DOS did (APPNOTE.TXT, appendix D)."""
    name = info.orig_filename
    if info.flag_bits & 0x800 or name.isascii():
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "cp932") if japanese else ("utf-8",):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def is_japanese(infos: list[zipfile.ZipInfo]) -> bool:
    """Whether all names without a flag read as Japanese in its code page, so that they are no DOS names with accents."""
    foreign = [info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & 0x800 and not info.orig_filename.isascii()]
    try:
        texts = [raw.decode("cp932") for raw in foreign]
    except UnicodeDecodeError:
        return False
    return bool(texts) and all(_JAPANESE.search(text) and not _NOT_JAPANESE.search(text) for text in texts)
