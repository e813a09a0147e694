"""Secrets are found however they are packed, and what is no secret is not."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import html
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from grader.authoring.search import find_leaks
from grader.authoring.secrets import Secret, normalised
from grader.errors import AssignmentError

LINE = "return width * (ends + np.sum(values[1:-1]))"
NUMBER = 1.2345678901234567
SECRETS = [
    Secret("solution.py:9", normalised(LINE)),
    Secret("short", normalised("total = 3*x"), is_line=True),
    Secret("h01", str(NUMBER)[:10]),
    Secret("h01", NUMBER.hex()),
    Secret("h01", np.float64(NUMBER).tobytes()),
]


def zipped(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", data)
    return stream.getvalue()


def tarred(data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def in_notebook(data: bytes) -> bytes:
    cell = {"cell_type": "markdown", "metadata": {}, "source": data.decode("latin-1").splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "among other text": lambda data: b"see: " + data + b" and more\n" * 20,
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64 for addresses": lambda data: b"x=" + base64.urlsafe_b64encode(data).rstrip(b"=") + b";",
    "base64 after a word": lambda data: b"word" + base64.b64encode(data),
    "base64 after a letter": lambda data: b"w" + base64.b64encode(b"12" + data),
    "base64 among other lines": lambda data: (
        b"forward_propagation 3*x\n" + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"gradapprox"
    ),
    "base32": lambda data: b"<" + base64.b32encode(data) + b">",
    "base32 after a word": lambda data: b"WORDS" + base64.b32encode(data),
    "hex": lambda data: b"0x" + binascii.hexlify(data),
    "hex with blanks": lambda data: binascii.hexlify(data, " "),
    "hex after a letter": lambda data: b"a" + binascii.hexlify(data),
    "hex in lines": lambda data: b"\r\n".join(binascii.hexlify(data[start : start + 30]) for start in range(0, len(data), 30)),
    "gzip": gzip.compress,
    "zlib": lambda data: b"\x00\x01" + zlib.compress(data, 9),
    "zlib behind what looks like it": lambda data: b"x^2 " * 500 + zlib.compress(data),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "zip before another": lambda data: zipped(data) + zipped(b"nothing") + bytes(70_000),
    "tar": tarred,
    "json": lambda data: json.dumps({"a": [1, data.decode("latin-1")]}).encode(),
    "json with other letters": lambda data: json.dumps({"a": "梯度 " + data.decode("latin-1")}).encode(),
    "json behind brackets": lambda data: (
        b"[see] {below}: 1 [" + json.dumps([data.decode("latin-1")[:20], data.decode("latin-1")[20:]]).encode() + b" etc."
    ),
    "notebook": in_notebook,
    "characters": lambda data: data.decode("latin-1").encode(),
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16"),
    "utf-16 after a letter": lambda data: b"x" + data.decode("latin-1").encode("utf-16-be") + b"y",
    "utf-16 among other letters": lambda data: ("梯度 " + data.decode("latin-1") + " 检验").encode("utf-16"),
    "utf-32": lambda data: b"x" + data.decode("latin-1").encode("utf-32"),
    "a python string": lambda data: repr(data).encode(),
    "pickle": pickle.dumps,
}
TEXTS = {
    "as it is": LINE,
    "other blanks": "return width*(ends  +\n      np.sum( values[ 1 : -1 ] ))",
    "a comment": "x = 1  # " + LINE,
    "commented out over lines": "# return width * (ends\n#   + np.sum(values[1:-1]))",
    "a line of its own": "x\n    total = 3 * x\ny",
    "a quoted line": "> total = 3*x",
    "entities": html.escape("a < b; " + LINE),
    "a number": f"Expected: {NUMBER}",
    "a cut number": "Expected: 1.23456789",
    "a number in hexadecimal": NUMBER.hex(),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_secret_in_a_text_is_found(text: str) -> None:
    assert find_leaks({"nb": text.encode()}, SECRETS)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_secret_is_found_however_it_is_packed(way: Callable[[bytes], bytes]) -> None:
    leaks = find_leaks({"nb": way(f"before\n{LINE}\nafter".encode())}, SECRETS)
    assert [(leak.file, leak.where) for leak in leaks] == [("nb", "solution.py:9")]


OUTER = sorted(WAYS.keys() - {"a python string", "among other text"})


@given(first=st.sampled_from(sorted(WAYS)), then=st.lists(st.sampled_from(OUTER), min_size=1, max_size=2))
@example(first="bzip2", then=["utf-16", "base64 after a letter"])
@example(first="zlib", then=["utf-16", "pickle"])
@settings(max_examples=80, deadline=None)
def test_a_secret_is_found_in_layers(first: str, then: list[str]) -> None:
    data = f"before\n{LINE}\nafter".encode()
    ways = [first, *then]
    assume(sum("utf-" in way for way in ways) < 2)  # the one encoding of text as text that nobody uses twice
    for name in ways:
        data = WAYS[name](data)
    assert find_leaks({"nb": data}, SECRETS), ways


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped], ids=["gzip", "bzip2", "xz", "zip"])
def test_wide_characters_are_read_wherever_they_begin(pack: Callable[[bytes], bytes], encoding: str) -> None:
    wide = pack(LINE.encode()).decode("latin-1").encode(encoding)
    for before in range(5):
        for letters in range(4):
            data = b"w" * letters + base64.b64encode(b"12345"[:before] + wide)
            assert find_leaks({"nb": data}, SECRETS), (before, letters)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_letters_of_any_language_are_read_in_wide_characters(encoding: str) -> None:
    secret = Secret("title", "只有一个样本的批次")
    data = "cost = 1 # 只有一个样本的批次".encode(encoding)
    assert all(find_leaks({"nb": before + data}, [secret]) for before in (b"", b"x", b"xy"))


@pytest.mark.parametrize("save", [np.save, np.savez, np.savez_compressed], ids=["npy", "npz", "compressed"])
def test_numbers_in_files_of_arrays_are_found(save: Callable[..., None]) -> None:
    stream = io.BytesIO()
    save(stream, np.array([1.0, NUMBER, 2.0]))
    assert [leak.where for leak in find_leaks({"data": stream.getvalue()}, SECRETS)] == ["h01"]
    stream = io.BytesIO()
    save(stream, np.array([1.0, 1.5, 2.0]))
    assert find_leaks({"data": stream.getvalue()}, SECRETS) == []


@pytest.mark.parametrize("text", ["return width", "subtotal = 3*x", "total = 3*x + 1", "1.2345", "", "ends + np.sum(values)"])
def test_what_is_no_secret_is_not_found(text: str) -> None:
    assert find_leaks({"nb": text.encode()}, SECRETS) == []


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_noise_is_searched_and_nothing_is_found(data: bytes) -> None:
    assert find_leaks({"nb": data}, SECRETS) == []


def test_what_cannot_be_searched_is_refused() -> None:
    with pytest.raises(AssignmentError, match="too large to be searched"):
        find_leaks({"nb": gzip.compress(bytes(64 * 2**20))}, SECRETS)
    deep = LINE.encode()
    for _ in range(12):
        deep = zipped(deep)
    with pytest.raises(AssignmentError, match="cannot be searched to its bottom"):
        find_leaks({"nb": deep}, SECRETS)
