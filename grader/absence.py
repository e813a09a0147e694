"""Why there is no value to compare: the function is not there, or what it needs is not, or its call ended without one. Facts, with
no claim about their cause.

A hidden case's error could carry the hidden input out: of its message nothing is told but a name that the assignment or the notebook has.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from fractions import Fraction

from grader import recognition
from grader.assignments import Assignment, Exercise
from grader.messages import say
from grader.model import CaseResult, ExerciseResult, Observation, Outcome, StudentError, SubmissionResult
from grader.notebook import Notebook
from grader.sandbox.protocol import CellReply, Reply

PUBLIC_ONLY = say("only the public cases were run: the official grade counts hidden ones, too")
NONE_RAN = say("functions of the assignment are in the notebook's text, but running it defines none of them")
DRIFT, _RIGHT_BEFORE = "numpy_version", "right_before"  # ids of what is seen of it
_MOST_NAMES = 1_000  # that are compared with one: each takes a while, and no student writes so many
# NumPy's words where an array of one element is stored as a number. Of pairs and ragged lists, which no version takes, it says more ("The
# requested array has an inhomogeneous shape"), and of several numbers older versions said "only length-1 arrays".
_DRIFT = re.compile(r"only 0-dimensional arrays can be converted|setting an array element with a sequence\.$")
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^[ \t]*(\w+)[ \t]*=[ \t]*lambda\b", re.MULTILINE)
# What Python says before 3.12 of an f-string that is right since. It may be a mistake all the same, so no more is said than what helps.
_NEWER = re.compile(r"SyntaxError: f-string(: unmatched|: expecting '}'|.* cannot include)")
_NEWER_PYTHON = Observation(
    "python_version",
    say(
        "before Python 3.12 the braces of an f-string take neither the quotes that it stands in nor a backslash: "
        "write other quotes inside, or compute the value on a line of its own"
    ),
)


def notes(assignment: Assignment, notebook: Notebook, reply: Reply) -> tuple[str, ...]:
    """What is to be said of the notebook as a whole."""
    said = [] if assignment.is_official else [PUBLIC_ONLY]
    found = sum(bool(reply.found.get(exercise.name)) for exercise in assignment.graded)
    other = recognition.mistaken(notebook, assignment.profile, assignment.others) if found < len(assignment.graded) else None
    if other is not None:
        said.append(recognition.claim(other))
    elif not notebook.cells:
        said.append(say("the notebook has no cells"))
    elif not found:
        is_there = set(_defined(notebook)) & {exercise.name for exercise in assignment.graded}
        said.append(NONE_RAN if is_there else say("none of the assignment's functions is defined in the notebook"))
    return tuple(said)


def missing(assignment: Assignment, exercise: Exercise, notebook: Notebook, reply: Reply) -> tuple[Observation, ...]:
    """Why there is no function of that name; never none."""
    seen = _missing(assignment, exercise, notebook, reply)
    return (seen, _NEWER_PYTHON) if _NEWER.search(seen.text) else (seen,)


def errors(
    assignment: Assignment, exercise: Exercise, notebook: Notebook, reply: Reply, results: Sequence[CaseResult]
) -> list[Observation]:
    """What ended calls that came to no value, of results of one visibility."""
    observations: list[Observation] = []
    for result in results:
        if result.outcome in (Outcome.TIMED_OUT, Outcome.KILLED):
            observations.append(Observation(result.outcome.value, say("a call was ended: {said_reason}", said_reason=result.message)))
        if result.error is None:
            continue
        name = re.search(r"name '(\w+)' is not defined", result.error.message)
        if result.error.type in ("NameError", "UnboundLocalError") and name and name[1] in assignment.leftovers:
            observations.append(
                Observation(
                    "leans_on_global",
                    say(
                        "it reads {name}, which it never sets itself: in the notebook a variable of that name may be left over "
                        "from another cell, but a function has to compute it from its arguments",
                        name=name[1],
                    ),
                )
            )
        elif _DRIFT.search(result.error.message.strip()):
            observations.append(
                Observation(
                    DRIFT,
                    say(
                        "an array or a list stands where one number belongs: take the number out of it first, for example values[i, 0] "
                        "instead of values[i]; before version 2.4 NumPy took an array of one element there, and only warned"
                    ),
                )
            )
        elif name and (failed := _failed_import(name[1], notebook, reply)):
            support = _support(assignment, name[1], notebook.cells[failed.index].source)
            wanting = _in_package(name[1], failed, support) if support else Observation("not_imported", _wanting(name[1], failed))
            observations.append(wanting)
        else:
            observations.append(Observation("raises", _raises(exercise, result.error)))
    return observations


def drifted(result: ExerciseResult) -> bool:
    """Whether a function stopped at what an older NumPy may have taken, and has not earned anything for that."""
    seen = {observation.id for observation in result.observations}
    return DRIFT in seen and _RIGHT_BEFORE not in seen


def right_before(share: Fraction) -> Observation:
    """That a function is right with an older NumPy, which earns the assignment's share of its points."""
    told = say("with such a NumPy every case passes, which earns {share:.0%} of the points", share=float(share))
    return Observation(_RIGHT_BEFORE, told)


def not_installed(result: SubmissionResult) -> set[str]:
    """The modules for want of which functions of a submission stopped."""
    texts = [seen.text for exercise in result.exercises for seen in exercise.observations if seen.id == "not_imported"]
    errors = [case.error for exercise in result.exercises for case in exercise.cases if case.error is not None]
    texts += [error.message for error in errors if error.type == "ModuleNotFoundError"]
    return {module[1] for text in texts if (module := re.search(r"No module named '(\w{1,60})", text))}


