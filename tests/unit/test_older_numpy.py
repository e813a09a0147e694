"""Cells rewritten for what NumPy took before 2.4: what they do then, and what stays an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.notebook import Notebook, NotebookCell
from grader.older_numpy import as_before


def source(text: str, kind: str = "code") -> str:
    rewritten = as_before(Notebook((NotebookCell(3, kind, text),), ""), {})
    if rewritten is None:
        return text
    (cell,) = rewritten[0].cells
    assert (cell.index, cell.kind) == (3, kind)
    return cell.source


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"np": np}
    exec(source(text), names)
    return names


def test_an_array_of_one_element_is_stored_as_the_number_in_it() -> None:
    names = run("def moved(a, step):\n    a[1][0] = a[1] + step\n    a[0, 0] += a[2]\n    return a\nb = moved(np.ones((3, 1)), 0.5)")
    assert names["b"].tolist() == [[2.0], [1.5], [1.0]]


@pytest.mark.parametrize("text", ["a[0] = np.ones(3)", "a[0] += np.ones(3)", "a[0] = [1.0, 2.0]", "a[0] = np.ones((2, 1))", "a[0] = 'x'"])
def test_what_no_version_takes_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        run(f"a = np.zeros(2)\n{text}")


def test_other_places_get_what_is_stored() -> None:
    names = run(
        "kept = {}\nlisted = [0]\na = np.zeros((2, 1))\nkept['b'] = listed[0] = np.ones((1, 1))\nkept['c'] = np.ones(1)\na[0] = np.ones(1)"
    )
    assert names["kept"]["b"].shape == (1, 1)
    assert names["kept"]["c"].shape == (1,)
    assert names["listed"][0].shape == (1, 1)
    assert names["a"].tolist() == [[1.0], [0.0]]


def test_nothing_is_called_twice() -> None:
    names = run("calls = []\ndef place():\n    calls.append(1)\n    return np.zeros(1)\nplace()[0] = 1.0")
    assert names["calls"] == [1]


@pytest.mark.parametrize("text", ["def f(:", "%%writefile mine.py\na[0] = b", "x = a[0]", "a = b", "a[0] = b\n" * 20_000])
def test_what_is_not_python_or_stores_nothing_or_is_long_stays(text: str) -> None:
    assert source(text) == text
    assert source("a[0] = b", kind="markdown") == "a[0] = b"


@pytest.mark.parametrize(
    "head",
    ["%%time", "%matplotlib inline", "!ls", "if True:\n    %time 1", "from __future__ import annotations", "np.copy?", "# __future__"],
)
def test_magics_and_imports_of_the_future_are_in_nobody_s_way(head: str) -> None:
    assert run(f"{head}\na = np.zeros((2, 1))\na[1][0], b = a[0] + 1, 2")["a"].tolist() == [[0.0], [1.0]]


def test_modules_of_the_student_are_rewritten_too() -> None:
    files = {"mine.py": "def put(a, b):\n    a[0] = b\n", "data.csv": "a[0] = b"}
    rewritten = as_before(Notebook((), ""), files)
    assert rewritten is not None
    assert rewritten[1]["data.csv"] == files["data.csv"]
    names: dict[str, Any] = {}
    exec(rewritten[1]["mine.py"], names)
    place = np.zeros(2)
    names["put"](place, np.ones(1))
    assert place.tolist() == [1.0, 0.0]


def test_arrays_of_objects_keep_the_array() -> None:
    assert run("a = np.empty(1, dtype=object)\nb = np.ones(1)\na[0] = b")["a"][0].shape == (1,)
