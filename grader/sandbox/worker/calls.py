"""Calls of the student's functions: one case each, with its injections and observations."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import inspect
import io
import json
import marshal
import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import codec
from .recorder import Candidate, Recorder, error_message, frames
from .redirection import redirect

MAX_STDOUT = 10_000
MAX_OBSERVED = 4_096
_VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_PYC_HEADER = 16  # bytes: magic number, flags, hash of the source (PEP 552)
_perf_counter = time.perf_counter
_json = json.JSONEncoder(allow_nan=False).encode  # json.dumps makes an encoder each time
_array, _concatenate, _float64, _ndarray = np.array, np.concatenate, np.float64, np.ndarray
_dict_keys, _dict_values = dict.keys, dict.values


class BoundedText(io.TextIOBase):
    """A text stream that keeps the first characters written to it and drops the rest."""

    encoding = "utf-8"

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.parts: list[str] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Takes what still fits, and says that it took all."""
        if self.limit > 0:
            self.parts.append(text[: self.limit])
            self.limit -= len(text)
        return len(text)

    def text(self) -> str:
        """What was kept."""
        return codec.clean_text("".join(self.parts), MAX_STDOUT)


class Injection:
    """A function of the course's in the place of a submission's own, called however the submission calls its own.

    own: the signature of the submission's function, which may have other names and further parameters, or None where it has none.
    parameters: those of the function's arguments to record at each call, or none.
    """

    def __init__(self, function: Callable[..., object], own: inspect.Signature | None, parameters: list[str]) -> None:
        self.function, self.own = function, own
        order = parameters_of(function)
        self.arity = len(order)
        self.chosen = [(order.index(name), name) for name in parameters]
        self.count = 0
        self.records: list[Any] = []
        self.layout: tuple[list[str], list[tuple[int, ...]]] | None = None  # of the first call: names, and shapes
        self.alike = True

    def callable(self) -> Callable[..., object]:
        """What is bound in the submission's namespace."""
        function, note, chosen, arity = self.function, self._note, self.chosen, self.arity

        def call(*args: object, **kwargs: object) -> object:
            if kwargs or len(args) != arity:
                args = self._contract_arguments(args, kwargs)
            if chosen:
                note([(name, args[position]) for position, name in chosen])
            return function(*args)

        call.__name__ = call.__qualname__ = function.__name__
        return call

    def _contract_arguments(self, args: tuple[object, ...], kwargs: dict[str, object]) -> tuple[object, ...]:
        """The arguments in the contract's order, by its own names or else by those of the submission's function."""
        try:
            return inspect.signature(self.function).bind(*args, **kwargs).args
        except TypeError:
            if self.own is None:
                raise
        bound = self.own.bind(*args, **kwargs)
        bound.apply_defaults()
        return (*bound.args, *bound.kwargs.values())[: self.arity]

    def _note(self, values: list[tuple[str, object]]) -> None:
        self.count += 1
        if self.count > MAX_OBSERVED:
            return
        names: list[str] = []
        arrays: list[Any] = []
        try:
            for name, value in values:
                if isinstance(value, dict):
                    names += _dict_keys(value)
                    arrays += [item if type(item) is _ndarray else _array(item, _float64) for item in _dict_values(value)]
                else:
                    names.append(name)
                    arrays.append(value if type(value) is _ndarray else _array(value, _float64))
            self.records.append(_concatenate(arrays, axis=None, dtype=_float64))
            layout = names, [array.shape for array in arrays]
        except Exception:
            layout = [], []
        if self.layout is None:
            self.layout = layout
        self.alike = self.alike and bool(layout[0]) and layout == self.layout

    def summary(self, name: str) -> dict[str, Any]:
        """The calls as one array (calls × numbers) where all had the same layout."""
        if self.layout is None or not self.alike:
            return {"name": name, "calls": self.count, "layout": [], "points": None}
        layout = [[str(key), list(shape)] for key, shape in zip(*self.layout, strict=True)]
        return {"name": name, "calls": self.count, "layout": layout, "points": codec.encode(np.array(self.records))}


