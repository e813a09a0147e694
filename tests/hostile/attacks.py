"""The attacks: a folder each, named after its row in the list of attacks, with an `attack.toml` and what is handed in.

What is handed in is `submission.py` (cells in the percent format, put behind or before the cells of a base), or
`notebook.ipynb` as it stands, or what `make.py`'s `write(path)` makes at that path. Beside them there may be

    then.py       a notebook that is graded next in the same sandbox: what does the next submission find?
    sibling.py    a notebook that is graded at the same time in another sandbox
    common.py     what submission.py and sibling.py both go on with
    beside/       files that lie beside the notebook

No file of these folders is ever imported here but make.py: they are hostile.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from grader.model import Outcome, Status
from grader.sandbox.protocol import Limits
from tests import notebooks

FOLDER = Path(__file__).parent
FOLDERS = sorted(path for path in FOLDER.glob("[0-9][0-9]_*") if (path / "attack.toml").exists())
Engine = Literal["prefork", "kernel", "landlock"]
ENGINES: tuple[Engine, ...] = ("prefork", "kernel", "landlock")  # landlock: prefork behind the weaker tier of walls

# Small, so that an attack is over soon; but of time no less than a busy machine may take for what is done at once elsewhere. An attack
# that is to reach them, or holds a call for as long as it may, has smaller ones of its own.
LIMITS = Limits(cell_seconds=8, case_seconds=8, submission_seconds=24, cpu_seconds=24, memory_mb=400, disk_mb=16, processes=32, reply_mb=8)

# A right notebook, and one whose functions all return 0: it earns a part of a tenth.
CLASSIC = (notebooks.BASES / "classic.py").read_text(encoding="utf-8")
WRONG = """# %%
import numpy as np
def forward_propagation(x, theta):
    return 0.0
def backward_propagation(x, theta):
    return 0.0
def gradient_check(x, theta, epsilon=1e-7):
    return 0.0
def forward_propagation_n(X, Y, parameters):
    return 0.0, ()
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    return 0.0
"""
BASES = {"": "", "classic": CLASSIC, "wrong": WRONG}


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must come of an attack.

    honest: exercises that must get their full points: the attack is on something else. max_scores: the most that another may
    get; where none is named, a tenth of its points, which the public cases weigh. outcomes: those that an exercise may have.
    errors: types of errors that the cells must have. refused: functions of which every call must return the text "refused",
    which they do where what they tried was refused. seconds: the longest that it may hold the run, beyond the submission's limit.
    """

    status: Status | tuple[Status, ...] = Status.GRADED
    honest: tuple[str, ...] = ()
    max_scores: Mapping[str, float] = {}
    outcomes: Mapping[str, tuple[Outcome, ...]] = {}
    errors: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    seconds: float = 5.0


class Attack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An `attack.toml`.

    source: where the case was published, or the list's row. limits: instead of LIMITS. needs: a part of the walls without
    which the attack is skipped. student: the name handed in under.
    """

    about: str
    source: str = ""
    base: Literal["", "classic", "wrong"] = "wrong"
    attack_first: bool = False
    engines: tuple[Engine, ...] = ENGINES
    limits: Mapping[str, int] = {}
    needs: str = ""
    student: str = ""
    expect: Expect = Expect()


def read_attack(folder: Path) -> Attack:
    """The folder's attack.toml. Raises msgspec.ValidationError where it does not fit."""
    return msgspec.toml.decode((folder / "attack.toml").read_bytes(), type=Attack)


def limits(attack: Attack) -> Limits:
    """The limits that the attack runs under."""
    return msgspec.convert({**msgspec.to_builtins(LIMITS), **attack.limits}, Limits)


def to_notebook(text: str, places: Mapping[str, str]) -> bytes:
    """The notebook of a text in the percent format, with `__NAMES__` of places of this run put in."""
    for name, value in places.items():
        text = text.replace(f"__{name}__", value)
    return notebooks.to_notebook(notebooks.read_cells(text))


def read_text(folder: Path, name: str) -> str:
    """The text of submission.py or sibling.py, with what both go on with."""
    common = folder / "common.py"
    return "".join(path.read_text(encoding="utf-8") for path in (folder / name, common) if path.exists())


def hand_in(folder: Path, attack: Attack, path: Path, places: Mapping[str, str]) -> None:
    """Writes what the attack hands in to `path`, the notebook's place in a student's folder."""
    if (folder / "make.py").exists():
        _load(folder / "make.py")(path)
    elif (folder / "notebook.ipynb").exists():
        path.write_bytes((folder / "notebook.ipynb").read_bytes())
    else:
        text = read_text(folder, "submission.py")
        parts = [text, BASES[attack.base]] if attack.attack_first else [BASES[attack.base], text]
        path.write_bytes(to_notebook("\n".join(part for part in parts if part), places))
    for beside in sorted((folder / "beside").glob("*")) if (folder / "beside").is_dir() else []:
        (path.parent / beside.name).write_bytes(beside.read_bytes())


def _load(path: Path) -> Callable[[Path], None]:
    specification = importlib.util.spec_from_file_location(f"_make_{path.parent.name}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    write: Callable[[Path], None] = module.write
    return write
