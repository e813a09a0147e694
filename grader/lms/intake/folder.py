"""An archive of a plain folder: `{student}.ipynb`, or `{student}/….ipynb` at any depth, as `grade` takes such folders on disk."""

from __future__ import annotations

from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, by_owner, renamed
from grader.lms.manifest import PassedOver

_HANDED_IN = (".ipynb", ".zip")


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins, one a file or folder at the top."""
    flat = [file for file in tree.files if len(file.parts) == 1 and _is_handed_in(file)]
    deep = {file.parts[0] for file in tree.files if len(file.parts) > 1 and (not flat or _is_handed_in(file))}
    owned = [((file.own.stem,), renamed(file, file.parts[0])) for file in flat]
    owned += [((file.parts[0],), renamed(file, *file.parts[1:])) for file in tree.files if len(file.parts) > 1 and file.parts[0] in deep]
    taken = {file.name for _, file in owned}
    strays = tuple(PassedOver(file.name, "it is in no student's folder") for file in tree.files if file.name not in taken)
    return Handins("folder", tuple(Handin(student=student, files=files) for (student,), files in by_owner(owned)), strays)


def _is_handed_in(file: File) -> bool:
    return file.own.suffix.lower() in _HANDED_IN
