"""The worker's own way to run cells against IPython's: the same names, values and errors are left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import grader.sandbox
from grader.sandbox.walls import environment
from tests.parts import need_linux

CELLS = (
    '"a text"\nx = 1\nx + 1',
    "x",
    "x;",
    "x + 1 ;",
    "_, __, _i, _ii, _iii, _i2, In[1], Out[2]",
    "%load_ext autoreload\n%autoreload 2\ny = 2",
    '%autoreload 2\ntext = """\n%autoreload 2\n"""\nlen(text)',
    "z = (7\n%x\n)\nz",
    "%precision 3\n1 / 3",
    "%%time\nw = 5",
    "pwd",
    "\n\ndef lonely(): return 1",
    "# a def\n\n@staticmethod\ndef decorated(a):\n    # inside\n    return a\n\n# after",
    "class C:\n    a = 1\n\n    def f(self):\n        return self.a",
    "def f():\n    pass\nfor i in range(3):\n    f()",
    "def f():\n    return 1\n%autoreload 2\nf()",
    "def f():\n    text = '''\nx = 5\n'''\n    return text\nf()",
    "def broken(:\n    pass",
    "def late():\n    return\nreturn 5",
    "a = 1\n1 / 0\na = 2",
    "raise KeyboardInterrupt",
    "import sys\nsys.exit(3)",
    "for i in range(3): print(i)\nprint('done');",
    "import asyncio\nawait asyncio.sleep(0)\nslept = True",
    "from __future__ import annotations\ndef g(a: nothing): return a",
    "def h(a: nothing):\n    return a",
    "get_ipython().run_cell('nested = 1\\nnested + 1')\n_",
    "%%capture out\nprint('caught')\n5",
    "str(out)",
    "import inspect\ninspect.getsource(C.f)",
    "!true",
    "b = !echo 5\nb",
    "?x",
    "sys.displayhook, sys.excepthook = None, None\n5",
    "exit",
    "C().f",
    "shell = get_ipython()\nseen = []",
    "def handle(shell, kind, *about, **named):\n    seen.append(kind.__name__)\nshell.set_custom_exc((KeyError,), handle)\n{}[1]",
    "{}[2]\nseen.append('not reached')",
    "shell.set_custom_exc((), None)\nseen",
    "import warnings\nwarnings.simplefilter('error')\nsys.exit(4)",
    "warnings.simplefilter('default')",
    "formatters = shell.display_formatter.formatters\nformatters['text/html'].for_type(int, lambda value: seen.append('html'))",
    "5",
    "formatters['text/plain'].for_type(float, lambda value, text, cycle: seen.append('plain'))\n5.5",
    "formatters['text/latex'].for_type_by_name('numpy', 'float64', lambda value: seen.append('latex'))\nimport numpy as np",
    "np.float64(5)",
    "seen",
    "run_cell = shell.run_cell\nshell.run_cell = lambda *given, **named: (seen.append('run'), run_cell(*given, **named))[1]",
    "6",
    "del shell.run_cell\nseen",
    "from IPython.core.macro import Macro\nwaits = Macro('await asyncio.sleep(0)\\nwaited = True\\n')",
    "waits",
    "waited",
    "_i, In[-1], len(In), get_ipython().execution_count, get_ipython().last_execution_succeeded",
)
SCRIPT = """
import contextlib, io, json, sys
sys.path[:0] = json.loads(sys.argv[1])
from worker import cells, recorder, shell
live = shell.create() if sys.argv[2] == "ours" else shell.InteractiveShell.instance()
shell.dress(live)
told = []

def follow(result):
    error = result.error_before_exec or result.error_in_exec
    frames = [(f.filename, f.lineno, f.name) for f in recorder.frames(error) if f.filename.startswith("<cell")] if error else []
    value = "" if "object at" in repr(result.result) or "method" in repr(result.result) else repr(result.result)
    told.append([result.info.raw_cell, result.execution_count, type(error).__name__, value, frames])

live.events.register("post_run_cell", follow)
after = []
for index, source in enumerate(json.loads(sys.argv[3])):
    live.compile.get_code_name = lambda raw, code, number: f"<cell {index}>"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if sys.argv[2] == "ours":
            cells.run(live, source, f"<cell {index}>")
        else:
            live.run_cell(source, store_history=True)
    names = {name: repr(value) for name, value in live.user_ns.items() if type(value) in (int, float, str, bool, list, type(None))}
    names["__doc__"] = repr(live.user_ns.get("__doc__"))
    shown = sorted(name for name in live.user_ns if name not in live.user_ns_hidden)
    after.append([names, shown, sorted(live.user_ns), list(live.history_manager.input_hist_parsed)])
print(json.dumps([told, after]))
"""


def left(way: str) -> list[object]:
    """What each cell told and left, one way or the other."""
    path = [str(Path(grader.sandbox.__file__).parent), *(entry for entry in sys.path if entry)]
    command = [sys.executable, "-c", SCRIPT, json.dumps(path), way, json.dumps(CELLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment("/tmp"), cwd="/tmp", timeout=60)
    assert done.returncode == 0, done.stderr
    told, after = json.loads(done.stdout.splitlines()[-1])
    return [told, *after]


@pytest.mark.skipif(sys.platform == "win32", reason="cells of this notebook run programs")
def test_cells_leave_what_ipython_leaves() -> None:
    need_linux()
    ours, ipythons = left("ours"), left("ipython's")
    for source, here, there in zip(("what was told", *CELLS), ours, ipythons, strict=True):
        assert here == there, source
