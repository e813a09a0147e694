"""Makes a class of submissions, right and wrong ones, each different in its code: material for benchmarks.

    python tests/benchmarks/classes.py FOLDER SIZE [--seed N]

A student's notebook depends on the seed and the student's number alone, so a small class is the beginning of a large one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grader import assignments
from tests.benchmarks.handwriting import GRADED, HELPER, Hand, Known

GIVEN_NAMES = (
    "aisha amir ana anders bianca bo carlos chiara dalia deng emre eva farah felix gita goran haruka hedda ibrahim ilse jana jiro kaya "
    "kwame lea liang mara minh nadia nils olga omar paula pablo qing rania rosa sami sofia tariq tuva uma viktor wei xenia yara yusuf zoe"
)
_DEFINED = re.compile(r"^def (\w+)\(", re.MULTILINE)
_MISSING_FILE, _MISSING_MODULE = "FileNotFoundError: [Errno 2] No such file or directory", "ModuleNotFoundError: No module named"
# First cells that only work on the machine where they were written, and what they raise elsewhere.
_ELSEWHERE = (
    ("import os\nos.chdir('/content/drive/MyDrive/{folder}')", f"{_MISSING_FILE}: '/content/drive/MyDrive/{{folder}}'"),
    ("from google.colab import drive\ndrive.mount('/content/{folder}')", f"{_MISSING_MODULE} 'google'"),
    ("import {folder}_tools as tools\ntools.setup()", f"{_MISSING_MODULE} '{{folder}}_tools'"),
    ("data = open('/home/{folder}/week1/data.csv').read()", f"{_MISSING_FILE}: '/home/{{folder}}/week1/data.csv'"),
)


class Cell(NamedTuple):
    """A cell; `said` is its recorded stdout, `error` the exception that is recorded."""

    kind: str
    source: str
    said: str = ""
    error: str = ""


class Made(NamedTuple):
    """One submission. mistakes: of graded functions, by the ids of known mistakes, or `missing:` or `unfinished:` and the function."""

    student: str
    path: Path
    mistakes: tuple[str, ...]


class Script(NamedTuple):
    """What a student makes of the functions: the text of each, and what is wrong with them."""

    texts: dict[str, str]  # function -> text; no entry where the student has none
    mistakes: dict[str, tuple[str, ...]]  # by function
    has_helper: bool


def make_class(folder: Path, size: int, seed: int = 0) -> list[Made]:
    """Writes `size` submissions below the folder: `<student>.ipynb`, `<student>/….ipynb` or deeper, as learning systems do."""
    folder.mkdir(parents=True, exist_ok=True)
    known, starter = Known(), _read_starter()
    return [_make(folder, number, random.Random(f"{seed}/{number}"), known, starter) for number in range(size)]


def _read_starter() -> list[Cell]:
    assignment = assignments.load("gradient_checking")
    notebook = json.loads((assignment.folder / assignment.notebook).read_bytes())
    return [Cell(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]


def _make(folder: Path, number: int, draw: random.Random, known: Known, starter: list[Cell]) -> Made:
    student = f"{draw.choice(GIVEN_NAMES.split())}-{number:05d}"
    hand = Hand(draw)
    script = _write_functions(hand, known, {name: cell.source for cell in starter for name in _DEFINED.findall(cell.source)})
    cells = [cell for one in starter for cell in _cells(one, hand, script, known, number)]
    if draw.random() < 0.08:
        source, error = (text.format(folder=student.split("-")[0]) for text in draw.choice(_ELSEWHERE))
        cells.insert(1, Cell("code", source, error=error))
    place = draw.choice((f"{student}.ipynb", f"{student}/Gradient_Checking.ipynb", f"{student}/week1/Gradient Checking.ipynb"))
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_to_notebook(cells, draw))
    return Made(student, path, tuple(mistake for function in GRADED for mistake in script.mistakes.get(function, ())))


def _write_functions(hand: Hand, known: Known, starters: dict[str, str]) -> Script:
    """Right in half of the class; else mistakes of one or two functions, a function left out, or one left unfinished."""
    draw = hand.random
    texts, mistakes, rewritten = {}, {}, []
    for function in (*GRADED, "forward_propagation_n"):
        texts[function] = hand.fill(starters[function], function)
        if function in known.right and draw.random() < 0.4:
            rewritten.append(draw.choice(known.right[function]))
            texts[function] = hand.rewrite(rewritten[-1], starters[function], function)
    texts["backward_propagation_n"] = _repaired(hand, starters["backward_propagation_n"])
    lot, function = draw.random(), draw.choice(GRADED)
    if lot < 0.4:
        for items in known.choose_mistakes(draw):
            rewritten.append(known.wrong(items))
            function = items[0].function
            texts[function] = hand.rewrite(rewritten[-1], starters[function], function)
            mistakes[function] = tuple(item.id for item in items)
    elif lot < 0.44:
        del texts[function]
        mistakes[function] = (f"missing:{function}",)
    elif lot < 0.5:
        texts[function] = re.sub(r" = None$", hand.pick(" = None", " = ", " = (2 * "), starters[function], count=1, flags=re.MULTILINE)
        mistakes[function] = (f"unfinished:{function}",)
    return Script(texts, mistakes, any(HELPER in text for text in rewritten))


def _repaired(hand: Hand, text: str) -> str:
    """The function with planted bugs: most leave them in, some repair both, some one."""
    lot = hand.random.random()
    if lot > 0.6:
        text = text.replace("dZ2 @ A1.T * 2", hand.pick("dZ2 @ A1.T", "np.dot(dZ2, A1.T)"))
    if lot > 0.7:
        text = text.replace("(4.0 / m)", hand.pick("(1.0 / m)", "1 / m"))
    return text


def _cells(cell: Cell, hand: Hand, script: Script, known: Known, number: int) -> Iterator[Cell]:
    """What a student makes of one of the starter's cells."""
    defined = _DEFINED.search(cell.source) if cell.kind == "code" else None
    if cell.kind != "code":
        yield cell
    elif defined:
        if defined[1] == "gradient_check" and script.has_helper:
            yield Cell("code", hand.helper(known.helper))
        if defined[1] in script.texts:
            yield Cell("code", script.texts[defined[1]].rstrip())
    elif cell.source.startswith("import"):
        yield Cell("code", cell.source + hand.pick("", "", "\n\n%load_ext autoreload\n%autoreload 2", "\n\nimport time\nimport math"))
    else:
        yield from _tests(cell.source, hand, script, number)


