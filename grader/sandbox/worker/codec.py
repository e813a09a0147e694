"""Values on the wire: tagged JSON lists, decoded strictly and within bounds.

    ["n"]                         None
    ["b", true]                   bool
    ["i", "-12"]                  int of at most 1,024 bits
    ["f", "0x1.8p+1"]             float, as float.hex writes it; also "nan", "inf", "-inf"
    ["c", "0x1p+0", "0x0p+0"]     complex
    ["s", "text"]                 str
    ["l", [v, ...]]  ["t", [...]] list, tuple; a named tuple, too
    ["d", [[k, v], ...]]          dict whose keys are str or int of at most 60 bits; an OrderedDict and a defaultdict, too
    ["a", "<f8", [2, 3], "..."]   array: dtype, shape, base64 of its bytes in C order; a NumPy scalar has shape []; a matrix, too
    ["x", "type name"]            anything else, by the name of its type alone

Encoding runs beside student code and calls none of it: a value whose type is not exactly one of these is "x".
Decoding trusts nothing: a malformed value raises `CodecError`, whatever it is.
"""

from __future__ import annotations

import base64
import binascii
import collections
import math

import numpy as np

MAX_DEPTH = 24
MAX_ITEMS = 100_000
MAX_ELEMENTS = 1_000_000
MAX_TEXT = 65_536
MAX_SIZE = 9_000_000
MAX_INT_BITS = 1_024
MAX_KEY_BITS = 60  # a larger one can be made to have any hash: a dict of such would compare each with each
_KINDS = "biufc"
_DTYPES = {  # and the bytes of an element
    np.dtype(code).newbyteorder("<").str: np.dtype(code).itemsize
    for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
}
# Bound before student code can replace them.
_type, _len, _ndarray, _b64encode = type, len, np.ndarray, base64.b64encode
_dict_items, _tuple_iter = dict.items, tuple.__iter__
_bases = type.__dict__["__bases__"].__get__
_matrix, _asarray = np.matrix, np.asarray
_DICTS = (dict, collections.OrderedDict, collections.defaultdict)
_SCALARS = tuple(set(np.sctypeDict.values()))
_ascontiguousarray = np.ascontiguousarray


class CodecError(ValueError):
    """What arrived is not a value of the wire format."""


