"""The command line from a grade to its override and its verification, with a PostgreSQL; test_batch.py has the same on SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import parts
from tests.postgresql import Server

ROOT = Path(__file__).parents[2]
ADA = ROOT / "assignments" / "gradient_checking" / "examples" / "ada" / "notebook.ipynb"


def grader(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "grader", *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def grade_of(out: Path) -> tuple[float, float, list[str]]:
    (path,) = out.glob("*/result.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["score"], found["grade"], [one["kind"] for one in found["adjustments"]]


def test_a_grade_its_override_and_what_the_ledger_says_of_both(postgresql: Server, tmp_path: Path) -> None:
    parts.need_walls()
    database, out = postgresql.make_database(), tmp_path / "out"
    run = ("grade", str(ADA), "-a", "gradient_checking", "-o", str(out), "-j", "1", "--gradebook", database)
    where = ("--gradebook", database, "--out", str(out))
    grader(*run)
    assert grade_of(out) == (50.0, 50.0, [])
    (student,) = (path.name for path in out.iterdir() if path.is_dir())
    grader("override", student, "forward_propagation", "4", "--why", "copied from a neighbour", "--who", "tim", *where)
    assert grade_of(out) == (50.0, 44.0, ["override"])
    page = (out / student / "feedback.html").read_text(encoding="utf-8")
    assert "copied from a neighbour" in page
    grader(*run)  # a regrade keeps it
    assert grade_of(out) == (50.0, 44.0, ["override"])
    assert "override" in grader("diff", "1", "3", *where)
    grader("override", student, "forward_propagation", "--revoke", "--why", "it was the neighbour", "--who", "tim", *where)
    assert grade_of(out) == (50.0, 50.0, [])
    entries = json.loads(grader("history", student, "--format", "json", *where))["entries"]
    assert [entry["kind"] for entry in entries] == ["graded", "override", "regraded", "override_revoked", "regraded"]
    assert [entry.get("grade") for entry in entries] == [50.0, None, 44.0, None, 50.0]
    assert grader("history", "--verify", *where).startswith("the ledger verifies: 5 entries, head ")
