"""`grader history`, `diff` and `override`, in this process: what they print, and how they exit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from grader import cli
from grader.gradebook.tables import results
from grader.model import Adjustment
from tests.gradebooks import LATE, item, open_test, result, start
from tests.unit.test_ledger import tampering

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Runs the command line in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_USER", "tim")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["grader", *arguments])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capfdbinary.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, said.out.decode(), said.err.decode()

    return call


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """./out with a gradebook of two runs."""
    (tmp_path / "out").mkdir()
    with open_test(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as gradebook:
        first = start(gradebook)
        gradebook.record(first, [item(result("ada", right={"second": False}), 0, LATE), item(result("王"), 1)])
        gradebook.finish_run(first, "done", 1.0)
        second = start(gradebook)
        why = Adjustment("override", 4.0, "\x1b[31mred\x1b[0m\nlie")
        gradebook.record(second, [item(result("ada", file="ada 1"), 0, why), item(result("\u202egro"), 1)])
    return tmp_path / "out"


def test_history_tells_each_event(run: Run, out: Path) -> None:
    code, said, _ = run("history", "ada")
    assert code == cli.DONE
    lines = said.splitlines()
    assert len(lines) == 6
    assert lines[0] == "     1  2026-01-01 00:00:02  graded            ada, attempt 1: 8 (score 10, late -2)"
    assert lines[1] == "        run 1, by teacher"
    assert "answer key kkkkkkkkkkkk; grader 0.1.0, Python 3.11.7, NumPy 2.1.0, prefork, walls full" in lines[2]
    assert "regraded" in lines[3]
    assert run("history", "--out", str(out))[1] == run("history", "--gradebook", f"sqlite:///{out / 'gradebook.db'}")[1]
    assert len(run("history")[1].splitlines()) == 12


def test_history_as_json_is_the_ledger(run: Run, out: Path) -> None:
    code, said, _ = run("history", "--format", "json")
    document = json.loads(said)
    assert (code, document["schema"], len(document["entries"])) == (cli.DONE, "grader.history/1", 4)
    assert [entry["student"] for entry in document["entries"]] == ["ada", "王", "ada", "\u202egro"]
    assert document["entries"][0]["adjustments"] == [{"kind": "late", "points": -2.0, "why": "a day late"}]
    assert json.loads(run("history", "王", "--format", "json")[1])["entries"][0]["grade"] == 30.0


def test_history_verifies(run: Run, out: Path) -> None:
    code, said, _ = run("history", "--verify")
    head = json.loads(run("history", "--format", "json")[1])["entries"][-1]["hash"]
    assert (code, said) == (cli.DONE, f"the ledger verifies: 4 entries, head {head}\n")
    assert json.loads(run("history", "--verify", "--format", "json")[1]) == {"entries": 4, "head": head, "broken": None}
    with tampering(f"sqlite:///{out / 'gradebook.db'}") as connection:
        connection.execute(update(results).where(results.c.id == 2).values(score=31.0))
    code, said, _ = run("history", "--verify")
    assert (code, said) == (cli.UNREADABLE, "the ledger is BROKEN at entry 2: result 2 is not the one that was recorded\n")
    assert json.loads(run("history", "--verify", "--format", "json")[1])["broken"]["number"] == 2
    assert run("history", "ada", "--verify")[0] == cli.USAGE


def test_diff_tells_who_moved(run: Run, out: Path) -> None:
    code, said, _ = run("diff", "1", "2")
    assert code == cli.DONE
    assert said == (
        "run 1 (2026-01-01 00:00, done) → run 2 (2026-01-01 00:00, not finished)\n"
        "  ada  8 → 34 (score 10 → 30)\n"
        "      second h01: failed → passed\n"
        "      no longer: late -2 (a day late)\n"
        "      now: override +4 (␛red␛␤lie)\n"
        "only in run 1: 王\n"
        "only in run 2: ⟨U+202E⟩gro\n"
        "1 moved (1 up, 0 down), 0 the same, 1 only in run 1, 1 only in run 2\n"
    )
    document = json.loads(run("diff", "1", "2", "--format", "json")[1])
    assert (document["schema"], document["moves"][0]["grades"], document["only_before"]) == ("grader.diff/1", [8.0, 34.0], ["王"])


def test_what_is_not_there_is_a_usage_error_with_a_remedy(run: Run, out: Path, tmp_path: Path) -> None:
    for arguments, said in (
        (("history", "adda"), "did you mean ada?"),
        (("history", "-a", "check"), "did you mean checks?"),
        (("diff", "1", "7"), "there are: 1, 2"),
        (("history", "--out", "elsewhere"), "there is no gradebook at"),
        (("history", "--gradebook", "mysql://x/y"), "postgresql://"),
        (("override", "ada", "first", "--why", "x"), "how many points?"),
        (("override", "ada", "first", "1", "--revoke", "--why", "x"), "--revoke takes no POINTS"),
        (("override", "ada", "fist", "1", "--why", "x"), "did you mean first?"),
        (("override", "ada", "first", "1"), "--why"),
    ):
        code, stdout, stderr = run(*arguments)
        assert (code, stdout) == (cli.USAGE, ""), arguments
        assert said in stderr
    (out / "gradebook.db").rename(tmp_path / "away.db")
    assert "pass --out OUT or --gradebook URL" in run("history")[2]


def test_a_gradebook_that_is_none_is_our_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.db").write_bytes(b"not a database at all, though long enough to be looked at" * 20)
    code, _, stderr = run("history", "--gradebook", "none.db")
    assert code == cli.NOT_GRADED
    assert "not a database" in stderr


def test_override_by_url_is_in_the_gradebook_alone(run: Run, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{out / 'gradebook.db'}"
    code, said, _ = run("override", "ada", "first", "8", "--why", "right but for a sign", "--gradebook", url)
    assert code == cli.DONE
    assert said.startswith("ada, first: 8 points; result.json and feedback.html follow")
    assert run("override", "王", "first", "0", "--why", "copied", "--who", "ann", "--gradebook", url)[0] == cli.DONE
    assert run("override", "ada", "first", "--revoke", "--why", "no", "--gradebook", url)[0] == cli.DONE
    entries = json.loads(run("history", "--format", "json")[1])["entries"][4:]
    assert [(entry["kind"], entry["who"], entry.get("points")) for entry in entries] == [
        ("override", "tim", 8.0),
        ("override", "ann", 0.0),
        ("override_revoked", "tim", None),
    ]
    assert "override          ada, first: 8 points\n        by tim: right but for a sign\n" in run("history", "ada")[1]
    with open_test(url) as gradebook:
        gradebook.record(start(gradebook, "other"), [item(result("ada", assignment="other"))])
    assert "in the gradebook: checks, other" in run("override", "ada", "first", "1", "--why", "x", "--gradebook", url)[2]
    assert run("override", "ada", "first", "1", "--why", "x", "-a", "other", "--gradebook", url)[0] == cli.DONE
