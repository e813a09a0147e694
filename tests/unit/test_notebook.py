"""The reader of .ipynb files: real notebooks of every age are read, and whatever else is handed in is a SubmissionError."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tracemalloc
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import notebook
from grader.errors import SubmissionError
from grader.notebook import Notebook, _one_def, _parsed, excerpt, parse, read_file

SOURCE = "def area(r):\n    return 3 * r * r"


def cell(source: object = SOURCE, kind: object = "code", **more: object) -> dict[str, object]:
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def v4(*cells: object, minor: int = 5, **more: object) -> dict[str, object]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": minor, **more}


def v3(*cells: object, **more: object) -> dict[str, object]:
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": list(cells), "metadata": {}}], **more}


def v3_code(source: object = SOURCE) -> dict[str, object]:
    return {"cell_type": "code", "collapsed": False, "input": source, "language": "python", "metadata": {}, "outputs": []}


def data(content: object, *, ascii_only: bool = True) -> bytes:
    return json.dumps(content, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def sources(content: object) -> list[tuple[str, str]]:
    return [(item.kind, item.source) for item in parse(data(content)).cells]


def why(content: bytes) -> str:
    with pytest.raises(SubmissionError) as caught:
        parse(content)
    return str(caught.value)


# What is read


@pytest.mark.parametrize("minor", [0, 1, 2, 4, 5, 99])
def test_every_minor_of_format_4(minor: int) -> None:
    assert sources(v4(cell(), minor=minor)) == [("code", SOURCE)]


@pytest.mark.parametrize("source", [SOURCE, SOURCE.splitlines(keepends=True)], ids=["str", "list"])
def test_format_3_with_its_worksheets(source: object) -> None:
    read = sources(
        v3(v3_code(source), {"cell_type": "heading", "level": 2, "metadata": {}, "source": "Title"}, {"cell_type": "raw", "source": "r"})
    )
    assert read == [("code", SOURCE), ("markdown", "## Title"), ("raw", "r")]


def test_a_heading_of_format_3_as_it_lies_on_the_disk() -> None:
    read = sources(v3({"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Title\n", "below"]}, v3_code(["a = 1\n", "b = 2"])))
    assert read == [("markdown", "# Title below"), ("code", "a = 1\nb = 2")]


def test_format_3_with_two_worksheets_keeps_both() -> None:
    content = v3()
    content["worksheets"] = [{"cells": [v3_code("a = 1")]}, {"cells": [v3_code("b = 2")]}]
    assert [source for _, source in sources(content)] == ["a = 1", "b = 2"]


def test_worksheets_without_a_format_are_format_3() -> None:
    content = v3(v3_code())
    del content["nbformat"]
    assert sources(content) == [("code", SOURCE)]


@pytest.mark.parametrize("source", [SOURCE, SOURCE.splitlines()], ids=["str", "list"])
def test_format_2(source: object) -> None:
    content = {
        "nbformat": 2,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [{"cell_type": "code", "input": source, "language": "python", "outputs": []}]}],
    }
    assert sources(content) == [("code", SOURCE)]


def test_format_1() -> None:
    assert sources({"nbformat": 1, "cells": [{"cell_type": "code", "code": SOURCE, "prompt_number": 1}]}) == [("code", SOURCE)]


def test_reading_an_old_format_is_quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings():
        warnings.simplefilter("error")
        parse(data(v3(v3_code(), {"cell_type": "no such kind"})))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", pytest.param("utf-16-be-bom", id="utf-16 big-endian")],
)
def test_encodings(encoding: str) -> None:
    text = json.dumps(v4(cell("# θ ± ε 梯度 👩‍🔬")), ensure_ascii=False)
    raw = b"\xfe\xff" + text.encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding)
    assert parse(raw).cells[0].source == "# θ ± ε 梯度 👩‍🔬"


def test_one_line_or_many_or_windows_newlines_around() -> None:
    content = v4(cell())
    texts = [
        json.dumps(content),
        json.dumps(content, indent=4),
        json.dumps(content, indent=1).replace("\n", "\r\n"),
        f"\n\n{json.dumps(content)}\n\n",
    ]
    assert len({parse(text.encode()).cells for text in texts}) == 1


def test_newlines_inside_sources_are_python_s() -> None:
    assert sources(v4(cell("a = 1\r\nb = 2\rc = 3"))) == [("code", "a = 1\nb = 2\nc = 3")]


@pytest.mark.parametrize(
    "metadata", [{}, {"kernelspec": {"name": "python2", "display_name": "Python 2"}}, None, "text", [1], {"kernelspec": 7}]
)
def test_metadata_is_never_read(metadata: object) -> None:
    content = {**v4(cell()), "metadata": metadata}
    assert sources(content) == [("code", SOURCE)]


def test_no_metadata_and_no_minor() -> None:
    assert sources({"nbformat": 4, "cells": [{"cell_type": "code", "source": SOURCE}]}) == [("code", SOURCE)]


def test_zero_cells() -> None:
    assert parse(data(v4())) == Notebook((), hashlib.sha256(data(v4())).hexdigest())
    assert parse(data(v3())).cells == ()


def test_a_cell_without_source_or_kind() -> None:
    assert sources(v4({}, {"cell_type": ["code"], "source": "x"}, {"cell_type": "sql", "source": "y"})) == [
        ("raw", ""),
        ("raw", "x"),
        ("raw", "y"),
    ]


def test_indexes_count_all_cells() -> None:
    parsed = parse(data(v4(cell("# a", "markdown"), cell(), cell("r", "raw"), cell())))
    assert [(item.index, item.kind) for item in parsed.cells] == [(0, "markdown"), (1, "code"), (2, "raw"), (3, "code")]
    assert parsed.code_cells == 2


def test_the_hash_is_of_the_bytes() -> None:
    raw = b" " + data(v4())
    assert parse(raw).sha256 == hashlib.sha256(raw).hexdigest() != parse(data(v4())).sha256


def test_lone_surrogates_are_replaced() -> None:
    read = sources(v4(cell("s = '\ud800'"), cell(["s = '", "\udfff", "'"])))
    assert [source for _, source in read] == ["s = '?'", "s = '?'"]
    assert [source.encode("utf-8") for _, source in read]


def test_nul_characters_stay_in_their_cell() -> None:
    assert sources(v4(cell("a\x00b"), cell())) == [("code", "a\x00b"), ("code", SOURCE)]


def test_of_duplicate_keys_the_last_counts() -> None:
    raw = b'{"nbformat": 1, "cells": [], "nbformat": 4, "cells": [{"cell_type": "raw", "cell_type": "code", "source": "a", "source": "b"}]}'
    assert [(item.kind, item.source) for item in parse(raw).cells] == [("code", "b")]


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 300, "-" + "9" * 4000])
def test_numbers_beyond_the_standard_do_not_matter_where_they_are_not_read(number: str) -> None:
    raw = b'{"nbformat": 4, "cells": [{"cell_type": "code", "execution_count": %s, "source": "a"}]}' % number.encode()
    assert [item.source for item in parse(raw).cells] == ["a"]


# What is not


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\xef\xbb\xbf", "not JSON"),
        (b"print('hello')\n", "not JSON"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not text in UTF-8"),
        (b"PK\x03\x04\x14\x00\x00\x00", "not JSON"),
        (b"\x00" * 4096, "not JSON"),
        (b"\xff\xfe{", "not text in UTF-8"),
        (b"\xff\xfe\x00\xd8{\x00", "not text in UTF-8"),
        (b'{"nbformat": 4, "cells": ["\xed\xa0\x80"]}', "not text in UTF-8"),
        (json.dumps(v4(cell())).encode("utf-16-le"), "not JSON"),
        (data(v4(cell()))[:-10], "not JSON"),
        (data(v4(cell())) + b"}", "not JSON"),
        (b"[" * 100_000, "nested too deep|not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deep"),
        (b'{"nbformat": 4, "cells": [' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}", "nested too deep"),
        (b'{"nbformat": ' + b"9" * 100_000 + b', "cells": []}', "not JSON"),
        (b"4", "not a notebook"),
        (b"[]", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b"null", "not a notebook"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else None,
)
def test_what_is_no_notebook(raw: bytes, said: str) -> None:
    assert any(part in why(raw) for part in said.split("|"))


@pytest.mark.parametrize("version", [5, 0, -1, 10**30, 4.0, "4", None, True, [4], {}])
def test_formats_that_are_not_known(version: object) -> None:
    assert "format" in why(data({**v4(cell()), "nbformat": version}))


@pytest.mark.parametrize("cells", [None, 5, "cells", {"0": cell()}, True])
def test_cells_of_the_wrong_type(cells: object) -> None:
    assert "no list of cells" in why(data({**v4(), "cells": cells}))


@pytest.mark.parametrize("wrong", [None, 5, "code", [], True, 1.5])
def test_a_cell_of_the_wrong_type(wrong: object) -> None:
    assert why(data(v4(cell(), wrong))) == "cell 1 is not an object"


@pytest.mark.parametrize("source", [None, 5, {"a": "b"}, True, ["a", 5], [None], [["a"]]])
def test_a_source_of_the_wrong_type(source: object) -> None:
    assert why(data(v4(cell(), cell(source)))) == "cell 1 has a source that is not text"


@pytest.mark.parametrize("worksheets", [5, "text", True, [5], [{}], [{"cells": 5}], [{"cells": [5]}], [{"cells": {"a": 5}}], {"cells": []}])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_worksheets_of_the_wrong_type(worksheets: object, version: int) -> None:
    parsed = read_or_refuse(data({**v3(), "worksheets": worksheets, "nbformat": version}))
    assert parsed is None or parsed.cells == ()


def test_too_many_cells() -> None:
    assert "more than 5000 cells" in why(data(v4(*[{}] * 5_001)))
    assert len(parse(data(v4(*[{}] * 5_000))).cells) == 5_000


def test_a_million_cells_are_refused_soon() -> None:
    assert "more than 5000 cells" in why(b'{"nbformat":4,"cells":[' + b",".join([b"{}"] * 1_000_000) + b"]}")


@pytest.mark.parametrize("sheets", [b'{"cells":[' + b",".join([b"{}"] * 1_000_000) + b"]}", b",".join([b"{}"] * 1_000_000)])
def test_a_million_cells_of_an_old_format_are_refused_soon(sheets: bytes) -> None:
    assert "more than 5000 cells" in why(b'{"nbformat":3,"worksheets":[' + sheets + b"]}")


def test_a_cell_of_megabytes_is_not_parsed_as_python() -> None:
    source = f"def f():\n    pass\nx = ({'0,' * 1_000_000})\n"
    tracemalloc.start()
    assert excerpt(source, "f") == (1, "def f():\n    pass")
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("pieces", [1, 1_000])
def test_sources_too_large(pieces: int) -> None:
    assert "4 MB" in why(data(v4(cell(["x" * (5 * 1024 * 1024 // pieces)] * pieces))))


def test_a_file_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notebook, "MAX_BYTES", 1024 * 1024)
    raw = data(v4(cell("x" * 1024 * 1024)))
    assert "larger than 1 MB" in why(raw)
    path = tmp_path / "large.ipynb"
    path.write_bytes(raw)
    with pytest.raises(SubmissionError, match="larger than 1 MB"):
        read_file(path)


# Files


def test_read_file(tmp_path: Path) -> None:
    path = tmp_path / "my_notebook.ipynb"
    path.write_bytes(b"\x00\xff any bytes")
    assert read_file(path) == b"\x00\xff any bytes"
    link = tmp_path / "link.ipynb"
    link.symlink_to(path)
    assert read_file(link) == b"\x00\xff any bytes"


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    folder, pipe, dangling, loop = (tmp_path / f"{name}.ipynb" for name in ("folder", "pipe", "dangling", "loop"))
    folder.mkdir()
    dangling.symlink_to(tmp_path / "gone")
    loop.symlink_to(loop)
    paths = [folder, dangling, loop, tmp_path / "absent.ipynb", Path(os.devnull)]
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        paths.append(pipe)
    for path in paths:
        with pytest.raises(SubmissionError, match="not a regular file"):
            read_file(path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.ipynb"
    path.write_bytes(b"{}")
    path.chmod(0)
    if not hasattr(os, "geteuid") or os.geteuid() == 0:  # root may read anything

        def refuse(_: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SubmissionError, match=r"cannot be read: Permission denied$"):
        read_file(path)


# Laws

JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["cell_type", "source", "input", "code", "outputs", "metadata", "level", "language", "cells", "attachments", "prompt_number"]
)
CELLS: st.SearchStrategy[object] = st.lists(
    JSON | st.dictionaries(KEYS, JSON | st.sampled_from(["code", "markdown", "heading"]), max_size=6), max_size=4
)
NOTEBOOKS: st.SearchStrategy[object] = st.fixed_dictionaries(
    {"nbformat": st.integers(0, 5) | JSON},
    optional={
        "nbformat_minor": JSON | st.integers(0, 5),
        "metadata": JSON,
        "cells": JSON | CELLS,
        "worksheets": JSON | st.lists(JSON | st.fixed_dictionaries({"cells": JSON | CELLS}), max_size=3),
    },
)


def read_or_refuse(raw: bytes) -> Notebook | None:
    parsed, refusal = None, ""
    try:
        parsed = parse(raw)
    except SubmissionError as error:
        refusal = str(error)
    if parsed is None:
        assert 0 < len(refusal) < 400
        return None
    for item in parsed.cells:
        assert item.kind in ("code", "markdown", "raw")
        item.source.encode("utf-8")
    assert [item.index for item in parsed.cells] == list(range(len(parsed.cells)))
    return parsed


@given(
    st.binary()
    | st.builds(bytes.__add__, st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"{", b'{"nbformat":4,']), st.binary())
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    read_or_refuse(raw)


@settings(max_examples=400, deadline=None)
@given(JSON | NOTEBOOKS)
def test_any_json_is_read_or_refused(content: object) -> None:
    read_or_refuse(data(content))


@settings(deadline=None)
@given(st.integers(0, 3_000), st.binary(max_size=3))
def test_a_file_cut_or_changed_anywhere_is_read_or_refused(position: int, change: bytes) -> None:
    raw = data(v4(cell(), cell("# text", "markdown"), cell(["a = 1\n", "b = 2"], outputs=[{"output_type": "stream", "text": "x"}])))
    position %= len(raw)
    read_or_refuse(raw[:position])
    read_or_refuse(raw[:position] + change + raw[position + 1 :])


@given(st.lists(JSON, max_size=3) | JSON, JSON, JSON)
def test_outputs_never_change_the_result(outputs: object, count: object, metadata: object) -> None:
    plain = v4(cell(), cell("# text", "markdown"))
    recorded = v4(cell(outputs=outputs, execution_count=count), cell("# text", "markdown", attachments=outputs))
    recorded["metadata"] = metadata
    assert parse(data(recorded)).cells == parse(data(plain)).cells


@settings(deadline=None)
@given(st.lists(JSON, max_size=3) | JSON)
def test_outputs_of_old_formats_never_change_the_result(outputs: object) -> None:
    content: Mapping[str, object] = {**v3_code(), "outputs": outputs}
    assert parse(data(v3(content))).cells == parse(data(v3(v3_code()))).cells


# excerpt


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    return 1\n\nf()", (1, "def f():\n    return 1")),
        ("def f():\n    return 1\ndef f():\n    return 2", (3, "def f():\n    return 2")),
        ("%%time\nasync def f():\n    pass\n", (2, "async def f():\n    pass")),
        ("class f:\n    def __call__(self):\n        return 1\nx = f()", (1, "class f:\n    def __call__(self):\n        return 1")),
        ("x = 1\nf = lambda a: a\ny = 2", (2, "f = lambda a: a")),
        ("f: object = lambda a: a", (1, "f: object = lambda a: a")),
        (
            "if True:\n    @one\n    @two\n    def f():\n        return 1\n    y = 2",
            (2, "    @one\n    @two\n    def f():\n        return 1"),
        ),
        (
            "def f(\n    a,\n):\n    # a comment\n\n# another\n    return a\nb",
            (1, "def f(\n    a,\n):\n    # a comment\n\n# another\n    return a"),
        ),
        ("def ff(): pass\nf == 1\n\n", (1, "def ff(): pass\nf == 1")),
        ("", (1, "")),
    ],
)
def test_excerpt(source: str, expected: tuple[int, str]) -> None:
    assert excerpt(source, "f") == expected


@given(
    st.lists(st.sampled_from(["def f():", "    return 1", "f = 2", "@d", "", "x", "'''", "\tf = 3", "\x0c", "# f"])).map("\n".join),
    st.sampled_from(["f", "(", "a b"]),
)
def test_an_excerpt_is_part_of_the_cell(source: str, name: str) -> None:
    first, text = excerpt(source, name)
    lines = source.split("\n")
    taken = "\n".join(lines[first - 1 :])
    assert 1 <= first <= len(lines)
    assert taken.startswith(text)


@pytest.mark.parametrize(
    "source",
    [
        SOURCE,
        f"# GRADED FUNCTION: area\n\n  # of a circle\n@cached\n@counted('a', 1)\n{SOURCE}\n\n   \n",
        'def area(\n    r,\n    pi=3,\n    ):\n    """Of a circle.\n\n# r: its radius\n    """\n# ours\n\treturn r',
        "def area(r): return 3 * r * r",
        "def area(r):\n    return (3 * r",
    ],
)
def test_a_cell_that_is_one_def_is_not_parsed(source: str) -> None:
    assert _one_def(source, "area") == _parsed(source, "area")