def _tests(source: str, hand: Hand, script: Script, number: int) -> Iterator[Cell]:
    """A test cell of the starter in the dialect of the function, what it showed, and after it the student's own tries."""
    (function,) = set(re.findall(r"^(\w+)_test\(", source, re.MULTILINE))
    if "print_msg" not in script.texts.get(function, ""):
        source = source.replace(", print_msg=True", "").replace(", 1e-7, True)", ")")
    said = _said(function, hand)
    if function not in script.mistakes:
        yield Cell("code", source, said + "All tests passed.\n")
    elif function in script.texts:
        yield Cell("code", source, said, f"AssertionError: {function}(2, 4) is {hand.random.uniform(-9, 9)}")
    else:
        yield Cell("code", source, "", f"NameError: name '{function}' is not defined")
    if function == "gradient_check":
        yield Cell("markdown", f"{hand.pick('**Notes**', '### Remarks', '备注' if hand.is_chinese else 'My notes:')}\n\n{hand.remark()}")
        yield _try_points(hand, number)
    elif function == "gradient_check_n":
        tries = [_try_widths(hand), _show_gradients(hand), _show_shapes(hand)]
        chosen = hand.random.sample(tries, hand.random.randint(0, 2))
        yield from chosen
        if len(chosen) < 2:
            yield Cell("markdown", hand.remark())


def _said(function: str, hand: Hand) -> str:
    digits = hand.random.random()
    match function:
        case "forward_propagation":
            return "J = 8\n"
        case "backward_propagation":
            return "dtheta = 3\n"
        case "gradient_check":
            return f"The derivatives agree: difference = {digits}e-10\n"
    return f"The gradients do not agree: difference = 0.28509315{digits * 1e8:.0f}\n"


def _try_points(hand: Hand, number: int) -> Cell:
    """One-dimensional checks at points of the student's own: the seed is the student's number, as teachers ask for."""
    widest, turns, name = hand.random.randint(10, 90) / 10, hand.random.randint(2, 6), hand.pick("rng", "rand", "generator", "r")
    x, theta = hand.pick("x theta", "a b", "x0 t0", "xi ti").split()
    source = (
        f"{hand.comment()}\n{name} = np.random.default_rng({20_240_000 + number})\nfor _ in range({turns}):\n"
        f"    {x}, {theta} = {name}.uniform(-{widest}, {widest}, 2)\n"
        f'    print(f"{{{x}:.3f}} {{{theta}:.3f}}", gradient_check({x}, {theta}))'
    )
    rows = (f"{hand.random.uniform(-9, 9):.3f} {hand.random.uniform(-9, 9):.3f} {hand.random.random()}e-09\n" for _ in range(turns))
    return Cell("code", source, "".join(rows))