class Calls:
    """Runs calls against the functions that a recorder found; `add` brings them in, stage by stage."""

    def __init__(self, recorder: Recorder, leftovers: list[str]) -> None:
        self.recorder = recorder
        self.namespace = recorder.namespace
        self.calls: dict[int, dict[str, Any]] = {}
        self.leftovers = leftovers
        self.sources: dict[str, dict[str, Any]] = {}
        self.signatures: dict[int, tuple[Any, inspect.Signature | None]] = {}
        self.found: dict[str, Candidate | None] = {entry["name"]: recorder.find(entry) for entry in recorder.functions}
        self._clear_leftovers()

    def add(self, stage: dict[str, Any]) -> None:
        """Takes in a stage's calls and the sources of their injections."""
        self.calls.update(stage["calls"])
        self.sources.update({key: self._load(key, *source) for key, source in stage["sources"].items()})

    @staticmethod
    def _load(key: str, text: str, bytecode: str) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": f"injections_{key}"}
        data = base64.b64decode(bytecode)
        known = data.startswith(importlib.util.MAGIC_NUMBER)
        code = marshal.loads(data[_PYC_HEADER:]) if known else compile(text, f"<injections {key}>", "exec", dont_inherit=True)
        exec(code, namespace)
        return namespace

    def _clear_leftovers(self) -> None:
        """A graded call must not see what the notebook's own test cells left in variables of the case's names."""
        for name in self.leftovers:
            value = self.namespace.get(name)
            if value is not None and not callable(value) and not isinstance(value, types.ModuleType):
                del self.namespace[name]

    def summary(self) -> dict[str, Any]:
        """Per function: the cell it was found in, how and under which name, or None."""
        found = self.found.items()
        return {name: None if place is None else {"cell": place.cell, "how": place.how, "name": place.name} for name, place in found}

    def run(self, position: int) -> dict[str, Any]:
        """Runs one call; what the student's code raises is part of the reply."""
        call = self.calls[position]
        found = self.found[call["function"]]
        if found is None:
            return {"outcome": "missing"}
        logs: dict[str, Injection] = {}
        stdout = BoundedText(MAX_STDOUT)
        reply: dict[str, Any]
        with self._injected(call, logs), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(BoundedText(0)):
            arguments = [writable(codec.decode(wire)) for wire in call["arguments"]]
            options = self._options(found.value, call["options"])
            start = _perf_counter()
            try:
                value = self.enter(found.value, arguments, options, call.get("sweep"))
                reply = {"outcome": "returned", "value": codec.encode(value)}
            except BaseException as error:
                reply = {"outcome": "raised", "exception": self._describe(error, found)}
            reply["seconds"] = _perf_counter() - start
        reply["stdout"] = stdout.text()
        reply["observed"] = [log.summary(name) for name, log in logs.items()]
        return reply

    def enter(self, function: Any, arguments: list[Any], options: dict[str, Any], sweep: Any) -> Any:
        """Calls the student's function; what it raises, or is raised into it, is part of the reply."""
        return function(*arguments, **options) if sweep is None else swept(function, arguments, options, *sweep)

    def _signature(self, function: Any) -> inspect.Signature | None:
        """The function's signature, read once: that takes as long as a small call. The function is kept, so that its id stays its own."""
        if id(function) not in self.signatures:
            self.signatures[id(function)] = function, signature_of(function)
        return self.signatures[id(function)][1]

    def _options(self, function: Any, options: dict[str, Any]) -> dict[str, Any]:
        """The keyword arguments that the function's signature has a name for, and all that wraps the function lets through."""
        if not options:
            return {}
        signature = self._signature(function)
        taken = signature.parameters if signature else ()
        return {name: codec.decode(wire) for name, wire in options.items() if name in taken and lets_through(function, name)}

    @contextlib.contextmanager
    def _injected(self, call: dict[str, Any], logs: dict[str, Injection]) -> Iterator[None]:
        """Puts the call's functions in the place of the submission's own, wherever the namespace holds those."""
        saved: dict[str, Any] = {}
        patched: list[Callable[[], object]] = []
        for name, (key, attribute) in call["inject"].items():
            found = self.found.get(name)
            source = self.sources[key][attribute]
            injection = Injection(source, self._signature(found.value if found else None), call["observe"].get(name, []))
            function = injection.callable()
            if name in call["observe"]:
                logs[name] = injection
            own = {id(candidate.value) for candidate in self.recorder.candidates if found and candidate.name == found.name}
            holders = {key for key, value in self.namespace.items() if id(value) in own}
            kind = type(found.value) if found else None
            patched += redirect(found.value, function) if found else []
            if found and type(found.value) is not kind:  # it stands in for itself, with all that the submission keeps in it
                function = found.value
            elif found and isinstance(found.value, types.FunctionType):
                function.__dict__.update(found.value.__dict__)  # a counter, say
            for holder in {name, *([found.name] if found else []), *holders}:
                saved.setdefault(holder, self.namespace.get(holder, saved))
                self.namespace[holder] = function
            for given in self._given(name):
                patched += redirect(given, function) if not found or given is not found.value else []
        try:
            yield
        finally:
            for put_back in reversed(patched):
                put_back()
            for name, value in saved.items():
                if value is saved:
                    self.namespace.pop(name, None)
                else:
                    self.namespace[name] = value

    def _given(self, name: str) -> Iterator[object]:
        """The functions of that name in modules that lie beside the notebook, which may call them by the module's name or another one."""
        for key in self.recorder.beside:
            module = sys.modules.get(key)
            if type(module) is types.ModuleType and name in module.__dict__:
                yield module.__dict__[name]

    def _describe(self, error: BaseException, found: Candidate) -> dict[str, Any]:
        cell = line = source = None
        for frame in reversed(frames(error)):
            cell = self.recorder.cell_of(frame.filename)
            if cell is not None:
                line = frame.lineno or 0
                break
            if frame.filename == "<timed exec>":  # %%time compiles the cell's body without its first line
                cell, line = found.cell, (frame.lineno or 0) + 1
                break
        if cell is not None and line is not None:
            lines = self.recorder.sources.get(cell, "").splitlines()
            source = codec.clean_text(lines[line - 1].strip(), 300) if 0 < line <= len(lines) else None
        return {"type": codec.type_name(error), "message": error_message(error), "cell": cell, "line": line, "source": source}