@pytest.mark.parametrize(
    "source",
    [
        f"{SOURCE}\n    # done",
        f"{SOURCE}\n# done",
        f"{SOURCE}\n)",
        f"{SOURCE}\nprint(1)",
        f"{SOURCE}\n\\\n",
        f"{SOURCE} \\\n",
        f"{SOURCE}\r",
        f"{SOURCE}\n  \fx = 1",
        f"{SOURCE}\n    area = 2",
        f"@cached\n\n{SOURCE}",
        f"@cached(\n    1)\n{SOURCE}",
        f"%%time\n{SOURCE}",
        f"async {SOURCE}",
        "def area_of(r):\n    return 1",
    ],
)
def test_any_other_cell_is(source: str) -> None:
    assert _one_def(source, "area") is None


OPENINGS = ["def area(r):", "def area(r):\n    r = 1", 'def area(r):\n    """Of a circle."""'] * 4 + [
    "def area(r): return 1", "def area(", "def area(r='''", "def area(r): '''", "def area(r): # c", "def area(r): return (",
    "def area():\\", "def area(r):;", "def \ufb00b(r):", "def area (r):", "async def area(r):", "class area():",
]  # fmt: skip
BEFORE = [
    "", "  ", "# c", "# \rc", "    # c", "# '''", "@d", "@d('''", "@d(1,", "@(", "@d  # c", "    '''", "    x = 1", '# """', "\\", "\x0c",
]  # fmt: skip
INSIDE = [
    "    return 1", "    return (1", "    )", "    '''", "    '''c'''", '    """', "# c", "    # c", "", "  ", "\t", "# '''", "    # '''",
    "    x = '''", "    ''')", "    if r:", "        pass", "    @d", "    def g():", "    return 1;", "    x = 1 \\", "    \\",
    "    # c\\", "    'a\\", "    areas = 1", "    area = 1", "\ttab = 1", "  x", "    \x0cx = 1", "\x0cx = 1", "    \rx = 1", "\rx = 1",
    "\x1c", "    \xa0", "    \x00", "    # \x1c", "    \u2028x", "    f'''{", "    }'''", "    await r", "]", "    ]", "'''", "x = 1",
    "def area(r):", "%time", "    \ufb00 = 1",
]  # fmt: skip


@settings(deadline=None, max_examples=1_000)
@given(
    st.lists(st.sampled_from(BEFORE), max_size=3),
    st.sampled_from(OPENINGS),
    st.lists(st.sampled_from(INSIDE), max_size=6),
    st.sampled_from(["", "\n", "\n\n", "\n  ", "\n    \\\n\n", "\\", "\n\x0c"]),
    st.sampled_from(["area"] * 5 + ["ffb", "\ufb00b", "a b"]),
)
def test_one_def_is_what_a_parse_finds(before: list[str], opening: str, inside: list[str], end: str, name: str) -> None:
    source = "\n".join([*before, opening, *inside]) + end
    assert _one_def(source, name) in (None, _parsed(source, name))
