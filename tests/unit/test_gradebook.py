"""What a gradebook keeps, and gives back."""

from __future__ import annotations

import msgspec
import pytest

from grader.errors import GradebookError, UsageError
from grader.gradebook import Known, Override
from grader.model import Adjustment, Outcome, Status
from tests.gradebooks import LATE, PROVENANCE, item, open_test, result, start


def test_runs_count_from_one_and_stay_open_until_they_are_finished(database: str) -> None:
    with open_test(database) as gradebook:
        assert gradebook.runs() == ()
        assert [start(gradebook), start(gradebook), start(gradebook, "other")] == [1, 2, 3]
        gradebook.record(2, [item(result())])
        gradebook.finish_run(2, "done", 1.5)
        first, second, third = gradebook.runs()
    assert (first.id, first.ended, first.finished, first.results) == (1, None, None, 0)
    assert (second.ended, second.seconds, second.results) == ("done", 1.5, 1)
    assert (second.started, second.finished) == ("2026-01-01T00:00:02.000+00:00", "2026-01-01T00:00:05.000+00:00")
    assert (second.who, second.provenance, second.settings) == ("teacher", PROVENANCE, {"jobs": 1})
    assert third.assignment == "other"


def test_a_gradebook_outlives_its_process(database: str) -> None:
    given = result()
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(given, 0, LATE)])
    with open_test(database) as gradebook:
        ((known,),) = gradebook.known("checks", ["ada", "nobody"]).values()
        stored = gradebook.result(known.result_id)
        assert gradebook.verify().broken is None
    assert known == Known(1, given.submission.sha256, item(given).inputs_sha256, known.result_id, Status.GRADED, 30.0)
    assert stored.result == given
    assert stored.material == b"code of ada/nb.ipynb"


def test_rows_come_in_the_order_of_the_input(database: str) -> None:
    wrong = result("bob", right={"second": False})
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [item(result("ada"), 2), item(wrong, 0, LATE)])
        gradebook.record(run, [item(result("cy", status=Status.NOT_GRADED), 1), item(result("dee", status=Status.UNREADABLE), 3)])
        rows = list(gradebook.rows(run))
    assert [(row.student, row.status.value, row.score, row.grade) for row in rows] == [
        ("bob", "graded", 10.0, 8.0),
        ("cy", "not_graded", None, None),
        ("ada", "graded", 30.0, 30.0),
        ("dee", "unreadable", 0.0, 0.0),
    ]
    assert rows[0].adjustments == (LATE,)
    assert [(one.name, one.score, one.points, one.outcome) for one in rows[0].exercises] == [
        ("first", 10.0, 10.0, Outcome.PASSED),
        ("second", 0.0, 20.0, Outcome.FAILED),
    ]


def test_a_failure_of_ours_costs_no_attempt_and_takes_no_grade(database: str) -> None:
    ours = result(status=Status.NOT_GRADED)
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(ours)])
        assert gradebook.known("checks", ["ada"]) == {}
        gradebook.record(start(gradebook), [item(result())])
        gradebook.record(start(gradebook), [item(ours, inputs="another key")])
        (known,) = gradebook.known("checks", ["ada"])["ada"]
        (standing,) = gradebook.standings("checks", "last")
        kinds = [entry.kind for entry in gradebook.history()]
    assert (known.status, known.score) == (Status.GRADED, 30.0)
    assert (standing.grade, standing.attempts) == (30.0, 1)
    assert kinds == ["not_graded", "graded", "not_graded"]


def test_best_and_last_attempt(database: str) -> None:
    half = {"second": False}
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [item(result("ada", 1)), item(result("ada", 2, right=half), 1), item(result("ada", 3), 2, LATE)])
        gradebook.record(run, [item(result("bob", 1, right=half), 3), item(result("bob", 2, right=half, file="another"), 4)])
        best = [(one.student, one.attempt, one.attempts, one.grade) for one in gradebook.standings("checks", "best")]
        last = [(one.student, one.attempt, one.grade, one.penalties) for one in gradebook.standings("checks", "last")]
        attempts = [known.attempt for known in gradebook.known("checks", ["ada"])["ada"]]
    assert best == [("ada", 1, 3, 30.0), ("bob", 1, 2, 10.0)]
    assert last == [("ada", 3, 28.0, -2.0), ("bob", 2, 10.0, 0.0)]
    assert attempts == [1, 2, 3]


