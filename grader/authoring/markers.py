"""From an author's code with solutions to what students get: text in, text out.

Three families of markers are in use in courses, and may stand side by side in a notebook:

    ### START CODE HERE ### … ### END CODE HERE ###      the lines between are taken out, the markers stay
    ### BEGIN SOLUTION … ### END SOLUTION                taken out with the markers, nbgrader's stub in their place; in text cells, too
    START OMIT BLOCK … END OMIT BLOCK, @OMIT             nothing is left; `### BEGIN HIDDEN TESTS … END` likewise
    @KEEP, @REPLACE text, @REPLACE EQUALS text           at the end of a line of code: it stays, is replaced, is given another right side

Where nothing says what stays, what follows decides: a name that is assigned in a block and read after it becomes `name = None`.
Whatever is out of turn or has no end is refused: half a block would be handed out otherwise.
"""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence

import msgspec

_BLOCKS = {  # kind: how it begins, how it ends
    "code": ("START CODE HERE", "END CODE HERE"),
    "solution": ("BEGIN SOLUTION", "END SOLUTION"),
    "tests": ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    "omit": ("START OMIT BLOCK", "END OMIT BLOCK"),
}
_MARKS = {words: (kind, number == 0) for kind, pair in _BLOCKS.items() for number, words in enumerate(pair)}
_MARK = re.compile(rf"^\s*#+\s*({'|'.join(_MARKS)})\b", re.IGNORECASE)
_TAG = re.compile(r"\s*#+\s*@(OMIT|KEEP|REPLACE EQUALS|REPLACE)(?!\w)[ \t]*(.*?)\s*$")
_ASSIGNMENT = re.compile(r"^(\s*[^=#]*?[^=#!<>\s])\s*(\*\*|//|>>|<<|[-+*/@%&|^])?=(?!=)")
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
TEXT_STUB = "YOUR ANSWER HERE"


class MarkerError(ValueError):
    """Markers that do not fit together; `line` is counted from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


class Stripped(msgspec.Struct, frozen=True):
    """What students get of a text, and the lines that were taken out of it."""

    text: str
    removed: tuple[str, ...]


def strip_code(text: str) -> Stripped:
    """The code as students get it. Raises MarkerError where the markers do not fit together.

    >>> strip_code("def area(r):\\n    # START CODE HERE\\n    A = 3 * r\\n    # END CODE HERE\\n    return A").text.splitlines()[2]
    '    A = None'
    """
    lines = text.split("\n")
    kept, removed = list[str](), list[str]()
    for kind, block, first, last in _blocks(lines, tuple(_BLOCKS)):
        if kind == "":
            tagged = any(_TAG.search(line) for line in block)
            left = _directed(_statements(block), removed, keep=True) if tagged else block
        elif kind == "code":
            left = [lines[first], *_code_block(block, lines[last + 1 :], removed), lines[last]]
        else:
            removed += block
            left = [_indent(lines[first]) + line for line in STUB] if kind == "solution" else []
        kept += left
    return Stripped("\n".join(_filled(kept)) if removed else text, tuple(line for line in removed if line.strip()))


def strip_text(text: str) -> Stripped:
    """The text of a cell that is not code, as students get it. Raises MarkerError where the markers do not fit together."""
    kept, removed = list[str](), list[str]()
    for kind, block, _, _ in _blocks(text.split("\n"), ("solution", "omit")):
        if kind:
            removed += block
        kept += block if kind == "" else [TEXT_STUB] if kind == "solution" else []
    return Stripped("\n".join(kept), tuple(line for line in removed if line.strip()))


def has_block(text: str) -> bool:
    """Whether a block of a solution begins anywhere in the text."""
    return any(match and _MARKS[match[1].upper()] in (("code", True), ("solution", True)) for match in map(_MARK.match, text.split("\n")))


def _blocks(lines: Sequence[str], known: Sequence[str]) -> Iterator[tuple[str, list[str], int, int]]:
    """The text in pieces: the kind of block or "", its lines without the marks, and the numbers of the marks' lines from 0."""
    held, kind, first = list[str](), "", 0
    inner = False  # in a block to omit inside another one
    for number, line in enumerate(lines):
        match = _MARK.match(line)
        found, begins = _MARKS[match[1].upper()] if match else ("", False)
        if found not in known:
            found = ""
        if inner or (found == "omit" and kind not in ("", "omit")):
            inner = _inner(found, begins, inner, number)
            held.append(line)
        elif not found:
            held.append(line)
        elif begins and kind == "":
            yield "", held, number, number
            held, kind, first = [], found, number
        elif not begins and kind == found:
            yield kind, held, first, number
            held, kind = [], ""
        else:
            inside = f"inside the block that begins on line {first + 1}" if kind else "without its beginning"
            raise MarkerError(number + 1, f"{line.strip()!r} stands {inside}")
    if kind or inner:
        raise MarkerError(first + 1, f"{lines[first].strip()!r} has no end")
    yield "", held, len(lines), len(lines)


def _inner(found: str, begins: bool, inner: bool, number: int) -> bool:
    """Whether a block to omit goes on after this line of another block."""
    if found and (found != "omit" or begins is inner):
        raise MarkerError(number + 1, "a block to omit is not ended before this line, or did not begin")
    return begins if found else inner


