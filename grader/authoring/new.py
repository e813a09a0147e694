"""A new assignment: a folder of what students may see, and one of what they may not, that work as they are."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from pathlib import Path
from string import Template

import msgspec

from grader.authoring.notebooks import make_notebook, make_starter
from grader.errors import OutputError, UsageError
from grader.packing import Entry, check_free, write_folder

_SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 60  # characters of a name: file names hold more of them beside it
_MASTER = "master.py"
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))})


class Places(msgspec.Struct, frozen=True):
    """Where an assignment was begun: its own folder, and its reference's."""

    assignment: Path
    reference: Path


class _Text(Template):
    r"""A file with `@@{name}` in it: what else stands in Python, TOML and notebooks is left alone."""

    delimiter = "@@"


def begin(name: str, assignments: Path, reference: Path) -> Places:
    """Writes a new assignment called `name` below two folders, which are made where they are missing.

    Raises UsageError for a name that is none, or that is there already; OutputError where it cannot be written. Nothing is left then.
    """
    check_name(name)
    places = Places(assignments / name, reference / name)
    if places.assignment.resolve().is_relative_to(places.reference.resolve()):
        raise UsageError(
            f"{reference} cannot hold the assignment and its reference", remedy="name two folders: --assignments and --reference"
        )
    for place in (places.assignment, places.reference):
        check_free(place, is_folder=True)
    write_folder(places.assignment, _public(name))
    try:
        write_folder(places.reference, _secret(name))
    except OutputError:
        shutil.rmtree(places.assignment, ignore_errors=True)
        raise
    return places


def check_name(name: str) -> None:
    """Raises UsageError, with a name that would do, where this is none: it is a folder's, a module's and a URL's part."""
    if _NAME.fullmatch(name) and len(name) <= _LONGEST and name not in _RESERVED:
        return
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    better = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    better = re.sub(r"^[0-9_]+", "", better)[:_LONGEST].strip("_")
    remedy = f"for example {better}" if _NAME.fullmatch(better) and better not in _RESERVED else "for example my_assignment"
    raise UsageError(f"{name!r} is no name of an assignment: lower-case letters, digits and single _ between them", remedy=remedy)


def _public(name: str) -> list[Entry]:
    files = _files("public", name)
    starter = make_starter(_master(name), _MASTER)
    return [*files, Entry(f"{name}.ipynb", starter.data)]


def _secret(name: str) -> list[Entry]:
    return [*(entry for entry in _files("secret", name) if entry.path != _MASTER), Entry(f"{name}.ipynb", _master(name))]


def _master(name: str) -> bytes:
    return make_notebook(_filled(_SKELETON / "secret" / f"{_MASTER}.in", name))


def _files(part: str, name: str) -> list[Entry]:
    folder = _SKELETON / part
    found = []
    for path in sorted(folder.rglob("*.in")):
        place = path.relative_to(folder).as_posix().removesuffix(".in").replace("tools.py", f"{name}_tools.py")
        found.append(Entry(place, _filled(path, name).encode("utf-8")))
    return found


def _filled(path: Path, name: str) -> str:
    title = name.replace("_", " ").capitalize()
    return _Text(path.read_text(encoding="utf-8")).substitute(name=name, title=title)


def chosen_folder(given: Path | None, variable: str, clone: Path | None, fallback: str) -> Path:
    """Where new files go: the folder given, else the variable's, else the clone's, else one below the current folder."""
    if given is not None:
        return given
    if os.environ.get(variable):
        return Path(os.environ[variable])
    return clone or Path(fallback)
