"""An author's TOML files, read into structs; what is wrong is told with file and line, all of it at once.

What finds lines and faults is imported where there is a fault: reading a right file costs its parsing alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from grader import __version__
from grader.errors import AssignmentError

if TYPE_CHECKING:
    from grader.faults import Fault

T = TypeVar("T", bound=msgspec.Struct)
_SHOWN = 20  # faults: who renamed a section has as many as it has keys


class Table(msgspec.Struct, frozen=True):
    """A TOML file's path and text, for whoever finds a fault in it later."""

    path: Path
    text: str

    def refuse(self, faults: Sequence[Fault]) -> AssignmentError:
        """The error that tells the faults, a line each, in the order of the file."""
        from grader.toml_lines import line_of, lines_of

        lines = lines_of(self.text)
        placed = sorted(((line_of(lines, fault.path), fault) for fault in faults), key=lambda pair: pair[0])
        if len(placed) == 1:
            ((line, fault),) = placed
            return AssignmentError(f"{self.path}:{line}: {fault.message}", remedy=fault.remedy)
        told = [f"{self.path}:{line}: {fault.message}" + (f"; {fault.remedy}" if fault.remedy else "") for line, fault in placed]
        more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
        return AssignmentError("\n".join([*told[:_SHOWN], *more]))


def read_text(path: Path) -> str:
    """The text of an author's file. Raises AssignmentError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} cannot be read: {error}") from error


def read_table(path: Path, wanted: type[T], schema: str = "") -> tuple[T, Table]:
    """The file as a struct, and what tells its faults. Raises AssignmentError where it does not fit.

    schema: the version that its key `schema` has to name; of another version nothing but that is told.
    """
    table = Table(path, read_text(path))
    try:
        data = tomllib.loads(table.text)
    except tomllib.TOMLDecodeError as error:
        raise _unparsable(table, str(error)) from error
    if schema and data.get("schema") != schema and "schema" in data:
        raise table.refuse([_other_version(data["schema"], schema)])
    try:
        return msgspec.convert(data, wanted), table
    except msgspec.ValidationError as error:
        from grader.faults import Fault, find_faults

        raise table.refuse(find_faults(data, wanted) or [Fault((), str(error))]) from error


def _unparsable(table: Table, said: str) -> AssignmentError:
    """What the parser says, with the line in front: the one that it names, else the one on which what was read last begins."""
    from grader.toml_lines import last_line

    found = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", said, re.DOTALL)
    if found is not None and not said.startswith("Unclosed"):
        return AssignmentError(f"{table.path}:{found[2]}: {found[1]} (line {found[2]})")
    line = last_line(table.text)
    return AssignmentError(f"{table.path}:{line}: {said}", remedy=f"look at what begins on line {line}: is a quote or a bracket left open?")


def _other_version(given: object, schema: str) -> Fault:
    from grader.faults import Fault

    family, _, number = schema.partition("/")
    said = f"schema is {given!r}, and this grader, {__version__}, reads {schema!r}"
    other = re.fullmatch(re.escape(family) + r"/(\d{1,9})", given) if isinstance(given, str) else None
    if other is None:
        return Fault(("schema",), said, f'write schema = "{schema}"')
    newer = int(other[1]) > int(number)
    return Fault(("schema",), said, "the file is for a newer grader: pip install --upgrade grader" if newer else f"write {schema!r}")
