"""The JSON Schemas in the book are of what grader writes, and what it writes fits them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from docs import schemas
from tests import lms_results
from tests.book import places
from tests.shared import shared_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class of five, graded."""
    folder = tmp_path_factory.mktemp("schemas")
    places.prepare(["graded"], folder, shared_folder(tmp_path_factory, "book"))
    return folder / "out"


def closed(name: str) -> Draft202012Validator:
    """The schema without its room for more: nothing is written that it does not name."""
    schema = json.loads((schemas.FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", schemas.WRITTEN)
def test_a_schema_is_of_today_s_structs(name: str) -> None:
    text = (schemas.FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert text == schemas.schema(name), "python docs/schemas.py makes them anew"
    Draft202012Validator.check_schema(json.loads(text))


def test_what_a_run_writes_fits(out: Path) -> None:
    results = sorted(out.glob("*/result.json"))
    assert len(results) == len(places.CLASS)
    for path in results:
        closed("result").validate(json.loads(path.read_text(encoding="utf-8")))
    closed("run").validate(json.loads((out / "run.json").read_text(encoding="utf-8")))
    closed("submissions").validate(json.loads((out / "submissions.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("made", [lms_results.full, lms_results.unreadable, lms_results.not_graded])
def test_results_of_every_status_fit(made: Any) -> None:
    closed("result").validate(json.loads(made().to_json()))


@pytest.mark.parametrize(
    ("field", "value"), [("schema", "grader.result/2"), ("status", "great"), ("score", "50"), ("exercises", [{}]), ("grades", 1)]
)
def test_what_is_wrong_does_not_fit(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        closed("result").validate({**json.loads(lms_results.full().to_json()), field: value})


def test_the_page_names_every_field_of_a_result() -> None:
    text = (ROOT / "docs" / "reference" / "result.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    fields = {field for definition in closed("result").schema["$defs"].values() for field in definition.get("properties", ())}
    assert fields - told == set()
