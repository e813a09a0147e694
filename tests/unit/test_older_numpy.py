"""Cells rewritten for what NumPy took before 2.4: what they do then, and what stays an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.notebook import Notebook, NotebookCell
from grader.older_numpy import as_before


def source(text: str, kind: str = "code") -> str:
    (cell,) = as_before(Notebook((NotebookCell(3, kind, text),), "")).cells
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


@pytest.mark.parametrize("text", ["%matplotlib inline\na[0] = b", "def f(:", "from __future__ import annotations\na[0] = b"])
def test_what_is_not_python_alone_stays(text: str) -> None:
    assert source(text) == text
    assert source("a[0] = b", kind="markdown") == "a[0] = b"