def test_a_kept_result_is_not_stored_again_and_says_nothing_new(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result(), 0, LATE)])
        kept = gradebook.known("checks", ["ada"])["ada"][0].result_id
        second = start(gradebook)
        gradebook.record(second, [item(result(), 0, LATE, kept=kept)])
        (row,) = gradebook.rows(second)
        assert (row.kept, row.grade, row.result_id) == (True, 28.0, kept)
        assert len(list(gradebook.history())) == 1
        third = start(gradebook)
        gradebook.record(third, [item(result(), 0, kept=kept)])
        assert [(entry.kind, entry.grade) for entry in gradebook.history()] == [("graded", 28.0), ("regraded", 30.0)]
        assert [row.grade for row in gradebook.rows(second)] == [28.0]
        assert [row.grade for row in gradebook.rows(third)] == [30.0]
        assert gradebook.verify().broken is None


def test_a_result_of_somebody_else_cannot_be_kept(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result("ada")), item(result("bob"), 1)])
        of_bob = gradebook.known("checks", ["bob"])["bob"][0].result_id
        run = start(gradebook)
        for given in (result("ada"), result("bob", 2)):
            with pytest.raises(GradebookError, match=f"result {of_bob} is not of"):
                gradebook.record(run, [item(given, kept=of_bob)])
        with pytest.raises(GradebookError, match="result 99 is not of bob"):
            gradebook.record(run, [item(result("bob"), kept=99)])
        assert list(gradebook.rows(run)) == []


def test_an_attempt_is_recorded_once_a_run_and_a_batch_is_whole_or_nothing(database: str) -> None:
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [item(result("ada"))])
        before = gradebook.verify()
        with pytest.raises(GradebookError, match="run 1 has a result of one of these attempts"):
            gradebook.record(run, [item(result("new"), 1), item(result("ada"), 2)])
        with pytest.raises(GradebookError, match="run 1 has a result"):
            gradebook.record(run, [item(result("new"), 1), item(result("new"), 2)])
        with pytest.raises(GradebookError, match="attempt 1 of ada is of another file"):
            gradebook.record(run, [item(result("new"), 1), item(result("ada", file="other"), 2)])
        with pytest.raises(GradebookError, match="run 1 is of checks, a result of other"):
            gradebook.record(run, [item(result("new", assignment="other"), 1)])
        assert gradebook.verify() == before
        assert gradebook.known("checks", ["new"]) == {}


def test_numbers_that_are_none_are_refused(database: str) -> None:
    with open_test(database) as gradebook:
        run = start(gradebook)
        for wrong in (float("nan"), float("inf"), -1.0):
            given = item(result())
            with pytest.raises(GradebookError):
                gradebook.record(run, [msgspec.structs.replace(given, adjusted=msgspec.structs.replace(given.adjusted, grade=wrong))])
        gradebook.record(run, [msgspec.structs.replace(given, adjusted=msgspec.structs.replace(given.adjusted, grade=-0.0))])
        assert gradebook.verify().broken is None


def test_identical_content_is_found_whoever_s_it_is(database: str) -> None:
    given = item(result("ada", file="same"))
    failed = item(result("cy", file="broken", status=Status.NOT_GRADED), 2)
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [given, item(result("bob", file="other"), 1), failed])
        found = gradebook.find("checks", given.content_sha256)
        assert found is not None
        assert gradebook.result(found).result.submission.student == "ada"
        assert gradebook.find("checks", failed.content_sha256) is None
        assert gradebook.find("other", given.content_sha256) is None


NAMES = ("O'Brien; DROP TABLE students", "王小明", "\u202egro", "a\0b", "é" * 300, "%s %(x)s :x", "ada", "ADA")


def test_any_name_is_a_name_of_its_own(database: str) -> None:
    with open_test(database) as gradebook:
        run = start(gradebook)
        for place, name in enumerate(NAMES):
            gradebook.record(run, [item(result(name), place, Adjustment("late", -1.0, f"because of {name}"))])
            gradebook.override("checks", name, "first", 1.0, name, name)
        known, overrides = gradebook.known("checks", NAMES), gradebook.overrides("checks", NAMES)
        assert [len(known[name]) for name in NAMES] == [len(overrides[name]) for name in NAMES] == [1] * len(NAMES)
        assert [len(list(gradebook.history(student=name))) for name in NAMES] == [2] * len(NAMES)
        assert gradebook.verify().broken is None