def parameters_of(function: Callable[..., object]) -> list[str]:
    """The names of a course's function's parameters; those of a plain one without taking its signature, which takes as long as a call."""
    if isinstance(function, types.FunctionType) and not function.__dict__:
        code = function.__code__
        if not code.co_kwonlyargcount and not code.co_flags & _VARIADIC:
            return list(code.co_varnames[: code.co_argcount])
    return list(inspect.signature(function).parameters)


def signature_of(function: Any) -> inspect.Signature | None:
    """The signature of a submission's function, or None where it has none to be read."""
    try:
        return inspect.signature(function) if function is not None else None
    except Exception:
        return None


def lets_through(function: Any, name: str) -> bool:
    """Whether a keyword argument reaches the function that `function` wraps, as functools.wraps says: *args alone lets none through."""
    for _ in range(8):
        try:
            inner = function.__wrapped__
        except Exception:  # none, or an object that answers as it likes
            break
        with contextlib.suppress(Exception):  # an lru_cache has no signature of its own, and takes what it wraps takes
            own = inspect.signature(function, follow_wrapped=False).parameters
            if name not in own and all(parameter.kind is not parameter.VAR_KEYWORD for parameter in own.values()):
                return False
        function = inner
    return True


def swept(function: Any, arguments: list[Any], options: dict[str, Any], position: int, values: list[float]) -> list[float | None]:
    """The number that the function returns for each of `values` in the place of one argument, None where it raises or returns none."""
    numbers: list[float | None] = []
    for value in values:
        given = [writable(argument) for argument in arguments]
        given[position] = value
        try:
            numbers.append(_number(function(*given, **options)))
        except Exception:
            numbers.append(None)
    return numbers


def _number(value: Any) -> float | None:
    """A real number of one element, without calling anything of the student's."""
    if type(value) is np.ndarray and value.size == 1:
        value = value.reshape(())[()]
    return float(value) if type(value) in (int, float, np.float64, np.int64) else None


def writable(value: Any) -> Any:
    """The value with its arrays copied, so that student code may write into them."""
    if isinstance(value, np.ndarray):
        return value.copy() if value.shape else value[()]
    if isinstance(value, list):
        return [writable(item) for item in value]
    if isinstance(value, tuple):
        return tuple(writable(item) for item in value)
    if isinstance(value, dict):
        return {key: writable(item) for key, item in value.items()}
    return value


def dumps(reply: dict[str, Any]) -> bytes:
    """A reply as JSON bytes in ASCII."""
    return _json(reply).encode("ascii")
