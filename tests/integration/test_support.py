"""The support files that a warm server holds: a notebook finds them as if they had been sent to it and imported there and then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from grader.errors import SandboxError
from grader.sandbox.kernel import KernelSandbox
from grader.sandbox.prefork import PreforkSandbox
from grader.sandbox.protocol import Call, Cell, Function, Held, Limits, Reply, Request
from grader.sandbox.worker import codec
from tests import parts

LIMITS = Limits(cell_seconds=10, case_seconds=5, submission_seconds=60, memory_mb=512)
BASIC = "def triple(x):\n    # Thrice.\n    return 3 * x\n"
UPON = "from basic import ONE, triple\nimport basic\n\ndef nine(x):\n    return triple(triple(x))\n\ndef fail():\n    raise KeyError(ONE)\n"
FILES = {
    "basic.py": f'"""Some."""\n\nimport numpy as np\n\nONE = np.ones(1)\nmade = []\n\n\n{BASIC}',
    "upon.py": UPON,
    "seeded.py": "import numpy as np\nnp.random.seed(3)\ndrawn = np.random.rand()\n",
    "state.py": "import warnings, os, sys\nwarnings.filterwarnings('error', 'x')\nos.environ['STATE'] = 'yes'\nsys.path.append('/x')\n",
    "broken.py": "def f(:\n",
    "odd.py": "pattern = '\\d'\n",
    "raises.py": "raise LookupError('here')\n",
    "threads.py": "import threading, time\nthread = threading.Thread(target=time.sleep, args=(30,), daemon=True)\nthread.start()\n",
    "leaves.py": "import os\nos._exit(0)\n",
    "endless.py": "while True:\n    pass\n",
    "reads.py": "text = open('data.txt').read()\n",
    "data.txt": "four\n",
}
# The cells, what `f` then returns for x = 2, and its value.
NOTEBOOKS: dict[str, tuple[list[str], str, object]] = {
    "imported": (["import basic, upon"], "upon.nine(x), basic.triple is upon.triple", (18, True)),
    "named as always": (["import upon as m"], "m.__file__, m.__name__, m.__package__", ("/work/upon.py", "upon", "")),
    "specified as always": (
        ["import upon\nspec = upon.__spec__"], "spec.name, spec.origin, upon.__loader__ is spec.loader", ("upon", "/work/upon.py", True),
    ),
    "where its code is": (["import basic"], "basic.triple.__code__.co_filename, basic.__doc__", ("/work/basic.py", "Some.")),
    "its source": (["import basic, inspect"], "inspect.getsource(basic.triple)", BASIC),
    "a traceback": (
        ["import upon, traceback\ntry:\n    upon.fail()\nexcept KeyError:\n    told = traceback.format_exc().splitlines()"],
        "told[3:5]", ['  File "/work/upon.py", line 8, in fail', "    raise KeyError(ONE)"],
    ),
    "overwritten before": (["%%writefile basic.py\nONE = 1\ndef triple(x):\n    return 'mine'", "import upon"], "upon.nine(x)", "mine"),
    "overwritten by as many bytes": (
        ["text = open('basic.py').read()\nopen('basic.py', 'w').write(text.replace('3 *', '4 *'))\nimport upon"], "upon.nine(x)", 32,
    ),
    "overwritten after": (["import upon\nopen('basic.py', 'w').close()"], "upon.nine(x)", 18),
    "removed before": (["import os\nos.remove('basic.py')", "import basic"], "'basic' in globals()", False),
    "reloaded": (
        ["import basic, importlib\nold = basic.triple\nbasic.more = 1\nnew = importlib.reload(basic)"],
        "new is basic, basic.triple is old, basic.more, basic.triple(x)", (True, False, 1, 6),
    ),
    "reloaded as another": (
        ["import basic, importlib", "%%writefile basic.py\ndef triple(x):\n    return 0", "importlib.reload(basic)"], "basic.triple(x)", 0,
    ),
    "imported again": (
        ["import basic, sys\nfirst = basic\nfirst.made.append(1)\ndel sys.modules['basic']\nimport basic, upon"],
        "first is basic, basic.made, upon.basic is basic", (False, [], True),
    ),
    "put in its place": (
        ["import sys, types\nsys.modules['basic'] = types.SimpleNamespace(ONE=1, triple=abs)", "import upon"], "upon.nine(-x)", 2,
    ),
    "patched before": (["import basic\nbasic.triple = lambda x: 'mine'\nimport upon"], "upon.nine(x)", "mine"),
    "NumPy patched before": (["import numpy\nnumpy.ones = lambda n: 'mine'\nimport basic"], "basic.ONE", "mine"),
    "another folder first": (
        ["import sys, os\nos.mkdir('a')\nsys.path.insert(0, 'a')", "%%writefile a/basic.py\ndef triple(x):\n    return 0", "import basic"],
        "basic.triple(x)", 0,
    ),
    "run as a script": (["%run basic.py"], "triple(x), made", (6, [])),
    "in a process": (
        ["import subprocess, sys\nrun = [sys.executable, '-c', 'import upon; print(upon.nine(1))']"],
        "subprocess.check_output(run, text=True)", "9\n",
    ),
    "chance": (
        ["import numpy as np\na = np.random.rand()\nimport seeded\nb = np.random.rand()"],
        "seeded.drawn != a, round(seeded.drawn, 6), round(b, 6)", (True, 0.550798, 0.708148),
    ),
    "chance where nothing is imported": (["import numpy as np"], "np.random.get_state()[1][0] != 3", True),
    "state": (
        ["import warnings, os, sys\nbefore = 'STATE' in os.environ\nimport state\nafter = warnings.filters[0][0]"],
        "before, os.environ['STATE'], sys.path[-1], after", (False, "yes", "/x", "error"),
    ),
    "no Python": (["import broken"], "'broken' in globals()", False),
    "an odd escape": (["import odd"], "odd.pattern", "\\d"),
    "raising": (["import raises"], "'raises' in globals()", False),
    "a thread": (["import threads"], "threads.thread.is_alive()", True),
    "reading": (["open('data.txt', 'w').write('five')\nimport reads"], "reads.text", "five"),
    "nothing imported": (["import sys"], "[name for name in ('basic', 'upon', 'threads') if name in sys.modules]", []),
}  # fmt: skip


def request(cells: list[str], returned: str = "x", files: Mapping[str, str] = FILES) -> Request:
    """One that calls `f` once with 2."""
    given = tuple(Cell(index, "code", source) for index, source in enumerate([*cells, f"def f(x):\n    return {returned}\n"]))
    return Request(given, files, (Function("f", (), 1),), (), {}, (Call("f", (codec.encode(2),)),), LIMITS)


def value(reply: Reply) -> object:
    """What the call returned."""
    (call,) = reply.calls
    assert call.outcome == "returned", reply
    return call.value


@pytest.fixture(scope="module")
def holding() -> Iterator[PreforkSandbox]:
    """A sandbox whose server holds FILES."""
    parts.need_walls()
    with PreforkSandbox(walls="full", files=FILES) as sandbox:
        sandbox.ready()
        yield sandbox


@pytest.fixture(scope="module")
def plain() -> Iterator[PreforkSandbox]:
    """One that holds nothing."""
    parts.need_walls()
    with PreforkSandbox(walls="full") as sandbox:
        yield sandbox


def without_seconds(reply: Reply) -> Reply:
    """The reply, but for how long its calls took."""
    return msgspec.structs.replace(reply, calls=tuple(msgspec.structs.replace(call, seconds=0) for call in reply.calls))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_held_files_are_as_if_they_were_sent(name: str, holding: PreforkSandbox, plain: PreforkSandbox) -> None:
    cells, returned, expected = NOTEBOOKS[name]
    reply = holding.run(request(cells, returned))
    assert value(reply) == expected
    assert without_seconds(reply) == without_seconds(plain.run(request(cells, returned)))
    kernel = KernelSandbox(walls="full").run(request(cells, returned))
    assert value(kernel) == expected
    assert [(cell.index, cell.type) for cell in kernel.cells] == [(cell.index, cell.type) for cell in reply.cells]


@pytest.mark.parametrize("module", ["leaves", "endless"])
def test_a_module_that_does_not_come_back_costs_its_cell(module: str, holding: PreforkSandbox) -> None:
    reply = holding.run(request([f"import {module}"]))
    assert [cell.index for cell in reply.cells] == [0]
    assert value(reply) == 2


def test_files_of_other_content_are_sent(holding: PreforkSandbox) -> None:
    own = {**FILES, "own.py": "own = 3\n"}
    others = {**own, "basic.py": "def triple(x):\n    return 'other'\nONE = 1\n"}
    cells, returned = ["import upon, own"], "upon.nine(x), own.own"
    assert value(holding.run(request(cells, returned, others))) == ("other", 3)
    assert value(holding.run(request(cells, returned, own))) == (18, 3)
    assert value(holding.run(request(["import own"], "own.own", {"own.py": "own = 2\n"}))) == 2
    assert value(holding.run(request(["import basic"], "'basic' in globals()", {}))) is False


def test_what_is_held_is_not_sent() -> None:
    held, others = Held(FILES), {**FILES, "basic.py": ""}
    assert b"nine" not in request([]).parts(held)[1]
    assert b"nine" in request([]).parts()[1]
    assert b"nine" in request([], files=others).parts(held)[1]


def test_a_server_that_holds_other_files_refuses(holding: PreforkSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(holding), "_held", Held({"basic.py": FILES["basic.py"]}))
    with pytest.raises(SandboxError):
        holding.run(request(["import basic"]))


def test_what_starts_soon_or_has_other_walls_holds_nothing() -> None:
    assert not PreforkSandbox(walls="full", brief=True, files=FILES)._held.files
    assert not PreforkSandbox(walls="landlock", files=FILES)._held.files
