"""Which assignment a notebook is of: told by names alone, whatever else is in the notebook or beside the assignment."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.notebook import Notebook, NotebookCell
from grader.recognition import Fit, Profile, best, bound_names, claim, claimed, fit, mistaken, read_profiles, recognise, tell, tell_many

NUMBERS = Profile("numbers", (("double", "twice"), ("triple", "thrice"), ("halve",)))
LETTERS = Profile("letters", (("upper", "capital"), ("lower", "twice")))
LISTS = Profile("lists", (("first",), ("last",), ("double",)))


def notebook(*sources: str) -> Notebook:
    return Notebook(tuple(NotebookCell(index, "code", source) for index, source in enumerate(sources)), "")


def test_every_way_to_bind_a_name_is_seen() -> None:
    book = notebook(
        "%%time\ndef double(x): ...", "  async def triple(x):", "class halve:", "upper = str.upper\nlower: object = str.lower",
        "a == b\n# if defined: ...\nprint(first=1)", "def broken(:",
    )  # fmt: skip
    assert bound_names(book) == {"double", "triple", "halve", "upper", "lower", "broken"}


def test_a_name_stands_for_one_exercise() -> None:
    profile = Profile("two", (("check",), ("check_n", "check")))
    assert fit({"check"}, profile) == Fit("two", ("check",), 1, 2)
    assert fit({"check", "check_n"}, profile).exact == 2


def test_own_names_count_for_more_than_aliases() -> None:
    (leading, second) = recognise(notebook("def twice(x): ..."), [NUMBERS, LETTERS])
    assert (leading.id, second.id) == ("letters", "numbers"), "one of two against one of three"
    assert best(recognise(notebook("def double(x): ..."), [NUMBERS, LISTS])) == (
        Fit("lists", ("double",), 1, 3),
        Fit("numbers", ("double",), 1, 3),
    )
    assert recognise(notebook("x = 1"), [NUMBERS, LETTERS]) == ()
    assert best(()) == ()


def test_a_mistaken_assignment_is_likely_and_fits_better() -> None:
    book = notebook("def upper(x): ...", "def lower(x): ...")
    found = mistaken(book, NUMBERS, [LETTERS, LISTS])
    assert found is not None
    assert claim(found) == "looks like letters: it defines upper, lower"
    assert mistaken(book, LETTERS, [NUMBERS, LISTS]) is None
    assert mistaken(notebook("def first(x): ..."), NUMBERS, [LISTS]) is None, "one of three is too little"
    assert mistaken(notebook("def double(x): ...\ndef first(x): ..."), LISTS, [NUMBERS]) is None
    assert mistaken(notebook("def double(x): ..."), NUMBERS, [LISTS]) is None, "one is as good as the other"


def test_two_names_of_helpers_do_not_outweigh_one_of_its_own() -> None:
    own, helpers = Profile("own", (("halve",), ("double",))), Profile("helpers", (("pack", "twice"), ("unpack", "thrice")))
    pasted = "def twice(x): ...\ndef thrice(x): ..."
    assert mistaken(notebook(f"def halve(x): ...\n{pasted}"), own, [helpers]) is None
    assert mistaken(notebook(pasted), own, [helpers]) is not None


def test_a_claim_is_known_again() -> None:
    assert claimed(["another note", claim(Fit("letters", ("upper",), 1, 2)), "it looks like nothing: x"]) == ["letters"]
    assert claimed([]) == []


def test_what_to_pass_is_told() -> None:
    names = ["letters", "numbers"]
    assert tell(recognise(notebook("def upper(x): ..."), [NUMBERS, LETTERS]), names).endswith("(it defines upper): pass -a letters")
    assert tell((), names) == "it defines no function of any: pass -a ID; known: letters, numbers"
    assert tell((), []) == "it defines no function of any: pass -a ID; known: none"
    books = [notebook("def upper(x): ...")] * 3 + [notebook("def triple(x): ..."), notebook("x = 1")]
    told = tell_many(books, [NUMBERS, LETTERS])
    assert told.startswith("3 of 5 notebooks look like letters, 1 of 5 notebooks look like numbers: pass -a letters, and grade")
    assert tell_many(books[:1], [NUMBERS, LETTERS]) == "it looks like letters (it defines upper): pass -a letters"
    assert tell_many([], []) == "none of 0 notebooks looks like any one: pass -a ID; known: none"


def test_profiles_are_read_leniently(tmp_path: Path) -> None:
    files = {
        "good": '[[exercise]]\nname = "double"\npoints = 1\naliases = ["twice"]\n[[exercise]]\nname = "extra"\npoints = 0\n',
        "no_toml": "[[exercise", "no_exercise": 'id = "x"\n', "of_words": 'exercise = "double"\n', "nameless": "[[exercise]]\npoints = 1\n",
        "number": "[[exercise]]\nname = 3\npoints = 1\n", "text": '[[exercise]]\nname = "a"\npoints = "many"\n',
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "assignment.toml").write_text(text, encoding="utf-8")
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / "assignment.toml").write_bytes(b"\xff\xfe")
    assert read_profiles([tmp_path]) == (Profile("good", (("double", "twice"),)),)
    (tmp_path / "good" / "assignment.toml").write_text('[[exercise]]\nname = "other"\npoints = 2\n# longer\n', encoding="utf-8")
    assert read_profiles([tmp_path])[0].exercises in ((("other",),), (("double", "twice"),))


@given(st.text(max_size=2_000))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(recognise(notebook(text), [NUMBERS, LETTERS]), tuple)


def test_a_hostile_text_takes_no_time() -> None:
    start = time.process_time()
    bound_names(notebook("a" * 200_000, " " * 200_000, "a:" * 100_000, "def " * 50_000, "a " * 100_000, "=" * 100_000))
    assert time.process_time() - start < 2
