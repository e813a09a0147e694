"""All results as one JSON array of `grader.result/1` objects, one a line. It is the instructor's: hidden cases are in it whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from grader.lms.export.marks import Graded


def write(results: Iterable[Graded], file: BinaryIO) -> int:
    """The array in UTF-8; how many submissions there were."""
    count = 0
    for graded in results:
        file.write((b",\n" if count else b"[\n") + graded.result.to_json().encode("utf-8"))
        count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count
