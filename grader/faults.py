"""What is wrong with data that does not fit a struct: every fault with its path, in an author's words, and what was likely meant.

msgspec stops at the first fault, and so it is asked first; this module is for telling, and is imported when there is something to tell.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect

Path = tuple[str | int, ...]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong at one place: the path of a key or value, what, and what can be done."""

    path: Path
    message: str
    remedy: str = ""


def find_faults(data: object, wanted: type) -> tuple[Fault, ...]:
    """All faults of the data, in the order of the data; none where it fits the struct `wanted`."""
    kind = inspect.type_info(wanted)
    assert isinstance(kind, inspect.StructType)
    return tuple(_of_value(data, kind, (), kind))


def near(word: str, known: Iterable[str]) -> str:
    """The known word that `word` may be meant for, as a question, or an empty string.

    >>> near("titel", ["title", "id"])
    'did you mean title?'
    """
    names = sorted(known)
    by_case = {name.casefold(): name for name in names}
    found = [by_case[word.casefold()]] if word.casefold() in by_case else difflib.get_close_matches(word, names, 1)
    return f"did you mean {found[0]}?" if found else ""


def show_path(path: Path) -> str:
    """A path as it is read.

    >>> show_path(("exercise", 0, "points"))
    'exercise[0].points'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _of_value(value: object, kind: inspect.Type, path: Path, root: inspect.StructType) -> Iterator[Fault]:
    kind = _bare(kind)
    match kind:
        case inspect.UnionType(types=types) if isinstance(value, dict):
            structs = [one for one in types if isinstance(one, inspect.StructType)]
            yield from _of_value(value, structs[0], path, root) if structs else _of_leaf(value, kind, path)
        case inspect.StructType() if isinstance(value, dict):
            yield from _of_table(value, kind, path, root)
        case inspect.DictType(value_type=inner) if isinstance(value, dict):
            for key, item in value.items():
                yield from _of_value(item, inner, (*path, key), root)
        case inspect.VarTupleType(item_type=inner) if isinstance(value, list):
            for position, item in enumerate(value):
                yield from _of_value(item, inner, (*path, position), root)
        case inspect.VarTupleType(item_type=inner) if isinstance(value, dict) and isinstance(_bare(inner), inspect.StructType):
            name = show_path(path)
            yield Fault(path, f"[{name}] is one table, and there may be several", f"write [[{name}]]")
        case _:
            yield from _of_leaf(value, kind, path)


def _bare(kind: inspect.Type) -> inspect.Type:
    """The type without what only the JSON Schema says of it."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _of_table(table: dict[str, Any], kind: inspect.StructType, path: Path, root: inspect.StructType) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in kind.fields}
    where = f" in {show_path(path)}" if path else ""
    missing = [name for name, field in fields.items() if field.required and name not in table]
    unknown = [key for key in table if key not in fields]
    for key, value in table.items():
        if key in fields:
            yield from _of_value(value, fields[key].type, (*path, key), root)
        else:
            yield Fault((*path, key), f"unknown key {key!r}{where}", _remedy(key, fields, missing, path, root))
    for name in missing:
        if not any(near(key, missing) == near(name, [name]) for key in unknown):  # else it is there, misspelt, and told
            yield Fault(path, f"the key {name!r} is missing{where}", f"write {name} = {_example(fields[name].type)}")


def _remedy(key: str, fields: dict[str, inspect.Field], missing: Sequence[str], path: Path, root: inspect.StructType) -> str:
    """What an unknown key may be meant for: one of this table, else one that belongs elsewhere."""
    found = near(key, missing) or near(key, fields)
    if found:
        return found
    top = {field.encode_name for field in root.fields}
    if path and key in top:
        return f"{key} belongs to the whole file: put it above the first line in brackets"
    homes = [name for name, inner in _sections(root) if key in {field.encode_name for field in inner.fields}]
    if homes and not path:
        return f"{key} belongs below {homes[0]}"
    return f"known keys: {', '.join(sorted(fields))}"


