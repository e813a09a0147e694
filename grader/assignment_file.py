"""`assignment.toml`: what may stand in it. The JSON Schema that is published, and that editors complete keys by, is made of this.

The description of each key is the schema's, and docs/reference/schemas/assignment.schema.json holds it; a test keeps the two the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from grader.late import LateTable
from grader.sandbox.protocol import Limits

SCHEMA = "grader.assignment/1"
_Share = Annotated[float, Meta(ge=0, le=1)]


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One function that is graded; worth 0 points it is reported only.

    parameters: the contract's, called positionally. aliases: other names accepted. options: passed where the signature
    has the name. uses: functions that cases put the course's own in the place of. builds_on: exercises that the function is
    to call, graded with the submission's own; what is wrong in one of those alone costs a tenth here (`scoring.CARRIED`).
    """

    name: Annotated[str, Meta(description="The function's name, as students have to call it.")]
    points: Annotated[float, Meta(description="What it is worth; a function worth 0 is reported and not graded.")]
    parameters: Annotated[tuple[str, ...], Meta(description="Names of the parameters; calls pass them by position.")]
    prompt: Annotated[str, Meta(description="What is asked for, in a sentence; it stands on the feedback page.")] = ""
    aliases: Annotated[tuple[str, ...], Meta(description="Other names under which the function is graded, too.")] = ()
    options: Annotated[
        Mapping[str, bool | int | float | str | None], Meta(description="Arguments passed by name where the signature has the name.")
    ] = {}
    uses: Annotated[tuple[str, ...], Meta(description="Exercises and helpers that cases put functions of their own in the place of.")] = ()
    builds_on: Annotated[
        tuple[str, ...], Meta(description="Exercises that the function calls; where it fails through those alone, it loses a tenth.")
    ] = ()


class Helper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function that is handed out, not graded, and replaced by cases."""

    name: Annotated[str, Meta(description="The function's name.")]
    parameters: Annotated[tuple[str, ...], Meta(description="Names of the parameters.")]
    aliases: Annotated[tuple[str, ...], Meta(description="Other names that it may have.")] = ()


class Bars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `grader assignment validate` asks of an assignment: shares from 0 to 1, and the false names that are allowed.

    killed, diagnosed: of the misconceptions. equivalents: with full marks. mutants: killed, of those that are not equivalent.
    """

    killed: Annotated[_Share, Meta(description="Share of the misconceptions that lose points.")] = 1.0
    diagnosed: Annotated[_Share, Meta(description="Share of the misconceptions that are named as themselves.")] = 0.95
    false_names: Annotated[int, Meta(ge=0, description="Misconceptions named as another, and equivalents named at all.")] = 0
    equivalents: Annotated[_Share, Meta(description="Share of the equivalents with full marks.")] = 1.0
    mutants: Annotated[_Share, Meta(description="Share of the mutants killed, of those that are not equivalent.")] = 0.97


class Attempts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of a student's attempts counts: the one with the best grade, or the last."""

    keep: Literal["best", "last"] = "last"


class AssignmentFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An assignment of the grader, as it is written in assignment.toml."""

    schema: Annotated[Literal["grader.assignment/1"], Meta(description="The version of this format.")]
    id: Annotated[str, Meta(description="The assignment's id, which is the name of its folder.")]
    version: Annotated[str, Meta(description="Raise it when cases change; it stands in every result.")]
    title: Annotated[str, Meta(description="The title on pages and in gradebooks.")]
    notebook: Annotated[str, Meta(description="The file name of the notebook that students get and hand in.")]
    exercise: Annotated[tuple[Exercise, ...], Meta(description="The exercises, in the order of the notebook.")]
    support: Annotated[tuple[str, ...], Meta(description="Files that students get beside the notebook, by their paths in the folder.")] = ()
    leftovers: Annotated[
        tuple[str, ...], Meta(description="Variables of test cells that graded calls do not see, so that a stub cannot return them.")
    ] = ()
    helper: Annotated[tuple[Helper, ...], Meta(description="Functions that are handed out, and replaced by cases.")] = ()
    limits: Annotated[Limits, Meta(description="Bounds of one submission.")] = Limits()
    credits: Annotated[
        Mapping[str, str | float], Meta(description='By misconception, the share of the points that it earns: 0.7 or "7/10".')
    ] = {}
    older_numpy: Annotated[
        _Share,
        Meta(description="Share earned by what is right where NumPy, as before 2.4, stores an array of one element as a number."),
    ] = 0.0
    bars: Annotated[Bars, Meta(description="What `grader assignment validate` asks of the cases.")] = Bars()
    late: Annotated[LateTable | None, Meta(description="What is late, and what that costs.")] = None
    attempts: Annotated[Attempts, Meta(description="Which of a student's attempts counts.")] = Attempts()
    language: Annotated[Literal["", "en", "zh"], Meta(description="The language of the pages; empty: each notebook's own.")] = ""
    remember: Annotated[tuple[str, ...], Meta(description="Sentences that end every feedback page.")] = ()
    lines: Annotated[
        Mapping[str, str], Meta(description="By misconception, a regular expression for the lines of code that it is about.")
    ] = {}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of assignment.toml."""
    schema = msgspec.json.schema(AssignmentFile, schema_hook=lambda _: {"description": "a date with a time, or a duration like 48h"})
    for definition in schema["$defs"].values():
        definition["description"] = cleandoc(definition.get("description", ""))  # Python 3.13 does so itself
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA}
    return {**head, **schema}
