"""The wheels of this grader and of all that it needs, for the Python of another machine.

pip chooses them (`pip download`, wheels alone). It reads markers such as `python_version < "3.12"` as of the Python it runs in, so what
the target's markers ask for is worked out here, from the wheels' own metadata, and what is missing is asked for by name.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from typing import cast

import msgspec
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from grader.errors import UsageError
from grader.packing import Entry, zipped

MACHINE = "x86_64"  # of all these platforms
OWN = "grader"
_GLIBC = range(35, 4, -1)  # 2.35, of Ubuntu 22.04, and older; Debian 12 has 2.36
_ROUNDS = 8
_OFFLINE = "where the package index cannot be reached, pass --wheels DIR with a folder of wheels"
_CLONE = Path(__file__).parents[3]
_NOT_PACKED = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")


class Wheel(msgspec.Struct, frozen=True):
    """A wheel: its file's name and bytes, and what its metadata asks for."""

    filename: str
    data: bytes
    requires: tuple[str, ...]

    @property
    def name(self) -> str:
        """The package's name, in its one normal form."""
        return parse_wheel_filename(self.filename)[0]

    @property
    def pin(self) -> str:
        """The line of a requirements file that takes this wheel and no other."""
        return f"{self.name}=={parse_wheel_filename(self.filename)[1]} --hash=sha256:{hashlib.sha256(self.data).hexdigest()}"


def collect(python: str, given: Path | None = None) -> tuple[Wheel, ...]:
    """This grader's wheel and all that it needs on Linux with CPython `python`, sorted by name.

    given: a folder of wheels to take instead of the package index. Raises UsageError where pip cannot get one.
    """
    if given is not None and not given.is_dir():
        raise UsageError(f"there is no folder of wheels at {given}")
    if importlib.util.find_spec("pip") is None:
        raise UsageError("pip, which gets the wheels, is not installed here", remedy=f"{sys.executable} -m ensurepip")
    with tempfile.TemporaryDirectory(prefix="grader-wheels-") as temporary:
        folder = Path(temporary)
        own = _own(folder / "own", given)
        missing: dict[str, None] = {}
        for _ in range(_ROUNDS):
            _download([str(own), *missing], folder / "all", python, given)
            found = {wheel.name: wheel for wheel in map(_read, sorted((folder / "all").glob("*.whl")))}
            needed, lacking = closure(found, target(python))
            if not lacking:
                return tuple(found[name] for name in sorted(needed))
            if lacking.keys() <= missing.keys():
                break
            missing |= lacking
    raise UsageError(f"pip does not get what Python {python} needs: {', '.join(lacking)}")


def requirements(wheels: Sequence[Wheel]) -> bytes:
    """The requirements file that takes these wheels and no others."""
    return "".join(f"{wheel.pin}\n" for wheel in sorted(wheels, key=lambda wheel: wheel.name)).encode("ascii")


def target(python: str) -> dict[str, str]:
    """The markers' values on the platforms' machines."""
    there = {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": MACHINE,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    return {**cast(dict[str, str], default_environment()), **there}


def closure(wheels: Mapping[str, Wheel], environment: Mapping[str, str]) -> tuple[set[str], dict[str, None]]:
    """The names that are needed, beginning with this grader's, and the requirements that none of the wheels meets."""
    needed, lacking = set[tuple[str, str]](), dict[str, None]()
    todo = [(OWN, "")]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in needed:
            continue
        needed.add((name, extra))
        for text in wheels[name].requires:
            requirement = Requirement(text)
            if requirement.marker is not None and not requirement.marker.evaluate({**environment, "extra": extra}):
                continue
            found = wheels.get(canonicalize_name(requirement.name))
            if found is None or not requirement.specifier.contains(parse_wheel_filename(found.filename)[1], prereleases=True):
                requirement.marker = None
                lacking[str(requirement)] = None
            else:
                todo += [(found.name, wanted) for wanted in ("", *requirement.extras)]
    return {name for name, _ in needed}, lacking


def _read(path: Path) -> Wheel:
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (folder,) = (part for part in zipfile.Path(archive).iterdir() if part.name.endswith(".dist-info"))
        requires = tuple(PathDistribution(cast(Path, folder)).requires or ())
    return Wheel(path.name, data, requires)


def _own(folder: Path, given: Path | None) -> Path:
    """This grader's own wheel: built from the clone, else packed again from the files that are installed."""
    folder.mkdir()
    if not (_CLONE / "pyproject.toml").is_file():
        return pack_installed(distribution(OWN), folder)
    backend = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") is not None else _source(given)
    _pip("wheel", "--no-deps", *backend, "--wheel-dir", str(folder), str(_CLONE))
    (wheel,) = folder.glob("*.whl")
    return wheel


def pack_installed(installed: Distribution, folder: Path) -> Path:
    """The wheel that an installed distribution came from, made of its own files."""
    files = [
        Entry(file.as_posix(), Path(str(file.locate())).read_bytes())
        for file in installed.files or ()
        if not {"..", "__pycache__"} & {*file.parts} and file.name not in _NOT_PACKED
    ]
    stem = f"{OWN}-{installed.version}"
    lines = [f"{file.path},sha256={_digest(file.data)},{len(file.data)}\n" for file in sorted(files, key=lambda file: file.path)]
    record = Entry(f"{stem}.dist-info/RECORD", "".join([*lines, f"{stem}.dist-info/RECORD,,\n"]).encode("utf-8"))
    wheel = folder / f"{stem}-py3-none-any.whl"
    wheel.write_bytes(zipped([*files, record]))
    return wheel


def _digest(data: bytes) -> str:
    """A hash as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")


def _download(wanted: Sequence[str], folder: Path, python: str, given: Path | None) -> None:
    platforms = [f"manylinux_2_{minor}_{MACHINE}" for minor in _GLIBC] + [f"manylinux{name}_{MACHINE}" for name in ("2014", "2010", "1")]
    abis = (f"cp{python.replace('.', '')}", "abi3", "none")
    options = ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *(f"--abi={abi}" for abi in abis)]
    _pip("download", *options, *(f"--platform={name}" for name in platforms), "--dest", str(folder), *_source(given), *wanted)


def _source(given: Path | None) -> list[str]:
    return [] if given is None else ["--no-index", "--find-links", str(given.resolve())]


def _pip(*arguments: str) -> None:
    """Runs pip. Raises UsageError with the last thing that it said."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:] or ["nothing"]
        remedy = "the folder of --wheels lacks it" if "--no-index" in arguments else _OFFLINE
        raise UsageError(f"pip {arguments[0]} failed: {said[-1][:400]}", remedy=remedy)
