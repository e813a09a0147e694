"""What a bundle holds, platform by platform: the scripts of `files/`, the wheels, the assignment, and the reference where it is safe.

Places and names that the platforms ask for: gradescope/autograder_samples, docs/specs.md; coursera/programming-assignments-demo
(images run without root there); PrairieLearn, docs/externalGrading.md; GitHub Classroom's custom YAML workflow.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

import msgspec

from grader import assignments
from grader.assignments import Assignment
from grader.errors import AssignmentError, UsageError
from grader.lms.bundle import Platform, wheels
from grader.lms.bundle.wheels import Wheel
from grader.packing import Entry, tarred

MAX_SECRET = 48_000  # of one secret of GitHub's, as text
_FILES = Path(__file__).parent / "files"
_LEFT_OUT = ("__pycache__", "examples", "tests")  # and hidden ones
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TRIES, _AROUND = 3, 120  # as often as a submission is tried; seconds to start, to make the answer key and to diagnose


class Parts(msgspec.Struct, frozen=True):
    """What goes into a bundle. `reference`: the assignment's own folder of it, or None. is_offline: the dependencies' wheels go in, too."""

    assignment: Assignment
    reference: Path | None
    wheels: tuple[Wheel, ...]
    python: str
    is_offline: bool = True

    @property
    def seconds(self) -> int:
        """The time that the harness gives the grading."""
        return _AROUND + _TRIES * self.assignment.limits.submission_seconds


class _Script(Template):
    r"""A file with `%%{name}` in it: `$` and `@` are the shell's and the workflow's own."""

    delimiter = "%%"


def contents(platform: Platform, parts: Parts) -> list[Entry]:
    """The files of a bundle. Raises UsageError, AssignmentError for what no bundle can be made of."""
    if not _SAFE.fullmatch(parts.assignment.id):
        raise AssignmentError(
            f"an assignment that is called {parts.assignment.id!r} cannot be bundled", remedy="use letters, digits, . _ and -"
        )
    if parts.reference is None and platform != "github-classroom":
        raise UsageError(f"there is no reference for {parts.assignment.id}", remedy="pass --reference DIR")
    return sorted(_LAYOUTS[platform](parts), key=lambda entry: entry.path)


def find_reference(assignment: Assignment, given: Path | None) -> Path | None:
    """The folder of an assignment's reference, or None. Raises AssignmentError where it is wrong."""
    found = assignments.load_reference(assignment, given)
    return found.hidden_folder / assignment.id if found is not None and found.hidden_folder is not None else None


def _gradescope(parts: Parts) -> list[Entry]:
    scripts = [_script("setup.sh", parts), _script("run_autograder", parts)]
    return [*scripts, *_packages("grader", parts), *_trees("grader", parts)]


def _coursera(parts: Parts) -> list[Entry]:
    scripts = [_script("setup.sh", parts), _script("coursera/Dockerfile", parts), _script("coursera/run", parts)]
    return [*scripts, *_packages("grader", parts), *_trees("grader", parts)]


def _prairielearn(parts: Parts) -> list[Entry]:
    """The image holds nothing secret; PrairieLearn brings `tests/` of the question, which the course's staff alone can read."""
    image = [_script(name, parts, "image/") for name in ("setup.sh", "prairielearn/Dockerfile", "prairielearn/run")]
    question = [Entry("question/info.json", _info(parts)), _script("prairielearn/question.html", parts, "question/")]
    return [*image, *question, *_packages("image/grader", parts), *_trees("question/tests", parts)]


def _github_classroom(parts: Parts) -> list[Entry]:
    """What the students' repositories get, and, beside it, the reference for those who keep it from them."""
    parts = msgspec.structs.replace(parts, is_offline=False)
    inside = ".github/grader"
    scripts = [_script("setup.sh", parts, f"repository/{inside}/"), _script("github_classroom/run", parts, f"repository/{inside}/")]
    workflow = _script("github_classroom/classroom.yml", parts, "repository/.github/workflows/")
    public = _tree(parts.assignment.folder, f"repository/{inside}/assignments/{parts.assignment.id}")
    return [*scripts, workflow, *_packages(f"repository/{inside}/grader", parts), *public, *_secret(parts)]


def _secret(parts: Parts) -> list[Entry]:
    if parts.reference is None:
        return []
    text = base64.b64encode(tarred(_tree(parts.reference, parts.assignment.id)))
    if len(text) > MAX_SECRET:
        raise UsageError(
            f"the reference of {parts.assignment.id} is too large for a secret", remedy="leave out --reference: public cases only"
        )
    return [Entry("private/GRADER_REFERENCE_ARCHIVE.txt", text)]


_LAYOUTS: Mapping[Platform, Callable[[Parts], list[Entry]]] = {
    "gradescope": _gradescope,
    "coursera": _coursera,
    "prairielearn": _prairielearn,
    "github-classroom": _github_classroom,
}


def _script(name: str, parts: Parts, prefix: str = "") -> Entry:
    values = {
        "assignment": parts.assignment.id,
        "notebook": parts.assignment.notebook,
        "python": parts.python,
        "seconds": str(parts.seconds),
        "minutes": str(parts.seconds // 60 + 15),
    }
    text = _Script((_FILES / name).read_text(encoding="utf-8")).substitute(values)
    return Entry(prefix + Path(name).name, text.encode("utf-8"), is_executable=text.startswith("#!"))


def _info(parts: Parts) -> bytes:
    """The question's info.json; what a course chooses stands in capitals."""
    info = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"grader:{parts.assignment.id}")),
        "title": parts.assignment.title,
        "topic": "TOPIC",
        "type": "v3",
        "singleVariant": True,
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": f"ACCOUNT/{parts.assignment.id.lower()}",
            "entrypoint": "/opt/bundle/run",
            "timeout": parts.seconds + 30,
            "enableNetworking": False,
        },
    }
    return json.dumps(info, indent=4, ensure_ascii=True).encode("ascii") + b"\n"


def _packages(folder: str, parts: Parts) -> list[Entry]:
    """requirements.txt and the wheels; where the platform has a network, this grader's own wheel alone."""
    chosen = [wheel for wheel in parts.wheels if parts.is_offline or wheel.name == wheels.OWN]
    files = [Entry(f"{folder}/wheels/{wheel.filename}", wheel.data) for wheel in chosen]
    offline = [Entry(f"{folder}/offline", b"")] if parts.is_offline else []
    return [Entry(f"{folder}/requirements.txt", wheels.requirements(parts.wheels)), *offline, *files]


def _trees(folder: str, parts: Parts) -> list[Entry]:
    assert parts.reference is not None
    name = parts.assignment.id
    return [*_tree(parts.assignment.folder, f"{folder}/assignments/{name}"), *_tree(parts.reference, f"{folder}/reference/{name}")]


def _tree(folder: Path, prefix: str) -> list[Entry]:
    """The files of an author's folder, without what only its own tests need, and nothing hidden or compiled."""
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part in _LEFT_OUT or part.startswith(".") for part in relative.parts):
            try:
                found.append(Entry(f"{prefix}/{relative.as_posix()}", path.read_bytes()))
            except OSError as error:
                raise AssignmentError(f"{path} cannot be read: {error.strerror}") from error
    return found
