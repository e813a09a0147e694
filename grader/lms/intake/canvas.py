"""Canvas, "Download Submissions": `{name}_[LATE_]{user id}_{attachment id}_{file}` in one flat archive.

The form is that of `lib/content_zipper.rb` of canvas-lms: the name is the sortable one, lower case, all but word characters left out, and
may be empty. Anonymous: `[LATE_]anon_{anonymous id}_{attachment id}_{file}`. Text entries end in `_text.html`, links in `_link.html`. A
file that is uploaded again under its old name gets `-1`, `-2` before the extension (from memory; it tells versions of a file from each
other, and is never read as a count). A name that ends in a number can read as another's user id: that makes a student of its own, with a
note.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, renamed, share
from grader.lms.manifest import PassedOver

_WORD = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]*?"  # word characters of any script, marks among them, and the underscore
_FILE = r"_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<entry>text|link)\.html)"
_ANONYMOUS = re.compile(rf"(?:(?P<late>LATE|late)_)?(?P<name>anon)_(?P<user>[A-Za-z0-9]+){_FILE}", re.DOTALL)
_NAMED = re.compile(rf"(?P<name>{_WORD})_(?:(?P<late>LATE|late)_)?(?P<user>\d+){_FILE}", re.DOTALL)
_SUFFIX = re.compile(r"-\d+$")
_TWO_NAMES = "files of two names bear this user id: whose grade it is cannot be told by it"


class _Upload(msgspec.Struct, frozen=True):
    """A file as Canvas names it; `own` is the name that its owner gave it, `attachment` 0 for what was typed in."""

    file: File
    student: tuple[str, str]
    anonymous: bool
    own: str
    attachment: int
    late: bool

    @property
    def base(self) -> str:
        """The file's own name without the suffix of a further upload."""
        stem, dot, ending = self.own.rpartition(".")
        return f"{_SUFFIX.sub('', stem)}{dot}{ending}"


def sign(tree: Tree) -> float:
    """The share of files that are named as Canvas names them; 0 where their user ids are not those of as many students (dates, say)."""
    uploads = [_upload(file) for file in tree.files]
    students = {upload.student for upload in uploads if upload}
    return share(tree, uploads) if 2 * len({user for _, user in students}) > len(students) else 0.0


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins: one a student, and one more for each older version of a file; attachment ids tell which is the latest."""
    students: dict[tuple[str, str], list[_Upload]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    strays = []
    for file in tree.files:
        upload = _upload(file)
        if upload is None:
            strays.append(PassedOver(file.name, "it is not named as Canvas names files"))
            continue
        students[upload.student].append(upload)
        names[upload.student[1]].add(upload.student[0])
    handins: list[Handin] = []
    for (name, user), uploads in sorted(students.items()):
        anonymous = uploads[0].anonymous
        handins += _versions(
            Handin(
                student=f"{name}_{user}",
                name="" if anonymous else name,
                ids={"anonymous_id" if anonymous else "user_id": user},
                late=any(upload.late for upload in uploads),
                notes=(_TWO_NAMES,) if len(names[user]) > 1 else (),
            ),
            uploads,
            wanted,
        )
    return Handins("canvas", tuple(handins), tuple(strays))


def _upload(file: File) -> _Upload | None:
    if len(file.parts) != 1:
        return None
    match = _ANONYMOUS.fullmatch(file.parts[0]) or _NAMED.fullmatch(file.parts[0])
    if match is None:
        return None
    own = match["file"] or f"{match['entry']}.html"
    student = (match["name"], match["user"])
    return _Upload(file, student, match.re is _ANONYMOUS, own, int((match["attachment"] or "0")[:18]), match["late"] is not None)


def _versions(handin: Handin, uploads: Sequence[_Upload], wanted: Wanted) -> list[Handin]:
    """The hand-in with the latest version of each file, and those with the versions before."""
    layers: dict[int, list[_Upload]] = defaultdict(list)
    newer: dict[str, int] = defaultdict(int)
    for upload in sorted(uploads, key=lambda upload: -upload.attachment):
        version = newer[upload.base.casefold()]
        newer[upload.base.casefold()] += 1
        layers[version].append(upload)
    return [
        msgspec.structs.replace(
            handin,
            ids={**handin.ids, "attachment_id": str(layer[0].attachment)},
            files=tuple(renamed(upload.file, _name(upload, wanted)) for upload in layer),
            order=(-version,),
        )
        for version, layer in layers.items()
    ]


def _name(upload: _Upload, wanted: Wanted) -> str:
    """The file's own name, without the suffix where that must be Canvas's: a module's name cannot have one."""
    return upload.base if upload.base == wanted.notebook or upload.base.endswith(".py") else upload.own
