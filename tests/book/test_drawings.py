"""The drawings are of today's program, and the pages beside them name what is on them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from docs import drawings

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", drawings.DRAWINGS)
def test_a_drawing_is_what_the_script_draws(name: str) -> None:
    text = (drawings.PICTURES / name).read_text(encoding="utf-8")
    assert text == drawings.DRAWINGS[name](), "python docs/drawings.py draws them anew"
    ET.fromstring(text)


def test_the_map_is_the_import_contract() -> None:
    """Layer by layer: whatever stands at one height is one layer, and higher is earlier in the contract."""
    root = ET.parse(drawings.PICTURES / "module-map.svg").getroot()
    rows: dict[float, set[str]] = {}
    for words in root.iter(f"{SVG}text"):
        if words.get("font-weight") == "600" and words.get("text-anchor") == "middle":
            rows.setdefault(float(words.get("y", "")), set()).add((words.text or "").strip("/"))
    drawn = [rows[height] for height in sorted(rows)]
    assert drawn == [*({*layer} for layer in drawings.layers()), {"sandbox/worker"}]


def test_every_module_is_on_the_map_and_explained_beside_it() -> None:
    contract = {module for layer in drawings.layers() for module in layer}
    there = {path.stem for path in (ROOT / "grader").glob("*.py")} | {path.parent.name for path in (ROOT / "grader").glob("*/__init__.py")}
    assert there - {"__init__", "__main__", "data"} == contract
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    told = {word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    assert contract - told == set()


def test_decisions_are_dated_and_known_by_their_titles() -> None:
    text = (ROOT / "docs" / "explanation" / "decisions.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    dated = re.findall(r"^## (.+)\n\n\*\d{4}-\d\d-\d\d.*\*.*\n\n\S", text, re.MULTILINE)
    assert [title for title in titles if title not in dated] == []
    assert len({*titles}) == len(titles) > 15
