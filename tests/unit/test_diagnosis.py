"""Observations: each fact from a reply made for it, and nothing of a hidden case where a student can see it."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.absence import notes
from grader.answer_key import Entry
from grader.assignments import Assignment, Exercise, Helper
from grader.diagnosis import observe, watch
from grader.judging import judge
from grader.model import Below, Case, Close, Observation, Parts, Relation, Visibility
from grader.notebook import Notebook, NotebookCell
from grader.recognition import Profile
from grader.sandbox.protocol import CallReply, CellReply, FoundReply, Limits, Observed, Raised, Reply

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
EXERCISE = Exercise("slope", 10.0, ("x", "theta"), uses=("cost",))
CLOSE = Close(1e-6)
LAYOUT: tuple[tuple[str, tuple[int, ...]], ...] = (("x", ()), ("theta", (2,)))
BASE = np.array([5.0, 1.0, 2.0])
WIDTH = 0.01
WANTED = np.array([BASE + sign * WIDTH * np.eye(3)[i] for i in (1, 2) for sign in (1, -1)])


def assignment(*cases: Case, relations: tuple[Relation, ...] = ()) -> Assignment:
    return Assignment(
        id="my_assignment", version="1", title="", folder=Path(), notebook="",
        exercises=(EXERCISE,), helpers=(Helper("cost", ("x", "theta")),),
        others=(Profile("other_assignment", (("halve",), ("third",), ("quarter",))),),
        leftovers=("total", "theta"), files={"tools.py": ""}, limits=Limits(),
        cases=cases, relations=relations, sources={},
    )  # fmt: skip


def case(number: int, visibility: Visibility = PUBLIC, *arguments: object) -> Case:
    return Case(f"{visibility.value[0]}{number}", "slope", arguments or (float(number), 2.0), CLOSE, visibility=visibility)


def returned(value: object, *observed: Observed) -> CallReply:
    return CallReply("returned", value, observed=observed)


def raised(kind: str, message: str, cell: int | None = None, line: int | None = None) -> CallReply:
    return CallReply("raised", raised=Raised(kind, message, cell, line))


def points(array: object, calls: int | None = None, name: str = "cost") -> Observed:
    count = len(array) if calls is None and isinstance(array, np.ndarray) else calls or 0
    return Observed(name, count, LAYOUT, array)


def notebook(*sources: str, kind: str = "code") -> Notebook:
    return Notebook(tuple(NotebookCell(index, kind, source) for index, source in enumerate(sources)), "")


LONG = notebook(*["\n" * 9] * 3, "\n" * 9 + "def slope(x, theta): ...")
Given = tuple[Case, CallReply, Entry]


def entry(value: object, *observed: Observed) -> Entry:
    return Entry(value, {item.name: item for item in observed})


def see(
    *given_replies: Given, cells: Sequence[CellReply] = (), relations: tuple[Relation, ...] = (), book: Notebook | None = None
) -> dict[str, Observation]:
    replies = list(given_replies)
    made = assignment(*(item for item, _, _ in replies), relations=relations)
    book = book or LONG
    results = [judge(*item, book) for item in replies]
    reply = Reply(tuple(cells), {"slope": FoundReply(0, "executed", "slope")}, tuple(call for _, call, _ in replies))
    seen = observe(made, EXERCISE, book, reply, replies, results)
    assert seen, "an exercise below full marks has an observation"
    assert any(item.visibility is PUBLIC for item in seen), "and one that the student may see"
    assert len({item.id for item in seen}) == len(seen)
    return {item.id: item for item in seen}


# What a function returns


def test_a_constant() -> None:
    seen = see(
        *(
            (case(number, visibility), returned(0.25), entry(float(number)))
            for number, visibility in ((1, PUBLIC), (2, PUBLIC), (3, HIDDEN))
        )
    )
    assert seen["constant"].text == "it returns 0.25 whatever it is given"
    assert seen["constant"].visibility is PUBLIC


def test_no_constant_where_one_case_differs_or_has_no_value() -> None:
    two = [(case(1), returned(0.25), entry(1.0)), (case(2), returned(0.25), entry(2.0))]
    assert "constant" not in see(*two, (case(3, HIDDEN), returned(0.5), entry(3.0)))
    assert "constant" not in see(*two, (case(3, HIDDEN), raised("ValueError", ""), entry(3.0)))
    assert "constant" not in see(two[0])


def test_an_argument_unchanged() -> None:
    seen = see(*((case(number, PUBLIC, number * 1.5, 2.0), returned(np.array([number * 1.5])), entry(7.0)) for number in (1, 2)))
    assert seen["returns_argument"].text == "it returns its argument x unchanged"


def test_nothing_returned() -> None:
    assert "a return statement is missing" in see((case(1), returned(None), entry(1.0)))["returns_nothing"].text


def test_a_common_factor() -> None:
    seen = see(*((case(number), returned(-2.0 * number), entry(float(number))) for number in (1, 2, 3)))
    assert seen["factor"].text == "every wrong value is -2 times the expected one"
    mixed = see(*((case(number), returned(float(number**2)), entry(float(number))) for number in (2, 3)))
    assert "factor" not in mixed


def test_the_factor_of_those_that_are_wrong() -> None:
    seen = see(*((case(number), returned(number * (1.0 if number < 3 else 2.0)), entry(float(number))) for number in (1, 2, 3, 4)))
    assert seen["factor"].text == "every wrong value is 2 times the expected one"


def test_the_factor_of_the_public_cases_alone() -> None:
    public = [(case(number), returned(2.0 * number), entry(float(number))) for number in (1, 2)]
    seen = see(*public, (case(3, HIDDEN), returned(9.0), entry(3.0)))
    assert seen["factor"] == Observation("factor", "every wrong value in the public cases is 2 times the expected one")
    hidden = [(case(number, HIDDEN), returned(2.0 * number), entry(float(number))) for number in (1, 2)]
    assert see((case(3), returned(3.0), entry(3.0)), *hidden)["factor"].visibility is HIDDEN


def test_the_noise_of_a_case_with_a_bound_has_no_multiples() -> None:
    below = [msgspec.structs.replace(case(number), expect=Below(1e-9)) for number in (1, 2)]
    seen = see(*((item, returned(0.1), entry(1e-10)) for item in below), (case(3), returned(0.2), entry(0.3)))
    assert not {"factor", "close"} & set(seen)


def test_what_is_wrong_in_a_case_with_a_bound_is_off_by_more_than_a_little() -> None:
    bounded = (msgspec.structs.replace(case(3), expect=Below(1e-7)), returned(1.0), entry(1e-10))
    assert "close" not in see(*((case(number), returned(number * 1.0001), entry(float(number))) for number in (1, 2)), bounded)
    assert "factor" not in see(*((case(number), returned(number * 2.0), entry(float(number))) for number in (1, 2)), bounded)
    right = (bounded[0], returned(1e-9), bounded[2])
    assert "factor" in see(*((case(number), returned(number * 2.0), entry(float(number))) for number in (1, 2)), right)


def test_off_by_little() -> None:
    seen = see(*((case(number), returned(number * (1 + number * 1e-4)), entry(float(number))) for number in (1, 2)))
    assert seen["close"].text == "what is wrong in the public cases is off by little: by up to 0.0002 of the expected value"
    assert "factor" not in seen


# How it ended


def test_leaning_on_a_variable_of_another_cell() -> None:
    seen = see((case(1), raised("NameError", "name 'total' is not defined"), entry(1.0)))
    assert seen["leans_on_global"].text.startswith("it reads total, which it never sets itself")
    seen = see((case(1), raised("NameError", "name 'subtotal' is not defined"), entry(1.0)))
    assert seen["raises"].text == "it raises NameError"


@pytest.mark.parametrize(
    "message",
    [
        "setting an array element with a sequence.",
        "only 0-dimensional arrays can be converted to Python scalars",
    ],
)
def test_drift_of_numpy(message: str) -> None:
    text = see((case(1), raised("TypeError", message), entry(1.0)))["numpy_version"].text
    assert text.startswith("an array or a list stands where one number belongs")
    assert "before version 2.4 NumPy took an array of one element" in text


@pytest.mark.parametrize(
    "message",
    [
        "setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 dimensions.",
        "setting an array element with a sequence. The requested array would exceed the maximum number of dimension of 1.",
        "only length-1 arrays can be converted to Python scalars",
    ],
)
def test_what_no_numpy_takes_is_no_drift(message: str) -> None:
    assert set(see((case(1), raised("ValueError", message), entry(1.0)))) >= {"raises"}
    assert "numpy_version" not in see((case(1), raised("ValueError", message), entry(1.0)))


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        ("import numpy\nfrom tqdm.auto import tqdm, trange", "No module named 'tqdm'", "it uses tqdm, which cell 1 could not import where"),
        ("import tqdm", "No module named 'tqdm'", "(No module named 'tqdm'): do without it, or ask whoever grades to install it"),
        ("import numpy as np", "No module named 'numpyy'", None),
        ("print('important tqdm')", "No module named 'x'", None),
    ],
)
def test_what_a_cell_could_not_import(source: str, error: str, said: str | None) -> None:
    failed = (CellReply(0, "ModuleNotFoundError", error),)
    seen = see((case(1), raised("NameError", "name 'tqdm' is not defined"), entry(1.0)), cells=failed, book=notebook(source))
    assert said in seen["not_imported"].text if said else seen["raises"].text == "it raises NameError"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("from week5.my.tools import double", "No module named 'week5'"),
        ("import week5.tools as double", "No module named 'week5'"),
        ("import numpy\nfrom .tools import relu, \\\n    double, size\nfrom .tools import double", "attempted relative import"),
    ],
)
def test_a_support_module_that_is_looked_for_in_a_package(source: str, error: str) -> None:
    failed = (CellReply(0, "ModuleNotFoundError", error),)
    seen = see((case(1), raised("NameError", "name 'double' is not defined"), entry(1.0)), cells=failed, book=notebook(source))
    assert seen["in_package"].text.endswith(f"({error}): tools lies beside the notebook, in no package, and is imported as it is")


def test_what_the_course_s_own_module_has_not() -> None:
    failed = (CellReply(0, "ImportError", "cannot import name 'size' from 'tools'"),)
    book = notebook("from tools import double, size")
    seen = see((case(1), raised("NameError", "name 'size' is not defined"), entry(1.0)), cells=failed, book=book)
    assert seen["not_imported"].text.endswith("(cannot import name 'size' from 'tools'): define it in the notebook")


def test_what_a_function_could_not_import() -> None:
    seen = see((case(1), raised("ModuleNotFoundError", "No module named 'scipy'", 3, 7), entry(1.0)))
    assert seen["raises"].text.startswith("cell 4, line 7 imports what is not installed where this was graded")


def test_an_exception_with_its_line() -> None:
    assert (
        see((case(1), raised("ZeroDivisionError", "division by zero", 3, 7), entry(1.0)))["raises"].text
        == "it raises ZeroDivisionError in cell 4, line 7"
    )


def test_a_call_that_the_signature_does_not_take() -> None:
    message = "slope() takes 1 positional argument but 2 were given"
    seen = see((case(1), raised("TypeError", message), entry(1.0)), (case(2), raised("TypeError", message), entry(1.0)))
    assert seen["raises"].text == "it raises TypeError where it is called as slope(x, theta): arguments come by position, in this order"
    assert see((case(1), raised("TypeError", message, 3, 7), entry(1.0)))["raises"].text == "it raises TypeError in cell 4, line 7"


def test_limits() -> None:
    assert "after 5 s" in see((case(1), CallReply("lost", reason="ended after 5 s", limit="case_seconds"), entry(1.0)))["timed_out"].text
    assert "signal 11" in see((case(1), CallReply("lost", reason="ended by signal 11"), entry(1.0)))["killed"].text


# What was evaluated


def evaluated(array: object, wanted: np.ndarray = WANTED, calls: int | None = None) -> str | None:
    seen = see((case(1), returned(9.0, points(array, calls)), entry(1.0, points(wanted))))
    found = seen.get("evaluation_points_cost") or seen.get("layout_cost") or seen.get("not_called_cost")
    return None if found is None else found.text


def moved(*moves: tuple[float, float]) -> np.ndarray:
    return np.array([BASE + WIDTH * np.array([0, *move]) for move in moves])


def test_the_right_points_in_any_order_and_number() -> None:
    assert evaluated(WANTED) is None
    assert evaluated(WANTED[::-1]) is None
    assert evaluated(np.concatenate([WANTED, WANTED[:2]])) is None


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (moved((1, 1), (-1, -1)), "up to 2 of 3 numbers are moved at once (1 expected)"),
        (moved((1, 0), (-1, 0), (1, 1), (1, -1)), "theta[0] is still moved when theta[1] is tested; up to 2 of 3 numbers"),
        (moved((1, 0), (-1, 0)), "theta[1] is never moved"),
        (moved((0, 0), (0, 0)), "theta is never moved"),
        (moved((1, 0), (0, 1)), "theta is moved upwards only"),
        (moved((0, -1), (0, 0), (-1, 0), (0, 0)), "theta is moved downwards only; 2 of 4 evaluations are made with nothing moved"),
        (moved((0.5, 0), (-0.5, 0), (0, 1), (0, -1)), "theta[0] is moved by +0.005 and -0.005 (+0.01 and -0.01 expected)"),
        (moved((2, 0), (-2, 0), (0, 2), (0, -2)), "theta[0] and others are moved by +0.02 and -0.02 (+0.01 and -0.01 expected)"),
        (moved((1e-5, 0), (-1e-5, 0), (0, 1e-5), (0, -1e-5)), "theta[0] and others are moved by +1e-07 and -1e-07"),
        (np.concatenate([WANTED, WANTED[:1] + np.array([WIDTH, 0, 0])]), "x should stay 5, but is 5.01"),
        (np.concatenate([WANTED, BASE[None]]), "1 of 5 evaluations is made with nothing moved"),
        (moved((1, 0), (-1, 0)), "cost is evaluated 2 times (4 expected), but not at the expected points: "),
        (moved((1, 0)), "cost is evaluated once (4 expected)"),
    ],
)
def test_wrong_points(array: np.ndarray, said: str) -> None:
    text = evaluated(array)
    assert text is not None
    assert said in text


def test_the_right_points_are_a_fact() -> None:
    seen = see((case(1), returned(9.0), entry(1.0)), (case(2), returned(9.0, points(WANTED)), entry(1.0, points(WANTED))))
    assert seen["evaluated_cost"].text == "cost is evaluated 4 times, as expected, and at the expected x and theta"


def test_right_points_in_one_case_are_no_fact_where_they_are_wrong_in_another() -> None:
    seen_at = (points(WANTED), points(moved((1, 0), (1, 0))), points(WANTED))
    replies = [(case(number), returned(0.5, item), entry(float(number), points(WANTED))) for number, item in enumerate(seen_at, 1)]
    assert [name for name in see(*replies) if name.endswith("_cost")] == ["evaluation_points_cost"]


def test_never_called() -> None:
    assert evaluated(None, calls=0) == "it never calls cost, so it cannot notice what cost does"


def test_other_shapes() -> None:
    assert evaluated(np.zeros((4, 2))) == "it calls cost with arguments of another shape than expected"
    assert evaluated(None, calls=3) is None


def test_one_point_elsewhere() -> None:
    assert evaluated(BASE[None] + [[0, 0, 1.0]], BASE[None]) == (
        "cost is evaluated once, as expected, but not at the expected points: cost is called with theta[1] = 3, not 2"
    )


DTYPES = st.sampled_from(["?", "i1", "i8", "u8", "f2", "f8", "c16"]).map(np.dtype)
POINTS: st.SearchStrategy[object] = (
    st.none()
    | st.integers()
    | st.lists(st.floats())
    | npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    | npst.arrays(DTYPES, st.tuples(st.integers(0, 5), st.just(3)))
    | npst.arrays(float, (2, 3), elements=st.sampled_from([1e308, -1e308, 5e-324, 0.0, 5.0, math.nan]))
)


@settings(deadline=None, max_examples=300)
@example(np.zeros((0, 3)), 5, WANTED)
@example(WANTED + 1j, 4, WANTED)
@example(np.ones((4, 3), dtype=bool), 4, WANTED)
@example(np.full((2, 3), 1e308), 2, WANTED)
@given(POINTS, st.integers(0, 10**30), st.sampled_from([WANTED, WANTED[:1], WANTED[:1] * 0]))
def test_forged_observations_are_facts_or_nothing(array: object, calls: int, wanted: np.ndarray) -> None:
    text = evaluated(array, wanted, calls)
    assert text is None or len(text) < 1_000


def test_very_many_points_take_little_memory() -> None:
    many = np.repeat(WANTED, 30_000, axis=0)
    tracemalloc.start()
    assert evaluated(many, np.repeat(WANTED, 20, axis=0)) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


# What is related

RELATION = Relation("epsilon_order", "slope", "h1", "h2", 4.0, 0.02, "halving epsilon quarters the error", {2.0: "that is one-sided"})


def related(first: object, second: object) -> Observation | None:
    replies = [(case(1, HIDDEN), returned(first), entry(1.0)), (case(2, HIDDEN), returned(second), entry(0.25))]
    return see(*replies, relations=(RELATION,)).get("relation_epsilon_order")


def test_relations() -> None:
    assert related(8.0, 2.0) is None
    assert related(8.0, 4.0) == Observation(
        "relation_epsilon_order", "halving epsilon quarters the error; here the ratio is 2: that is one-sided", HIDDEN
    )
    other = related(8.0, 1.0)
    assert other is not None
    assert other.text == "halving epsilon quarters the error; here the ratio is 8"
    scale = msgspec.structs.replace(RELATION, ratio=1.0, rtol=1e-6, text="scaling changes nothing", explained={})
    replies = [(case(1, HIDDEN), returned(0.250005), entry(0.5)), (case(2, HIDDEN), returned(0.25), entry(0.5))]
    assert see(*replies, relations=(scale,))["relation_epsilon_order"].text == "scaling changes nothing; here the ratio is 1.00002"
    for value in (None, "a", 0.0, math.nan, math.inf, -math.inf, np.zeros(2)):
        assert related(1.0, value) is None or related(1.0, value) is not None
        related(value, 1.0)


# Values of several parts, and values that are no numbers


PAIR = Parts((Close(1e-6), Close(1e-6, 1e-9)))
SLOPES = np.array([1.0, 2.0])


def pair(number: int, visibility: Visibility = PUBLIC) -> Case:
    return msgspec.structs.replace(case(number, visibility), expect=PAIR)


def test_a_pair_is_told_of_by_its_first_number() -> None:
    doubled = [(pair(number), returned((2.0 * number, SLOPES)), entry((float(number), SLOPES))) for number in (1, 2)]
    assert see(*doubled)["factor"].text == "every wrong value in the public cases is 2 times the expected one"
    constant = [(pair(number), returned((0.5, SLOPES)), entry((float(number), SLOPES))) for number in (1, 2)]
    assert "constant" not in see(*constant), "the number is a part of what it returns"
    flipped = [(pair(number), returned((float(number), -SLOPES)), entry((float(number), SLOPES))) for number in (1, 2)]
    told = "what it returns is not what is asked for: value 1: 2 of 2 components are off, the first at [0]"
    assert see(*flipped)["kind"].text == told


def test_what_is_wrong_in_a_value_that_is_no_number() -> None:
    told = see((case(1), returned(SLOPES[:, None]), entry(SLOPES)), (case(2), returned(SLOPES[:, None]), entry(SLOPES)))["kind"].text
    assert told == "what it returns is not what is asked for: its shape is (2, 1), it should be (2,)"


def test_a_case_that_costs_nothing_is_watched() -> None:
    free = [
        msgspec.structs.replace(case(number, visibility), weight=0, title=f"with {number}")
        for number, visibility in ((1, PUBLIC), (2, HIDDEN), (3, PUBLIC), (4, PUBLIC))
    ]
    replies = [
        (free[0], returned(2.0), entry(1.0)), (free[1], raised("ValueError", "7345"), entry(1.0)), (free[2], returned(1.0), entry(1.0)),
        (free[3], CallReply("missing"), entry(1.0)),
    ]  # fmt: skip
    seen = watch(replies, [judge(*item, LONG) for item in replies])
    assert seen == (
        Observation("case_p1", "with 1: what comes of it is not as expected. This costs no points.", PUBLIC),
        Observation("case_h2", "with 2: what comes of it is not as expected. This costs no points.", HIDDEN),
    )


# What is missing


def missing(book: Notebook, cells: Sequence[CellReply] = ()) -> Observation:
    replies = [(case(1), CallReply("missing"), entry(1.0)), (case(2, HIDDEN), CallReply("missing"), entry(2.0))]
    (seen,) = see(*replies, cells=cells, book=book).values()
    return seen


def test_not_defined() -> None:
    assert missing(notebook("x = 1")) == Observation("not_defined", "no cell defines a function called slope")
    assert missing(notebook()).id == "not_defined"


def test_a_function_of_a_module_that_is_not_there() -> None:
    seen = missing(notebook("from src.answers import slope"), [CellReply(0, "ModuleNotFoundError", "No module named 'src'")])
    assert seen.id == "not_handed_in"
    assert seen.text.startswith("cell 1 could not import slope where this was graded (No module named 'src'): define it in the notebook")


def test_a_near_name() -> None:
    assert "one called slopes" in missing(notebook("def slopes(x): ...")).text
    assert "one called slop" in missing(notebook("slop = lambda x: x")).text


def test_of_very_many_names_the_first_thousand_are_looked_through() -> None:
    """Each takes a tenth of a millisecond, outside of every limit."""
    text = "\n".join(f"def other{number}(x): ..." for number in range(1_000))
    assert missing(notebook(f"{text}\ndef slopes(x): ...")).id == "not_defined"


def test_a_near_name_that_has_its_own_meaning_is_no_hint() -> None:
    made = msgspec.structs.replace(assignment(), helpers=(Helper("slope_n", ("x",), aliases=("slopes",)),))
    replies = [(case(1), CallReply("missing"), entry(1.0))]
    book = notebook("def slope_n(x): ...\ndef slopes(x): ...")
    (seen,) = observe(made, EXERCISE, book, Reply((), {}, ()), replies, [judge(*item, book) for item in replies])
    assert seen.id == "not_defined"


def test_defined_in_a_cell_that_does_not_run() -> None:
    error = CellReply(0, "IndentationError", "expected an indented block" + "!" * 1_000)
    seen = missing(notebook("def slope(x, theta):\nJ = "), [error])
    assert seen.id == "not_runnable"
    assert seen.text.startswith("cell 1 defines slope, but could not be run (IndentationError: expected an indented block")
    assert len(seen.text) < 400
    assert "it is a markdown cell" in missing(notebook("def slope(x, theta)", kind="markdown")).text


@pytest.mark.parametrize(
    "source",
    ["class All:\n    def slope(self): ...", "# def slope(x, theta): ...", "def slope(x, theta): ...\ndel slope", "'def slope(x)'"],
)
def test_a_cell_that_ran_and_left_no_function_of_that_name(source: str) -> None:
    seen = missing(notebook(source))
    assert seen.id == "not_left"
    assert seen.text.startswith("slope is in the text of cell 1, which ran and left no function of that name: ")


def test_an_f_string_that_a_newer_python_takes() -> None:
    book = notebook("def slope(x, theta):\n    print(f'{d['k']}')")
    replies = [(case(1), CallReply("missing"), entry(1.0))]
    seen = see(*replies, cells=[CellReply(0, "SyntaxError", "f-string: unmatched '[' (line 2)")], book=book)
    assert "before Python 3.12" in seen["python_version"].text
    assert set(see(*replies, cells=[CellReply(0, "SyntaxError", "invalid syntax (line 2)")], book=book)) == {"not_runnable"}


def test_notes_on_the_notebook() -> None:
    nothing = Reply((), {"slope": None}, ())
    made = assignment(case(1, HIDDEN))
    assert notes(made, notebook("x = 1"), nothing) == ("none of the assignment's functions is defined in the notebook",)
    assert notes(made, notebook(), nothing) == ("the notebook has no cells",)
    assert notes(made, notebook("def halve(x): ...\nthird = lambda x: x / 3"), nothing) == (
        "looks like other_assignment: it defines halve, third",
    )
    assert notes(made, notebook("def halve(x): ..."), nothing) == ("none of the assignment's functions is defined in the notebook",)
    assert notes(made, notebook("def halve(x): ...\ndef third(x): ..."), Reply((), {"slope": FoundReply(0, "executed", "slope")}, ())) == ()


def test_a_note_on_public_cases_alone() -> None:
    found = Reply((), {"slope": FoundReply(0, "executed", "slope")}, ())
    (note,) = notes(assignment(case(1)), notebook("def slope(x): ..."), found)
    assert "only the public cases were run" in note


# Otherwise, how many


def test_right_on_the_public_cases_alone() -> None:
    seen = see((case(1), returned(1.0), entry(1.0)), (case(2, HIDDEN), returned("a"), entry(1.0)))
    assert seen["cases"].text.startswith("1 of 2 cases passed, all public ones among them")


# Nothing of a hidden case is shown

SECRET = 7.34512986
MARK = "s3cr3t"
HIDDEN_CALLS: st.SearchStrategy[CallReply] = st.one_of(
    st.sampled_from([SECRET, -SECRET, MARK, [SECRET], {MARK: SECRET}, np.array([SECRET]), np.full(3, SECRET), None]).map(returned),
    st.sampled_from(["NameError", "TypeError", MARK]).flatmap(
        lambda kind: st.sampled_from(
            [MARK, f"name '{MARK}' is not defined", "name 'total' is not defined", f"setting an array element with a sequence {MARK}"]
        ).map(lambda message: raised(kind, message, 3, 734512986))
    ),
    st.builds(lambda limit: CallReply("lost", reason=MARK, limit=limit), st.sampled_from(["", "case_seconds", "memory_mb"])),
    st.builds(
        lambda rows, count: returned(SECRET, Observed("cost", count, ((MARK, ()), (MARK, (2,))), rows)),
        st.sampled_from([None, WANTED + SECRET, np.full((2, 3), SECRET), np.full((2, 2), SECRET), SECRET * WANTED]),
        st.sampled_from([0, 3, 734512986]),
    ),
)
PUBLIC_CALLS: st.SearchStrategy[CallReply] = st.sampled_from(
    [
        returned(1.0),
        returned(0.0),
        returned(None),
        returned(2.0),
        raised("ValueError", "of the public case"),
        CallReply("lost", reason="ended", limit="memory_mb"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PUBLIC_CALLS, min_size=1, max_size=3), st.lists(HIDDEN_CALLS, min_size=1, max_size=4))
def test_hidden_data_is_never_in_a_public_observation(public: list[CallReply], hidden: list[CallReply]) -> None:
    wanted = points(WANTED + SECRET)
    replies = [(case(number), call, entry(float(number + 1), points(WANTED))) for number, call in enumerate(public)]
    replies += [(case(number, HIDDEN, SECRET, SECRET), call, entry(SECRET, wanted)) for number, call in enumerate(hidden)]
    results = [judge(*item, LONG) for item in replies]
    made = assignment(*(item for item, _, _ in replies), relations=(RELATION,))
    reply = Reply((), {"slope": FoundReply(0, "executed", "slope")}, tuple(call for _, call, _ in replies))
    seen = observe(made, EXERCISE, LONG, reply, replies, results)
    assert any(item.visibility is PUBLIC for item in seen)
    for item in seen:
        if item.visibility is PUBLIC:
            assert not any(secret in f"{item.id} {item.text}" for secret in (MARK, "7.345", "7345", "734512986"))
