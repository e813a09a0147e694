"""Who is who: by ids, then by a name; never by a guess."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grader.lms.export.marks import Mark
from grader.lms.export.matching import Key, Matches, Row, match, plain_id

KEYS = (Key(1, ("user_id", "student")), Key(2, ("sis", "student")))
SMALL = st.sampled_from(["", "1", "2", "3", "4"])
PEOPLE = st.sampled_from(["", "Ada Lovelace", "Lovelace, Ada", "Grace Hopper", "李 小龙"])


def mark(student: str, name: str = "", **ids: str) -> Mark:
    return Mark(student, name, {**ids, "student": student}, Fraction(1), Fraction(1))


def row(index: int, name: str = "", *ids: str) -> Row:
    return Row(index, (*ids, "", "")[:2], name)


def joined(matches: Matches) -> dict[int, str]:
    return {index: one.student for index, one in matches.pairs.items()}


def test_the_stronger_id_wins() -> None:
    rows = [row(1, "Hopper, Grace", "7", "ada"), row(2, "Lovelace, Ada", "8", "x")]
    assert joined(match(rows, [mark("ada", user_id="8"), mark("grace", user_id="7")], KEYS)) == {1: "grace", 2: "ada"}


def test_a_name_does_not_join_what_an_id_tells_apart() -> None:
    matches = match([row(1, "Lovelace, Ada", "7")], [mark("a", "Ada Lovelace", user_id="8")], KEYS)
    assert (matches.pairs, len(matches.rows), len(matches.marks)) == ({}, 1, 1)


def test_a_name_joins_where_nobody_else_has_it() -> None:
    rows = [row(1, "Lovelace, Ada"), row(2, "Li, Wei"), row(3, "Li, Wei")]
    matches = match(rows, [mark("a", "ada LOVELACE"), mark("b", "Wei Li")], KEYS)
    assert joined(matches) == {1: "a"}
    assert [one.index for one in matches.ambiguous_rows] == [2, 3]
    assert [one.student for one in matches.ambiguous_marks] == ["b"]


def test_a_name_as_archives_write_it_joins() -> None:
    assert joined(match([row(1, "O'Hara-Smith, Zoë")], [mark("x", "oharasmithzoë")], KEYS)) == {1: "x"}


def test_two_students_with_one_id_get_nothing() -> None:
    matches = match([row(1, "", "7")], [mark("a", user_id="7"), mark("b", user_id="7")], KEYS)
    assert matches.pairs == {}
    assert sorted(one.student for one in matches.ambiguous_marks) == ["a", "b"]


@given(
    st.lists(st.tuples(PEOPLE, SMALL, SMALL), max_size=6),
    st.lists(st.tuples(PEOPLE, SMALL, SMALL), max_size=6),
)
def test_everyone_is_accounted_for_and_nobody_twice(rows: list[tuple[str, str, str]], marks: list[tuple[str, str, str]]) -> None:
    all_rows = [row(index, name, *ids) for index, (name, *ids) in enumerate(rows)]
    all_marks = [mark(f"s{index}", name, user_id=one, sis=two) for index, (name, one, two) in enumerate(marks)]
    matches = match(all_rows, all_marks, KEYS)
    seen_rows = Counter([*matches.pairs, *(one.index for one in (*matches.rows, *matches.ambiguous_rows))])
    seen = Counter(one.student for one in (*matches.pairs.values(), *matches.marks, *matches.ambiguous_marks))
    assert seen_rows == Counter(one.index for one in all_rows)
    assert seen == Counter(one.student for one in all_marks)
    for index, one in matches.pairs.items():  # no pair has two ids of the platform that differ
        for at, name in enumerate(("user_id", "sis")):
            there, ours = all_rows[index].ids[at], plain_id(one.ids[name])
            assert not there or not ours or there == ours
    again = match(all_rows[::-1], all_marks[::-1], KEYS)
    assert joined(again) == joined(matches)