def _try_widths(hand: Hand) -> Cell:
    """The n-dimensional check with several widths."""
    widths = hand.random.sample(("1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7", "1e-8"), 3)
    width = hand.pick("eps", "e", "width", "h")
    source = f"for {width} in ({', '.join(widths)}):\n    print({width}, gradient_check_n(parameters, gradients, X, Y, {width}))"
    return Cell("code", source, "".join(f"{one} 0.2850931{hand.random.random() * 1e10:.0f}\n" for one in widths))


def _show_gradients(hand: Hand) -> Cell:
    """The gradients one by one beside the names of their parameters."""
    row = hand.pick("name, value", "key, g", "k, v")
    first, second = row.split(", ")
    digits = hand.random.randint(4, 12)
    source = (
        f"_, names = dictionary_to_vector(parameters)\nfor {row} in zip(names, gradients_to_vector(gradients)[:, 0]):\n"
        f'    print({first}, f"{{{second}:.{digits}f}}")'
    )
    return Cell("code", source, "".join(f"W{1 + row // 24} {hand.random.uniform(-1, 1):.{digits}f}\n" for row in range(47)))


def _show_shapes(hand: Hand) -> Cell:
    """A look at the data, and a test by hand."""
    by_hand = hand.random.randint(2, 99)
    source = (
        f"print(X.shape, Y.shape, {{key: value.shape for key, value in parameters.items()}})\n"
        f"assert abs(backward_propagation({by_hand}, {hand.random.randint(2, 99)}) - {by_hand}) < 1e-9"
    )
    shapes = "{'W1': (5, 4), 'b1': (5, 1), 'W2': (3, 5), 'b2': (3, 1), 'W3': (1, 3), 'b3': (1, 1)}"
    return Cell("code", source, f"(4, 3) (3,) {shapes}\n")


def _to_notebook(cells: list[Cell], draw: random.Random) -> bytes:
    """The notebook's file, in one of the ways in which Jupyter and others write it."""
    minor, indent = draw.choice((2, 4, 5)), None if draw.random() < 0.1 else 1
    documents = []
    for number, cell in enumerate(cells, 1):
        document: dict[str, object] = {"cell_type": cell.kind, "metadata": {}, "source": cell.source.splitlines(keepends=True)}
        if minor == 5:
            document["id"] = f"{draw.getrandbits(32):08x}"
        if cell.kind == "code":
            document |= {"execution_count": number, "outputs": _outputs(cell, number)}
        documents.append(document)
    language = {
        "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python", "name": "python",
        "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": draw.choice(("3.7.6", "3.8.10", "3.10.12", "3.11.5")),
    }  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": language}
    notebook = {"cells": documents, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}
    return (json.dumps(notebook, indent=indent, ensure_ascii=False) + "\n").encode()


def _outputs(cell: Cell, number: int) -> list[dict[str, object]]:
    outputs: list[dict[str, object]] = []
    if cell.said:
        outputs.append({"name": "stdout", "output_type": "stream", "text": cell.said.splitlines(keepends=True)})
    if cell.error:
        kind, _, message = cell.error.partition(": ")
        red, green, plain = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"
        head = f"{red}{kind}{plain}{' ' * 30}Traceback (most recent call last)"
        shown = "\n".join(f"{green}{row:>10}{plain} {line}" for row, line in enumerate(cell.source.splitlines(), 1))
        place = f"Cell {green}In[{number}]{plain}\n{shown}"
        traceback = [f"{red}{'-' * 75}{plain}", head, place, f"{red}{kind}{plain}: {message}"]
        outputs.append({"ename": kind, "evalue": message, "output_type": "error", "traceback": traceback})
    return outputs


def main() -> None:
    """Makes the class and tells how many are wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("size", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    made = make_class(options.folder, options.size, options.seed)
    wrong = sum(bool(one.mistakes) for one in made)
    print(f"{len(made)} submissions in {options.folder}: {len(made) - wrong} right, {wrong} wrong; seed {options.seed}")


if __name__ == "__main__":
    main()