def _sections(root: inspect.StructType) -> Iterator[tuple[str, inspect.StructType]]:
    """The tables of the file, with their headers as they are written."""
    for field in root.fields:
        bare = _bare(field.type)
        for kind in bare.types if isinstance(bare, inspect.UnionType) else (bare,):
            item = _bare(kind.item_type) if isinstance(kind, inspect.VarTupleType) else None
            if isinstance(kind, inspect.StructType):
                yield f"[{field.encode_name}]", kind
            elif isinstance(item, inspect.StructType):
                yield f"[[{field.encode_name}]]", item


def _of_leaf(value: object, kind: inspect.Type, path: Path) -> Iterator[Fault]:
    if _fits(value, kind):
        return
    name = show_path(path)
    wanted = f"{name} is {_shown(value)}, and has to be {_described(kind)}"
    if isinstance(kind, inspect.LiteralType) and isinstance(value, str):
        yield Fault(path, wanted, near(value, map(str, kind.values)))
    elif isinstance(kind, inspect.StrType) and not isinstance(value, dict | list):
        yield Fault(path, wanted, f'write it in quotes: "{value}"')
    elif isinstance(kind, inspect.VarTupleType) and _fits(value, kind.item_type):
        yield Fault(path, wanted, f"write it in brackets: [{_shown(value)}]")
    else:
        yield Fault(path, wanted, _unquoted(value, kind))


def _unquoted(value: object, kind: inspect.Type) -> str:
    """The same without quotes, where that would do."""
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return ""
        if _fits(int(number) if number.is_integer() else number, kind):
            return f"write it without quotes: {value}"
    return ""


def _fits(value: object, kind: inspect.Type) -> bool:
    match _bare(kind):
        case inspect.UnionType(types=types):
            return any(_fits(value, one) for one in types)
        case inspect.LiteralType(values=values):
            return isinstance(value, str) and value in values
        case inspect.IntType(ge=least, le=most):
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool) and _is_between(value, least, most)
        case inspect.FloatType(ge=least, le=most):
            return isinstance(value, int | float) and not isinstance(value, bool) and _is_between(value, least, most)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.DateTimeType():
            return isinstance(value, datetime.datetime)
        case inspect.NoneType():
            return value is None
        case inspect.CustomType() | inspect.AnyType():
            return True
    return False


def _is_between(value: Any, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _described(kind: inspect.Type) -> str:
    match _bare(kind):
        case inspect.UnionType(types=types):
            return " or ".join(dict.fromkeys(_described(one) for one in types if not isinstance(one, inspect.NoneType)))
        case inspect.LiteralType(values=values):
            return " or ".join(f'"{value}"' for value in values)
        case inspect.IntType(ge=least, le=most):
            return "a whole number" + _bounds(least, most)
        case inspect.FloatType(ge=least, le=most):
            return "a number" + _bounds(least, most)
        case inspect.BoolType():
            return "true or false"
        case inspect.DateTimeType():
            return "a date with a time of day (a datetime), like 2026-12-05T23:59:00+01:00"
        case inspect.VarTupleType(item_type=inspect.StructType()) | inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType(item_type=inner):
            return f"a list, of {_described(inner)} each"
    return "text in quotes"


def _bounds(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    return f", {least:g} or more" if least is not None else f", {most:g} or less" if most is not None else ""


def _example(kind: inspect.Type) -> str:
    match _bare(kind):
        case inspect.LiteralType(values=values):
            return f'"{values[0]}"'
        case inspect.IntType() | inspect.FloatType():
            return "10"
        case inspect.VarTupleType():
            return "[…]"
        case inspect.DateTimeType():
            return "2026-12-05T23:59:00+01:00"
    return '"…"'


def _shown(value: object) -> str:
    """A value as TOML has it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = '"' + value + '"'
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, datetime.date | datetime.time):
        text = value.isoformat()
    else:
        text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