def is_of_numpy(result: SubmissionResult) -> bool:
    """Whether functions of a submission lose all for what an older NumPy than the one here may have taken."""
    if tuple(map(int, re.findall(r"\d+", result.provenance.numpy)[:2])) < (2, 4):
        return False
    return any(map(drifted, result.exercises))


def _defined(notebook: Notebook) -> list[str]:
    names = [name for cell in notebook.cells for pair in _DEFINITION.findall(cell.source) for name in pair if name]
    return list(dict.fromkeys(names))


def _missing(assignment: Assignment, exercise: Exercise, notebook: Notebook, reply: Reply) -> Observation:
    errors = {error.index: error for error in reply.cells}
    for cell in reversed(notebook.cells):
        if re.search(rf"\b(?:def|class)\s+{re.escape(exercise.name)}\b", cell.source):
            error = errors.get(cell.index)
            named = {"cell": cell.index + 1, "name": exercise.name}
            if error is None and cell.kind == "code":
                told = say(
                    "{name} is in the text of cell {cell}, which ran and left no function of that name: "
                    "define it at the outer level, in no comment, class or other function",
                    **named,
                )
                return Observation("not_left", told)
            if error is None:
                told = say(
                    "cell {cell} defines {name}, but could not be run: it is a {kind} cell whose text does not run", kind=cell.kind, **named
                )
                return Observation("not_runnable", told)
            why = f"{error.type}: {error.message}"[:300]
            return Observation("not_runnable", say("cell {cell} defines {name}, but could not be run ({error})", error=why, **named))
    if failed := _failed_import(exercise.name, notebook, reply):
        told = say(
            "cell {cell} could not import {name} where this was graded ({error}): "
            "define it in the notebook, or hand in the module beside it",
            cell=failed.index + 1, name=exercise.name, error=failed.message[:200],
        )  # fmt: skip
        return Observation("not_handed_in", told)
    taken = {name for function in assignment.functions for name in (function.name, *function.aliases)}
    others = [name for name in _defined(notebook) if name not in taken]
    near = difflib.get_close_matches(exercise.name, others[:_MOST_NAMES], 1, 0.75)
    if near:
        told = say(
            "no function is called {name}; there is one called {near}, which is not accepted for it: rename it",
            name=exercise.name, near=near[0],
        )  # fmt: skip
        return Observation("near_name", told)
    return Observation("not_defined", say("no cell defines a function called {name}", name=exercise.name))


def _failed_import(name: str, notebook: Notebook, reply: Reply) -> CellReply | None:
    """The cell that was to import the name and could not. What it says is its own, where a hidden case's error could say anything."""
    for error in reply.cells:
        if error.type not in ("ModuleNotFoundError", "ImportError") or not 0 <= error.index < len(notebook.cells):
            continue
        if _import_of(name, notebook.cells[error.index].source):
            return error
    return None


def _import_of(name: str, source: str) -> str:
    """The first line that imports the name, or "": in time linear in a stranger's text, as one expression for all of it would not be.

    >>> _import_of("area", "import numpy\\nfrom shapes import *, area"), _import_of("area", "import numpy\\narea = 1")
    ('from shapes import *, area', '')
    """
    word = re.compile(rf"\b{re.escape(name)}\b")
    for line in source.split("\n"):
        words = line.split()
        if words and words[0] in ("from", "import") and "import" in words and word.search(" ".join(words[words.index("import") + 1 :])):
            return line
    return ""


def _support(assignment: Assignment, name: str, source: str) -> str:
    """The support module that the name's import looks for in a package, or ""."""
    modules = re.findall(r"\.(\w+)", _import_of(name, source))
    return next((module for module in modules if f"{module}.py" in assignment.files), "")


def _in_package(name: str, failed: CellReply, support: str) -> Observation:
    told = say(
        "it uses {name}, which cell {cell} could not import where this was graded ({error}): "
        "{module} lies beside the notebook, in no package, and is imported as it is",
        name=name, cell=failed.index + 1, error=failed.message[:200], module=support,
    )  # fmt: skip
    return Observation("in_package", told)


def _wanting(name: str, failed: CellReply) -> str:
    if failed.type == "ImportError":  # the module is there: mostly the course's own in the place of the student's
        return say(
            "it uses {name}, which cell {cell} could not import where this was graded ({error}): define it in the notebook",
            name=name, cell=failed.index + 1, error=failed.message[:200],
        )  # fmt: skip
    return say(
        "it uses {name}, which cell {cell} could not import where this was graded ({error}): "
        "do without it, or ask whoever grades to install it",
        name=name, cell=failed.index + 1, error=failed.message[:200],
    )  # fmt: skip


def _raises(exercise: Exercise, error: StudentError) -> str:
    if error.type == "ModuleNotFoundError" and error.cell is not None:
        return say(
            "cell {cell}, line {line} imports what is not installed where this was graded: "
            "do without it, or ask whoever grades to install it",
            cell=error.cell + 1, line=error.line,
        )  # fmt: skip
    if error.cell is None and error.type == "TypeError":  # no line of the student's ran: the call itself does not fit
        called = f"{exercise.name}({', '.join(exercise.parameters)})"
        return say(
            "it raises {type} where it is called as {called}: arguments come by position, in this order", type=error.type, called=called
        )
    if error.cell is None:
        return say("it raises {type}", type=error.type)
    return say("it raises {type} in cell {cell}, line {line}", type=error.type, cell=error.cell + 1, line=error.line)
