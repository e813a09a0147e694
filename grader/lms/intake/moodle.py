"""Moodle, "Download all submissions": a folder or a prefix `{full name}_{participant id}_assignsubmission_file[_]` a student.

The form is that of `mod/assign/locallib.php`: underscores of the name became spaces; the last underscore is missing in folders made before
4.1. Blind marking writes `Participant` in the site's language for every name. In a team assignment each member has the team's files under
`{team}-{full name}`; a team's name cannot be told from a double name, so that it stays until a roster gives the full name.
"""

from __future__ import annotations

import re

from grader.lms.archive import File, Tree
from grader.lms.intake.handin import Handin, Handins, Wanted, by_owner, renamed, share
from grader.lms.manifest import PassedOver

_PREFIX = re.compile(r"(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<flat>.+)|_?)", re.DOTALL)
_TYPED = "it was typed in, not handed in as a file"
_PARTICIPANT = frozenset({"participant", "teilnehmer", "teilnehmerin", "participante", "deelnemer", "partecipante"})


def sign(tree: Tree) -> float:
    """The share of files that lie where Moodle puts them."""
    return share(tree, map(_match, tree.files))


def read(tree: Tree, wanted: Wanted) -> Handins:
    """The hand-ins, one a participant. What was typed into the browser is no file to grade, and noted."""
    matches = {file.name: match for file in tree.files if (match := _match(file))}
    strays = tuple(PassedOver(file.name, "it does not lie where Moodle puts files") for file in tree.files if file.name not in matches)
    owned = [((match["name"], match["id"]), file) for file in tree.files if (match := matches.get(file.name))]
    names = {name for (name, _), _ in owned}
    is_blind = len(names) == 1 and (len({number for (_, number), _ in owned}) > 1 or {name.casefold() for name in names} <= _PARTICIPANT)
    handins = []
    for (name, number), files in by_owner(owned):
        blind = is_blind or name.casefold() in _PARTICIPANT
        handed_in = [file for file in files if matches[file.name]["plugin"] == "file"]
        handins.append(
            Handin(
                student=f"{name}_{number}",
                name="" if blind else name,
                ids={"participant_id": number},
                files=tuple(renamed(file, *_own_parts(file, matches[file.name])) for file in handed_in),
                passed_over=tuple(PassedOver(file.name, _TYPED) for file in files if file not in handed_in),
            )
        )
    return Handins("moodle", tuple(handins), strays)


def _match(file: File) -> re.Match[str] | None:
    match = _PREFIX.fullmatch(file.parts[0])
    if match is None or (match["flat"] is None) != (len(file.parts) > 1):
        return None
    return match


def _own_parts(file: File, match: re.Match[str]) -> tuple[str, ...]:
    return file.parts[1:] if len(file.parts) > 1 else (match["flat"],)
