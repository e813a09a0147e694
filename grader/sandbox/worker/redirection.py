"""Makes a function of a submission's, wherever the submission holds it, call another one for a while."""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Callable
from typing import Any


def redirect(value: Any, target: Callable[..., object]) -> list[Callable[[], object]]:
    """Makes the function that `value` is or wraps call `target`; what puts back what was changed.

    So default arguments, partials, registries and instances that hold it are injected, too.
    """
    patched: list[Callable[[], object]] = []
    for _ in range(8):  # a function, a bound method, what functools.wraps or lru_cache wrapped
        method = isinstance(value, types.MethodType)
        function = value.__func__ if method else value
        if isinstance(function, types.FunctionType):
            before = function.__code__, function.__defaults__, function.__kwdefaults__
            patched.append(functools.partial(_set_code, function, *before))
            _set_code(function, _trampoline(len(function.__code__.co_freevars), method, target), None, None)
        elif type(function) is functools.partial:
            patched.append(functools.partial(_set_state, function, function.__reduce__()[2]))
            _set_state(function, (target, (), {}, None))
        elif not isinstance(function, type):
            patched += _stand_in(function, target)
        with contextlib.suppress(Exception):  # an lru_cache remembers what the case before this one returned
            function.cache_clear()
        try:
            value = function.__wrapped__
        except Exception:  # an object of a submission's own may raise whatever it likes
            break
    return patched


def _set_state(partial: Any, state: object) -> None:
    partial.__setstate__(state)


def _set_code(function: types.FunctionType, code: types.CodeType, defaults: Any, kwdefaults: Any) -> None:
    function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, kwdefaults


def _stand_in(value: Any, target: Callable[..., object]) -> list[Callable[[], object]]:
    """Makes one instance of a class with __call__ call `target`, and none of the other instances; those of built-in types stay."""
    kind: Any = type(value)
    try:
        body = {"__slots__": (), "__module__": kind.__module__, "__call__": lambda self, *args, **kwargs: target(*args, **kwargs)}
        object.__setattr__(value, "__class__", type(kind)(kind.__name__, (kind,), body))
    except BaseException:  # a class may refuse to be derived from, in whatever way
        return []
    return [functools.partial(object.__setattr__, value, "__class__", kind)]


def _trampoline(free: int, method: bool, target: Callable[..., object]) -> types.CodeType:
    """The code of a function with `free` closed-over names that passes its arguments on to `target`, without self for a method."""
    code = _passing_on(free, method)
    return code.replace(co_consts=tuple(target if constant == "the target" else constant for constant in code.co_consts))


@functools.cache
def _passing_on(free: int, method: bool) -> types.CodeType:
    names = ", ".join(f"free{number}" for number in range(free))
    body = f"        ({names},)\n" if free else ""
    arguments = "*args[1:], **kwargs" if method else "*args, **kwargs"
    inner = f"    def pass_on(*args, **kwargs):\n{body}        target = 'the target'\n        return target({arguments})\n"
    namespace: dict[str, Any] = {}
    exec(f"def outer({names}):\n{inner}    return pass_on\n", namespace)
    code: types.CodeType = namespace["outer"](*range(free)).__code__
    return code
