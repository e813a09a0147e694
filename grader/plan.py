"""The request that a submission makes: the notebook's cells and every call of every case."""

from __future__ import annotations

import functools
import importlib.util
import marshal
from collections.abc import Mapping, Sequence, Set

import msgspec

from grader.assignments import Assignment
from grader.model import BUILT_ON, Case, Sweep, Visibility
from grader.notebook import Notebook
from grader.sandbox.protocol import Call, Cell, Function, Limits, Request
from grader.sandbox.worker import codec


class Plan:
    """The part of the requests for one assignment that is the same for every submission, made once."""

    def __init__(self, assignment: Assignment, limits: Limits | None = None) -> None:
        self.assignment = assignment
        self.limits = limits or assignment.limits
        self._options = {exercise.name: exercise.options for exercise in assignment.exercises}
        modules = {name: text for name, text in assignment.files.items() if name.endswith(".py")}
        self.bytecode = compiled({**modules, **assignment.sources})
        self.calls = tuple(self._call(case) for case in assignment.cases)
        calls = {(case.function, case.id): call for case, call in zip(assignment.cases, self.calls, strict=True)}
        swept = [(figure, calls.get((figure.function, figure.case))) for figure in assignment.figures if isinstance(figure, Sweep)]
        self.sweeps = tuple(self._sweep(figure, call) for figure, call in swept if call is not None)
        self.functions = tuple(Function(function.name, function.aliases, len(function.parameters)) for function in assignment.functions)

    def _call(self, case: Case) -> Call:
        options = self._options.get(case.function, {})
        return Call(
            function=case.function,
            arguments=tuple(codec.encode(argument) for argument in case.arguments),
            options={name: codec.encode(value) for name, value in options.items()},
            inject={name: (case.visibility.value, attribute) for name, attribute in case.inject.items()},
            observe=case.observe,
            stage=int(case.visibility is Visibility.HIDDEN),  # so that no reply of a public case can tell of a hidden one
        )

    def _sweep(self, figure: Sweep, call: Call) -> Call:
        """The call of the figure's case, with many values of one argument."""
        names = next(function.parameters for function in self.assignment.functions if function.name == figure.function)
        return msgspec.structs.replace(call, observe={}, sweep=(names.index(figure.parameter), figure.values))

    def request(self, notebook: Notebook, files: Mapping[str, str] | None = None) -> Request:
        """The request of one notebook; `files` lie beside it, and the assignment's own win over them."""
        return Request(
            cells=tuple(Cell(cell.index, cell.kind, cell.source) for cell in notebook.cells),
            files={**(files or {}), **self.assignment.files},
            functions=self.functions,
            leftovers=self.assignment.leftovers,
            sources=self.assignment.sources,
            calls=self.calls,
            sweeps=self.sweeps,
            limits=self.limits,
            bytecode=self.bytecode,
        )

    def again(self, notebook: Notebook, functions: Set[str], replaced: Sequence[str], files: Mapping[str, str] | None = None) -> Request:
        """The request that calls some functions once more, with the course's own in the place of `replaced`.

        These are answers of other exercises, and in no other request. Nothing of the reply is shown, so there is one stage.
        """
        own = {name: (BUILT_ON, name) for name in replaced}
        calls = tuple(
            msgspec.structs.replace(call, inject={**call.inject, **own}, observe={}, stage=0)
            for case, call in zip(self.assignment.cases, self.calls, strict=True)
            if case.function in functions and case.counts
        )
        return msgspec.structs.replace(self.request(notebook, files), calls=calls, sweeps=())


def compiled(texts: Mapping[str, str]) -> dict[str, bytes]:
    """The bytecode of Python texts, by name, as Python caches it: it is taken only for the very same text by the very same Python.

    Compiling an assignment's own modules is a twentieth of a submission's time. Source of the format: PEP 552, hash-based and checked.
    """
    caches = {name: _compiled(name, text) for name, text in texts.items()}
    return {name: data for name, data in caches.items() if data is not None}


@functools.lru_cache(maxsize=64)  # a run makes several plans of an assignment
def _compiled(name: str, text: str) -> bytes | None:
    """One of them, or None where it is no Python."""
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return importlib.util.MAGIC_NUMBER + (0b11).to_bytes(4, "little") + importlib.util.source_hash(text.encode()) + marshal.dumps(code)