def test_overrides_in_force(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result("ada")), item(result("bob"), 1)])
        gradebook.override("checks", "ada", "second", 12.5, "by hand", "tim")
        gradebook.override("checks", "ada", "first", 1.0, "one", "tim")
        gradebook.override("checks", "ada", "first", 2.0, "another", "ann")
        gradebook.override("checks", "bob", "first", 3.0, "third", "ann")
        gradebook.override("checks", "bob", "first", None, "a mistake", "ann")
        assert gradebook.overrides("checks", ["ada", "bob", "cy"]) == {
            "ada": (
                Override("first", 2.0, "another", "ann", "2026-01-01T00:00:05.000+00:00"),
                Override("second", 12.5, "by hand", "tim", "2026-01-01T00:00:03.000+00:00"),
            )
        }
        kinds = [entry.kind for entry in gradebook.history("checks", "bob")]
        assert kinds == ["graded", "override", "override_revoked"]
        assert gradebook.verify().broken is None


REFUSED: list[tuple[tuple[str, str, str, float | None, str, str], str, str]] = [
    (("checks", "aba", "first", 1.0, "why", "who"), "no student aba", "did you mean ada?"),
    (("check", "ada", "first", 1.0, "why", "who"), "no assignment check ", "did you mean checks?"),
    (("checks", "ada", "frist", 1.0, "why", "who"), "no exercise frist", "did you mean first?"),
    (("checks", "ada", "first", 10.5, "why", "who"), "first is worth 10 points: 10.5", "--allow-extra"),
    (("checks", "ada", "first", -1.0, "why", "who"), "-1 cannot be given", ""),
    (("checks", "ada", "first", float("nan"), "why", "who"), "nan cannot be given", ""),
    (("checks", "ada", "first", 1.0, "  ", "who"), "needs a reason", "--why"),
    (("checks", "ada", "first", 1.0, "x" * 2001, "who"), "longer than 2,000", ""),
    (("checks", "ada", "first", None, "why", "who"), "no override of first of ada", ""),
    (("checks", "far", "first", 1.0, "why", "who"), "far has handed in nothing for checks", ""),
]


def test_what_cannot_be_overridden(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result("ada"))])
        gradebook.record(start(gradebook, "other"), [item(result("far", assignment="other"))])
        before = gradebook.verify()
        for asked, said, remedy in REFUSED:
            with pytest.raises(UsageError, match=said) as caught:
                gradebook.override(*asked)
            assert remedy in caught.value.remedy
        assert gradebook.verify() == before


def test_more_than_the_worth_where_it_is_allowed(database: str) -> None:
    with open_test(database) as gradebook:
        gradebook.record(start(gradebook), [item(result("ada"))])
        gradebook.override("checks", "ada", "first", 11.0, "a proof", "tim", allow_extra=True)
        with pytest.raises(UsageError):
            gradebook.override("checks", "ada", "first", float("inf"), "more", "tim", allow_extra=True)
        assert gradebook.overrides("checks", ["ada"])["ada"][0].points == 11.0


def test_what_is_not_there_is_named_with_what_is(database: str) -> None:
    with open_test(database) as gradebook:
        start(gradebook)
        start(gradebook)
        for call in (lambda: gradebook.rows(9), lambda: gradebook.diff(1, 9), lambda: gradebook.run(9), lambda: gradebook.run(2**70)):
            with pytest.raises(UsageError, match="there is no run") as caught:
                call()
            assert caught.value.remedy == "there are: 1, 2"
        with pytest.raises(UsageError, match="there is no run 9"):
            gradebook.record(9, [item(result())])
        with pytest.raises(UsageError, match="there is no run 9"):
            gradebook.finish_run(9, "done", 1.0)
        with pytest.raises(UsageError, match="no student ada") as caught:
            gradebook.history(student="ada")
        assert caught.value.remedy == "there is no student yet"
        with pytest.raises(UsageError, match="there is no result 5"):
            gradebook.result(5)
        with pytest.raises(UsageError, match="no assignment x"):
            gradebook.standings("x", "best")


def test_entries_tell_what_graded_and_why(database: str) -> None:
    given = result()
    with open_test(database) as gradebook:
        run = start(gradebook)
        gradebook.record(run, [msgspec.structs.replace(item(given, 0, LATE), why="a first grade")])
        (entry,) = gradebook.history("checks", "ada")
    assert (entry.number, entry.kind, entry.run, entry.attempt, entry.who, entry.why) == (1, "graded", run, 1, "teacher", "a first grade")
    assert entry.submission_sha256 == given.submission.sha256
    assert entry.answer_key_sha256 == "k" * 64
    assert (entry.grader, entry.python, entry.numpy, entry.engine, entry.walls) == ("0.1.0", "3.11.7", "2.1.0", "prefork", "full")
    assert (entry.status, entry.score, entry.grade, entry.adjustments) == ("graded", 30.0, 28.0, (LATE,))
    assert entry.at == "2026-01-01T00:00:02.000+00:00"
