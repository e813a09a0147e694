"""What students must not find in what they get: the reference's lines, the solutions taken out, hidden inputs and expected values.

Trivial lines and round numbers cannot be kept secret, and stand in every notebook: a line has to have a length, a number digits. What
the assignment shows on purpose (names, titles, hints of known mistakes, helpers that are handed out) is no secret. An author who hands
out a line of the reference on purpose says so in the reference's given.toml, with a reason.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from grader.answer_key import AnswerKey
from grader.assignments import Assignment, Reference
from grader.errors import AssignmentError
from grader.model import Case, Visibility
from grader.tables import read_table, read_text

GIVEN = "given.toml"
_TEXTS = (".py", ".toml", ".txt", ".md", ".csv", ".json")
_LONG, _SHORT = 16, 8  # characters of a line without its blanks: searched anywhere, searched as a whole line
_IDIOM = 24  # characters of a line that is no answer: what is shorter stands in any code
_QUOTED = 40  # characters of a string of one line: shorter ones are parts of what is handed out
_DIGITS = 8  # of a number that tells something
_NUMBERS = 64  # of one array: what shows fewer shows nothing
_BYTES = 16
_TOLD = 70  # characters of a line


class Secret(msgspec.Struct, frozen=True):
    """Something that must not be found. `where` is its place, as it may be told to the author.

    needle: normalised text or bytes. is_line: the text is looked for as a whole line, not anywhere.
    """

    where: str
    needle: str | bytes
    is_line: bool = False


class _Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """given.toml: by line of the reference, why students get it."""

    given: Mapping[str, str] = {}


def normalised(text: str) -> str:
    """A text without blanks, and with one kind of quotes: formatting hides nothing.

    >>> normalised("a = 'x'  +\\n  b")
    'a="x"+b'
    """
    return "".join(text.split()).replace("'", '"')


def find_secrets(reference: Reference, key: AnswerKey, removed: Iterable[str]) -> list[Secret]:
    """All secrets of a reference. key: with the hidden cases. removed: the lines that were taken out of the master notebook."""
    assert reference.hidden_folder is not None
    folder = reference.hidden_folder / reference.assignment.id
    shown = _Shown(reference, folder)
    found = [secret for path in _files(folder) for secret in _of_file(path, folder, shown)]
    found += [secret for line in removed for secret in _of_line("the solution in the master notebook", line, shown, is_answer=True)]
    return [*found, *_of_values(reference, key)]


class _Shown:
    """What the assignment shows on purpose."""

    def __init__(self, reference: Reference, folder: Path) -> None:
        assignment = reference.assignment
        self.functions = {name for function in assignment.functions for name in (function.name, *function.aliases)}
        self.helpers = {helper.name for helper in assignment.helpers}
        texts = [
            *self.functions,
            *_texts(assignment),
            *(text for one in reference.misconceptions for text in (one.id, one.title, one.hint)),
        ]
        self.texts = sorted({text for raw in texts if len(text := normalised(raw)) >= 6}, key=len, reverse=True)
        path = folder / GIVEN
        given = read_table(path, _Given)[0].given if path.exists() else {}
        self.lines = {normalised(line) for line in given}
        self.injections = {normalised(line) for line in assignment.sources.get(Visibility.PUBLIC.value, "").splitlines()}

    def left_of(self, line: str) -> str:
        """What a normalised line says besides what is shown."""
        if any(line in text for text in self.texts):
            return ""
        for text in self.texts:
            if text in line:
                line = line.replace(text, "")
        return line


def _texts(assignment: Assignment) -> Iterator[str]:
    yield from (assignment.title, *assignment.remember, *(exercise.prompt for exercise in assignment.exercises))
    yield from (text for case in assignment.cases if case.visibility is Visibility.PUBLIC for text in (case.title, case.expect.why))
    yield from (text for relation in assignment.relations for text in (relation.text, *relation.explained.values()))
    yield from (text for figure in assignment.figures for text in (figure.title, figure.text))


def _files(folder: Path) -> list[Path]:
    hidden = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in hidden if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)]


def _of_file(path: Path, folder: Path, shown: _Shown) -> Iterator[Secret]:
    name = path.relative_to(folder).as_posix()
    if path.suffix == ".ipynb" or name == GIVEN:
        return  # of a master what is taken out counts; the rest is for students
    if path.suffix not in _TEXTS:
        yield from _of_bytes(name, path)
        return
    text = read_text(path)
    passed = _helper_lines(text, shown.helpers) if name == "solution.py" else frozenset()
    lines = [*enumerate(text.splitlines(), 1), *(_quoted_lines(text) if path.suffix == ".py" else ())]
    for number, line in lines:
        if number not in passed and not (name == "injections.py" and any(normalised(line) in own for own in shown.injections)):
            yield from _of_line(f"{name}:{number}", line, shown, is_answer=name == "solution.py")


def _quoted_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of Python's strings: code of known mistakes and of other right answers is written in them."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines = node.value.strip("\n").splitlines()
            least = _LONG if len(lines) > 1 else _QUOTED
            yield from ((node.lineno, line) for line in lines if len(normalised(line)) >= least)


def _of_bytes(name: str, path: Path) -> Iterator[Secret]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssignmentError(f"{path} cannot be read: {error.strerror}") from error
    middle = max(len(data) // 2 - _BYTES, 0)
    if len(data) >= _BYTES:
        yield Secret(name, data[middle : middle + 2 * _BYTES])


def _helper_lines(text: str, helpers: Iterable[str]) -> frozenset[int]:
    """The lines of functions that are handed out anyway."""
    try:
        nodes = ast.parse(text).body
    except SyntaxError:
        return frozenset()
    own = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name in set(helpers)]
    return frozenset(number for node in own for number in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _of_line(where: str, line: str, shown: _Shown, *, is_answer: bool) -> Iterator[Secret]:
    """A line as a secret, where it says something. Of what is no answer short lines are idioms that stand in any code."""
    bare = line.strip()
    head = re.match(r"(?:async\s+)?def\s+(\w+)", bare)
    if re.match(r"(?:import|from)\s", bare) or (head and head[1] in shown.functions):
        return
    needle = normalised(bare)
    if len(needle) < _SHORT or any(needle in given for given in shown.lines):
        return
    left = shown.left_of(needle)
    told = f"{where}: {bare if len(bare) <= _TOLD else bare[:_TOLD] + '…'}"
    if len(needle) >= (_LONG if is_answer else _IDIOM) and len(left) >= (_SHORT if is_answer else _LONG):
        yield Secret(told, needle)
    elif is_answer and len(left) >= _SHORT and re.search(r"[=(]|return", needle):
        yield Secret(told, needle, is_line=True)


def _of_values(reference: Reference, key: AnswerKey) -> Iterator[Secret]:
    """The numbers of hidden cases, inputs and expected values, that no public case shows."""
    public, hidden = (
        [case for case in reference.assignment.cases if case.visibility is visibility]
        for visibility in (Visibility.PUBLIC, Visibility.HIDDEN)
    )
    known = {number for case in public for value in _values(case, key) for number in _numbers(value)}
    for case in hidden:
        for what, value in zip(("input", "expected value"), _values(case, key), strict=True):
            where = f"the {what} of hidden case {case.id} of {case.function}"
            for number in sorted(set(_numbers(value)) - known):
                yield from _of_number(where, number)
            for array in _arrays(value):
                yield from _of_array(where, array)
        if len(case.title) >= _SHORT and case.title not in {other.title for other in public}:
            yield Secret(f"the title of hidden case {case.id} of {case.function}", normalised(case.title))


def _values(case: Case, key: AnswerKey) -> tuple[object, object]:
    entry = key.entries.get((case.function, case.id))
    return tuple(case.arguments), None if entry is None else entry.value


def _numbers(value: object) -> Iterator[float]:
    match value:
        case float():
            if _tells(float(value)):
                yield float(value)
        case np.ndarray() | np.generic():
            if value.dtype.kind == "f":
                yield from (float(number) for number in np.ravel(value)[:_NUMBERS] if _tells(float(number)))
        case dict():
            for item in value.values():
                yield from _numbers(item)
        case tuple() | list():
            for item in value:
                yield from _numbers(item)


def _arrays(value: object) -> Iterator[np.ndarray]:
    match value:
        case np.ndarray():
            yield value
        case dict():
            for item in value.values():
                yield from _arrays(item)
        case tuple() | list():
            for item in value:
                yield from _arrays(item)


def _digits(number: float) -> str:
    """The significant digits of a number, without sign, point and exponent."""
    return re.sub(r"e.*", "", repr(abs(number))).replace(".", "").strip("0")


def _tells(number: float) -> bool:
    return bool(np.isfinite(number)) and len(_digits(number)) >= _DIGITS


def _of_number(where: str, number: float) -> Iterator[Secret]:
    """A number as it may be written, cut or rounded to some digits, and as it lies in memory."""
    written = re.sub(r"e.*", "", repr(abs(number)))
    whole, _, part = written.partition(".")
    lead = len(part) - len(part.lstrip("0")) if not whole.strip("0") else -len(whole)
    cut = written[: len(whole) + 1 + max(lead + _DIGITS, 1)]
    yield from (Secret(where, text) for text in dict.fromkeys((cut, number.hex().lstrip("-"))))
    yield from (Secret(where, struct.pack(form, number)) for form in ("<d", ">d"))


def _of_array(where: str, array: np.ndarray) -> Iterator[Secret]:
    """An array of floats in single precision; in double precision its numbers are looked for one by one."""
    if array.dtype.kind == "f" and array.size >= _BYTES // 4 and any(_tells(float(number)) for number in np.ravel(array)[: _BYTES // 4]):
        yield Secret(where, np.ravel(array)[: _BYTES // 4].astype("<f4").tobytes())


def split(secrets: Sequence[Secret]) -> tuple[list[Secret], list[Secret], list[Secret]]:
    """The secrets that are text, whole lines, and bytes; each needle once."""
    once = {(secret.needle, secret.is_line): secret for secret in reversed(secrets)}.values()
    texts = [secret for secret in once if isinstance(secret.needle, str) and not secret.is_line]
    return texts, [secret for secret in once if secret.is_line], [secret for secret in once if isinstance(secret.needle, bytes)]
