"""Makes the JSON Schemas of what grader writes, docs/reference/schemas/*.json, from the structs that write it.

python docs/schemas.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from grader.lms.manifest import Manifest
from grader.model import RESULT_SCHEMA, SubmissionResult
from grader.output import RUN_SCHEMA, RunNote
from grader.validation.results import SCHEMA as VALIDATION_SCHEMA
from grader.validation.results import Validation

FOLDER = Path(__file__).parent / "reference" / "schemas"
WRITTEN = {
    "result": (SubmissionResult, RESULT_SCHEMA),
    "run": (RunNote, RUN_SCHEMA),
    "submissions": (Manifest, "grader.submissions/1"),
    "validation": (Validation, VALIDATION_SCHEMA),
}


def schema(name: str) -> str:
    """The text of a schema file.

    Every field that is always written is required, those that have defaults in the struct too. Fields may be added within
    a version, so what a schema does not name is allowed.
    """
    struct, version = WRITTEN[name]
    made = msgspec.json.schema(struct)
    for definition in made["$defs"].values():
        _as_written(definition, omits=definition["title"] in OMITTING)
    made["$defs"][struct.__name__]["properties"]["schema"] = {"const": version}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": version}
    return json.dumps({**head, **made}, indent=1, ensure_ascii=False) + "\n"


OMITTING = {"Entry"}  # structs whose defaults are left out


def _as_written(definition: dict[str, Any], omits: bool) -> None:
    properties = definition.get("properties", {})
    for field in properties.values():
        field.pop("default", None)
    if properties and not omits:
        definition["required"] = list(properties)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in WRITTEN:
        (FOLDER / f"{name}.schema.json").write_text(schema(name), encoding="utf-8")
