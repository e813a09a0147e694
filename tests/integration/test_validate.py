"""`grader assignment validate`: the figures of gradient_checking, and broken copies of it that it must name."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader import assignments
from grader.api import Grader
from grader.mutants import Mutant
from grader.validation import SCHEMA, Validation, render_html, render_text, validate
from grader.validation.trials import Pool, try_mutants
from tests import parts

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "reference"
KEPT = ("forward_propagation", "backward_propagation")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CACHE", str(folder))
        yield folder


def need_reference() -> None:
    if not (REFERENCE / "gradient_checking" / "solution.py").exists():
        parts.lack("there is no reference at hand")
    parts.need_walls()


def run(*arguments: str | Path, cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    command = [sys.executable, "-m", "grader", "assignment", "validate", *map(str, arguments)]
    return subprocess.run(
        command, env={**environment, "GRADER_CACHE": str(cache)}, capture_output=True, encoding="utf-8", timeout=300, check=False
    )


class Copy:
    """A copy of gradient_checking with its two small exercises alone."""

    def __init__(self, folder: Path) -> None:
        self.assignments, self.reference = folder / "assignments", folder / "reference"
        self.public, self.hidden = self.assignments / "gradient_checking", self.reference / "gradient_checking"
        shutil.copytree(ROOT / "assignments" / "gradient_checking", self.public, ignore=shutil.ignore_patterns("__pycache__", "examples"))
        shutil.copytree(REFERENCE / "gradient_checking", self.hidden, ignore=shutil.ignore_patterns("__pycache__"))
        text = (self.public / "assignment.toml").read_text(encoding="utf-8")
        head, *tables = re.split(r"(?m)^(?=\[\[)", text)
        kept = [table for table in tables if any(f'name = "{name}"' in table for name in KEPT)]
        text = "".join([head, *kept]).replace("case_seconds = 5", "case_seconds = 3")
        (self.public / "assignment.toml").write_text(text, encoding="utf-8")
        for path in (self.public / "cases.py", self.hidden / "cases.py"):
            self.append(path, f"CASES = [case for case in CASES if case.function in {KEPT}]\nRELATIONS = []\nFIGURES = []\n")
        for name in ("misconceptions", "equivalents"):
            upper = name.upper()
            self.append(self.hidden / f"{name}.py", f"{upper} = [item for item in {upper} if item.function in {KEPT}]\n")
        (self.hidden / "survivors.toml").unlink()

    @staticmethod
    def append(path: Path, text: str) -> None:
        path.write_text(path.read_text(encoding="utf-8") + "\n\n" + text, encoding="utf-8")

    def run(self, *arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
        return run("gradient_checking", "--assignments", self.assignments, "--reference", self.reference, *arguments, cache=cache)

    def validate(self) -> Validation:
        return validate(assignments.load("gradient_checking", self.assignments), reference=self.reference)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    need_reference()
    return Copy(tmp_path)


# The whole of gradient_checking


@pytest.fixture(scope="module")
def whole(cache: Path) -> dict[str, Any]:
    need_reference()
    done = run("gradient_checking", "--format", "json", cache=cache)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "progress is for terminals"
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, json.loads((ROOT / "docs" / "reference" / "schemas" / "validation.schema.json").read_text("utf-8")))
    return found


def test_every_bar_is_met(whole: dict[str, Any]) -> None:
    assert whole["schema"] == SCHEMA
    assert whole["adequate"] is True
    assert whole["reference_failed"] == []
    asked = {bar["name"]: (bar["bar"], bar["met"]) for bar in whole["bars"]}
    assert asked == {
        "killed": (1.0, True),
        "diagnosed": (0.95, True),
        "false_names": (0, True),
        "equivalents": (1.0, True),
        "mutants": (0.97, True),
    }
    figures = {bar["name"]: bar for bar in whole["bars"]}
    assert figures["killed"]["count"] == figures["killed"]["total"] >= 45
    assert figures["false_names"]["count"] == 0
    assert figures["equivalents"]["count"] == figures["equivalents"]["total"] >= 40
    assert figures["mutants"]["figure"] > 0.99


def test_the_counts_agree_with_the_lists(whole: dict[str, Any]) -> None:
    for item in whole["exercises"]:
        name = item["name"]
        mine = [trial for trial in whole["misconceptions"] if trial["function"] == name]
        assert item["misconceptions"] == len(mine)
        assert item["diagnosed"] == sum(trial["named"] == [trial["id"]] for trial in mine)
        survivors = [survivor for survivor in whole["survivors"] if survivor["function"] == name]
        assert item["mutants"] - item["mutants_killed"] == len(survivors)
        assert item["mutants"] > 0
    assert sum(item["mutants"] for item in whole["operators"]) == sum(item["mutants"] for item in whole["exercises"])


def test_every_survivor_has_its_diff_and_a_reason(whole: dict[str, Any]) -> None:
    assert whole["survivors"]
    for survivor in whole["survivors"]:
        assert survivor["kind"] in ("equivalent", "accepted"), survivor
        assert survivor["reason"]
        assert "\n-" in survivor["diff"]
        assert "\n+" in survivor["diff"]
    assert whole["stale_reasons"] == []
    graded = [survivor for survivor in whole["survivors"] if survivor["function"] != "backward_propagation_n"]
    assert {survivor["kind"] for survivor in graded} == {"equivalent"}, "no wrong mutant of a graded function survives"


def test_costs_and_tolerances_are_measured(whole: dict[str, Any]) -> None:
    for case in whole["cases"]:
        tolerance = case["tolerance"]
        assert tolerance["model"] is not None, case["id"]
        assert tolerance["spread"] is not None
        assert tolerance["nearest"] is not None
        assert tolerance["model"] <= tolerance["value"]
        assert tolerance["spread"] <= max(tolerance["model"], 1e-15), "right implementations stay within the error model"
        assert tolerance["value"] < tolerance["nearest"]
        if case["function"] == "gradient_check_n":
            assert case["evaluations"] == 94
        elif case["function"] == "gradient_check":
            assert case["evaluations"] == 3
        else:
            assert case["evaluations"] is None
    assert any("published-right of gradient_check_n" in warning for warning in whole["warnings"])


def test_no_misconception_is_confused_with_another(whole: dict[str, Any]) -> None:
    assert whole["confused"] == []
    assert {trial["status"] for trial in whole["misconceptions"]} <= {"named", "says_little"}


def test_the_other_assignment_meets_the_same_bars(cache: Path) -> None:
    if not (REFERENCE / "gradient_checking_ann" / "solution.py").exists():
        parts.lack("there is no reference at hand")
    parts.need_walls()
    done = run("gradient_checking_ann", "--format", "json", cache=cache)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["adequate"] is True
    assert found["stale_reasons"] == []
    assert found["confused"] == []
    assert {trial["status"] for trial in found["misconceptions"]} == {"named"}
    assert {survivor["kind"] for survivor in found["survivors"]} == {"equivalent"}
    figures = {bar["name"]: bar for bar in found["bars"]}
    assert figures["killed"]["count"] == figures["killed"]["total"] >= 150
    assert figures["equivalents"]["count"] == figures["equivalents"]["total"] >= 80
    assert figures["mutants"]["figure"] == 1.0
    for case in found["cases"]:
        tolerance = case["tolerance"]
        assert tolerance["model"] <= tolerance["value"]
        assert tolerance["spread"] <= max(tolerance["model"], 1e-15), "right implementations stay within the error model"
        assert 10 * tolerance["value"] < tolerance["nearest"], case["id"]
        assert case["weight"] > 0
    assert len(found["warnings"]) == 2
    assert all("published of check_gradient" in warning for warning in found["warnings"])


# Broken copies


def test_a_whole_copy_is_adequate_and_deterministic(copy: Copy, cache: Path) -> None:
    first, second = copy.validate(), copy.validate()
    assert first.adequate
    assert [mutants.mutants_unexplained for mutants in first.exercises] == [0, 0]
    assert _still(first) == _still(second)


def _still(validation: Validation) -> object:
    """All but what a clock says."""
    data = json.loads(validation.to_json())
    del data["seconds"]
    return {**data, "cases": [{**case, "seconds": 0} for case in data["cases"]]}


def test_a_case_that_is_removed_is_missed(copy: Copy, cache: Path) -> None:
    copy.append(
        copy.hidden / "cases.py", "CASES = [case for case in CASES if (case.function, case.id) != ('backward_propagation', 'h09')]\n"
    )
    done = copy.run(cache=cache)
    assert done.returncode == 1
    assert "below the bar: killed" in done.stdout
    assert "misconception backward_cost_by_theta of backward_propagation loses no points" in " ".join(done.stdout.split())


def test_a_misconception_that_is_right_is_named(copy: Copy, cache: Path) -> None:
    item = "Misconception('not_wrong', 'forward_propagation', 'no mistake', 'none', NOTHING, 'formula', {'theta * x': 'x * theta'})"
    copy.append(copy.hidden / "misconceptions.py", f"MISCONCEPTIONS = [*MISCONCEPTIONS, {item}]\n")
    done = copy.run(cache=cache)
    assert done.returncode == 1
    assert "misconception not_wrong of forward_propagation loses no points" in " ".join(done.stdout.split())


def test_misconceptions_that_are_the_same_are_confused(copy: Copy, cache: Path) -> None:
    item = "Misconception('the_same', 'forward_propagation', 'a sum', 'none', NOTHING, 'formula', {'theta * x': 'x + theta'})"
    copy.append(copy.hidden / "misconceptions.py", f"MISCONCEPTIONS = [*MISCONCEPTIONS, {item}]\n")
    path = copy.public / "assignment.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("diagnosed = 0.95", "diagnosed = 0.99"), encoding="utf-8")
    validation = copy.validate()
    assert validation.confused == (("forward_sum", "the_same"),)
    status = {trial.id: (trial.status, trial.alike) for trial in validation.misconceptions if trial.status != "named"}
    assert status == {"forward_sum": ("ambiguous", ("the_same",)), "the_same": ("ambiguous", ("forward_sum",))}
    assert {bar.name: bar.met for bar in validation.bars}["diagnosed"] is False


def test_an_equivalent_that_is_wrong_is_named(copy: Copy, cache: Path) -> None:
    item = "Equivalent('wrong_one', 'backward_propagation', {'return x': 'return x + 1e-9'})"
    copy.append(copy.hidden / "equivalents.py", f"EQUIVALENTS = [*EQUIVALENTS, {item}]\n")
    done = copy.run("--format", "json", cache=cache)
    assert done.returncode == 1
    (trial,) = (trial for trial in json.loads(done.stdout)["equivalents"] if not trial["full_marks"])
    assert trial["id"] == "wrong_one"
    assert "h01" in trial["failed"]


def test_survivors_are_listed_and_reasons_checked(copy: Copy, cache: Path) -> None:
    """The reference adds a 0 that no case can notice."""
    path = copy.hidden / "solution.py"
    path.write_text(path.read_text(encoding="utf-8").replace("    return x\n", "    return x + 0 * theta\n"), encoding="utf-8")
    first = copy.validate()
    assert not first.adequate
    assert "mutants of backward_propagation" in {bar.name for bar in first.bars if not bar.met}
    open_ones = [survivor.id for survivor in first.survivors if survivor.kind == "unexplained"]
    assert "backward_propagation:L2:add->sub" in open_ones
    text = render_text(first)
    assert "without a reason" in text
    assert "backward_propagation:L2:add->sub" in text
    reasons = '[equivalent]\n"backward_propagation:L2:*" = "0 is added"\n"forward_propagation:L2:mult->add" = "is killed"\n'
    (copy.hidden / "survivors.toml").write_text(reasons, encoding="utf-8")
    second = copy.validate()
    assert {survivor.kind for survivor in second.survivors} == {"equivalent"}
    assert second.stale_reasons == ("forward_propagation:L2:mult->add",)
    assert "forward_propagation:L2:mult->add is no survivor" in " ".join(render_text(second).split())


def test_a_mutant_that_hangs_or_ends_its_process_costs_itself_alone(copy: Copy, cache: Path) -> None:
    bodies = {
        "right": "return theta * x",
        "hangs": "while True: pass",
        "ends": "__import__('os')._exit(1)",
        "wrong": "return theta + x",
    }
    mutants = [
        Mutant(name, "forward_propagation", "by hand", f"def forward_propagation(x, theta):\n    {body}\n", "")
        for name, body in bodies.items()
    ]
    assignment = assignments.load("gradient_checking", copy.assignments)
    with Grader(assignment, reference=copy.reference) as grader:
        cases = [case.id for case in grader.rule.assignment.cases if case.function == "forward_propagation"]
        right, hangs, ends, wrong = try_mutants(Pool([grader]), mutants, 0.0, lambda done: None)
    assert right == ()
    assert wrong
    assert list(hangs) == cases
    assert list(ends) == cases


# The command


def test_without_a_reference_it_says_what_to_do(tmp_path: Path, cache: Path) -> None:
    done = run("gradient_checking", "--reference", tmp_path, cache=cache)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no reference for gradient_checking" in done.stderr
    assert "--reference DIR" in done.stderr


def test_an_author_s_mistake_is_a_message(copy: Copy, cache: Path) -> None:
    (copy.hidden / "survivors.toml").write_text("equivalent = 3\n", encoding="utf-8")
    done = copy.run(cache=cache)
    assert done.returncode == 2
    assert "survivors.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_text_and_page_show_the_same_figures(copy: Copy, cache: Path, tmp_path: Path) -> None:
    copy.append(
        copy.hidden / "equivalents.py",
        "EQUIVALENTS = [*EQUIVALENTS, Equivalent('<b>&', 'backward_propagation', {'return x': 'return 2'})]\n",
    )
    validation = copy.validate()
    text, page = render_text(validation), render_html(validation, title="A <title>")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "\x1b[" in render_text(validation, color=True)
    total = len(validation.equivalents)
    for shown in (" ".join(text.split()), page):
        assert f"{total - 1} of {total} right implementations get full marks" in shown
    assert "<b>&" not in page
    assert "A &lt;title&gt;" in page
    assert "<script" not in page
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page), "it loads nothing"
