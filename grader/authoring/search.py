"""Looks for secrets in files as they are, and in what is packed or encoded in them, layer below layer.

Found are text in any formatting, inside JSON, escaped, in UTF-16, base64, base32 or hexadecimal, in gzip, zlib, bzip2, xz, ZIP and tar,
as bytes or as characters of a text, and any of these in another. Not found is what was enciphered or said in other words.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import contextlib
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from grader.authoring.secrets import Secret, normalised, split
from grader.errors import AssignmentError

_DEEPEST = 6
_MOST = 256 * 2**20  # bytes of all layers of a file
_PACKED = 32 * 2**20  # bytes that one packed part may unpack to
_ARCHIVES = 200  # ends of ZIP archives in a file
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]+[\r\n]{0,2})+={0,2}")
_BASE32 = re.compile(rb"(?:[A-Z2-7]{16,}[\r\n]{0,2})+[A-Z2-7]*")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}[\s:]{0,2}){8,}[0-9a-fA-F]?")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_JSON = re.compile(r'[{\["]')
_WIDE_RUN = re.compile(rb"\0(?:[^\0]\0){4}|\0\0(?:(?:[^\0].|.[^\0])\0\0){4}", re.DOTALL)  # four characters of UTF-16 or UTF-32
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KNOWN = b"\\'\"abfnrtvx01234567"
_LINE = 1_000  # characters: a longer one is no line of code
_HEAD = 8  # bytes: no needle has less
_SHORTEST = 12  # characters: a number of 8 bytes in base64


class Leak(msgspec.Struct, frozen=True):
    """A secret that was found: in which file, how it was hidden there, and where the secret is from."""

    file: str
    how: str
    where: str


def find_leaks(files: Mapping[str, bytes], secrets: Sequence[Secret]) -> list[Leak]:
    """The secrets that are in the files, each once a file. Raises AssignmentError where a file cannot be searched to its bottom."""
    texts, lines, binary = split(secrets)
    text_index, binary_index, line_index = _Index(texts), _Index(binary), {secret.needle: secret for secret in lines}
    leaks: dict[tuple[str, str], Leak] = {}
    for name, data in files.items():
        for how, layer in _layers(name, data):
            flat, own = _readings(layer)
            found = [secret for text in flat for secret in text_index.find(text.encode("utf-8"))]
            found += [secret for line, secret in line_index.items() if line in own]
            for secret in [*found, *binary_index.find(layer)]:
                leaks.setdefault((name, secret.where), Leak(name, how, secret.where))
    return list(leaks.values())


class _Index:
    """Thousands of needles, looked for at once: by their first eight bytes at every place, and whole where those are there."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._by_head: dict[int, list[tuple[bytes, Secret]]] = {}
        for secret in secrets:
            needle = secret.needle if isinstance(secret.needle, bytes) else secret.needle.encode("utf-8")
            self._by_head.setdefault(int.from_bytes(needle[:_HEAD], "little"), []).append((needle, secret))
        self._heads = np.array(sorted(self._by_head), dtype="<u8")
        self._begins = np.zeros(2**16, dtype=bool)  # by two bytes: whether a needle begins so
        self._begins[self._heads & 0xFFFF] = True

    def find(self, data: bytes) -> list[Secret]:
        """The secrets whose needles are in the data."""
        if not self._by_head:
            return []
        seen = set[int]()
        for offset in range(min(_HEAD, max(len(data) - _HEAD + 1, 0))):
            words = np.frombuffer(data, "<u8", (len(data) - offset) // _HEAD, offset)
            likely = words[self._begins[words & 0xFFFF]]
            nearest = self._heads[np.minimum(np.searchsorted(self._heads, likely), len(self._heads) - 1)]
            seen.update(int(word) for word in np.unique(likely[nearest == likely]))
        return [secret for head in sorted(seen) for needle, secret in self._by_head[head] if needle in data]


def _readings(layer: bytes) -> tuple[list[str], set[str]]:
    """A layer as text without blanks, with and without entities of HTML, and its lines."""
    text = layer.decode("utf-8", "ignore").replace("\0", "").replace("\\\n", "")  # a line that Python goes on with
    plain = html.unescape(text) if "&" in text else text
    texts = list(dict.fromkeys((normalised(text), normalised(plain), normalised(re.sub(r"^\s*#", "", plain, flags=re.MULTILINE)))))
    return texts, {normalised(line.lstrip(" \t#>*-+")) for line in plain.splitlines() if len(line) <= _LINE}


def _layers(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and all that can be made of them; how each was hidden."""
    todo, seen, total = [("as it is", 0, data)], {(data, False)}, len(data)
    while todo:
        how, depth, layer = todo.pop()
        yield how, layer
        for step, inner in _unpacked(layer, _WIDE not in how):
            way = step if how == "as it is" else f"{step} in {how}"
            if len(inner) < _HEAD or not inner.strip(b"\0") or not seen.isdisjoint({(inner, False), (inner, _WIDE in way)}):
                continue
            seen.add((inner, _WIDE in way))
            total += len(inner)
            if depth >= _DEEPEST or total > _MOST:
                raise AssignmentError(f"{name} cannot be searched to its bottom: too much is packed in it", remedy="hand it out unpacked")
            todo.append((way, depth + (step not in _CHEAP), inner))


_WIDE = "UTF-16"  # once in a way: nobody does it twice, and noise looks like it again and again
_CHEAP = frozenset({"JSON", "escapes", "characters"})
# What Python's decoders raise where the bytes are not what they look like.
_NOT_THAT = (ValueError, RuntimeError, EOFError, OSError, KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError)


def _unpacked(data: bytes, may_be_wide: bool) -> Iterator[tuple[str, bytes]]:
    for step, unpack in _STEPS:
        with contextlib.suppress(*_NOT_THAT):
            for inner in unpack(data) if may_be_wide or step != _WIDE else ():
                yield step, inner


def _from_json(data: bytes) -> Iterator[bytes]:
    """The texts of all that is JSON in it, wherever that begins."""
    text, decoder, place, strings = data.decode("utf-8", "replace"), json.JSONDecoder(), 0, list[str]()
    while found := _JSON.search(text, place):
        try:
            value, place = decoder.raw_decode(text, found.start())
        except (json.JSONDecodeError, RecursionError):
            place = found.end()
        else:
            strings += _strings(value)
    if strings:
        yield "\n".join(strings).encode("utf-8", "replace")


def _strings(value: object) -> Iterator[str]:
    """All text in JSON; a list of lines is one text."""
    match value:
        case str():
            yield value
        case list() if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
            yield "\n".join(value)
        case list():
            for item in value:
                yield from _strings(item)
        case dict():
            for name, item in value.items():
                yield name
                yield from _strings(item)


def _from_escapes(data: bytes) -> Iterator[bytes]:
    if re.search(rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[nrt]|[0-7]{3})", data):
        yield codecs.escape_decode(_ESCAPED.sub(lambda found: found[0] if found[1] in _KNOWN else b"\\\\" + found[1], data))[0]
    if re.search(rb"\\u[0-9a-fA-F]{4}", data):
        yield re.sub(rb"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), data)


def _from_characters(data: bytes) -> Iterator[bytes]:
    """The bytes that a text stands for, character by character."""
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 8 < len(data) and re.search(r"[\x80-\xff]", text):  # of noise more is no text
        yield text.encode("latin-1", "ignore")


def _from_wide(data: bytes) -> Iterator[bytes]:
    """What is in UTF-16 or UTF-32, wherever it begins: on an even or an odd place, behind other bytes and before others."""
    if data.count(0) * 8 >= len(data):
        yield data.replace(b"\0", b"")
    if data.startswith(_MARKS) or _WIDE_RUN.search(data):
        for offset in range(4):
            yield data[offset::4]  # UTF-32's characters below 256: they may stand for bytes
        for offset in range(2):
            yield data[offset::2]
            for encoding in ("utf-16-le", "utf-16-be"):
                yield data[offset:].decode(encoding, "ignore").encode("utf-8", "replace")


def _from_base64(data: bytes) -> Iterator[bytes]:
    tokens = [found.replace(b"-", b"+").replace(b"_", b"/") for found in _tokens(_BASE64, data)]
    for offset in range(4):  # what stands before it may look like its beginning
        yield b"\0".join(_decoded(base64.b64decode, token[offset:], 4) for token in tokens)


def _from_base32(data: bytes) -> Iterator[bytes]:
    tokens = _tokens(_BASE32, data)
    for offset in range(8):
        yield b"\0".join(_decoded(base64.b32decode, token[offset:], 8) for token in tokens)


def _from_hex(data: bytes) -> Iterator[bytes]:
    tokens = [re.sub(rb"[\s:]", b"", token) for token in _tokens(_HEX, data)]
    for offset in range(2):
        yield b"\0".join(_decoded(binascii.unhexlify, token[offset:], 2) for token in tokens)


def _tokens(pattern: re.Pattern[bytes], data: bytes) -> list[bytes]:
    return [re.sub(rb"[\r\n]", b"", found).rstrip(b"=") for found in pattern.findall(data) if len(found) >= _SHORTEST]


def _decoded(decode: Callable[[bytes], bytes], token: bytes, size: int) -> bytes:
    """What a token stands for, without the last characters where it ends within a byte. `size`: of the groups that are padded."""
    for cut in range(min(size, len(token))):
        whole = token[: len(token) - cut]
        with contextlib.suppress(ValueError):
            return decode(whole + b"=" * (-len(whole) % size if size > 2 else 0))
    return b""


def _from_streams(data: bytes) -> Iterator[bytes]:
    """What begins like something compressed, wherever that is."""
    view = memoryview(data)
    for magic, make in _STREAMS:
        for found in re.finditer(magic, data):
            with contextlib.suppress(zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
                inner = make().decompress(view[found.start() :], _PACKED)
                if len(inner) >= _PACKED:
                    raise AssignmentError("something packed is too large to be searched", remedy="hand it out unpacked")
                yield inner


def _from_zip(data: bytes) -> Iterator[bytes]:
    """The members of all archives: each is found by its end."""
    ends = [found.end() for found in re.finditer(rb"PK\x05\x06.{18}", data, re.DOTALL)]
    if len(ends) > _ARCHIVES:
        raise AssignmentError("so many archives in a file cannot be searched", remedy="hand it out unpacked")
    for end in ends:
        with contextlib.suppress(*_NOT_THAT), zipfile.ZipFile(io.BytesIO(data[:end])) as archive:
            for member in archive.infolist():
                yield from _member(archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    if member.flag_bits & 1 or member.file_size > _PACKED:
        raise AssignmentError(f"{member.filename} in an archive cannot be searched", remedy="hand it out unpacked")
    with archive.open(member) as file:
        yield file.read(_PACKED)


def _from_tar(data: bytes) -> Iterator[bytes]:
    if b"ustar" in data:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield file.read(_PACKED)


_STREAMS: Sequence[tuple[bytes, Callable[[], zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor]]] = (
    (rb"\x1f\x8b\x08", lambda: zlib.decompressobj(31)),
    (rb"\x78[\x01\x5e\x9c\xda]", lambda: zlib.decompressobj(15)),
    (rb"BZh[1-9]", bz2.BZ2Decompressor),
    (rb"\xfd7zXZ\x00|\x5d\x00\x00", lzma.LZMADecompressor),
)
_STEPS: Sequence[tuple[str, Callable[[bytes], Iterable[bytes]]]] = (
    ("JSON", _from_json),
    ("escapes", _from_escapes),
    ("characters", _from_characters),
    (_WIDE, _from_wide),
    ("base64", _from_base64),
    ("base32", _from_base32),
    ("hexadecimal", _from_hex),
    ("something compressed", _from_streams),
    ("a ZIP archive", _from_zip),
    ("a tar archive", _from_tar),
)
