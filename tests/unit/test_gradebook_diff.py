"""What differs between two runs."""

from __future__ import annotations

import msgspec

from grader.cli import diff
from grader.gradebook import CaseChange, VersionChange, WorthChange
from grader.model import Adjustment, Outcome, Status
from tests.gradebooks import LATE, PROVENANCE, item, open_test, result, start

BY_HAND = Adjustment("override", 5.0, "by hand")
NEWER = msgspec.structs.replace(PROVENANCE, answer_key_sha256="n" * 64, numpy="2.2.0")


def test_who_moved_and_why(database: str) -> None:
    half = {"second": False}
    with open_test(database) as gradebook:
        first = start(gradebook)
        before = [
            item(result("case", right=half), 0),
            item(result("grade"), 1, LATE),
            item(result("same"), 2, LATE),
            item(result("kept"), 3),
            item(result("attempt", right=half), 4),
            item(result("ours"), 5),
            item(result("gone"), 6),
            item(result("kept, regraded", right=half), 7),
        ]
        gradebook.record(first, before)
        known = {student: ones[0].result_id for student, ones in gradebook.known("checks", ["kept", "kept, regraded"]).items()}
        second = start(gradebook, provenance=NEWER)
        after = [
            item(result("case", right={"first": False}, provenance=NEWER), 0),
            item(result("grade"), 1, BY_HAND),
            item(result("same", provenance=NEWER), 2, LATE),
            item(result("kept"), 3, kept=known["kept"]),
            item(result("attempt", 2, provenance=NEWER), 4),
            item(result("ours", status=Status.NOT_GRADED, provenance=NEWER), 5),
            item(result("new"), 6),
            item(result("kept, regraded", right=half), 7, BY_HAND, kept=known["kept, regraded"]),
        ]
        gradebook.record(second, after)
        found = gradebook.diff(first, second)
    assert (found.before.id, found.after.id) == (1, 2)
    assert found.versions == (VersionChange("answer_key", "k" * 64, "n" * 64), VersionChange("numpy", "2.1.0", "2.2.0"))
    assert (found.unmoved, found.only_before, found.only_after) == (2, ("gone",), ("new",))
    moves = {move.student: move for move in found.moves}
    assert list(moves) == ["attempt", "case", "grade", "kept, regraded", "ours"]
    assert (moves["case"].scores, moves["case"].grades) == ((10.0, 20.0), (10.0, 20.0))
    assert moves["case"].cases == (
        CaseChange("first", "h01", Outcome.PASSED, Outcome.FAILED),
        CaseChange("second", "h01", Outcome.FAILED, Outcome.PASSED),
    )
    assert moves["case"].versions == found.versions
    assert (moves["grade"].scores, moves["grade"].grades) == ((30.0, 30.0), (28.0, 35.0))
    assert (moves["grade"].cases, moves["grade"].versions) == ((), ())
    assert (moves["grade"].gone, moves["grade"].new) == ((LATE,), (BY_HAND,))
    assert (moves["attempt"].attempts, moves["attempt"].grades) == ((1, 2), (10.0, 30.0))
    assert (moves["ours"].statuses, moves["ours"].grades) == ((Status.GRADED, Status.NOT_GRADED), (30.0, None))
    assert moves["ours"].cases[0] == CaseChange("first", "h01", Outcome.PASSED, None)
    assert (moves["kept, regraded"].gone, moves["kept, regraded"].new, moves["kept, regraded"].grades) == ((), (BY_HAND,), (10.0, 15.0))


def test_a_changed_weight_or_worth_is_named(database: str) -> None:
    given = result("ada", right={"first": False})
    first = given.exercises[0]
    heavier = msgspec.structs.replace(first, points=12.0, cases=(msgspec.structs.replace(first.cases[0], weight=3.0),))
    changed = msgspec.structs.replace(given, exercises=(heavier, *given.exercises[1:]), score=18.0)
    with open_test(database) as gradebook:
        runs = start(gradebook), start(gradebook)
        for run, one in zip(runs, (given, changed), strict=True):
            gradebook.record(run, [item(one, inputs=str(run))])
        (move,) = gradebook.diff(*runs).moves
    assert move.cases == (CaseChange("first", "h01", Outcome.FAILED, Outcome.FAILED, (1.0, 3.0)),)
    assert move.worth == (WorthChange("first", 10.0, 12.0),)
    lines = list(diff._move(move, ()))
    assert "      first h01: failed, weight 1 → 3" in lines
    assert "      first: worth 10 → 12" in lines


def test_a_run_differs_from_itself_in_nothing(database: str) -> None:
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [item(result(f"student {number}"), number) for number in range(5)])
        found = gradebook.diff(run, run)
    assert (found.moves, found.unmoved, found.only_before, found.only_after, found.versions) == ((), 5, (), (), ())


def test_the_last_attempt_of_a_run_is_compared(database: str) -> None:
    with open_test(database) as gradebook:
        first, second = start(gradebook), start(gradebook)
        gradebook.record(first, [item(result("ada", 1, right={"first": False})), item(result("ada", 2), 1)])
        kept = gradebook.known("checks", ["ada"])["ada"][1].result_id
        gradebook.record(second, [item(result("ada", 2), kept=kept)])
        found = gradebook.diff(first, second)
    assert (found.moves, found.unmoved) == ((), 1)
