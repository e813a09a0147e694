"""What changed between two checks is told once, and nothing else is."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.card import scoped
from grader.feedback.changes import changes
from grader.feedback.page import STYLE
from grader.messages.language import Language
from grader.model import CaseResult, Diagnosis, Found, Outcome, Visibility
from tests.unit.test_feedback import exercise, full, submission

ENGLISH, CHINESE = Language("en"), Language("zh")
SAME = ["Nothing changed since the last check."]


def case(id_: str, outcome: Outcome, actual: str = "", visibility: Visibility = Visibility.PUBLIC) -> CaseResult:
    return CaseResult(id_, visibility, 1.0, outcome, title=f"title of {id_}", actual=actual or None)


def told(before: tuple[CaseResult, ...], after: tuple[CaseResult, ...], language: Language = ENGLISH) -> list[str]:
    first, second = (submission(exercise("f", Outcome.FAILED, found=Found(1, "executed"), cases=cases)) for cases in (before, after))
    return changes(first, second, language)


def test_the_same_result_is_no_change() -> None:
    assert changes(full(), full(), ENGLISH) == SAME
    assert changes(full(), full(), CHINESE) == ["与上次检查相比没有变化。"]


def test_an_exercise_that_passes_is_told_with_the_score() -> None:
    before = submission(exercise("f", Outcome.FAILED, score=2.5, cases=(case("a", Outcome.FAILED),)))
    after = submission(exercise("f", Outcome.PASSED, score=10.0, cases=(case("a", Outcome.PASSED),)))
    assert changes(before, after, ENGLISH) == ["2.5 → 10 of 10 points", "✓ f: wrong value → passed"]
    assert changes(after, before, ENGLISH) == ["10 → 2.5 of 10 points", "✗ f: passed → wrong value"]


def test_single_cases_are_told_where_the_exercise_stays_what_it_was() -> None:
    wrong, right = case("a", Outcome.FAILED, "1"), case("a", Outcome.PASSED)
    assert told((wrong,), (right,)) == ["✓ f passes now: title of a"]
    assert told((right,), (wrong,)) == ["✗ f no longer passes: title of a"]
    assert told((wrong,), (case("a", Outcome.FAILED, "2"),)) == ["f, title of a: your value was 1, and is 2"]
    assert told((wrong,), (wrong,)) == SAME


def test_hidden_cases_are_not_told() -> None:
    hidden = [case("a", outcome, "1", Visibility.HIDDEN) for outcome in (Outcome.FAILED, Outcome.PASSED)]
    assert told(tuple(hidden[:1]), tuple(hidden[1:])) == SAME


def test_what_is_recognised_comes_and_goes() -> None:
    plain = submission(exercise("f", Outcome.FAILED))
    named = submission(exercise("f", Outcome.FAILED, diagnoses=(Diagnosis("d", "a mistake", "", "", 0.5),)))
    assert changes(plain, named, ENGLISH) == ["f: recognised now: a mistake"]
    assert changes(named, plain, ENGLISH) == ["f: no longer recognised: a mistake"]


@pytest.mark.parametrize(("more", "last"), [(1, "and 1 more change"), (3, "and 3 more changes")])
def test_many_changes_are_counted(more: int, last: str) -> None:
    before = tuple(case(str(number), Outcome.FAILED) for number in range(12 + more))
    after = tuple(case(str(number), Outcome.PASSED) for number in range(12 + more))
    assert told(before, after)[12:] == [last]


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.sampled_from(Outcome)), max_size=6), st.text(max_size=40))
def test_any_two_results_have_a_clean_account(outcomes: list[tuple[Outcome, Outcome]], text: str) -> None:
    first, second = (
        submission(
            *(exercise(f"{text}{number}", pair[side], cases=(case(text, pair[side], text),)) for number, pair in enumerate(outcomes))
        )
        for side in (0, 1)
    )
    lines = changes(first, second, ENGLISH)
    assert lines
    assert (lines == SAME) is all(before is after for before, after in outcomes)
    assert not [line for line in lines if re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", line)]
    assert changes(second, second, ENGLISH) == SAME


def test_exercises_that_were_not_checked_before_are_no_change() -> None:
    one, two = submission(exercise("f", Outcome.PASSED, score=10.0)), submission(exercise("f", Outcome.PASSED, score=10.0), exercise("g"))
    assert changes(msgspec.structs.replace(one, score=two.score, points=two.points), two, ENGLISH) == SAME


def test_every_rule_of_a_card_is_for_its_inside() -> None:
    """As a browser reads the sheet: selectors at the top, or in one media query."""
    style = scoped(STYLE.read_text("utf-8") + STYLE.with_name("card.css").read_text("utf-8"), ".card")
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{", "", style).replace("}\n}", "}"))
    assert len(selectors) > 100
    assert [one for selector in selectors for one in re.split(r",(?![^(]*\))", selector) if ".card" not in one] == []
    assert style.count("{") == style.count("}")
    original = STYLE.read_text("utf-8")
    assert style.count("@media") == original.count("@media")