class Opaque:
    """A value that the wire does not carry: only the name of its type is known.

    >>> Opaque("DataFrame")
    Opaque('DataFrame')
    """

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"Opaque({self.type_name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and other.type_name == self.type_name

    def __hash__(self) -> int:
        return hash(self.type_name)


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` as an exact `str` without lone surrogates, cut after `limit` characters."""
    text = str.__str__(text)[: limit + 1]
    if _len(text) > limit:
        text = text[:limit] + "…"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def type_name(value: object) -> str:
    """The name of the type of `value`, taken without running code of that type."""
    try:
        name = _type.__dict__["__name__"].__get__(_type(value))
    except Exception:
        name = "object"
    return clean_text(name, 100)


class _Budget:
    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.size = MAX_SIZE

    def spend(self, count: int) -> None:
        self.items -= count
        if self.items < 0:
            raise CodecError(f"more than {MAX_ITEMS} items")

    def spend_size(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise CodecError("too large")


def encode(value: object) -> list[object]:
    """The wire form of `value`. Never raises for a value that a student could return."""
    try:
        return _encode(value, 0, _Budget())
    except CodecError as error:
        return ["x", f"{type_name(value)} ({error})"]
    except Exception:
        return ["x", type_name(value)]


def _encode(value: object, depth: int, budget: _Budget) -> list[object]:  # noqa: C901 - a branch for each type
    if depth > MAX_DEPTH:
        raise CodecError(f"nested deeper than {MAX_DEPTH}")
    budget.spend(1)
    kind = _type(value)
    if value is None:
        return ["n"]
    if kind is bool:
        return ["b", value]
    if kind is int:
        return ["i", int.__repr__(value)] if int.bit_length(value) <= MAX_INT_BITS else ["x", "int of too many digits"]  # type: ignore[arg-type]
    if kind is float:
        return ["f", float.hex(value)]  # type: ignore[arg-type]
    if kind is complex:
        return ["c", float.hex(value.real), float.hex(value.imag)]  # type: ignore[attr-defined]
    if kind is str:
        text = clean_text(value)  # type: ignore[arg-type]
        budget.spend_size(12 * _len(text))  # as many bytes as JSON may need for a character
        return ["s", text]
    if kind is list or kind is tuple:
        if _len(value) > budget.items:  # type: ignore[arg-type]
            raise CodecError(f"more than {MAX_ITEMS} items")
        return ["l" if kind is list else "t", [_encode(item, depth + 1, budget) for item in value]]  # type: ignore[attr-defined]
    if any(kind is known for known in _DICTS):
        return _encode_dict(value, depth, budget)  # type: ignore[arg-type]
    if kind is _ndarray:
        return _encode_array(value, budget)  # type: ignore[arg-type]
    if kind is _matrix or any(kind is scalar for scalar in _SCALARS):  # isinstance would ask the value for its __class__
        return _encode_array(_asarray(value), budget)
    bases = _bases(kind)
    if _len(bases) == 1 and bases[0] is tuple:  # a named tuple, by its items alone; == would ask the class of the class
        return _encode(tuple(_tuple_iter(value)), depth, budget)  # type: ignore[arg-type]
    return ["x", type_name(value)]


def _encode_dict(value: dict[object, object], depth: int, budget: _Budget) -> list[object]:
    pairs = []
    for key, item in _dict_items(value):
        if _type(key) is not str and _type(key) is not int:
            return ["x", f"dict with a key of type {type_name(key)}"]
        if _type(key) is int and int.bit_length(key) > MAX_KEY_BITS:  # type: ignore[arg-type]
            return ["x", "dict with a key of too many digits"]
        budget.spend(1)
        pairs.append([_encode(key, depth + 1, budget), _encode(item, depth + 1, budget)])
    return ["d", pairs]


def _encode_array(array: np.ndarray, budget: _Budget) -> list[object]:
    dtype = array.dtype
    if dtype.kind not in _KINDS or dtype.names is not None:
        return ["x", f"array of {clean_text(dtype.name, 60)}"]
    if array.size > MAX_ELEMENTS:
        return ["x", f"array of {array.size} elements"]
    if dtype.itemsize > 8 and dtype.kind == "f":
        array = array.astype("<f8")
    elif dtype.itemsize > 16:
        array = array.astype("<c16")
    if array.dtype.byteorder != "|":
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    budget.spend_size(array.nbytes)
    data = _ascontiguousarray(array).tobytes()
    return ["a", array.dtype.str, list(array.shape), _b64encode(data).decode("ascii")]


def decode(wire: object) -> object:
    """The value of a wire form: plain Python values, exact arrays (read-only) and `Opaque`. Raises `CodecError`."""
    try:
        return _decode(wire, 0, _Budget())
    except CodecError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError, binascii.Error) as error:
        raise CodecError(f"malformed value: {type(error).__name__}") from error


def _decode(wire: object, depth: int, budget: _Budget) -> object:  # noqa: C901 - a branch for each tag
    if depth > MAX_DEPTH:
        raise CodecError(f"nested deeper than {MAX_DEPTH}")
    budget.spend(1)
    if type(wire) is not list or not wire or type(wire[0]) is not str:
        raise CodecError("a value is a list that begins with its tag")
    match wire:  # what cases are made of comes first
        case ["a", str() as dtype, list() as shape, str() as data]:
            return _decode_array(dtype, shape, data)
        case ["f", str() as text]:
            return _decode_float(text)
        case ["n"]:
            return None
        case ["b", bool() as truth]:
            return truth
        case ["i", str() as digits]:
            return _decode_int(digits)
        case ["c", str() as real, str() as imag]:
            return complex(_decode_float(real), _decode_float(imag))
        case ["s", str() as text]:
            return text
        case ["l", list() as items]:
            return [_decode(item, depth + 1, budget) for item in items]
        case ["t", list() as items]:
            return tuple(_decode(item, depth + 1, budget) for item in items)
        case ["d", list() as pairs]:
            return _decode_dict(pairs, depth, budget)
        case ["x", str() as name]:
            return Opaque(name[:200])
    raise CodecError("no such tag, or wrong fields for it")


def _decode_int(digits: str) -> int:
    body = digits[1:] if digits.startswith("-") else digits
    if not (0 < len(body) <= 310 and body.isascii() and body.isdigit()):
        raise CodecError("malformed int")
    return int(digits)


def _decode_float(text: str) -> float:
    if len(text) > 40:
        raise CodecError("malformed float")
    if text in ("nan", "inf", "-inf"):
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[text]
    return float.fromhex(text)


def _decode_dict(pairs: list[object], depth: int, budget: _Budget) -> dict[object, object]:
    result: dict[object, object] = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2:
            raise CodecError("a dict is a list of pairs")
        key = _decode(pair[0], depth + 1, budget)
        if not (type(key) is str or (type(key) is int and key.bit_length() <= MAX_KEY_BITS)) or key in result:
            raise CodecError("a dict key is a str or a small int, and occurs once")
        result[key] = _decode(pair[1], depth + 1, budget)
    return result


def _decode_array(dtype: str, shape: list[object], data: str) -> np.ndarray:
    if dtype not in _DTYPES:
        raise CodecError("an array of an unknown dtype")
    if len(shape) > 32:
        raise CodecError("too many dimensions")
    size = 1
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_ELEMENTS:
            raise CodecError("malformed shape")
        size *= length
        if size > MAX_ELEMENTS:
            raise CodecError("too many elements")
    raw = base64.b64decode(data.encode("ascii"), validate=True)
    if len(raw) != size * _DTYPES[dtype]:
        raise CodecError("an array's bytes do not fit its shape")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)  # type: ignore[arg-type]