def _code_block(block: list[str], rest: Sequence[str], removed: list[str]) -> list[str]:
    """What stands between START and END afterwards."""
    kept, omitted = list[str](), list[str]()
    for kind, lines, _, _ in _blocks(block, ("omit",)):
        (omitted if kind else kept).extend(lines)
    removed += omitted
    if _is_blank(textwrap.dedent("\n".join(kept))):
        return kept
    groups = _statements(kept)
    if any(_TAG.search(line) for line in kept):
        return _directed(groups, removed, keep=False)
    indent = next((_indent(line) for line in kept if line.strip()), "")
    left = [indent + line for line in _placeholders(textwrap.dedent("\n".join(kept)), "\n".join(rest))]
    removed += [line for line in kept if line not in left]
    return left


def _directed(groups: Sequence[str], removed: list[str], *, keep: bool) -> list[str]:
    """Statements by what stands at their ends; those with nothing there stay if `keep`."""
    left = []
    for group in groups:
        match = _TAG.search(group)
        code = group[: match.start()] if match else group
        tag, text = (match[1], match[2]) if match else ("KEEP" if keep else "OMIT", "")
        if tag == "KEEP":
            left.append(code)
            continue
        removed.append(code)
        if tag == "REPLACE":
            left.append(_indent(group) + text)
        elif tag == "REPLACE EQUALS":
            left.append(f"{_indent(group)}{_left_side(code)}{text}")
    return left


def _left_side(code: str) -> str:
    """What stands left of the right side of an assignment, its sign included; nothing where it is none."""
    try:
        nodes = ast.parse(textwrap.dedent(code)).body
    except SyntaxError:
        nodes = []
    match nodes:
        case [ast.Assign(targets=targets)]:
            return "".join(f"{ast.unparse(target)} = " for target in targets)
        case [ast.AnnAssign(target=target, annotation=annotation)]:
            return f"{ast.unparse(target)}: {ast.unparse(annotation)} = "
    found = _ASSIGNMENT.match(code.strip())
    return f"{found[1]} {found[2] or ''}= " if found else ""


def _statements(lines: Sequence[str]) -> list[str]:
    """The lines, those of one statement joined; one by one where they are not Python."""
    indent = min((len(_indent(line)) for line in lines if line.strip()), default=0)
    source = "\n".join(line[indent:] for line in lines) + "\n"
    try:
        inside = _lines_inside(source)
    except (tokenize.TokenError, SyntaxError):
        return list(lines)
    groups, held = list[str](), list[str]()
    for number, line in enumerate(lines, 1):
        held.append(line)
        if number not in inside:
            groups.append("\n".join(held))
            held = []
    return [*groups, *held]


def _lines_inside(source: str) -> set[int]:
    """The numbers of the lines that end within a statement."""
    inside, begun = set[int](), 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NEWLINE:
            inside |= set(range(begun, token.start[0])) if begun else set()
            begun = 0
        elif not begun and token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            begun = token.start[0]
    return inside


def _is_blank(body: str) -> bool:
    """Whether nothing is solved: names that are None, and what does nothing."""
    try:
        nodes = ast.parse(body).body
    except SyntaxError:
        return False
    return all(_does_nothing(node) for node in nodes)


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Return(value=None) | ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case ast.Assign(value=ast.Constant(value=None)) | ast.Return(value=ast.Constant(value=None)):
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
    return False


def _placeholders(body: str, rest: str) -> list[str]:
    """What to fill in: names that are read after the block, returned values, functions without their bodies; else `pass`."""
    try:
        nodes = ast.parse(body).body
    except SyntaxError:
        nodes = []
    found = list(dict.fromkeys(line for node in nodes for line in _placeholder(node, rest)))
    return found or ["pass"]


def _placeholder(node: ast.stmt, rest: str) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            head = ast.unparse(ast.FunctionDef(node.name, node.args, [ast.Pass()], [], None, lineno=1))
            yield from head.split("\n")
        case ast.Return(value=value) if value is not None:
            yield "return None"
        case ast.For(body=body) | ast.While(body=body) | ast.With(body=body) | ast.If(body=body):
            for inner in (*body, *getattr(node, "orelse", ())):
                yield from (line for line in _placeholder(inner, rest) if "[" not in line)  # an index of a loop ends with it
        case ast.Assign(targets=targets):
            yield from (f"{name} = None" for target in targets for name in _targets(target) if _is_read(name, rest))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from (f"{name} = None" for name in _targets(target) if _is_read(name, rest))


def _targets(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Subscript(value=ast.Name(), slice=ast.Name() | ast.Constant()) | ast.Attribute(value=ast.Name()):
            yield ast.unparse(target)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _targets(item)


def _is_read(name: str, rest: str) -> bool:
    base = re.split(r"[\[.]", name)[0]
    return re.search(rf"(?<![\w.]){re.escape(base)}(?!\w)(?!\s*=[^=])", rest) is not None


def _filled(lines: Sequence[str]) -> list[str]:
    """The lines, with `pass` below each opening line whose body was taken out."""
    filled = list[str]()
    for number, line in enumerate(lines):
        filled.append(line)
        code = line.split("#")[0].rstrip()
        if code.endswith(":") and re.match(r"\s*(for|while|if|elif|else|with|try|except|finally|def|class)\b", code):
            following = next((other for other in lines[number + 1 :] if other.strip() and not other.lstrip().startswith("#")), "")
            if len(_indent(following)) <= len(_indent(line)):
                filled.append(_indent(line) + "    pass")
    return filled


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
