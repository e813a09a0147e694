"""One suite for all engines: small notebooks, what must come out of each, and that the same comes out of every engine."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import functools
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from grader.sandbox.protocol import Call, Cell, Function, Limits, Reply, Request
from grader.sandbox.worker import codec
from tests.parts import ENGINES, Engine, open_engine

Cells = list[str | tuple[str, str]]
LIMITS = Limits(cell_seconds=20, case_seconds=20, submission_seconds=120, memory_mb=512)
SHORT = msgspec.structs.replace(LIMITS, cell_seconds=3, case_seconds=3)  # for what reaches them, and else for no more than must be
DOUBLE = "def f(x):\n    return 2 * x"


class Notebook(NamedTuple):
    """Cells, what is called in them, and a check of the reply. `same`: the engines agree to the letter."""

    cells: Cells
    check: Callable[[Reply], object]
    calls: tuple[Call, ...]
    functions: tuple[Function, ...]
    leftovers: tuple[str, ...] = ()
    files: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    limits: Limits = LIMITS
    same: bool = True

    def request(self) -> Request:
        """The request of this notebook."""
        cells = tuple(Cell(index, "code", cell) if isinstance(cell, str) else Cell(index, *cell) for index, cell in enumerate(self.cells))
        return Request(cells, self.files, self.functions, self.leftovers, self.sources, self.calls, self.limits)


NOTEBOOKS: dict[str, Notebook] = {}
F = (Function("f", ("g",), 1),)
CALLS = (Call("f", (codec.encode(2),)), Call("f", (codec.encode(np.array([1.0, 2.0])),)))
SOURCES = {"case": "def helper(x):\n    return x + 100\n"}
INJECTED = (Call("f", (codec.encode(2),), inject={"helper": ("case", "helper")}, observe={"helper": ("x",)}),)
HELPER = (*F, Function("helper", (), 1))


def notebook(*cells: str | tuple[str, str], **rest: object) -> Callable[[Callable[[Reply], object]], None]:
    """Puts a notebook into the suite under its check's name."""

    def put(check: Callable[[Reply], object]) -> None:
        settings: dict[str, object] = {"calls": CALLS, "functions": F, **rest}
        NOTEBOOKS[check.__name__] = Notebook([*cells], check, **settings)  # type: ignore[arg-type]

    return put


def values(reply: Reply) -> list[object]:
    """What the calls returned; each must have."""
    assert [call.outcome for call in reply.calls] == ["returned"] * len(reply.calls), reply
    return [call.value.tolist() if isinstance(call.value, np.ndarray) else call.value for call in reply.calls]


def errors(reply: Reply) -> list[tuple[int, str]]:
    """The cells that ended badly."""
    return [(cell.index, cell.type) for cell in reply.cells]


def how(reply: Reply, name: str = "f") -> tuple[int, str, str] | None:
    """Where and how a function was found."""
    found = reply.found[name]
    return None if found is None else (found.cell, found.how, found.name)


def lost(reply: Reply) -> list[tuple[str, str]]:
    """Reason and limit of the calls that were lost."""
    return [(call.reason, call.limit) for call in reply.calls if call.outcome == "lost"]


# Right notebooks


@notebook("import numpy as np", DOUBLE)
def right(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]
    assert reply.cells == ()
    assert how(reply) == (1, "executed", "f")


@notebook(DOUBLE, "", "   \n", DOUBLE.replace("2", "3"))
def defined_twice_the_last_counts(reply: Reply) -> None:
    assert values(reply) == [6, [3.0, 6.0]]
    assert how(reply) == (3, "executed", "f")


