"""The figures of a page: what is drawn where, and what is said of it."""

from __future__ import annotations

import math
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.feedback import Excerpt, Material
from grader.feedback.figures import BlocksView, CurveView, draw
from grader.feedback.material import Block, BlockPlot, Curve
from grader.messages.language import Language

ENGLISH = Language("en")
VALUES = tuple(10.0**-power for power in range(8, -1, -1))
V = tuple(value**2 / 100 + 1e-15 / value for value in VALUES)  # truncation and rounding


def curve(student: tuple[float | None, ...], reference: tuple[float | None, ...] = V) -> CurveView:
    (view,) = draw(Material(figures=(Curve("f", "epsilon", "Title", "Text.", VALUES, student, reference),)), ENGLISH)["f"]
    assert isinstance(view, CurveView)
    return view


def blocks(*items: Block) -> BlocksView:
    (view,) = draw(Material(figures=(BlockPlot("f", "Title", "Text.", items),)), ENGLISH)["f"]
    assert isinstance(view, BlocksView)
    return view


def test_the_v_is_described_and_drawn() -> None:
    view = curve(V)
    assert view.summary == (
        "The reference's difference is smallest at epsilon = 1e-05, where it is 1e-10. "
        "Your function gives the same wherever rounding is small."
    )
    heights = [float(y) for _, y in view.student.markers]
    assert heights.index(max(heights)) == VALUES.index(1e-5)  # y grows downwards
    assert view.student == view.reference
    assert [label for _, label in view.across] == ["1e-08", "1e-06", "1e-04", "1e-02", "1"]
    assert view.rows[0] == ("1e-08", f"{V[0]:.4g}", f"{V[0]:.4g}")


def test_rounding_noise_is_no_difference_and_a_factor_is() -> None:
    noisy = tuple(number * (3 if value < 1e-4 else 1) for value, number in zip(VALUES, V, strict=True))
    assert "gives the same" in curve(noisy).summary
    assert "Yours parts from it most at epsilon = " in curve(tuple(2 * number for number in V)).summary
    assert "0.5 in the place of" in curve((0.5,) * len(VALUES)).summary


def test_what_is_missing_breaks_the_line() -> None:
    view = curve((*V[:3], None, *V[4:]))
    assert [len(piece.split()) for piece in view.student.pieces] == [3, 5]
    assert len(view.student.markers) == len(VALUES) - 1
    assert view.rows[3][1] == "–"


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=len(VALUES), max_size=len(VALUES)))
def test_any_numbers_stay_inside_the_picture(numbers: list[float | None]) -> None:
    if all(number is None for number in numbers):
        return
    view = curve(tuple(numbers))
    for x, y in (*view.student.markers, *view.reference.markers):
        assert 69 <= float(x) <= 625
        assert 13 <= float(y) <= 259
    assert len(view.upwards) <= 10


def test_blocks_say_which_stands_out() -> None:
    right, doubled = Block("W1", (1.0, -2.0), (1.0, -2.0), True), Block("W2", (2.0, 4.0), (1.0, 2.0), False, 2.0)
    view = blocks(right, doubled)
    assert view.summary == "W2 stands out; the other blocks agree."
    assert [block.label for block in view.blocks] == ["W1: 2 numbers, agrees", "W2: 2 numbers, 2 times the true one"]
    assert blocks(right).summary == "All blocks agree with the approximation."
    assert blocks(doubled).summary == "None of the blocks agrees with the approximation."
    assert blocks(Block("b", (1.0,), (0.0,), False)).blocks[0].label == "b: 1 number, differs"


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(-1e300, 1e300)] * 2), min_size=1, max_size=9))
def test_dots_of_equal_numbers_lie_on_the_line_and_all_inside(pairs: list[tuple[float, float]]) -> None:
    student, truth = zip(*pairs, strict=True)
    for x, y in blocks(Block("b", student, truth, True)).blocks[0].dots:
        assert 0 <= float(x) <= 100
        assert 0 <= float(y) <= 100
    for x, y in blocks(Block("b", truth, truth, True)).blocks[0].dots:
        assert math.isclose(float(x) + float(y), 100, abs_tol=0.11)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_material_can_be_stored_and_gives_the_same_figures(language: str) -> None:
    figures = (Curve("f", "epsilon", "T", "", VALUES, V, V), BlockPlot("f", "T", "", (Block("W1", (1.0,), (1.0,), True),)))
    material = Material({"f": Excerpt(3, 1, "def f(): ...")}, figures, "zh")
    stored = msgspec.json.decode(msgspec.json.encode(material), type=Material)
    assert stored == material
    assert draw(stored, Language(language)) == draw(material, Language(language))
    assert re.search("[\u4e00-\u9fff]", str(draw(stored, Language("zh"))))