@notebook(DOUBLE, DOUBLE, "x = 1")
def the_same_cell_twice(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(DOUBLE.replace("def f", "def g"))
def an_alias(reply: Reply) -> None:
    assert how(reply) == (0, "executed", "g")


@notebook("before = [_i, _ii, _iii, _, __, ___]\ndef f(x):\n    return before, list(Out)")
def nothing_was_before_the_first_cell(reply: Reply) -> None:
    assert values(reply) == [([""] * 6, [])] * 2


@notebook("import support\nf = support.triple", files={"support.py": "def triple(x):\n    return 3 * x\n"})
def a_support_module(reply: Reply) -> None:
    assert values(reply) == [6, [3.0, 6.0]]


@notebook("import random, numpy as np\na, b = random.random(), np.random.rand()\ndef f(x):\n    return (a, b, hash('text'))")
def chance_is_seeded(reply: Reply) -> None:
    assert len(values(reply)) == 2


@notebook("def f(x):\n    print('seen', x)\n    import sys\n    print('not seen', file=sys.stderr)\n    return x")
def stdout_of_a_call(reply: Reply) -> None:
    assert [call.stdout for call in reply.calls] == ["seen 2\n", "seen [1. 2.]\n"]


@notebook("def f(x):\n    print('x' * 3_000_000)\n    display('nothing')\n    return x")
def stdout_is_bounded(reply: Reply) -> None:
    assert len(reply.calls[0].stdout) <= 10_001


@notebook("x = 3\ny = 4\ndef f(z):\n    return 'x' in globals(), 'y' in globals()", leftovers=("x",))
def leftovers_are_removed(reply: Reply) -> None:
    assert values(reply) == [(False, True)] * 2


@notebook("n = [0]\ndef f(x):\n    n[0] += 1\n    x *= 0\n    return n[0]")
def calls_share_the_state(reply: Reply) -> None:
    assert values(reply) == [1, 2]


STAGED = (Call("f", (codec.encode(1),), stage=1), Call("f", (codec.encode(2),)), Call("f", (codec.encode(3),), stage=1))


@notebook(
    "seen = []\ndef f(x):\n    import gc\n    seen.append(x)\n"
    "    held = [o for o in gc.get_objects() if isinstance(o, dict) and o.get('function') == 'f']\n    return seen[:], len(held)",
    calls=STAGED,
    same=False,  # the kernel's process goes on from stage to stage, with what the earlier calls left
)
def a_later_stage_waits_outside(reply: Reply) -> None:
    answers = [value for value in values(reply) if isinstance(value, tuple)]
    assert answers[1] == ([2], 1)
    assert (answers[0][0][-1], answers[2][0][-1]) == (1, 3)


# IPython


@notebook("import asyncio\nawait asyncio.sleep(0)\nx = await asyncio.sleep(0, 5)", "def f(y):\n    return x")
def top_level_await(reply: Reply) -> None:
    assert values(reply) == [5, 5]
    assert reply.cells == ()


@notebook(
    "%load_ext autoreload\n%autoreload 2",
    "%matplotlib inline",
    "%config InlineBackend.figure_format = 'retina'",
    "%pip install x",
    "%pdb on",
    DOUBLE,
)
def magics_that_do_nothing_here(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]
    assert errors(reply) == []


@notebook(
    "%autosave 60\n%qtconsole\n%store -r\n%notebook copy.ipynb\ntwo = float(2)",
    "%python\nthree = float(3)",
    "def f(x):\n    return two, three",
)
def magics_of_notebooks_elsewhere(reply: Reply) -> None:
    assert values(reply) == [(2.0, 3.0)] * 2
    assert errors(reply) == []


@notebook(
    "runs = []",
    "%timeit runs.append(1)",
    "%%timeit -n 3 -r2\nruns.append(2)",
    "result = %timeit -o -n 5 runs.append(3)\nloops = result.loops",
    "def test():\n    mine = runs\n    get_ipython().run_line_magic('timeit', 'mine.append(4)')\ntest()",
    "def f(x):\n    return runs, loops",
)
def timing_runs_once(reply: Reply) -> None:
    assert values(reply) == [([1, 2, 3, 4], 1)] * 2
    assert errors(reply) == []


@notebook(
    "get_ipython().magic(u'timeit -q one = 1')\nget_ipython().magic('%autosave 60')\nhelp(len)\ntext = help.__class__.__name__",
    "def f(x):\n    return text",
)
def what_older_notebooks_call(reply: Reply) -> None:
    assert values(reply) == ["_Helper"] * 2
    assert errors(reply) == []


@notebook("%pylab inline\nsize = norm = linalg.norm", "def f(x):\n    return np.sum(x), float(size(x)), arange(2)")
def pylab(reply: Reply) -> None:
    assert len(values(reply)) == 2
    assert errors(reply) == []


@notebook(
    "%%time\n" + DOUBLE,
    "%%capture cap\nprint('hello')\n1 + 1\ndef h(): pass",
    "n = len(cap.stdout)",
    "%timeit -n1 -r1 1",
    "def g(x):\n    return n",
)
def timing_and_capturing(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]
    assert errors(reply) == []


@notebook("%%time\ndef f(x):\n    raise ValueError(3)")
def an_error_below_time(reply: Reply) -> None:
    raised = reply.calls[0].raised
    assert raised is not None
    assert (raised.cell, raised.line, raised.source) == (0, 3, "raise ValueError(3)")


@notebook("%%capture\n1/0\n" + DOUBLE, "%nosuchmagic", "%%nosuchcellmagic\nx")
def magics_that_fail(reply: Reply) -> None:
    assert errors(reply)[0][0] == 0


@notebook(
    "!exit 3\na = _exit_code",
    "x = !echo hello",
    "name = 'a b'\n!test '{name}' = 'a b'\nb = _exit_code",
    "%%bash\necho hi",
    "def f(y):\n    return a, x[0], b",
)
def shell_commands(reply: Reply) -> None:
    assert values(reply) == [(3, "hello", 0)] * 2


@notebook("1 + 1", "a = _\nb = Out[1]", "c = len(In)", "def f(x):\n    return a, b, c")
def history(reply: Reply) -> None:
    assert values(reply) == [(2, 2, 4)] * 2


@notebook("x = 5\n?x", "print?", "%who", "%whos", "%history", "help(print)", DOUBLE)
def looking_things_up(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(
    "import sys, os\ndef f(x):\n    return sys.argv, os.environ['PYTHONHASHSEED'], sorted(os.listdir()), sys.stdin.read()",
    files={"a.py": ""},
)
def the_place(reply: Reply) -> None:
    assert values(reply) == [(["worker"], "0", ["a.py"], "")] * 2


@notebook("get_ipython().run_cell('1/0')\n" + DOUBLE, "get_ipython().run_cell('y = 1')", "y = 1")
def a_cell_that_runs_a_cell(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("%reset -f", DOUBLE)
def a_reset(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


# What only another machine has: the rest of the cell runs as it did there


@notebook(
    "from functools import partial\nimport nosuchmodule\nnosuchmodule.show()\nstep = partial(pow, 2)\n"
    "if True:\n    seen = [1]\nf = partial(step)",
    "%load_ext nosuchextension\nseen.append(2)",
    "import os\nos.chdir('/nosuchfolder')\nseen.append(3)",
    "name = input('? ')\nseen.append(len(name))\nseen.append(4)",
    "open('nosuchfile.csv')\nfor _ in range(2):\n    seen.append(5)",
    "def g(x):\n    return seen, step(3)",
    functions=(Function("f", (), 1), Function("g", (), 1)),
    calls=(Call("f", (codec.encode(3),)), Call("g", (codec.encode(2),))),
)
def the_rest_of_a_cell(reply: Reply) -> None:
    assert values(reply) == [8, ([1, 2, 3, 4, 5, 5], 8)]
    assert how(reply) == (0, "recovered", "f")
    assert errors(reply) == [
        (0, "ModuleNotFoundError"), (1, "ModuleNotFoundError"), (2, "FileNotFoundError"),
        (3, "StdinNotImplementedError"), (4, "FileNotFoundError"),
    ]  # fmt: skip


@notebook("seen = [1]", "1 / 0\nseen.append(2)", "undefined\nseen.append(3)", "def f(x):\n    return seen")
def nothing_but_definitions_where_the_mistake_is_the_cell_s(reply: Reply) -> None:
    assert values(reply) == [[1]] * 2


@notebook(
    "import nosuchmodule\nseen = []\nwhile True:\n    pass\nseen = [1]\nseen.append(2)\ndef f(x):\n    return seen",
    limits=SHORT,
    same=False,
)
def the_rest_of_a_cell_that_runs_too_long(reply: Reply) -> None:
    assert values(reply) == [[1]] * 2


# A person is asked for


@notebook("x = input('? ')", "import getpass\ngetpass.getpass()", DOUBLE)
def a_question(reply: Reply) -> None:
    assert errors(reply) == [(0, "StdinNotImplementedError"), (1, "StdinNotImplementedError")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("def f(x):\n    return input('? ')")
def a_question_in_a_call(reply: Reply) -> None:
    assert [call.raised and call.raised.type for call in reply.calls] == ["StdinNotImplementedError"] * 2


@notebook("quit()", "exit", "quit", "breakpoint()", "%debug", DOUBLE)
def leaving_politely(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("import sys", "sys.exit(1)", "raise SystemExit", DOUBLE)
def leaving(reply: Reply) -> None:
    assert errors(reply) == [(1, "SystemExit"), (2, "SystemExit")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("def f(x):\n    raise SystemExit(0)")
def leaving_in_a_call(reply: Reply) -> None:
    assert [call.raised and call.raised.type for call in reply.calls] == ["SystemExit"] * 2


# Errors


@notebook("def f(x:\n    return 1", "def g(x, y): pass", "def f(x):\n    return x]", "# only a comment")
def nothing_that_compiles(reply: Reply) -> None:
    assert errors(reply) == [(0, "SyntaxError"), (2, "SyntaxError")]
    assert {call.outcome for call in reply.calls} == {"missing"}


@notebook("J = \n" + DOUBLE)
def recovered_from_a_cell_that_does_not_compile(reply: Reply) -> None:
    assert how(reply) == (0, "recovered", "f")
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("a = 1\nprint(undefined)\nimport math\n" + DOUBLE + "\nb = undefined")
def recovered_after_an_error(reply: Reply) -> None:
    assert errors(reply) == [(0, "NameError")]
    assert how(reply) == (0, "recovered", "f")


@notebook(DOUBLE + "\n1/0")
def defined_before_an_error(reply: Reply) -> None:
    assert how(reply) == (0, "executed", "f")


@notebook("x = 1", ("markdown", "Mine:\n```python\n" + DOUBLE + "\n```\n"))
def recovered_from_markdown(reply: Reply) -> None:
    assert how(reply) == (1, "recovered", "f")


@notebook("x = 1", ("raw", DOUBLE))
def recovered_from_raw(reply: Reply) -> None:
    assert how(reply) == (1, "recovered", "f")


@notebook("def f(x):\n    y = x\n    return undefined", "")
def an_error_in_a_call(reply: Reply) -> None:
    raised = reply.calls[0].raised
    assert raised is not None
    assert (raised.type, raised.cell, raised.line, raised.source) == ("NameError", 0, 3, "return undefined")


@notebook(
    "class Bad(BaseException):\n    def __str__(self):\n        raise Bad\n    __repr__ = __str__\nraise Bad",
    "class Slow(Exception):\n    def __str__(self):\n        import os\n        return 'text'\nraise Slow",
    "def f(x):\n    raise Bad",
)
def an_error_that_cannot_be_shown(reply: Reply) -> None:
    assert errors(reply) == [(0, "Bad"), (1, "Slow")]
    assert [call.raised and call.raised.type for call in reply.calls] == ["Bad", "Bad"]


@notebook("def r(n):\n    return r(n + 1)\nr(0)", "def f(x):\n    return f(x)")
def recursion(reply: Reply) -> None:
    assert errors(reply) == [(0, "RecursionError")]
    assert [call.raised and call.raised.type for call in reply.calls] == ["RecursionError"] * 2


@notebook("import sys\nsys.stdout.close()", "sys.stdout = None\nsys.stderr = None", DOUBLE)
def broken_streams(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]


# Hangs and crashes


@notebook("while True:\n    pass\n", DOUBLE, limits=SHORT)
def a_hang(reply: Reply) -> None:
    assert [(cell.index, cell.type, cell.message) for cell in reply.cells] == [(0, "TimeoutError", "it ran longer than 3 s")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(
    "a = 5",
    "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass",
    "def f(x):\n    return a",
    limits=SHORT,
)
def a_hang_that_ignores_interrupts(reply: Reply) -> None:
    assert errors(reply) == [(1, "TimeoutError")]
    assert values(reply) == [5, 5]


@notebook(DOUBLE + "\nimport asyncio\nawait asyncio.sleep(99)", "a = 1", limits=SHORT)
def an_await_without_end(reply: Reply) -> None:
    assert errors(reply) == [(0, "TimeoutError")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("!sleep 99", DOUBLE, limits=SHORT)
def a_command_without_end(reply: Reply) -> None:
    assert errors(reply) == [(0, "TimeoutError")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("n = [0]\ndef f(x):\n    n[0] += 1\n    while isinstance(x, int):\n        pass\n    return n[0]", limits=SHORT)
def a_hang_in_a_call(reply: Reply) -> None:
    assert lost(reply) == [("it ran longer than 3 s", "case_seconds")]
    assert reply.calls[1].value == 1  # the second call starts from the state that the cells left


SLOW_CELL = "import time\ntime.sleep(1.1)"  # then the cells are not run again for a lost call: the next case process is a fork
CRASH_ON_NUMBERS = "import os\ndef f(x):\n    return 2 * x if hasattr(x, 'shape') and x.shape else os._exit(3)"


@notebook(SLOW_CELL, CRASH_ON_NUMBERS)
def a_crash_in_a_call_after_slow_cells(reply: Reply) -> None:
    assert [call.outcome for call in reply.calls] == ["lost", "returned"]
    assert reply.cells == ()


@notebook(SLOW_CELL.replace("1.1", "0.1"), CRASH_ON_NUMBERS)
def a_crash_in_a_call_after_quick_cells(reply: Reply) -> None:
    assert [call.outcome for call in reply.calls] == ["lost", "returned"]
    assert reply.cells == ()


@notebook("import os\na = 7", "os._exit(3)", "def f(x):\n    return a")
def a_crash(reply: Reply) -> None:
    assert [(cell.type, cell.message) for cell in reply.cells] == [("Killed", "its process left with exit code 3")]
    assert values(reply) == [7, 7]


@notebook(
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "os.kill(os.getpid(), signal.SIGSEGV)",
    "os.kill(os.getpid(), signal.SIGRTMIN + 3)",
    DOUBLE,
)
def killed_by_signals(reply: Reply) -> None:
    assert [cell.type for cell in reply.cells[:1]] == ["Killed"]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(*["import os\nos._exit(0)"] * 6, DOUBLE)
def too_many_crashes(reply: Reply) -> None:
    assert how(reply) == (6, "definitions_only", "f")
    assert values(reply) == [4, [2.0, 4.0]]


@notebook("import os\ndef f(x):\n    if isinstance(x, int):\n        os._exit(0)\n    return 5")
def a_crash_in_a_call(reply: Reply) -> None:
    assert lost(reply) == [("its process left with exit code 0", "")]
    assert reply.calls[1].value == 5


@notebook(
    "import threading, os, time\ndef later():\n    time.sleep(0.2)\n    os._exit(5)\nthreading.Thread(target=later).start()\ntime.sleep(9)",
    DOUBLE,
)
def a_crash_from_a_thread(reply: Reply) -> None:
    assert errors(reply) == [(0, "Killed")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(
    "import time\ntime.sleep(0.8)",
    "time.sleep(0.8)",
    "time.sleep(0.8)",
    DOUBLE,
    limits=msgspec.structs.replace(LIMITS, submission_seconds=2),
    same=False,
)
def out_of_time(reply: Reply) -> None:
    assert lost(reply) == [("the submission's 2 s were spent", "submission_seconds")] * 2


# Resources


@notebook("import numpy as np\nx = np.ones(10**9)", "def f(y):\n    return len(bytearray(2 * 10**9))")
def a_memory_hog(reply: Reply) -> None:
    assert errors(reply)[0][0] == 0
    assert [call.raised and call.raised.type for call in reply.calls] == ["MemoryError"] * 2


@notebook(
    "import os, time\ndef f(x):\n    for _ in range(6):\n        if os.fork() == 0:\n"
    "            b = bytearray(b'x' * 200_000_000)\n            time.sleep(30)\n    time.sleep(20)\n",
)
def a_memory_hog_of_many_processes(reply: Reply) -> None:
    assert lost(reply) == [("it used more than 512 MB of memory", "memory_mb")] * 2


@notebook("import os", "def f(x):\n    return len(os.sched_getaffinity(0))")
def one_core_wherever_it_runs(reply: Reply) -> None:
    assert values(reply) == [1, 1]


@notebook(
    "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        break\ntime.sleep(9)",
    DOUBLE,
    limits=msgspec.structs.replace(LIMITS, memory_mb=128),
)
def a_memory_hog_from_its_first_line_on(reply: Reply) -> None:
    assert [(cell.index, cell.message) for cell in reply.cells] == [(0, "it used more than 128 MB of memory")]
    assert values(reply) == [4, [2.0, 4.0]]


@notebook(
    "import os\nfor _ in range(3):\n    os.write(1, b'x' * 10**6)\nprint('y' * 10**8)\n'z' * 10**7",
    "from IPython.display import display, HTML\ndisplay(HTML('w' * 10**8))",
    DOUBLE,
)
def a_flood_of_output(reply: Reply) -> None:
    assert values(reply) == [4, [2.0, 4.0]]
    assert errors(reply) == []


@notebook("def f(x):\n    return ['x' * 60_000] * 2_000")
def a_flood_of_values(reply: Reply) -> None:
    assert all(call.value == codec.Opaque("list (too large)") for call in reply.calls)


BURN = "import os, time\ndef burn(seconds):\n    end = time.process_time() + seconds\n    while time.process_time() < end:\n        pass\n"
ONE_PROCESSOR_SECOND = msgspec.structs.replace(LIMITS, cell_seconds=60, case_seconds=60, cpu_seconds=1)
SPENT = ("the submission's 1 s of processor time were spent", "cpu_seconds")


@notebook(
    "import os\ndef f(x):\n    for _ in range(7):\n        if os.fork() == 0:\n            break\n    while True:\n        pass",
    limits=ONE_PROCESSOR_SECOND,
)
def out_of_processor_time_with_many_processes(reply: Reply) -> None:
    assert lost(reply) == [SPENT] * 2


@notebook(
    BURN
    + "def f(x):\n    while True:\n        child = os.fork()\n        if child == 0:\n            burn(0.05)\n            os._exit(0)\n"
    "        os.waitpid(child, 0)",
    limits=ONE_PROCESSOR_SECOND,
)
def out_of_processor_time_with_short_processes(reply: Reply) -> None:
    assert lost(reply) == [SPENT] * 2


@notebook(BURN, *["burn(0.5)\nos._exit(3)"] * 3, DOUBLE, limits=ONE_PROCESSOR_SECOND, same=False)
def processor_time_counts_over_restarts(reply: Reply) -> None:
    assert lost(reply) == [SPENT] * 2
    assert reply.cells[-1].message in (SPENT[0], "its process left with exit code 3")


@notebook(BURN, "while True:\n    pass", DOUBLE, limits=ONE_PROCESSOR_SECOND)
def out_of_processor_time_in_a_cell(reply: Reply) -> None:
    assert [(cell.index, cell.type, cell.message) for cell in reply.cells] == [(1, "TimeoutError", SPENT[0])]
    assert lost(reply) == [SPENT] * 2


@notebook("import time\ntime.sleep(1.5)", "def f(x):\n    time.sleep(0.8)\n    return 5", limits=ONE_PROCESSOR_SECOND)
def waiting_takes_no_processor_time(reply: Reply) -> None:
    assert values(reply) == [5, 5]


# Options

QUIET = (Call("f", (codec.encode(2),), options={"loud": codec.encode(False)}),)


@notebook("def f(x, loud=True):\n    return x, loud", calls=QUIET)
def an_option_that_the_signature_has(reply: Reply) -> None:
    assert values(reply) == [(2, False)]


@notebook(
    "import functools\ndef told(function):\n    @functools.wraps(function)\n    def wrapper(*args):\n        return function(*args)\n"
    "    return wrapper\n@told\ndef f(x, loud=True):\n    return x, loud",
    calls=QUIET,
)
def an_option_that_the_wrapper_does_not_take(reply: Reply) -> None:
    assert values(reply) == [(2, True)]


@notebook(
    "import functools\ndef told(function):\n    @functools.wraps(function)\n    def wrapper(*args, **kwargs):\n"
    "        return function(*args, **kwargs)\n    return wrapper\n@told\n@functools.lru_cache\ndef f(x, loud=True):\n    return x, loud",
    calls=QUIET,
)
def an_option_that_goes_through_wrappers(reply: Reply) -> None:
    assert values(reply) == [(2, False)]


# Injection


@notebook(
    "def helper(x):\n    return x + 1\ndef f(x):\n    return helper(x), helper(x=2 * x)", calls=INJECTED, functions=HELPER, sources=SOURCES
)
def injected_and_observed(reply: Reply) -> None:
    assert values(reply) == [(102, 104)]
    observed = reply.calls[0].observed[0]
    assert (observed.name, observed.calls, np.asarray(observed.points).tolist()) == ("helper", 2, [[2.0], [4.0]])


@notebook("def helper(x):\n    return x + 1\ndef f(x, h=helper):\n    return h(x)", calls=INJECTED, functions=HELPER, sources=SOURCES)
def injected_through_a_default(reply: Reply) -> None:
    assert values(reply) == [102]


@notebook(
    "def helper(x):\n    return x + 1",
    "assist = helper\ndef f(x):\n    return assist(x)",
    calls=INJECTED,
    functions=HELPER,
    sources=SOURCES,
)
def injected_through_another_name(reply: Reply) -> None:
    assert values(reply) == [102]


@notebook(
    "class C:\n    @staticmethod\n    def h(x):\n        return x + 1\nhelper = C.h\ndef f(x):\n    return C.h(x)",
    calls=INJECTED * 2,
    functions=HELPER,
    sources=SOURCES,
)
def injected_by_identity(reply: Reply) -> None:
    assert values(reply) == [102, 102]


@notebook(
    "from functools import partial\ndef add(x, n):\n    return x + n\nhelper = partial(add, n=1)\nheld = [helper]",
    "def f(x):\n    return held[0](x), add(x, 2)",
    calls=(*INJECTED, Call("f", (codec.encode(2),))),
    functions=HELPER,
    sources=SOURCES,
)
def injected_into_a_held_partial(reply: Reply) -> None:
    assert values(reply) == [(102, 4), (3, 4)]


@notebook(
    "class Add:\n    __slots__ = ('n',)\n    def __init__(self, n):\n        self.n = n\n"
    "    def __call__(self, x):\n        return x + self.n",
    "helper, other = Add(1), Add(2)\ndef f(x, held=helper, other=other):\n    return held(x), other(x), isinstance(held, Add), held.n",
    calls=(*INJECTED, Call("f", (codec.encode(2),))),
    functions=HELPER,
    sources=SOURCES,
)
def injected_into_a_held_instance(reply: Reply) -> None:
    assert values(reply) == [(102, 4, True, 1), (3, 4, True, 1)]


@notebook(
    "def helper(x):\n    return x + 1\nhelper.calls = 0\ndef f(x):\n    helper.calls += 1\n    return helper(x), helper.calls",
    calls=INJECTED * 2,
    functions=HELPER,
    sources=SOURCES,
)
def injected_with_what_the_function_keeps(reply: Reply) -> None:
    assert [value[0] for value in values(reply)] == [102, 102]  # type: ignore[index]


@notebook(
    "class Add:\n    n = 1\n    def __call__(self, x):\n        return x + self.n\n    def slope(self):\n        return self.n\n"
    "helper = Add()\ndef f(x):\n    return helper(x), helper.n, helper.slope()",
    calls=(*INJECTED, Call("f", (codec.encode(2),))),
    functions=HELPER,
    sources=SOURCES,
)
def injected_with_what_the_instance_keeps(reply: Reply) -> None:
    assert values(reply) == [(102, 1, 1), (3, 1, 1)]


@notebook(
    "class Add:\n    def __getattr__(self, name):\n        return 1\n    def __call__(self, x, loud=True):\n        return x + 1\n"
    "class Bad(Add):\n    def __getattr__(self, name):\n        raise ValueError(name)\nhelper, f = Add(), None\n"
    "class F(Bad):\n    def __call__(self, x, loud=True, held=helper):\n        return held(x), loud\nf = F()",
    calls=(msgspec.structs.replace(INJECTED[0], options={"loud": codec.encode(False)}),),
    functions=HELPER,
    sources=SOURCES,
)
def injected_among_objects_that_answer_anything(reply: Reply) -> None:
    assert values(reply) == [(102, True)], "what it takes cannot be read"


@notebook(
    "class Add:\n    def __init_subclass__(cls):\n        raise KeyboardInterrupt\n    def __call__(self, x):\n        return x + 1\n"
    "helper = Add()\ndef f(x, held=helper):\n    return held(x), helper(x)",
    calls=INJECTED,
    functions=HELPER,
    sources=SOURCES,
)
def injected_beside_an_instance_that_refuses(reply: Reply) -> None:
    assert values(reply) == [(3, 102)]


@notebook("def f(x):\n    return helper(x)", calls=INJECTED, functions=HELPER, sources=SOURCES)
def injected_where_it_was_missing(reply: Reply) -> None:
    assert values(reply) == [102]


# Values that lie


@notebook(
    "class Lie(float):\n    def __eq__(self, other):\n        return True\n    __array__ = __float__ = __repr__ = lambda *a: 1/0\n"
    "def f(x):\n    return Lie(4) if isinstance(x, int) else [Lie(4)]"
)
def a_lying_value(reply: Reply) -> None:
    assert [call.value for call in reply.calls] == [codec.Opaque("Lie"), [codec.Opaque("Lie")]]


@notebook("def f(x):\n    d = []\n    for _ in range(100_000):\n        d = [d]\n    return d")
def a_deep_value(reply: Reply) -> None:
    assert all(isinstance(call.value, codec.Opaque) for call in reply.calls)


@notebook("import numpy as np\ndef f(x):\n    return np.zeros(2_000_000, np.int8) if isinstance(x, int) else list(range(200_000))")
def a_huge_value(reply: Reply) -> None:
    assert all(isinstance(call.value, codec.Opaque) for call in reply.calls)


@notebook("def f(x):\n    return float('nan'), float('-inf'), complex(1, float('nan')), 10**400, '\\ud800', b'x', {1.5: 2}, object()")
def odd_values(reply: Reply) -> None:
    value = reply.calls[0].value
    assert isinstance(value, tuple)
    assert math.isnan(value[0])


@notebook(
    "import numpy as np\ndef f(x):\n"
    "    return np.array([1, 'a', None], dtype=object), np.float32(1.5), np.bool_(True), np.matrix([[1]]), np.ma.masked_array([1])"
)
def odd_arrays(reply: Reply) -> None:
    assert isinstance(reply.calls[0].value, tuple)


# Forged replies

FORGE = """
import json, os, struct, sys, threading
GOOD = json.dumps({"outcome": "returned", "value": ["s", "forged"]}).encode()
def frame(kind, index, payload):
    return struct.pack("!cII", kind, index, len(payload)) + payload
def forge():
    for fd in range(3, 256):
        try:
            os.set_blocking(fd, False)
            os.write(fd, b"".join(frame(b"D", i, b"") + frame(b"K", i, GOOD) for i in range(2)) + frame(b"E", 0, b""))
        except OSError:
            pass
def publish():
    shell = get_ipython()
    pub = shell.display_pub
    for index in range(2):
        content = {"data": {"application/vnd.grader.worker+json": GOOD.decode()}}
        pub.session.send(pub.pub_socket, "display_data", content, parent=pub.parent_header)
"""


def gains_nothing(reply: Reply) -> None:
    """A call is lost, or has the value that student code gave it, which it might as well have returned."""
    assert all(call.value == "forged" for call in reply.calls if call.outcome == "returned")
    assert len(reply.calls) == 2


@notebook(FORGE + "forge()\ndef f(x):\n    return 1/0", same=False)
def forged_in_a_cell(reply: Reply) -> None:
    gains_nothing(reply)


@notebook(FORGE + "def f(x):\n    forge()\n    return 1/0", same=False)
def forged_in_a_call(reply: Reply) -> None:
    gains_nothing(reply)


@notebook(
    FORGE + "try:\n    publish()\nexcept Exception:\n    pass\ndef f(x):\n    try:\n        publish()\n    finally:\n        return 1/0",
    same=False,
)
def forged_displays(reply: Reply) -> None:
    gains_nothing(reply)


@notebook(
    FORGE + "def f(x):\n    for status in (0x137f, 0xffff, 40, 2**32 - 1):\n        for fd in range(3, 256):\n            try:\n"
    "                os.write(fd, frame(b'W', status, b''))\n            except OSError:\n                pass\n    return 1/0",
    limits=SHORT,
    same=False,
)
def a_forged_end(reply: Reply) -> None:
    gains_nothing(reply)


# The suite


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as opened:
        yield opened


@functools.cache
def expected(name: str) -> Reply:
    with open_engine("prefork none") as opened:
        return without_seconds(opened.run(NOTEBOOKS[name].request()))


def without_seconds(reply: Reply) -> Reply:
    calls = tuple(msgspec.structs.replace(call, seconds=0.0) for call in reply.calls)
    return msgspec.structs.replace(reply, calls=calls)


def plain(value: object) -> object:
    """A form in which replies can be compared: arrays and NaN as text."""
    if isinstance(value, np.ndarray | np.generic):
        return (value.dtype.str, value.shape, repr(value.tolist()))
    if isinstance(value, msgspec.Struct):
        return {key: plain(getattr(value, key)) for key in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(plain, value)]
    return repr(value) if isinstance(value, float | complex) else value


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_comes_out(engine: Engine, name: str) -> None:
    given = NOTEBOOKS[name]
    reply = engine.run(given.request())
    given.check(reply)
    if given.same:
        assert plain(without_seconds(reply)) == plain(expected(name))


def test_a_closed_engine_runs_again(engine: Engine) -> None:
    engine.close()
    assert engine.run(NOTEBOOKS["right"].request()).calls[0].value == 4


def test_python_and_numpy_are_told(engine: Engine) -> None:
    assert engine.python
    assert engine.numpy == np.__version__
    assert engine.engine in ("prefork", "kernel")


def test_a_hang_costs_its_limit_and_no_more(engine: Engine) -> None:
    begun = time.monotonic()
    engine.run(NOTEBOOKS["a_hang_in_a_call"].request())
    assert time.monotonic() - begun < 20


LOOPING = "def f(x):\n    while True:\n        pass\ndef h(x):\n    return 2 * x"


def loop(engine: Engine, looping: int, submission_seconds: int, case_seconds: int = 3) -> tuple[Reply, float]:
    """A notebook whose `f` loops for ever, called so often, and then `h`, which is right, twice; and how long it took."""
    calls = tuple(Call(name, (codec.encode(2),)) for name in ["f"] * looping + ["h"] * 2)
    limits = msgspec.structs.replace(LIMITS, submission_seconds=submission_seconds, case_seconds=case_seconds)
    begun = time.monotonic()
    reply = engine.run(Request((Cell(0, "code", LOOPING),), {}, (*F, Function("h", (), 1)), (), {}, calls, limits))
    return reply, time.monotonic() - begun


def test_a_function_that_loops_has_less_time_for_its_other_calls(engine: Engine) -> None:
    reply, _ = loop(engine, looping=3, submission_seconds=60, case_seconds=4)
    assert lost(reply) == [("it ran longer than 4 s", "case_seconds"), *[("it ran longer than 1 s", "case_seconds")] * 2]
    assert [call.value for call in reply.calls[3:]] == [4, 4]


def test_a_loop_costs_its_limit_once_a_case(engine: Engine) -> None:
    reply, seconds = loop(engine, looping=3, submission_seconds=60)
    assert [limit for _, limit in lost(reply)] == ["case_seconds"] * 3
    assert [call.value for call in reply.calls[3:]] == [4, 4]
    assert 5 <= seconds < (26 if engine.engine == "kernel" else 14)  # the kernel engine starts a kernel after each


def test_loops_end_at_the_submission_s_budget_and_other_functions_are_graded(engine: Engine) -> None:
    reply, seconds = loop(engine, looping=30, submission_seconds=12)
    assert [call.value for call in reply.calls[30:]] == [4, 4]
    assert {limit for _, limit in lost(reply)} == {"case_seconds", "submission_seconds"}
    assert len(lost(reply)) == 30
    assert 12 <= seconds < 30


def test_no_call_at_all(engine: Engine) -> None:
    request = msgspec.structs.replace(NOTEBOOKS["right"].request(), calls=())
    reply = engine.run(request)
    assert reply.calls == ()
    assert how(reply) == (1, "executed", "f")


def test_it_runs_inside_an_event_loop() -> None:
    async def inside() -> Reply:
        with open_engine("kernel none") as opened:
            return opened.run(NOTEBOOKS["right"].request())

    assert asyncio.run(inside()).calls[0].value == 4


@pytest.mark.parametrize("name", ["kernel none", "kernel full"])
def test_a_folder_for_temporary_files_with_a_long_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of a socket has a hundred bytes or so."""
    long = tmp_path / ("long" * 25)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with open_engine(name) as opened:
        assert opened.run(NOTEBOOKS["right"].request()).calls[0].value == 4
    assert list(long.iterdir()) == []


def names_below() -> list[str]:
    """The names of the processes that this one has started."""
    names = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            names.append(process.name())
    return names


def test_an_interrupt_ends_the_kernel_and_is_not_swallowed() -> None:
    given = NOTEBOOKS["a_command_without_end"]._replace(limits=msgspec.structs.replace(LIMITS, cell_seconds=30))

    def interrupt() -> None:
        end = time.monotonic() + 25
        while "sleep" not in names_below() and time.monotonic() < end:
            time.sleep(0.05)
        _thread.interrupt_main()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with open_engine("kernel none") as opened, pytest.raises(KeyboardInterrupt):
        opened.run(given.request())
    thread.join()


WITHOUT_LINUX = """
import os, sys
import IPython, nbclient, numpy, psutil
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
del os.fork, os.sysconf, os.geteuid
sys.path[:0] = sys.argv[1:]
import grader.sandbox.kernel, grader.sandbox.fake, grader.sandbox.engines
from worker import calls, codec, live, lost, recorder, recover, shell, wire
live._set_rlimits({})
"""


def test_nothing_that_only_linux_has_is_imported() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", WITHOUT_LINUX, str(root), str(root / "grader" / "sandbox")]
    subprocess.run(command, check=True)
